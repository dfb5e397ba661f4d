"""A source that runs beside a test, and the fleet that it fills."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from finops_tui.model.fleet import Fleet
from finops_tui.model.health import HealthState
from finops_tui.model.observations import ChangeSeen, Observation, SourceHealth
from finops_tui.sources.base import Source


class Reading:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.fleet = Fleet()
        self.seen: list[Observation] = []
        self._task = asyncio.create_task(self._observe())

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

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until it is so; the source must not have ended meanwhile."""
        async with asyncio.timeout(10):
            while not condition():
                if self._task.done():
                    self._task.result()
                await asyncio.sleep(0.005)

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _observe(self) -> None:
        async for observation in self.source.observe():
            self.seen.append(observation)
            self.fleet.fold(observation)


@asynccontextmanager
async def reading(source: Source) -> AsyncIterator[Reading]:
    one = Reading(source)
    try:
        yield one
    finally:
        await one.end()
