"""What an OpenCost in each simulated cluster would say: its machines at list prices, shared out among who runs on them.

The clouds bill the same machines, so it is in no sum beside their bills.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from finops_tui.model.bill import ALLOCATION, BillRow, ChargeCategory, Statement

PROVIDER, SERVICE = "OpenCost", "Kubernetes"
DIMENSIONS = frozenset({"service_name", "resource_id", "resource_type", "charge_description", "tag:namespace"})
METERED_FOR = timedelta(days=7)
"""So far back it keeps what it metered, as a Prometheus does."""
_NOTHING = Decimal(0)


class _Charge(NamedTuple):
    cluster: str
    day: datetime
    end: datetime
    namespace: str
    workload: str
    """`Deployment/chat-api-70b`; empty for what nobody uses."""


class Metered:
    """Hears what is billed while it passes by: a week of bills is never in memory as a whole."""

    def __init__(self, since: date = date.min) -> None:
        """Of earlier days nothing is metered."""
        self._since = since
        self._found: defaultdict[str, defaultdict[_Charge, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self._at: datetime | None = None

    def passing(self, rows: Iterable[BillRow]) -> Iterator[BillRow]:
        for row in rows:
            used = row.charge_category is ChargeCategory.USAGE and "pool" in row.tags
            if used and row.list_cost is not None and row.charge_period_start.date() >= self._since:
                self._at, tags = row.retrieved_at, row.tags
                charge = _Charge(
                    tags["cluster"], row.charge_period_start, row.charge_period_end, tags.get("namespace", ""),
                    tags.get("workload", ""),
                )  # fmt: skip
                self._found[charge.cluster][charge] += row.list_cost
            yield row

    def statements(self, first: date, last: date) -> Iterator[Statement]:
        """Yield what each cluster's OpenCost says of some days, whose bills have passed."""
        for cluster, charges in self._found.items():
            assert self._at is not None, "there were rows"
            source = f"opencost {cluster}"
            yield Statement(
                source=source,
                view=ALLOCATION,
                dimensions=DIMENSIONS,
                start=datetime(first.year, first.month, first.day, tzinfo=UTC),
                end=datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1),
                rows=_rows(charges, source, self._at),
            )


def _rows(charges: Mapping[_Charge, Decimal], source: str, at: datetime) -> Iterator[BillRow]:
    for charge, usd in charges.items():
        yield _row(charge, usd, source, at)


def _row(charge: _Charge, usd: Decimal, source: str, at: datetime) -> BillRow:
    kind, _, name = charge.workload.partition("/")
    return BillRow(
        source=source,
        view=ALLOCATION,
        retrieved_at=at,
        provider_name=PROVIDER,
        publisher_name=PROVIDER,
        billing_account_id=charge.cluster,
        billing_period_start=charge.day.replace(day=1),
        charge_period_start=charge.day,
        charge_period_end=charge.end,
        charge_description="" if name else "Idle",
        service_name=SERVICE,
        service_category="Compute",
        resource_id=f"{charge.namespace}/{charge.workload}" if name else "",
        resource_name=name,
        resource_type=kind,
        tags={"namespace": charge.namespace} if charge.namespace else {},
        billing_currency="USD",
        billed_cost=_NOTHING,
        effective_cost=usd,
        list_cost=usd,
    )
