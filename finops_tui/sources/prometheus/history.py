"""The past, asked for once: it teaches what is normal and draws the strip on the first screen.

The cluster as a whole is asked by five minutes: fine enough for the strip and the trends, and 14 days are 4,032 points
of the 11,000 that a server allows. Namespaces are many, and only their hours of the week are compared: by the hour. The
last hours come first; the days before in portions, one at a time, with pauses in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping

from finops_tui.clock import Clock
from finops_tui.model.observations import HistorySeen, HistorySeries, Quantity
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.sources.kubernetes.nodes import read_capacity_type
from finops_tui.sources.prometheus.answer import Series
from finops_tui.sources.prometheus.catalogue import BY_ID, Query
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.faults import PrometheusError
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.prices import uses_defaults
from finops_tui.sources.prometheus.promql import label_names
from finops_tui.sources.prometheus.settings import PrometheusSettings

MINUTE, HOUR, DAY = 60, 3600, 86_400
CLUSTER_STEP = 5 * MINUTE
NAMESPACE_STEP = HOUR
RECENT_SECONDS = 6 * HOUR
PORTION_SECONDS = 2 * DAY
PAUSE_SECONDS = 0.5
RETRY_SECONDS = 30.0
PATIENCE = 3.0
"""A range of days may take so many times as long as an instant."""
TYPE_LABELS = (
    "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/region",
    "karpenter.sh/capacity-type",
    "eks.amazonaws.com/capacityType",
    "cloud.google.com/gke-spot",
    "cloud.google.com/gke-preemptible",
    "cloud.google.com/gke-nodepool",
    "kubernetes.azure.com/scalesetpriority",
    "kubernetes.azure.com/agentpool",
)


Key = tuple[Quantity, Scope, int, tuple[tuple[str, str], ...]]
"""What tells one series from another: quantity, scope, step and labels."""


def spans(now: float, days: int) -> list[tuple[int, int]]:
    """Return start and end of what to ask, the latest first; aligned, so that servers may answer from their cache.

    The end of a span is the start of the one before, and does not belong to it.
    """
    end = int(now) // CLUSTER_STEP * CLUSTER_STEP + CLUSTER_STEP
    first = int(now - days * DAY) // HOUR * HOUR
    start = max(first, int(now - RECENT_SECONDS) // HOUR * HOUR)
    asked = [(start, end)]
    while start > first:
        end, start = start, max(first, start - PORTION_SECONDS)
        asked.append((start, end))
    return asked


async def prime(desk: Desk, told: Told, settings: PrometheusSettings, clock: Clock) -> AsyncIterator[HistorySeen]:
    """Yield the last hours, then all of the past that was asked for."""
    values = desk.by_node | {"type_labels": label_names(TYPE_LABELS)}
    queries = await _queries(desk, clock)
    points: defaultdict[Key, dict[float, float]] = defaultdict(dict)
    asked = spans(clock.now().timestamp(), settings.history_days)
    for start, end in asked:
        for query in queries:
            step = NAMESPACE_STEP if query.id == "history.namespace" else CLUSTER_STEP
            for series in await _ask(desk, query, values, (start, end - step, step), clock):
                _add(points, query, step, series, told.cluster)
            await clock.sleep(PAUSE_SECONDS)
        if points and (start, end) in {asked[0], asked[-1]}:
            yield _seen(points, told, clock)


def _add(points: defaultdict[Key, dict[float, float]], query: Query, step: int, series: Series, cluster: str) -> None:
    """Take one row in; rows that mean the same type of node add up."""
    scope, labels = _meaning(query, series.labels, cluster)
    quantity = Quantity.NODES if query.id == "history.nodes" else Quantity.USD_PER_HOUR
    into = points[quantity, scope, step, tuple(sorted(labels.items()))]
    for moment, value in series.points:
        into[moment] = into.get(moment, 0.0) + value


def _seen(points: Mapping[Key, Mapping[float, float]], told: Told, clock: Clock) -> HistorySeen:
    return HistorySeen(
        at=clock.now(),
        source=told.source,
        cluster=told.cluster,
        series=tuple(
            HistorySeries(
                quantity=quantity,
                scope=scope,
                step_seconds=step,
                points=tuple(sorted(of.items())),
                labels=dict(labels),
            )
            for (quantity, scope, step, labels), of in points.items()
        ),
    )


async def _queries(desk: Desk, clock: Clock) -> list[Query]:
    """Say what to ask: what OpenCost metered where it had real prices, else how many nodes of each type there were."""
    while True:
        try:
            metered = desk.found.has(*BY_ID["history.total"].needs) and not await uses_defaults(desk)
        except PrometheusError:
            await clock.sleep(RETRY_SECONDS)
            continue
        return [BY_ID["history.total"], BY_ID["history.namespace"]] if metered else [BY_ID["history.nodes"]]


async def _ask(
    desk: Desk, query: Query, values: Mapping[str, str], span: tuple[int, int, int], clock: Clock
) -> tuple[Series, ...]:
    """Return what the server knows of one span; waits while it does not answer at all."""
    while True:
        try:
            answer = await desk.ask_range(query, values, span, PATIENCE)
        except PrometheusError as error:
            await clock.sleep(max(RETRY_SECONDS, error.retry_after_seconds))
            continue
        return answer.series if answer is not None else ()


def _meaning(query: Query, labels: Mapping[str, str], cluster: str) -> tuple[Scope, dict[str, str]]:
    """Say what a row of the answer counts."""
    if query.id == "history.namespace":
        return Scope(ScopeKind.NAMESPACE, f"{cluster}/{labels.get('namespace', '')}"), {}
    scope = Scope(ScopeKind.CLUSTER, cluster)
    if query.id == "history.total":
        return scope, {}
    named = {name: value for name in TYPE_LABELS if (value := labels.get(label_names((name,))))}
    return scope, {
        "instance_type": named.get("node.kubernetes.io/instance-type", ""),
        "region": named.get("topology.kubernetes.io/region", ""),
        "capacity_type": read_capacity_type(named).value,
    }
