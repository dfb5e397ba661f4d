"""An OpenCost or Kubecost as a source of metered cost: into the ledger, a day at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from finops_tui.clock import Clock
from finops_tui.errors import FinopsError, SourceError
from finops_tui.ledger.ledger import Ledger
from finops_tui.model.bill import Statement
from finops_tui.model.observations import BillsSeen, Observation
from finops_tui.phrases import counted
from finops_tui.sources.base import Check
from finops_tui.sources.billing.book import Book, Wanted
from finops_tui.sources.billing.calls import Calls
from finops_tui.sources.billing.feed import Feed, Outcome, checked
from finops_tui.sources.billing.values import DAY, midnight, stamp
from finops_tui.sources.opencost.access import Way
from finops_tui.sources.opencost.allocations import DIMENSIONS, Metered, aggregate, metered, view_of
from finops_tui.sources.opencost.settings import OpenCostSettings

SOONEST = timedelta(seconds=30)
"""An answer costs its Prometheus dear: `r` is not passed on sooner."""
READ = "read through"
FRESH_DAYS = 2
"""Today and yesterday are read again each time: they still change."""


class OpenCost:
    """Asks one OpenCost now and then; never changes anything."""

    def __init__(
        self, settings: OpenCostSettings, ledger: Callable[[], Ledger], clock: Clock, *, scopes: Wanted = ()
    ) -> None:
        """`ledger` opens the ledger; it is called in a thread, and may raise LedgerError.

        `scopes` are as in `Book`. What another source bills too is not told for them: budgets would count it twice.
        """
        self.name = f"{settings.type} {settings.title}"
        self.cluster = settings.cluster
        self._settings = settings
        self._clock = clock
        self._way = Way(settings)
        every = timedelta(seconds=settings.interval_seconds)
        self._feed = Feed(
            self.name, clock, ledger, short="opencost", cluster=settings.cluster, every=every, soonest=SOONEST,
            scopes=() if settings.billed_elsewhere else scopes,
        )  # fmt: skip
        self._dimensions = DIMENSIONS | {f"tag:{key}" for key in settings.labels}

    async def observe(self) -> AsyncIterator[Observation]:
        """Yield what was metered, and again whenever that has changed, until cancelled."""
        async for observation in self._feed.observe(self._look):
            if self._settings.billed_elsewhere and isinstance(observation, BillsSeen):
                yield replace(observation, days=())  # the clouds' bills have these dollars: the month counts them once
            else:
                yield observation

    async def refresh(self) -> None:
        """Ask again now."""
        self._feed.wake()

    async def diagnose(self) -> list[Check]:
        """Ask for yesterday and say what it answers; nothing is written down."""
        calls = Calls(self._way.service(), self._clock)
        today = midnight(self._clock.now())
        try:
            found = await checked(self._day(calls, today - DAY, today))
        except FinopsError as error:
            return [Check("allocations", "fail", f"{error.title}; without: cost by workload", error.hint)]
        finally:
            await calls.close()
        if found is None:
            hint = "Look at its log: does its Prometheus hold yesterday?"
            return [Check("allocations", "warn", "it knows nothing of yesterday; without: cost by workload", hint)]
        return [Check("allocations", "ok", f"{counted(len(found.rows), 'charge')} yesterday")]

    async def _look(self, book: Book, now: datetime) -> Outcome:
        """Read each day that is not known yet, the oldest first, and the last ones again."""
        today = midnight(now)
        day = await self._first(book, today)
        unusable, unknown = 0, 0
        warnings: list[str] = []
        calls = Calls(self._way.service(), self._clock)
        try:
            while day < now:
                found = await self._day(calls, day, today)
                if found is None:  # it says nothing, which is not the same as nothing to pay
                    unknown += 1
                else:
                    unusable += found.unusable
                    if found.warning and found.warning not in warnings:
                        warnings.append(found.warning)
                    await book.record(self._statement(day, found))
                await book.note(READ, day.isoformat())
                day += DAY
        finally:
            await calls.close()
        if unknown:
            warnings.append(f"it knows nothing of {counted(unknown, 'day')}")
        if unusable:
            warnings.append(f"{counted(unusable, 'allocation')} left out: no usable cost")
        return Outcome(warnings=tuple(warnings))

    async def _first(self, book: Book, today: datetime) -> datetime:
        earliest = today - (self._settings.history_days - 1) * DAY
        with suppress(ValueError):
            read = datetime.fromisoformat(await book.noted(READ))
            return max(earliest, min(read, today) - (FRESH_DAYS - 1) * DAY)
        return earliest

    async def _day(self, calls: Calls, day: datetime, today: datetime) -> Metered | None:
        query = (
            ("window", f"{stamp(day)},{stamp(min(day + DAY, self._clock.now()))}"),
            ("aggregate", aggregate(self._settings.labels)),
            ("step", "1d"),
            ("accumulate", "false"),
            ("includeIdle", "true"),
        )
        answer: Any = await calls.get(f"{await self._way.base()}/allocation/compute", query)
        if answer is None:
            raise SourceError("it answers nothing", "", "Check `url`: it ends just before /allocation.")
        return await self._feed.book.aside(
            metered, answer, self._settings, source=self.name, day=day, today=today, at=self._clock.now()
        )

    def _statement(self, day: datetime, found: Metered) -> Statement:
        return Statement(
            source=self.name,
            view=view_of(self._settings),
            dimensions=self._dimensions,
            start=day,
            end=day + DAY,
            rows=found.rows,
        )
