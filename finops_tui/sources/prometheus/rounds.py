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
from finops_tui.sources.prometheus.faults import PrometheusError
from finops_tui.sources.prometheus.instruments import UTILIZATION
from finops_tui.sources.prometheus.inventory import QUERIES, Inventory
from finops_tui.sources.prometheus.part import Part, Told
from finops_tui.sources.prometheus.parts import parts_for
from finops_tui.sources.prometheus.settings import PrometheusSettings
from finops_tui.sources.prometheus.slo_settings import SloDefinition
from finops_tui.sources.prometheus.state_metrics import INSTALL, SUBJECT, lack

DISCOVER_EVERY = timedelta(minutes=10)
DISCOVER_SOON = timedelta(minutes=1)
"""While what it cannot do without is missing: exporters may be on their way."""
COURTESY = 10.0
"""A part may keep the server busy for a tenth of the time."""
LONGEST_COURTESY_SECONDS = 45.0
"""Within what counts as fresh."""
LOOK_AGAIN_SECONDS = 1.0
RECENT_SECONDS = 90.0
"""Who answered something so short a time ago is not down for what is refused now."""
WITHHELD = timedelta(minutes=5)
"""How long an inventory of which a query failed is not told after a whole one: nodes without GPUs would be news."""


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
        self._stand_in = stand_in
        self._parts = parts_for(settings, slos, stand_in)
        self._inventory = next((part for part in self._parts if isinstance(part, Inventory)), None)
        self._due: dict[Part, datetime] = {}
        self._discover_at: datetime | None = None
        self._adopted = False
        self._answered_at: datetime | None = None
        self._recent = timedelta(seconds=max(RECENT_SECONDS, 2 * settings.interval_seconds))
        self._whole_inventory_at: datetime | None = None

    @property
    def settled(self) -> bool:
        """Whether it is known what is wanted of the inventory, and that was asked for."""
        return self._inventory is None or self._inventory.settled

    def ask_everything(self) -> None:
        """Make every part due, and look anew what the server holds."""
        self._due.clear()
        self._desk.rests.clear()
        self._discover_at = None

    async def ask(self, told: Told, now: datetime) -> AsyncGenerator[Sequence[Observation], None]:
        """Ask what is due and yield what it means, in the order in which answers come.

        Raises PrometheusError if the server does not answer, or if it refuses every single query.
        """
        try:
            async with aclosing(self._ask(told, now)) as answers:
                async for observations in answers:
                    yield observations
            await self._judge()
        except PrometheusError:
            self._due.clear()
            self._desk.rests.clear()  # whoever is back is asked for everything
            raise

    async def _ask(self, told: Told, now: datetime) -> AsyncGenerator[Sequence[Observation], None]:
        desk = self._desk
        desk.begin_round()
        await self._discover(now)
        self._look_for_state_metrics()
        if self._inventory is not None and self._inventory.is_outdated:
            self._due.pop(self._inventory, None)
        ready = [part for part in self._parts if self._due.get(part, now) <= now]
        async with aclosing(_as_they_come([part.read(desk, told, now) for part in ready])) as answers:
            async for index, observations in answers:
                took = (self._clock.now() - now).total_seconds()
                self._due[ready[index]] = now + timedelta(seconds=pace(ready[index].every_seconds, took))
                if observations and not (ready[index] is self._inventory and self._is_withheld(now)):
                    yield observations

    def _look_for_state_metrics(self) -> None:
        """Say what cannot be told in the place of Kubernetes, as doctor says it; not where own queries tell it."""
        desk, stand_in = self._desk, self._stand_in
        for told in (desk.missing, desk.notes):
            told.pop(SUBJECT, None)
        desk.without_nodes = ""
        if stand_in is None or not self._adopted or not self._settings.queries.keys().isdisjoint(QUERIES):
            return
        lacking = lack(desk.found, stand_in.wanted())
        if lacking is None:
            return
        words = f"{lacking.detail}; {INSTALL}"
        if lacking.whole:
            desk.missing[SUBJECT] = words
        else:
            desk.notes[SUBJECT] = f"{SUBJECT}: {words}"
        if lacking.nodes:
            desk.without_nodes = f"{SUBJECT} {words}"

    async def _judge(self) -> None:
        """Raise if nothing was answered in this round, and that is not just because little was asked."""
        desk, now = self._desk, self._clock.now()
        if desk.answered:
            self._answered_at = now
        elif desk.failures:
            if self._answered_at is None or now - self._answered_at > self._recent:
                raise desk.failures[0]
            await desk.try_out(desk.failures[0], after_all=True)

    def _is_withheld(self, now: datetime) -> bool:
        """Tell whether a reading of the inventory lacks what failed just now, and was there a little while ago."""
        if self._desk.rests.failing.isdisjoint(QUERIES):
            self._whole_inventory_at = now
            return False
        return self._whole_inventory_at is not None and now - self._whole_inventory_at < WITHHELD

    async def _discover(self, now: datetime) -> None:
        if self._discover_at is not None and now < self._discover_at:
            return
        failures = len(self._desk.failures)
        found = await discover(self._desk, self._settings)
        if found is None and not self._adopted and self._desk.rests.passing("discovery") is not None:
            await self._clock.sleep(LOOK_AGAIN_SECONDS)  # without it nothing at all would be asked
            found = await discover(self._desk, self._settings)
        if found is None:
            return
        whole = len(self._desk.failures) == failures
        if whole or not self._adopted:  # half of a look around is worse than the one before
            self._desk.adopt(found)
            self._adopted = True
        self._discover_at = now + (DISCOVER_EVERY if whole and found.any_of(UTILIZATION) else DISCOVER_SOON)


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
