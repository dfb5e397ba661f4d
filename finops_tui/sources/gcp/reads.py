"""What this month's queries have read: kept in the ledger, and counted together whoever asks."""

from __future__ import annotations

from decimal import Decimal

from finops_tui.clock import Clock
from finops_tui.sources.billing.book import Book
from finops_tui.sources.gcp.settings import GIB, GcpSettings

USD_PER_TIB = Decimal("6.25")
"""On demand, in most locations: https://cloud.google.com/bigquery/pricing"""


class Reads:
    """Raises LedgerError."""

    def __init__(self, book: Book, settings: GcpSettings, clock: Clock) -> None:
        self._book = book
        self._cap = settings.gib_per_month
        self._clock = clock

    async def so_far(self) -> int:
        """Return how many bytes queries have read this month."""
        noted = await self._book.noted(self._account())
        return int(noted) if noted.isdecimal() else 0

    async def add(self, read: int) -> int:
        """Count what a query has read; return what it comes to."""
        total = await self.so_far() + read
        await self._book.note(self._account(), str(total))
        return total

    def spent(self, read: int) -> bool:
        """Tell whether so many bytes are all that a month has."""
        return read >= self._cap * GIB

    def words(self, read: int) -> str:
        """Say what so many bytes have cost: `1.2 of 300 GiB read this month, about $0.01`."""
        return f"{read / GIB:.1f} of {self._cap:g} GiB read this month, about ${price(read):.2f}"

    def _account(self) -> str:
        return f"bytes read in {self._clock.now():%Y-%m}"


def price(read: int) -> Decimal:
    """Return what BigQuery takes for reading so many bytes, in US dollars."""
    return read * USD_PER_TIB / 2**40
