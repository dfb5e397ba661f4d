"""What sources of bills share: a name, a feed into the ledger, and how far back they read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from finops_tui.clock import Clock
from finops_tui.ledger.ledger import Ledger
from finops_tui.model.observations import Observation
from finops_tui.sources.billing.beside import Ask, Beside
from finops_tui.sources.billing.book import Book, Wanted
from finops_tui.sources.billing.feed import Feed, Outcome
from finops_tui.sources.billing.values import DAY, moment

READ = "read through"
RESTATED_DAYS = 7
"""So many days are read again each time, where a bill is read by days."""


class Billed(Protocol):
    """What the config says of any bill."""

    @property
    def type(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def cluster(self) -> str: ...
    @property
    def every_hours(self) -> float: ...


class BillSource(ABC):
    """Reads a bill again and again; never changes anything."""

    def __init__(
        self, settings: Billed, ledger: Callable[[], Ledger], clock: Clock, *, soonest: timedelta, scopes: Wanted
    ) -> None:
        """`ledger` opens the ledger; it is called in a thread, and may raise LedgerError. `scopes` as in `Book`.

        The bill is not asked for again before `soonest`, whoever wishes.
        """
        self.name = f"{settings.type} {settings.title}"
        self.cluster = settings.cluster
        self._clock = clock
        every = timedelta(hours=settings.every_hours)
        self._feed = Feed(self.name, clock, ledger, short=settings.type, every=every, soonest=soonest, scopes=scopes)
        self._beside = Beside(clock, (), every)

    def _ask_beside(self, asks: Sequence[Ask], every_seconds: float) -> None:
        """Ask these too, at a pace of their own."""
        self._beside = Beside(self._clock, asks, timedelta(seconds=every_seconds))

    def observe(self) -> AsyncIterator[Observation]:
        """Yield what is billed and what is asked beside it, again whenever that has changed, until cancelled."""
        return self._beside.observe(self._feed.observe(self._look))

    async def refresh(self) -> None:
        """Ask again as soon as there may be news."""
        self._feed.wake()
        self._beside.wake()

    @abstractmethod
    async def _look(self, book: Book, now: datetime) -> Outcome:
        """Ask for the bill once. Raises SourceError or LedgerError where nothing came."""


async def first_day(book: Book, today: datetime, history_days: int) -> datetime:
    """Return the first day to ask for: some days before those that were read last, which `read_through` keeps."""
    earliest = today - (history_days - 1) * DAY
    noted = moment(await book.noted(READ))
    return earliest if noted is None else max(earliest, min(noted, today) - (RESTATED_DAYS - 1) * DAY)


async def read_through(book: Book, today: datetime) -> None:
    """Keep that the bill is read until today."""
    await book.note(READ, today.isoformat())
