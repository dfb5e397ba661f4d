"""What sources tell of the past, as $/h by scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import fsum

from finops_tui.analysis.figures import LIMIT
from finops_tui.analysis.ownership import Owners
from finops_tui.analysis.pricing import PriceBook
from finops_tui.engine.past_of_owners import owners_past
from finops_tui.model.inventory import Node
from finops_tui.model.money import CapacityType
from finops_tui.model.observations import HistorySeen, HistorySeries, Quantity
from finops_tui.model.samples import Samples
from finops_tui.model.scope import TOTAL, Scope, ScopeKind

Past = dict[Scope, tuple[Samples, float]]


def priced_past(told: Iterable[HistorySeen], book: PriceBook, clusters: Iterable[str], owners: Owners) -> Past:
    """Return points of $/h and their step in seconds, by scope.

    Counts of nodes are priced at today's prices. Where dollars were told as well, dollars stand. The total is told, or
    the sum of the clusters for the times at which every one of `clusters` is known: half a sum is not a normal. Teams
    and models likewise: told, or the sum of what carried their labels then.
    """
    dollars: Past = {}
    nodes: defaultdict[Scope, list[tuple[HistorySeries, float]]] = defaultdict(list)
    owned: list[HistorySeries] = []
    for series, cluster in ((series, seen.cluster) for seen in told for series in seen.series):
        if series.step_seconds <= 0:
            continue
        if series.quantity is Quantity.USD_PER_HOUR:
            dollars[series.scope] = (_sound(series.points), series.step_seconds)
        elif series.quantity is Quantity.NODES:
            usd = book.price(_like(series, cluster)).usd_per_hour
            if usd is not None:
                nodes[series.scope].append((series, usd))
        elif series.quantity is Quantity.OWNED:
            owned.append(series)
    told_in_nodes = {scope: _priced(parts) for scope, parts in nodes.items()}
    clusters = tuple(clusters)
    past = owners_past(owned, clusters, owners) | told_in_nodes | dollars
    return _total(past, clusters) | past


def _total(past: Past, clusters: Iterable[str]) -> Past:
    summed, step = _summed(past, [Scope(ScopeKind.CLUSTER, name) for name in clusters])
    return {TOTAL: (summed, step)} if summed else {}


def _like(series: HistorySeries, cluster: str) -> Node:
    capacity = series.labels.get("capacity_type", "")
    return Node(
        cluster=cluster,
        name="",
        uid="",
        pool="",
        instance_type=series.labels.get("instance_type", ""),
        region=series.labels.get("region", ""),
        capacity_type=CapacityType(capacity) if capacity in set(CapacityType) else CapacityType.UNKNOWN,
        labels=series.labels,
    )


def _sound(points: Samples) -> Samples:
    """Keep points whose time and value can be true, in time order."""
    sound = Samples(sorted([point for point in points if 0 <= point[0] <= LIMIT and 0 <= point[1] <= LIMIT]))
    return points if sound == points else sound  # one of the two is enough


def _priced(parts: Iterable[tuple[HistorySeries, float]]) -> tuple[Samples, float]:
    sums: defaultdict[float, float] = defaultdict(float)
    step = 0.0
    for series, usd in parts:
        step = max(step, series.step_seconds)
        for at, count in _sound(series.points):
            sums[at] += count * usd
    return Samples(sorted(sums.items())), step


def _summed(dollars: Mapping[Scope, tuple[Samples, float]], scopes: list[Scope]) -> tuple[Samples, float]:
    """Sum means over scopes, for the times that all of them have, in the widest of their steps."""
    if not scopes or any(scope not in dollars for scope in scopes):
        return Samples(), 0.0
    step = max(dollars[scope][1] for scope in scopes)
    means: list[dict[int, float]] = []
    for scope in scopes:
        samples: defaultdict[int, list[float]] = defaultdict(list)
        for at, usd in dollars[scope][0]:
            samples[int(at // step)].append(usd)
        means.append({index: fsum(values) / len(values) for index, values in samples.items()})
    common = set.intersection(*(set(of) for of in means))
    return Samples((index * step, fsum(of[index] for of in means)) for index in sorted(common)), step
