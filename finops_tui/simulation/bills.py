"""What the three clouds charge for the simulated company: a bill for every day, the same for a seed.

Machines are charged for what they usually do, hour by hour, less what was agreed with each cloud; beside them stand
services that no cluster tells of. All of it is known beforehand, so that figures made from it can be held against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from finops_tui.model.bill import BillRow, ChargeCategory, PricingCategory
from finops_tui.simulation.estate import CLUSTERS, ClusterPlan, PoolPlan
from finops_tui.simulation.tenants import NAMESPACES
from finops_tui.simulation.usual import PoolSpend, Usual

HOURS_LATE = 9
"""How far bills lag behind: the last hours are not on them yet."""
LOOKS_AT_A_STRETCH = 6
"""Some 3 ms of work: a key must not wait for it."""
CLOSED_AFTER = timedelta(days=36)
"""From the first day of a month until it is invoiced."""
_HOUR = 3_600.0
_GOLDEN = 0.6180339887
_EXACT = Decimal("0.0000000001")
_NOTHING = Decimal(0)
_UNPRICED = {"list_cost": _NOTHING, "contracted_cost": _NOTHING}
"""What is no usage has no list price."""
_TEAMS = {(cluster, plan.name): plan.team for plan in NAMESPACES for cluster in plan.clusters}


class _Service(NamedTuple):
    name: str
    category: str
    usd_per_day: Decimal


class Contract(NamedTuple):
    """What was agreed with one cloud. Shares are of the list price of machines that are not spot."""

    cluster: str
    provider: str
    billing_account: str
    account: str
    account_name: str
    machines: str
    """Service under which machines are charged."""
    discount: Decimal
    committed: Decimal
    """Share that a commitment covers."""
    committed_discount: Decimal
    credit: Decimal
    """Share of all usage that comes back."""
    tax: Decimal
    """Share of all usage on top."""
    others: tuple[_Service, ...]


CONTRACTS = (
    Contract(
        "prod-us", "AWS", "100000000001", "111111111111", "ml-prod", "Amazon Elastic Compute Cloud",
        Decimal("0.04"), Decimal("0.35"), Decimal("0.27"), Decimal(0), Decimal(0),
        (_Service("Amazon Simple Storage Service", "Storage", Decimal(612)),),
    ),
    Contract(
        "prod-eu", "Google Cloud", "0X0X0X-0X0X0X-0X0X0X", "ml-edge-eu", "ml-edge-eu", "Compute Engine",
        Decimal("0.06"), Decimal(0), Decimal(0), Decimal("0.05"), Decimal(0),
        (_Service("Cloud Storage", "Storage", Decimal(140)),),
    ),
    Contract(
        "research", "Microsoft", "enrolment-77", "11111111-2222-3333-4444-555555555555", "research",
        "Virtual Machines", Decimal("0.02"), Decimal(0), Decimal(0), Decimal(0), Decimal("0.08"),
        (_Service("Storage Accounts", "Storage", Decimal(205)),),
    ),
)  # fmt: skip

_BY_CLUSTER = {contract.cluster: contract for contract in CONTRACTS}


class _Item(NamedTuple):
    """What one workload, or nobody (empty), had of one pool on one day."""

    workload: str
    """`Deployment/chat/chat-api-70b`."""
    pool: str
    model: str


class _Charge(NamedTuple):
    """Of one cloud, of no day yet."""

    contract: Contract
    billed: Decimal
    effective: Decimal
    facts: dict[str, object]
    """What else is said of it, by the names of a row."""


class SimulatedBills:
    """The bills of one seed's cloud."""

    def __init__(self, seed: int) -> None:
        self._usual = Usual(seed)
        self._days: dict[date, tuple[int, dict[str, dict[_Item, Decimal]]]] = {}
        """Of each day how many hours were over, and what they cost: of a day that goes on the newest word alone."""

    def stretches(self, first: date, last: date, at: datetime) -> Iterator[None]:
        """Work out what `rows` needs, and pause several times in each day that was not known yet."""
        for day, hours in _days(first, _billed_until(at), last):
            if self._known(day, hours) is None:
                yield from self._work_out(day, hours)
                yield

    def forget(self) -> None:
        """Drop what was worked out: once it is written down, a day that goes on is worked out anew anyway."""
        self._days.clear()

    def rows(self, first: date, at: datetime, source: str, last: date | None = None) -> Iterator[BillRow]:
        """Yield what is billed from `first` to `last` as of `at`: whole hours until HOURS_LATE before it."""
        for day, hours in _days(first, _billed_until(at), last):
            for cluster, items in self._list_prices(day, hours).items():
                contract = _BY_CLUSTER[cluster]
                charged = [row for item, usd in items.items() for row in _machines(contract, item, usd)]
                charged += _others(contract, hours)
                charged += _on_top(contract, charged)
                charged += _bought(contract, charged)
                for row in charged:
                    yield _dated(row, day, hours, at, source)

    def _list_prices(self, day: date, hours: int) -> dict[str, dict[_Item, Decimal]]:
        """Return what the machines of each cluster cost on a day, at list and spot prices."""
        if self._known(day, hours) is None:
            for _ in self._work_out(day, hours):
                pass
        return self._days[day][1]

    def _known(self, day: date, hours: int) -> dict[str, dict[_Item, Decimal]] | None:
        over, known = self._days.get(day, (None, None))
        return known if over == hours else None

    def _work_out(self, day: date, hours: int) -> Iterator[None]:
        """Work out what the machines cost on a day, and pause after every few looks."""
        held: dict[tuple[str, str], tuple[PoolSpend, int]] = {}
        lasted: list[tuple[PoolSpend, int]] = []
        for number, moment in enumerate(looks(day, hours)):
            if number and number % LOOKS_AT_A_STRETCH == 0:
                yield
            for spend in self._usual.pools(moment):
                key = spend.cluster, spend.pool
                before, for_hours = held.get(key, (spend, 0))
                if before is not spend:
                    lasted.append((before, for_hours))
                    for_hours = 0
                held[key] = spend, for_hours + 1
        self._days[day] = hours, _items((*lasted, *held.values()))


