"""What the rows of the past mean: whose they are, and what they count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from finops_tui.model.observations import HistorySeries, Quantity
from finops_tui.model.samples import Samples
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.usage import Traffic
from finops_tui.sources.kubernetes.nodes import CAPACITY_LABELS, read_capacity_type
from finops_tui.sources.prometheus.answer import Series
from finops_tui.sources.prometheus.promql import ksm_label
from finops_tui.sources.prometheus.usage import direction

TYPE_LABELS = (
    "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/region",
    *CAPACITY_LABELS,
)

Labels = tuple[tuple[str, str], ...]


class _Key(NamedTuple):
    """What tells one series from another."""

    quantity: Quantity
    scope: Scope
    step: int
    labels: Labels = ()
    namespace_labels: Labels = ()


class HistoryRows:
    """Adds up the rows that mean the same."""

    def __init__(self, cluster: str, payers: Sequence[str]) -> None:
        self._cluster = cluster
        self._payers = payers
        self._points: defaultdict[_Key, dict[float, float]] = defaultdict(dict)
        self._named: defaultdict[str, dict[float, Labels]] = defaultdict(dict)
        """Namespace -> moment -> the owners that it named then."""

    def __bool__(self) -> bool:
        return bool(self._points)

    def add(self, query_id: str, step: int, series: Series) -> None:
        """Take one row of the answer to a query in."""
        namespace = series.labels.get("namespace", "")
        if query_id == "history.namespace_labels":
            labels = self._owners(series.labels)
            self._named[namespace].update((moment, labels) for moment, _ in series.points)
            return
        key = self._key(query_id, step, series.labels)
        if key is not None:
            _add_up(self._points[key], series.points)
        if query_id == "history.namespace" and key is not None:
            named, own = self._named.get(namespace, {}), self._owners(series.labels)
            by_names: defaultdict[Labels, list[tuple[float, float]]] = defaultdict(list)
            for point in series.points:
                by_names[named.get(point[0], ())].append(point)
            for names, points in by_names.items():
                _add_up(self._points[key._replace(quantity=Quantity.OWNED, labels=own, namespace_labels=names)], points)

    def told(self) -> tuple[HistorySeries, ...]:
        return tuple(
            HistorySeries(
                quantity=key.quantity,
                scope=key.scope,
                step_seconds=key.step,
                points=Samples(sorted(points.items())),
                labels=dict(key.labels),
                namespace_labels=dict(key.namespace_labels),
            )
            for key, points in self._points.items()
        )

    def _key(self, query_id: str, step: int, labels: Mapping[str, str]) -> _Key | None:
        """Return what a row counts; None for traffic that costs nothing."""
        whole = Scope(ScopeKind.CLUSTER, self._cluster)
        namespace = Scope(ScopeKind.NAMESPACE, f"{self._cluster}/{labels.get('namespace', '')}")
        if query_id == "history.total":
            return _Key(Quantity.USD_PER_HOUR, whole, step)
        if query_id == "history.nodes":
            return _Key(Quantity.NODES, whole, step, _node_type(labels))
        if query_id == "history.namespace":
            return _Key(Quantity.USD_PER_HOUR, namespace, step)
        if query_id == "history.volumes":
            return _Key(Quantity.VOLUMES, namespace, step)
        traffic = direction(labels) if query_id == "history.egress" else Traffic.ANY
        return _Key(Quantity.SENT, namespace, step, (("traffic", traffic.value),)) if traffic is not None else None

    def _owners(self, labels: Mapping[str, str]) -> Labels:
        """Return the owners that labels name, under the labels' own names."""
        return tuple((name, value) for name in self._payers if (value := labels.get(ksm_label(name))))


def _add_up(into: dict[float, float], points: Iterable[tuple[float, float]]) -> None:
    for moment, value in points:
        into[moment] = into.get(moment, 0.0) + value


def _node_type(labels: Mapping[str, str]) -> Labels:
    named = {name: value for name in TYPE_LABELS if (value := labels.get(ksm_label(name)))}
    return (
        ("instance_type", named.get("node.kubernetes.io/instance-type", "")),
        ("region", named.get("topology.kubernetes.io/region", "")),
        ("capacity_type", read_capacity_type(named).value),
    )
