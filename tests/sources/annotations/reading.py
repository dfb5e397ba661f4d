"""A source that runs beside a test, and the fleet that it fills."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from finops_tui.model.fleet import Fleet
from finops_tui.model.health import HealthState
from finops_tui.model.observations import ChangeSeen, Observation, SourceHealth
from finops_tui.sources.base import Source
from tests.sources.running import Running


class Reading(Running):
    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.fleet = Fleet()

    @property
    def notes(self) -> list[str]:
        return [seen.change.what for seen in self.told]

    @property
    def told(self) -> list[ChangeSeen]:
        return list(self.fleet.changes.values())

    @property
    def health(self) -> SourceHealth:
        return self.fleet.health[self.source.name]

    @property
    def state(self) -> HealthState | None:
        return self.health.state if self.fleet.health else None

    def hear(self, observation: Observation) -> None:
        super().hear(observation)
        self.fleet.fold(observation)


@asynccontextmanager
async def reading(source: Source) -> AsyncIterator[Reading]:
    one = Reading(source)
    try:
        yield one
    finally:
        await one.end()
