"""The past of teams and models, of what carried their labels at the time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from finops_tui.analysis.figures import LIMIT
from finops_tui.analysis.ownership import Owners
from finops_tui.engine.spend_rows import NO_MODEL, UNOWNED
from finops_tui.model.observations import HistorySeries
from finops_tui.model.samples import Samples
from finops_tui.model.scope import Scope, ScopeKind

NOBODY = {ScopeKind.TEAM: UNOWNED, ScopeKind.MODEL: NO_MODEL}
"""Kinds of owners, and the row of what has none."""


def owners_past(
    told: Iterable[HistorySeries], clusters: Sequence[str], owners: Owners
) -> dict[Scope, tuple[Samples, float]]:
    """Return points of $/h and their step in seconds of every team and model.

    A team may stand in several clusters, so all of `clusters` must have told of it, and only the hours that every one
    of them knows count. A cluster in which nothing at all names a team (or a model) does not tell: its exporter may
    not publish the label, and half a sum is not a normal.
    """
    parts = [(series.scope.name.partition("/")[0], series, _named(series, owners)) for series in told]
    past: dict[Scope, tuple[Samples, float]] = {}
    for kind, nobody in NOBODY.items():
        telling = {cluster for cluster, _, named in parts if named.get(kind.value)}
        if clusters and telling.issuperset(clusters):
            past |= _added(parts, kind, nobody, clusters)
    return past


def _named(series: HistorySeries, owners: Owners) -> dict[str, str]:
    """Say who owned it: the workloads' own labels come first, their namespace's after."""
    return {**owners.facts(series.namespace_labels), **owners.facts(series.labels)}


def _added(
    parts: Iterable[tuple[str, HistorySeries, dict[str, str]]], kind: ScopeKind, nobody: str, clusters: Sequence[str]
) -> dict[Scope, tuple[Samples, float]]:
    sums: defaultdict[str, defaultdict[float, float]] = defaultdict(lambda: defaultdict(float))
    known: dict[str, set[float]] = {cluster: set() for cluster in clusters}
    step = 0.0
    for cluster, series, named in parts:
        if cluster not in known:
            continue
        step = max(step, series.step_seconds)
        of = sums[named.get(kind.value, nobody)]
        for at, usd in series.points:
            if 0 <= at <= LIMIT and 0 <= usd <= LIMIT:
                of[at] += usd
                known[cluster].add(at)
    common = set.intersection(*known.values())
    return {
        Scope(kind, name): (points, step)
        for name, of in sums.items()
        if (points := Samples(sorted((at, usd) for at, usd in of.items() if at in common)))
    }