def _items(lasted: Iterable[tuple[PoolSpend, int]]) -> dict[str, dict[_Item, Decimal]]:
    """Return what each workload had of each pool, by cluster, from what pools cost for so many hours."""
    spent: defaultdict[str, defaultdict[_Item, float]] = defaultdict(lambda: defaultdict(float))
    for (cluster, pool, usd, shares), hours in lasted:
        items = spent[cluster]
        for use, part in shares:
            items[_Item(f"{use.kind}/{use.namespace}/{use.name}", pool, use.model)] += part * hours
        items[_Item("", pool, "")] += max(0.0, usd - sum([part for _, part in shares])) * hours
    return {
        cluster: {item: Decimal(usd).quantize(_EXACT) for item, usd in items.items() if usd}
        for cluster, items in spent.items()
    }


def looks(day: date, hours: int) -> Iterator[float]:
    """Yield a moment (unix seconds) of each of the first hours of a day: what is so then is charged for an hour.

    They lie elsewhere in their hours from day to day: what begins at the same time every night is hit in fair share.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    into = day.toordinal() * _GOLDEN % 1.0
    for hour in range(hours):
        yield midnight + (hour + into) * _HOUR


def _billed_until(at: datetime) -> datetime:
    return (at - timedelta(hours=HOURS_LATE)).replace(minute=0, second=0, microsecond=0)


def _days(first: date, until: datetime, last: date | None) -> Iterator[tuple[date, int]]:
    """Yield each day up to `last` with how many hours of it are over."""
    day = first
    while (begun := datetime(day.year, day.month, day.day, tzinfo=UTC)) < until and (last is None or day <= last):
        yield day, min(24, int((until - begun).total_seconds() // _HOUR))
        day += timedelta(days=1)


def _machines(contract: Contract, item: _Item, usd: Decimal) -> list[_Charge]:
    cluster, pool = _pool(contract.cluster, item.pool)
    kind, namespace, name = item.workload.split("/") if item.workload else ("", "", "")
    tags = {"cluster": cluster.name, "pool": pool.name}
    if namespace:
        team = _TEAMS.get((cluster.name, namespace), "")
        tags |= {"namespace": namespace, "workload": f"{kind}/{name}"}
        tags |= {key: value for key, value in (("team", team), ("model", item.model)) if value}
    facts: dict[str, Any] = {
        "service_category": "Compute",
        "region_id": cluster.region,
        "resource_id": f"{pool.name}/{item.workload}" if item.workload else pool.name,
        "instance_type": pool.instance.name,
        "tags": tags,
    }
    if pool.spot_share:
        return [_row(contract, usd, list_cost=usd, pricing_category=PricingCategory.DYNAMIC, **facts)]
    agreed = (usd * (1 - contract.discount)).quantize(_EXACT)
    covered = (agreed * contract.committed).quantize(_EXACT)
    rows = [
        _row(
            contract, agreed - covered, list_cost=usd - (usd * contract.committed).quantize(_EXACT),
            pricing_category=PricingCategory.STANDARD, **facts,
        )
    ]  # fmt: skip
    if covered:
        rows.append(
            _row(
                contract, _NOTHING, effective=(covered * (1 - contract.committed_discount)).quantize(_EXACT),
                list_cost=(usd * contract.committed).quantize(_EXACT), contracted_cost=covered,
                pricing_category=PricingCategory.COMMITTED, commitment_discount_id="sp-1",
                commitment_discount_type="Savings Plan", commitment_discount_status="Used", **facts,
            )
        )  # fmt: skip
    return rows


def _others(contract: Contract, hours: int) -> list[_Charge]:
    return [
        _row(
            contract, (service.usd_per_day * hours / 24).quantize(_EXACT), service_name=service.name,
            service_category=service.category, tags={"team": "platform"},
        )
        for service in contract.others
    ]  # fmt: skip


def _on_top(contract: Contract, charged: list[_Charge]) -> list[_Charge]:
    usage = sum((charge.billed for charge in charged), _NOTHING)
    rows = []
    if contract.credit:
        credit = -(usage * contract.credit).quantize(_EXACT)
        rows.append(_row(contract, credit, charge_category=ChargeCategory.CREDIT, **_UNPRICED))
    if contract.tax:
        tax = (usage * contract.tax).quantize(_EXACT)
        rows.append(_row(contract, tax, charge_category=ChargeCategory.TAX, **_UNPRICED))
    return rows


def _bought(contract: Contract, charged: list[_Charge]) -> list[_Charge]:
    """Return what the commitment costs that a day's usage drew on: it is paid day by day."""
    cost = sum((row.effective for row in charged if "commitment_discount_id" in row.facts), _NOTHING)
    if not cost:
        return []
    return [_row(contract, cost, charge_category=ChargeCategory.PURCHASE, effective=_NOTHING, **_UNPRICED)]


