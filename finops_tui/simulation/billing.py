"""The simulated company's bills as a source: written into a ledger bit by bit, and restated a few times a day."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import NamedTuple

from finops_tui.clock import Clock
from finops_tui.model.health import HealthState
from finops_tui.model.observations import BillsSeen, Observation, SourceHealth

TYPE_CHECKING = False
if TYPE_CHECKING:  # the first figures do not wait for what brings bills
    from finops_tui.ledger.ledger import Ledger
    from finops_tui.model.bill import BilledDay, ScopedDay
    from finops_tui.simulation.bills import SimulatedBills

ACCOUNTS = {
    "prod-us": "111111111111",
    "prod-eu": "ml-edge-eu",
    "research": "11111111-2222-3333-4444-555555555555",
}
"""Whose bill each cluster is on."""
AFTER_SECONDS = 2.0
"""Real time before the first bill is worked out: the figures of the screen come first."""
PAUSE_AT_START_SECONDS = 0.03
"""Real time between two quarters of a day of this month, each some 3 ms of work: its bills belong to the start."""
PAUSE_SECONDS = 0.25
"""Real time between two quarters of a day that is restated."""
REST_SECONDS = 30.0
"""Real time after this month's bills: whoever has just started it is looking around."""
PAUSE_BEFORE_SECONDS = 1.0
"""Real time between two quarters of a day of the month before, of some 3 ms each: all is there within three minutes.

Slowly, since keys go first and the first minute has its own work; not slower, since at 60 times real time every minute
is an hour in which the screen lacks a figure that a headless run has.
"""
EVERY_HOURS = 6
"""How often bills are restated."""
SCOPES = {"team": ("team",), "model": ("model",)}


class Told(NamedTuple):
    """What is billed by now."""

    ledger: Ledger
    first: date
    """It is written down from this day on."""
    at: datetime
    """As of when it is told."""
    days: tuple[BilledDay, ...]
    """By provider, account, service and day."""
    scoped: tuple[ScopedDay, ...]
    through: datetime | None
    """End of the latest charge of usage."""


class SimulatedBilling:
    """Bills from the first day of the month before. `scopes` are teams and models that budgets are for, by name."""

    name = "simulated bills"
    cluster = ""

    def __init__(self, seed: int, clock: Clock, scopes: tuple[tuple[str, str], ...] = ()) -> None:
        self._seed = seed
        self._clock = clock
        self._scopes = scopes
        self._since = clock.now()
        self.told: Told | None = None
        """What was told last."""

    async def observe(self) -> AsyncIterator[Observation]:
        """Yield what is billed, and again whenever bills are restated."""
        self.told = None  # after a failure the ledger is a new one
        yield self._health(None)
        await asyncio.sleep(AFTER_SECONDS)
        from finops_tui.ledger.ledger import FILE, Ledger
        from finops_tui.simulation.bills import SimulatedBills
        from finops_tui.simulation.scratch import scratch

        folder = scratch("bills")
        try:
            ledger, bills = Ledger(folder / FILE, SCOPES), SimulatedBills(self._seed)
            at = _told_at(self._clock.now())
            month = at.date().replace(day=1)
            before = (month - timedelta(days=1)).replace(day=1)
            unfinished = await self._write(ledger, bills, (month, at.date()), at, PAUSE_AT_START_SECONDS)
            yield self._seen(ledger, (month, at.date()), at, back_to=before)
            yield self._health(self._clock.now())
            await asyncio.sleep(REST_SECONDS)
            days = before, month - timedelta(days=1)
            await self._write(ledger, bills, days, at, PAUSE_BEFORE_SECONDS)
            while True:
                yield self._seen(ledger, days, at)
                yield self._health(self._clock.now())
                due = at + timedelta(hours=EVERY_HOURS)
                await self._clock.sleep(max(1.0, (due - self._clock.now()).total_seconds()))
                at = _told_at(self._clock.now())
                days = unfinished, at.date()
                unfinished = await self._write(ledger, bills, days, at, PAUSE_SECONDS)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    async def refresh(self) -> None:
        """Nothing to ask: bills come when they come."""

    async def _write(
        self, ledger: Ledger, bills: SimulatedBills, days: tuple[date, date], at: datetime, pause: float
    ) -> date:
        """Write the days from one to another down; return the first of which more will be billed."""
        from finops_tui.model.bill import Statement
        from finops_tui.simulation.bills import HOURS_LATE
        from finops_tui.simulation.metered import METERED_FOR, Metered
        from finops_tui.simulation.other_bills import OtherBills

        first, last = days
        for _ in bills.stretches(first, last, at):
            await asyncio.sleep(pause)
        since = max(first, at.date() - METERED_FOR)
        metered, others = Metered(since), OtherBills(self._seed)
        rows = chain(bills.rows(first, at, self.name, last), others.rows(first, at, self.name, last))
        # All at once: half of the work is to go through the lines that a bill has, however few days it is about.
        ledger.restate(Statement(source=self.name, rows=metered.passing(rows)))
        await asyncio.sleep(pause)
        if since <= last:
            ledger.restate(*metered.statements(since, last))
            await asyncio.sleep(pause)
        bills.forget()
        return (at - timedelta(hours=HOURS_LATE)).date()

    def _seen(self, ledger: Ledger, written: tuple[date, date], at: datetime, back_to: date | None = None) -> BillsSeen:
        """Ask what is billed on the days that were written down just now; the others are as they were told."""
        from finops_tui.ledger.costs import billed_days
        from finops_tui.ledger.scoped import scoped_days

        first, last = written
        days, through = billed_days(ledger, self.name, first, last)
        scoped = scoped_days(ledger, self.name, self._scopes, first, last)
        if (told := self.told) is not None:
            days = (*days, *(each for each in told.days if not first <= each.day <= last))
            scoped = (*scoped, *(each for each in told.scoped if not first <= each.day <= last))
            through = max((each for each in (through, told.through) if each is not None), default=None)
            first = min(first, told.first)
        days = tuple(sorted(days, key=lambda each: (each.provider, each.account, each.service, each.day)))
        scoped = tuple(sorted(scoped, key=lambda each: (each.scope, each.name, each.account, each.day)))
        self.told = Told(ledger, first, at, days, scoped, through)
        return BillsSeen(
            at=self._clock.now(), source=self.name, cluster="", days=days, through=through, scoped=scoped,
            back_to=back_to,
        )  # fmt: skip

    def _health(self, answered_at: datetime | None) -> SourceHealth:
        return SourceHealth(
            at=self._clock.now(),
            source=self.name,
            cluster="",
            short="bills",
            state=HealthState.CONNECTING if answered_at is None else HealthState.POLLED,
            since=self._since,
            answered_at=answered_at,
            stale_after_seconds=4 * EVERY_HOURS * 3600.0,
            primed=answered_at is not None,
        )


def _told_at(now: datetime) -> datetime:
    """Return when bills were last restated."""
    now = now.astimezone(UTC)
    return now.replace(hour=now.hour // EVERY_HOURS * EVERY_HOURS, minute=0, second=0, microsecond=0)
