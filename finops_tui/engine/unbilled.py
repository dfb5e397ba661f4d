"""Days of clusters that no bill tells of: their estimate, written into the ledger apart from what is billed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase

from finops_tui.analysis.known_days import Watched
from finops_tui.clock import Clock
from finops_tui.engine.faring import Faring
from finops_tui.errors import FinopsError
from finops_tui.ledger.ledger import Ledger
from finops_tui.model.bill import ESTIMATE, BillRow, Statement
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import Observation
from finops_tui.model.snapshot import Snapshot
from finops_tui.threads import DaemonThreads

EVERY_SECONDS = 900.0
WHOLE = 0.98
"""Ratio of a day that must be known: of less the rest would be guessed."""
SERVICE = "Price sheet × inventory"
DESCRIPTION = "Estimated, not billed"
CENT = Decimal("0.01")

Days = Callable[[str, datetime], Mapping[date, Watched]]
"""What is known of each day of a cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbilled:
    """Clusters whose cloud has no bill to ask for."""

    cluster: str
    """Glob."""
    provider: str

    def fits(self, cluster: str) -> bool:
        return fnmatchcase(cluster.casefold(), self.cluster.casefold())


class UnbilledDays:
    """Goes along with the engine. Only whole days that are over are written, each again where its estimate changed.

    Nothing of them is billed: the estimate is their effective cost. What was written before stays where less is known.
    """

    name = "estimates"

    def __init__(
        self,
        days: Days,
        *,
        clusters: Sequence[Unbilled],
        billed: Sequence[str],
        ledger: Callable[[], Ledger],
        clock: Clock,
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        """`billed` are globs of clusters that bills tell of: they are left out. `ledger` is called in a thread."""
        self._days = days
        self._unbilled = tuple(clusters)
        self._billed = tuple(billed)
        self._open = ledger
        self._clock = clock
        self._every_seconds = every_seconds
        self._threads = DaemonThreads(1, self.name)
        self._clusters: tuple[str, ...] = ()
        self._written: dict[tuple[str, date], Decimal] = {}
        self._faring = Faring(self.name, clock, short=self.name)

    def begin(self, fleet: Fleet) -> None:
        """Nothing of the state is needed."""

    def see(self, snapshot: Snapshot) -> None:
        self._clusters = snapshot.clusters

    async def run(self, tell: Callable[[Observation], None]) -> None:
        """Write what is new, until cancelled."""
        while True:
            await asyncio.sleep(self._every_seconds)
            due = dict(self._due(self._clock.now()))
            try:
                if due:
                    await self._threads.call(self._write, due, self._clock.now())
            except FinopsError as error:
                self._faring.tell(error.title, error.hint, tell)
            else:
                self._faring.tell("", "", tell)

    def _due(self, now: datetime) -> Iterator[tuple[tuple[str, date], tuple[str, Decimal]]]:
        """Yield provider and dollars of each whole day that is not written like that yet, by cluster and day."""
        today = now.astimezone(UTC).date()
        for cluster in self._clusters:
            unbilled = next((each for each in self._unbilled if each.fits(cluster)), None)
            if unbilled is None or any(fnmatchcase(cluster.casefold(), glob.casefold()) for glob in self._billed):
                continue
            for day, seen in self._days(cluster, now).items():
                if day < today and seen.covered >= WHOLE:
                    usd = Decimal(seen.usd / seen.covered).quantize(CENT)
                    if self._written.get((cluster, day)) != usd:
                        yield (cluster, day), (unbilled.provider, usd)

    def _write(self, due: Mapping[tuple[str, date], tuple[str, Decimal]], now: datetime) -> None:
        """Write days down, all in one step. Blocks. Raises LedgerError."""
        self._open().restate(*(_statement(*place, *about, now) for place, about in due.items()))
        self._written |= {place: usd for place, (_, usd) in due.items()}


def _statement(cluster: str, day: date, provider: str, usd: Decimal, now: datetime) -> Statement:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end = start + timedelta(days=1)
    row = BillRow(
        source=ESTIMATE,
        retrieved_at=now,
        provider_name=provider,
        billing_account_id=cluster,
        billing_period_start=start.replace(day=1),
        charge_period_start=start,
        charge_period_end=end,
        charge_description=DESCRIPTION,
        service_name=SERVICE,
        service_category="Compute",
        billing_currency="USD",
        billed_cost=Decimal(0),
        effective_cost=usd,
    )
    told = frozenset({"service_name", "charge_description", "charge_category"})
    return Statement(source=ESTIMATE, part=cluster, dimensions=told, start=start, end=end, rows=(row,) if usd else ())
