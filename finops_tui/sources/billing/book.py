"""The ledger, for one source of bills: written as it is told, read back by day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from finops_tui.ledger.costs import billed_days
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.owners import Tags, owned
from finops_tui.ledger.scoped import scoped_days
from finops_tui.model.bill import Statement
from finops_tui.model.cloud import Recommendation
from finops_tui.model.observations import BillsSeen
from finops_tui.threads import DaemonThreads

P = ParamSpec("P")
T = TypeVar("T")
Wanted = tuple[tuple[str, str], ...]
"""Scopes that bills are asked for because a budget is for them, each with a name: `("team", "nlp")`."""

DAYS_TOLD = 70
"""A month, the one before it, and what it takes to compare them and to look ahead."""


class Book:
    """The ledger, for one source. Raises LedgerError."""

    def __init__(
        self, source: str, cluster: str, ledger: Callable[[], Ledger], threads: DaemonThreads, scopes: Wanted = ()
    ) -> None:
        """`ledger` opens the ledger; it is called in a thread, and may raise LedgerError.

        `scopes` are the teams, models and the like that budgets are for, each with its name.
        """
        self.source = source
        self.cluster = cluster
        self._open = ledger
        self._threads = threads
        self._scopes = scopes
        self._opened: Ledger | None = None

    async def aside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what takes long, such as reading a large bill, where it holds up nobody."""
        return await self._threads.call(work, *args, **kwargs)

    async def record(self, *statements: Statement) -> None:
        """Write down what the service says, all of it in one step."""
        await self._threads.call(lambda: self._ledger().restate(*statements))

    async def billed(self, now: datetime) -> BillsSeen:
        """Return what is billed of the last weeks, by account, service and day."""
        return await self._threads.call(self._billed, now)

    async def owned(self, found: Iterable[Recommendation], tags: Tags, now: datetime) -> tuple[Recommendation, ...]:
        """Return recommendations with the owners that tags or charges name."""
        return await self._threads.call(lambda: owned(self._ledger(), found, tags, now.date()))

    async def note(self, name: str, value: str) -> None:
        """Keep a word about how far this source has got."""
        await self._threads.call(lambda: self._ledger().note(f"{self.source} {name}", value))

    async def noted(self, name: str) -> str:
        """Return what was noted under this name, else nothing."""
        return await self._threads.call(lambda: self._ledger().noted(f"{self.source} {name}"))

    def _billed(self, now: datetime) -> BillsSeen:
        return billed(self._ledger(), self.source, self._scopes, now, self.cluster)

    def _ledger(self) -> Ledger:
        if self._opened is None:
            self._opened = self._open()
        return self._opened


def billed(ledger: Ledger, source: str, scopes: Wanted, now: datetime, cluster: str = "") -> BillsSeen:
    """Return what a source has billed of the last weeks. Blocks. Raises LedgerError."""
    today = now.date()
    first = today - timedelta(days=DAYS_TOLD - 1)
    days, through = billed_days(ledger, source, first, today)
    scoped = scoped_days(ledger, source, scopes, first, today)
    return BillsSeen(at=now, source=source, cluster=cluster, days=days, through=through, scoped=scoped)
