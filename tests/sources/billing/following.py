"""A source of bills that runs beside a test, on a clock that hurries, with a ledger of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from finops_tui.clock import SimulatedClock
from finops_tui.ledger.costs import costs
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery, CostRow
from finops_tui.model.health import HealthState
from finops_tui.model.observations import BillsSeen, SourceHealth
from finops_tui.sources.base import Source
from tests.ledger.charges import SCOPES
from tests.sources.running import Running

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
SPEED = 2_000.0


def hurried(start: datetime = NOW) -> SimulatedClock:
    return SimulatedClock(start, SPEED)


def ledger_at(folder: Path) -> Callable[[], Ledger]:
    return lambda: Ledger(folder / "bills.sqlite", SCOPES)


def charged(folder: Path, *by: str, **where: str) -> dict[tuple[str, ...], CostRow]:
    """Return what the ledger says of the last 100 days."""
    chosen = {name: frozenset({value}) for name, value in where.items()}
    query = CostQuery(since=NOW - timedelta(days=100), until=NOW + timedelta(days=1), by=by, where=chosen)
    return {row.key: row for row in costs(ledger_at(folder)(), query).rows}


def billed(folder: Path, *by: str) -> dict[tuple[str, ...], Decimal]:
    return {key: row.billed for key, row in charged(folder, *by).items()}


class Following(Running):
    @property
    def bills(self) -> BillsSeen | None:
        return next((seen for seen in reversed(self.seen) if isinstance(seen, BillsSeen)), None)

    @property
    def health(self) -> SourceHealth:
        return next(seen for seen in reversed(self.seen) if isinstance(seen, SourceHealth))

    @property
    def state(self) -> HealthState | None:
        return self.health.state if self.seen else None

    async def answered(self) -> SourceHealth:
        """Wait until the service has been asked once, with whatever result."""
        await self.until(lambda: self.state not in {None, HealthState.CONNECTING})
        return self.health


@asynccontextmanager
async def following(source: Source) -> AsyncIterator[Following]:
    one = Following(source)
    try:
        yield one
    finally:
        await one.end()
