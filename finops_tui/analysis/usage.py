"""What traffic and volumes cost, which no node's price contains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import fsum
from typing import NamedTuple

from finops_tui.analysis.figures import LIMIT, amount, total
from finops_tui.analysis.freshness import is_stale
from finops_tui.analysis.ownership import Owners
from finops_tui.model.fleet import Cluster, Fleet
from finops_tui.model.money import Provenance
from finops_tui.model.observations import HistorySeen, HistorySeries, Quantity, UsageReadings
from finops_tui.model.snapshot import UsageRow
from finops_tui.model.usage import Traffic, UsageReading

GIB = 1 << 30
HOUR = 3_600
MONTH_HOURS = 730
EGRESS, STORAGE = "egress", "storage"
METER = "OpenCost"

Past = dict[tuple[str, str], list[tuple[float, float]]]
"""`egress` or `storage` and `cluster/namespace` -> (unix seconds, $/h)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePrices:
    """List prices of AWS in us-east-1, where no meter has others: EC2 data transfer, EBS gp3 (docs/cost-model.md)."""

    egress_usd_per_gib: float = 0.09
    """To the internet, and the limit of what traffic costs that cannot be told apart."""
    cross_region_usd_per_gib: float = 0.02
    cross_zone_usd_per_gib: float = 0.01
    storage_usd_per_gib_month: float = 0.08

    def per_gib(self, traffic: Traffic, metered: Mapping[Traffic, float]) -> float:
        """Return $ per GiB: what a meter charges, else the list price."""
        if traffic is Traffic.ANY:
            traffic = Traffic.INTERNET
        charged = amount(metered.get(traffic))
        if charged is not None:
            return charged
        return {
            Traffic.REGION: self.cross_region_usd_per_gib,
            Traffic.ZONE: self.cross_zone_usd_per_gib,
        }.get(traffic, self.egress_usd_per_gib)

    @property
    def words(self) -> str:
        return "list price" if self == UsagePrices() else "config.yaml"

    @property
    def storage_usd_per_gib_hour(self) -> float:
        return self.storage_usd_per_gib_month / MONTH_HOURS


class _Cost(NamedTuple):
    usd: float | None
    by: tuple[str, ...]
    """Who says what it costs."""


class UsageTable:
    """One row for each namespace that sends anything or has volumes, made again only when something was told."""

    def __init__(self, prices: UsagePrices, owners: Owners) -> None:
        self._prices = prices
        self._owners = owners
        self._made_of: tuple[tuple[UsageReadings, bool], ...] = ()
        self._rows: tuple[UsageRow, ...] = ()

    def rows(self, fleet: Fleet, now: datetime) -> tuple[UsageRow, ...]:
        """Return the rows, the most expensive first."""
        told = {name: cluster.usage for name, cluster in fleet.clusters.items() if cluster.usage is not None}
        made_of = tuple((usage, is_stale(fleet.health.get(usage.source), now)) for usage in told.values())
        if made_of != self._made_of:
            self._made_of = made_of
            rows = [
                row
                for name, (usage, stale) in zip(told, made_of, strict=True)
                for row in self._of(fleet.clusters[name], usage, stale=stale)
            ]
            self._rows = tuple(sorted(rows, key=_by_cost))
        return self._rows

    def past(self, fleet: Fleet) -> Past:
        """Return the past of every namespace's traffic and volumes in $/h, as far as sources told it."""
        return usage_past(fleet.history.values(), fleet, self._prices)

    def _of(self, cluster: Cluster, usage: UsageReadings, *, stale: bool) -> Iterator[UsageRow]:
        for reading in usage.readings:
            namespace = cluster.namespaces.get(reading.namespace)
            owner = self._owners.facts(namespace.labels).get("team", "") if namespace is not None else ""
            yield _row(usage, reading, self._prices, owner, stale=stale)