def _row(contract: Contract, billed: Decimal, effective: Decimal | None = None, **more: object) -> _Charge:
    return _Charge(contract, billed, billed if effective is None else effective, more)


def _dated(charge: _Charge, day: date, hours: int, at: datetime, source: str) -> BillRow:
    contract, billed, effective, more = charge
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    month = start.replace(day=1)
    facts: dict[str, object] = {
        "source": source,
        "retrieved_at": at,
        "final": at - month >= CLOSED_AFTER,
        "provider_name": contract.provider,
        "publisher_name": contract.provider,
        "billing_account_id": contract.billing_account,
        "sub_account_id": contract.account,
        "sub_account_name": contract.account_name,
        "billing_period_start": month,
        "charge_period_start": start,
        "charge_period_end": start + timedelta(hours=hours),
        "service_name": contract.machines,
        "billing_currency": "USD",
        "billed_cost": billed,
        "effective_cost": effective,
        "list_cost": billed,
        "contracted_cost": billed,
    }
    return BillRow(**{**facts, **more})  # type: ignore[arg-type] # fields by name


def _pool(cluster: str, name: str) -> tuple[ClusterPlan, PoolPlan]:
    plan = next(each for each in CLUSTERS if each.name == cluster)
    return plan, next(pool for pool in plan.pools if pool.name == name)
