"""AWS as a source: its accounts asked side by side, bills written into the ledger, all else told as observations."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from datetime import datetime
from pathlib import Path

from finops_tui.clock import Clock, sleep_unless_woken
from finops_tui.ledger.ledger import Ledger
from finops_tui.model.observations import Observation, SourceHealth
from finops_tui.sources.aws.book import AwsBook
from finops_tui.sources.aws.desk import Desk
from finops_tui.sources.aws.health import Health, request_cost
from finops_tui.sources.aws.prices import Prices
from finops_tui.sources.aws.settings import AwsAccount, AwsSettings
from finops_tui.sources.aws.store import Store
from finops_tui.sources.aws.visit import Visit
from finops_tui.sources.base import Check
from finops_tui.threads import DaemonThreads

SHORTEST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
"""Without news, it is told this often how it fares."""
WAITING_OBSERVATIONS = 64
"""How many may wait for a reader before asking waits too."""


class AwsSource:
    """Reads one or several accounts; never changes anything."""

    def __init__(
        self,
        settings: AwsSettings,
        clock: Clock,
        ledger: Callable[[], Ledger],
        folder: Path,
        *,
        scopes: tuple[tuple[str, str], ...] = (),
        jitter: random.Random | None = None,
    ) -> None:
        """`ledger` opens the ledger; it is called in a thread, and may raise LedgerError.

        `folder` keeps paid answers and their count: best the same for all configs. `jitter` spreads out retries.
        `scopes` are the teams, models and the like that budgets are for, each with its name.
        """
        self.name = f"{settings.type} {settings.title}"
        self.cluster = settings.cluster
        self._settings = settings
        self._clock = clock
        self._store = Store(folder)
        self._threads = DaemonThreads(settings.threads, "aws")
        self._book = AwsBook(self.name, settings, ledger, self._threads, scopes)
        self._jitter = jitter or random.Random()  # noqa: S311 - it spreads retries, it keeps no secret
        self._health = Health(self.name, settings)
        self._wake = asyncio.Event()
        self._visits: tuple[Visit, ...] = ()

    @property
    def request_cost(self) -> str:
        """What requests have cost so far: `$1.20 of $4 this month`; empty until it is known."""
        return request_cost([visit.state for visit in self._visits])

    async def observe(self) -> AsyncIterator[Observation]:
        """Yield what AWS says until cancelled. Trouble is told as health, never raised."""
        self._visits = self._open()
        yield self._told()
        try:
            while True:
                due = [visit for visit in self._visits if visit.next_at <= self._clock.now()]
                async with aclosing(_side_by_side(due)) as told:
                    async for observation in told:
                        yield observation
                yield self._told()
                await self._sleep(min(visit.next_at for visit in self._visits))
        finally:
            self._close(self._visits)

    async def refresh(self) -> None:
        """Ask again now for what is free; what costs is asked again when AWS may have news."""
        for visit in self._visits:
            visit.hurry()
        self._wake.set()

    async def diagnose(self) -> list[Check]:
        """Say for each account who is let in and what is missing; nothing that costs is asked."""
        visits = self._open()
        try:
            found = await asyncio.gather(*(visit.diagnose() for visit in visits))
        finally:
            self._close(visits)
        return [check for checks in found for check in checks]

    def _close(self, visits: tuple[Visit, ...]) -> None:
        for visit in visits:
            visit.close()
        self._store.close()

    def _open(self) -> tuple[Visit, ...]:
        prices = Prices()
        accounts = self._settings.accounts or (AwsAccount(),)
        return tuple(
            Visit(
                Desk(self._settings, account, self._clock, self._store, self._threads),
                self._settings,
                self._clock,
                source=self.name,
                book=self._book,
                prices=prices if index == 0 else None,
                jitter=self._jitter,
            )
            for index, account in enumerate(accounts)
        )

    def _told(self) -> SourceHealth:
        return self._health.told(self._clock.now(), [visit.state for visit in self._visits])

    async def _sleep(self, until: datetime) -> None:
        """Wait, but not after `refresh`."""
        seconds = (until - self._clock.now()).total_seconds()
        pause = min(LONGEST_PAUSE_SECONDS, max(SHORTEST_PAUSE_SECONDS, seconds))
        await sleep_unless_woken(self._clock, pause, self._wake)


async def _side_by_side(visits: list[Visit]) -> AsyncGenerator[Observation, None]:
    """Yield what several accounts say as it comes: one that hangs holds up no other."""
    out: asyncio.Queue[Observation | None] = asyncio.Queue(WAITING_OBSERVATIONS)

    async def go(visit: Visit) -> None:
        try:
            async for observation in visit.round():
                await out.put(observation)
        except Exception:
            await out.put(None)
            raise
        await out.put(None)  # not when it is cancelled: nobody takes anything out any more

    tasks = [asyncio.create_task(go(visit)) for visit in visits]
    try:
        running = len(tasks)
        while running:
            observation = await out.get()
            if observation is None:
                running -= 1
            else:
                yield observation
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