def usage_past(told: Iterable[HistorySeen], fleet: Fleet, prices: UsagePrices) -> Past:
    """Return the past of every namespace's traffic and volumes in $/h, at the prices of now.

    Nothing of a cluster whose present is not known: nor is then what a meter charges there.
    """
    sums: defaultdict[tuple[str, str], dict[float, float]] = defaultdict(dict)
    for series in (series for seen in told for series in seen.series):
        cluster = fleet.clusters.get(series.scope.name.partition("/")[0])
        if cluster is None or cluster.usage is None:
            continue
        what, usd = _price_of(series, cluster.usage, prices)
        into = sums[what, series.scope.name] if what else {}
        for at, value in series.points:
            if 0 <= at <= LIMIT and amount(value) is not None:
                into[at] = into.get(at, 0.0) + value * usd
    return {key: sorted(points.items()) for key, points in sums.items()}


def _price_of(series: HistorySeries, usage: UsageReadings, prices: UsagePrices) -> tuple[str, float]:
    """Return what a series is about, and what one of its units costs an hour."""
    if series.quantity is Quantity.VOLUMES:
        return STORAGE, _usd_per_byte(series.scope.name, usage, prices)
    if series.quantity is Quantity.SENT and series.labels.get("traffic") in set(Traffic):
        traffic = Traffic(series.labels["traffic"])
        return EGRESS, prices.per_gib(traffic, usage.usd_per_gib) * HOUR / GIB
    return "", 0.0


def _usd_per_byte(key: str, usage: UsageReadings, prices: UsagePrices) -> float:
    """Return what a provisioned byte of a namespace costs an hour now; the list price where it has none."""
    namespace = key.rpartition("/")[2]
    reading = next((one for one in usage.readings if one.namespace == namespace), None)
    volumes = amount(reading.volume_bytes) if reading is not None else None
    cost = _storage(reading, prices).usd if reading is not None else None
    return cost / volumes if cost and volumes else prices.storage_usd_per_gib_hour / GIB


def _row(told: UsageReadings, reading: UsageReading, prices: UsagePrices, owner: str, *, stale: bool) -> UsageRow:
    sent = {traffic: rate for traffic, value in reading.sent.items() if (rate := amount(value)) is not None}
    egress, storage = _egress(sent, told.usd_per_gib, prices), _storage(reading, prices)
    metered = {*egress.by, *storage.by} == {METER}
    return UsageRow(
        key=f"{told.cluster}/{reading.namespace}",
        cluster=told.cluster,
        namespace=reading.namespace,
        owner=owner,
        egress_bytes_per_second=fsum(sent.values()) if sent else None,
        egress_usd_per_hour=egress.usd,
        egress_told_apart=Traffic.ANY not in sent,
        senders=reading.senders,
        storage_bytes=amount(reading.volume_bytes),
        storage_used_bytes=amount(reading.used_bytes),
        storage_usd_per_hour=storage.usd,
        provenance=Provenance.METERED if metered and Traffic.ANY not in sent else Provenance.ESTIMATED,
        priced_by=", ".join(dict.fromkeys((*egress.by, *storage.by))),
        at=told.at,
        stale=stale,
    )


def _by_cost(row: UsageRow) -> tuple[float, str]:
    return -(total([row.egress_usd_per_hour, row.storage_usd_per_hour]) or 0.0), row.key


def _egress(sent: Mapping[Traffic, float], metered: Mapping[Traffic, float], prices: UsagePrices) -> _Cost:
    if not sent:
        return _Cost(None, ())
    usd = fsum(rate * HOUR / GIB * prices.per_gib(traffic, metered) for traffic, rate in sent.items())
    priced = {Traffic.INTERNET if traffic is Traffic.ANY else traffic for traffic in sent}
    by = tuple(METER if amount(metered.get(traffic)) is not None else prices.words for traffic in sorted(priced))
    return _Cost(usd, by)


def _storage(reading: UsageReading, prices: UsagePrices) -> _Cost:
    """Add up what a meter charges and what is left at the list price; without a meter all of it is."""
    metered, left = amount(reading.volume_usd_per_hour), amount(reading.unmetered_bytes)
    if metered is None:
        left = amount(reading.volume_bytes)
    listed = left / GIB * prices.storage_usd_per_gib_hour if left else None
    by = (*((METER,) if metered else ()), *((prices.words,) if listed else ()))
    return _Cost(total([metered, listed]), by)
