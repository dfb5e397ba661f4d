"""What AWS says, in the ledger: written as it is told, read back by day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from finops_tui.ledger.costs import billed_days
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.owners import Tags, owned
from finops_tui.ledger.scoped import scoped_days
from finops_tui.model.bill import Statement
from finops_tui.model.cloud import Recommendation
from finops_tui.model.observations import BillsSeen
from finops_tui.sources.aws.faults import AwsError
from finops_tui.sources.aws.settings import AwsSettings
from finops_tui.sources.aws.views import WHOLE, views
from finops_tui.threads import DaemonThreads

DAYS_TOLD = 70
"""A month, the one before it, and what it takes to compare them."""


class Book:
    """The ledger, for one source. Raises LedgerError."""

    def __init__(
        self,
        source: str,
        settings: AwsSettings,
        ledger: Callable[[], Ledger],
        threads: DaemonThreads,
        scopes: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """`ledger` opens the ledger; it is called in a thread. `scopes` are those that budgets are for, with names."""
        self._source = source
        self._settings = settings
        self._open = ledger
        self._threads = threads
        self._scopes = scopes
        self._opened: Ledger | None = None

    async def record(self, *statements: Statement) -> None:
        """Write down what AWS says, all of it in one step."""
        await self._threads.call(self._record, *statements)

    async def billed(self, now: datetime) -> BillsSeen:
        """Return what is billed of the last weeks, by account, service and day."""
        return await self._threads.call(self._billed, now)

    async def owned(self, found: Iterable[Recommendation], tags: Tags, now: datetime) -> tuple[Recommendation, ...]:
        """Return recommendations with the owners that tags or charges name."""
        return await self._threads.call(lambda: owned(self._ledger(), found, tags, now.date()))

    def _record(self, *statements: Statement) -> None:
        try:
            self._ledger().restate(*statements)
        except ValueError as error:
            raise AwsError(
                "AWS states an amount that cannot be kept", str(error), "Report it with that amount."
            ) from error

    def _billed(self, now: datetime) -> BillsSeen:
        today = now.date()
        first = today - timedelta(days=DAYS_TOLD - 1)
        days, through = billed_days(self._ledger(), self._source, first, today)
        scoped = scoped_days(self._ledger(), self._source, self._scopes, first, today)
        return BillsSeen(at=now, source=self._source, cluster="", days=days, through=through, scoped=scoped)

    def _ledger(self) -> Ledger:
        if self._opened is None:
            ledger = self._open()
            # The view of all the money is there before any other: none of them may be taken for it.
            whole = next(view for view in views(self._settings) if view.id == WHOLE)
            ledger.restate(Statement(source=self._source, view=WHOLE, dimensions=whole.dimensions, rows=()))
            self._opened = ledger
        return self._opened
