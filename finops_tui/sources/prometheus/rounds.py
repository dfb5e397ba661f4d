"""Rounds of questions: each part at its own pace, all due ones at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any

from finops_tui.clock import Clock
from finops_tui.model.observations import Observation
from finops_tui.sources.inventory_share import StandIn
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.discovery import discover
from finops_tui.sources.prometheus.instruments import UTILIZATION
from finops_tui.sources.prometheus.inventory import Inventory
from finops_tui.sources.prometheus.part import Part, Told
from finops_tui.sources.prometheus.parts import parts_for
from finops_tui.sources.prometheus.settings import PrometheusSettings, SloDefinition

DISCOVER_EVERY = timedelta(minutes=10)
DISCOVER_SOON = timedelta(minutes=1)
"""While what it cannot do without is missing: exporters may be on their way."""
COURTESY = 10.0
"""A part may keep the server busy for a tenth of the time."""
LONGEST_COURTESY_SECONDS = 45.0
"""Within what counts as fresh."""


class Rounds:
    def __init__(
        self,
        desk: Desk,
        settings: PrometheusSettings,
        slos: tuple[SloDefinition, ...],
        clock: Clock,
        stand_in: StandIn | None,
    ) -> None:
        self._clock = clock
        self._desk = desk
        self._settings = settings
        self._parts = parts_for(settings, slos, stand_in)
        self._inventory = next((part for part in self._parts if isinstance(part, Inventory)), None)
        self._due: dict[Part, datetime] = {}
        self._discover_at: datetime | None = None

    @property
    def settled(self) -> bool:
        """Whether it is known what is wanted of the inventory, and that was asked for."""
        return self._inventory is None or self._inventory.settled

    def ask_everything(self) -> None:
        """Make every part due, and look anew what the server holds."""
        self._due.clear()
        self._discover_at = None

    async def ask(self, told: Told, now: datetime) -> AsyncGenerator[Sequence[Observation], None]:
        """Ask what is due and yield what it means, in the order in which answers come.

        Raises PrometheusError if the server does not answer, or if it refuses every single query.
        """
        desk = self._desk
        desk.begin_round()
        await self._discover(now)
        if self._inventory is not None and self._inventory.is_outdated:
            self._due.pop(self._inventory, None)
        ready = [part for part in self._parts if self._due.get(part, now) <= now]
        async with aclosing(_as_they_come([part.read(desk, told, now) for part in ready])) as answers:
            async for index, observations in answers:
                took = (self._clock.now() - now).total_seconds()
                self._due[ready[index]] = now + timedelta(seconds=pace(ready[index].every_seconds, took))
                if observations:
                    yield observations
        if desk.failures and not desk.answered:
            self._due.clear()
            raise desk.failures[0]

    async def _discover(self, now: datetime) -> None:
        if self._discover_at is not None and now < self._discover_at:
            return
        found = await discover(self._desk, self._settings)
        if found is not None:
            self._desk.adopt(found)
            self._discover_at = now + (DISCOVER_EVERY if found.any_of(UTILIZATION) else DISCOVER_SOON)


def pace(every_seconds: float, took_seconds: float) -> float:
    """Return how long to leave a part alone: what costs a big server long is asked less often, if not much less."""
    return max(every_seconds, min(COURTESY * took_seconds, LONGEST_COURTESY_SECONDS))


async def _as_they_come(
    reads: Sequence[Coroutine[Any, Any, Sequence[Observation]]],
) -> AsyncGenerator[tuple[int, Sequence[Observation]], None]:
    """Yield place and result in the order in which they come; after a failure the others are given up."""

    async def placed(index: int, read: Coroutine[Any, Any, Sequence[Observation]]) -> tuple[int, Sequence[Observation]]:
        return index, await read

    tasks = [asyncio.ensure_future(placed(index, read)) for index, read in enumerate(reads)]
    try:
        for done in asyncio.as_completed(tasks):
            yield await done
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
