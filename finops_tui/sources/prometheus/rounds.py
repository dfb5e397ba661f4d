"""Rounds of questions: each part at its own pace, all due ones at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any

from finops_tui.model.observations import Observation
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.discovery import discover
from finops_tui.sources.prometheus.part import Part, Told
from finops_tui.sources.prometheus.parts import parts_for
from finops_tui.sources.prometheus.settings import PrometheusSettings, SloDefinition

DISCOVER_EVERY = timedelta(minutes=10)


class Rounds:
    def __init__(
        self, desk: Desk, settings: PrometheusSettings, slos: tuple[SloDefinition, ...], *, inventory: bool
    ) -> None:
        self._desk = desk
        self._settings = settings
        self._parts = parts_for(settings, slos, inventory=inventory)
        self._due: dict[Part, datetime] = {}
        self._discover_at: datetime | None = None

    def ask_everything(self) -> None:
        """Make every part due, and look anew what the server holds."""
        self._due.clear()
        self._discover_at = None

    async def ask(self, told: Told, now: datetime) -> AsyncGenerator[Sequence[Observation], None]:
        """Ask what is due and yield what it means, in the order in which answers come.

        Raises PrometheusError if the server does not answer, or if it refuses every single query.
        """
        desk = self._desk
        desk.failures.clear()
        desk.answered = 0
        await self._discover(now)
        ready = [part for part in self._parts if self._due.get(part, now) <= now]
        async with aclosing(_as_they_come([part.read(desk, told, now) for part in ready])) as answers:
            async for observations in answers:
                if observations:
                    yield observations
        if desk.failures and not desk.answered:
            raise desk.failures[0]
        self._due |= {part: now + timedelta(seconds=part.every_seconds) for part in ready}

    async def _discover(self, now: datetime) -> None:
        if self._discover_at is not None and now < self._discover_at:
            return
        found = await discover(self._desk, self._settings)
        if found is not None:
            self._desk.adopt(found)
            self._discover_at = now + DISCOVER_EVERY


async def _as_they_come(
    reads: Sequence[Coroutine[Any, Any, Sequence[Observation]]],
) -> AsyncGenerator[Sequence[Observation], None]:
    """Yield results in the order in which they come; after a failure the others are given up."""
    tasks = [asyncio.ensure_future(read) for read in reads]
    try:
        for done in asyncio.as_completed(tasks):
            yield await done
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
