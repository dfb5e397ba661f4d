"""Which scope explains an excess: a team's anomaly that one job causes is that job's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from finops_tui.detectors.base import SAMPLE_SECONDS, Scene
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow

SHARE = 0.67
"""A scope explains another's excess when at least this part of it is its own."""
STEADY = 0.4
"""It goes on to explain it down to this part, so that the name of a finding does not change with every wobble."""
BEFORE_SECONDS = 600
"""How long before the onset the time before it is: what begins slowly has begun by the time it is seen to."""
SPECIFIC = (
    ScopeKind.WORKLOAD,
    ScopeKind.MODEL,
    ScopeKind.NAMESPACE,
    ScopeKind.POOL,
    ScopeKind.TEAM,
    ScopeKind.CLUSTER,
    ScopeKind.TOTAL,
)
"""Which of two that explain the same is the better answer."""
SWING, PLATEAU = "thrash", "plateau"
"""Questions whose excess is not a rise: a height between low and high, and what did not fall."""


class Onset(NamedTuple):
    at: float
    """Unix seconds."""
    question: str
    """Which of the learner's questions was answered with yes."""


class Share(NamedTuple):
    """How much of an excess one scope explains."""

    scope: Scope
    row: SpendRow
    before: float
    """$/h before the onset."""
    delta: float
    """$/h that it has more than then; of a swing, its height."""
    share: float
    """`delta` over the excess that is to be explained."""


def explain(scene: Scene, scope: Scope, since: float, question: str, held: Scope | None = None) -> Share | None:
    """Return the narrowest scope within `scope` that explains what it spends more since then (unix seconds).

    Among those that explain enough of it, the one with the most of its own spend in the excess wins; of equals the more
    specific. `held` is the answer so far, kept while it is nearly as good. None when the scope itself has no row.
    """
    whole = itself(scene, scope, since, question)
    if whole is None or whole.delta <= 0:
        return whole
    row, onset = whole.row, Onset(since, question)
    best, best_rank = whole, _rank(whole)
    for inner in _inside(scene, scope, row):
        inner_row = scene.rows[inner]
        if (inner_row.usd_per_hour or 0.0) < SHARE * whole.delta and question != SWING:
            continue
        share = _share(scene, inner, inner_row, onset, whole.delta)
        if share is None:
            continue
        if inner == held and share.share >= STEADY:
            return share
        if share.share >= SHARE and (rank := _rank(share)) > best_rank:
            best, best_rank = share, rank
    return best


def itself(scene: Scene, scope: Scope, since: float, question: str) -> Share | None:
    """Return what a scope spends more since then (unix seconds), all of it its own; None without a row or a price."""
    row = scene.rows.get(scope)
    return _share(scene, scope, row, Onset(since, question)) if row is not None else None


def is_part(scene: Scene, inner: Scope, outer: Scope) -> bool:
    """Tell whether a scope lies within another."""
    row, outer_row = scene.rows.get(inner), scene.rows.get(outer)
    if row is None or outer_row is None:
        return False
    if outer.kind is ScopeKind.POOL:
        return inner.kind is ScopeKind.WORKLOAD and inner.name in scene.workloads_of_pools.get(outer.name, ())
    return _is_inside(inner, row, outer, outer_row)


def _rank(share: Share) -> tuple[float, int]:
    usd = share.row.usd_per_hour or 0.0
    concentration = share.delta / usd if usd > 0 else 0.0
    return round(min(concentration, 1.0), 1), -SPECIFIC.index(share.scope.kind)


def _inside(scene: Scene, scope: Scope, row: SpendRow) -> Iterator[Scope]:
    """Return the scopes that lie within another."""
    if scope.kind is ScopeKind.WORKLOAD:
        return
    if scope.kind is ScopeKind.POOL:
        for key in scene.workloads_of_pools.get(scope.name, ()):
            if Scope(ScopeKind.WORKLOAD, key) in scene.rows:
                yield Scope(ScopeKind.WORKLOAD, key)
        return
    for inner, inner_row in scene.rows.items():
        if _is_inside(inner, inner_row, scope, row):
            yield inner


def _is_inside(inner: Scope, row: SpendRow, outer: Scope, outer_row: SpendRow) -> bool:
    if SPECIFIC.index(inner.kind) >= SPECIFIC.index(outer.kind) or row.name.startswith("("):
        return False
    same_cluster = row.cluster == outer_row.cluster
    is_workload = inner.kind is ScopeKind.WORKLOAD
    return {
        ScopeKind.TOTAL: True,
        ScopeKind.CLUSTER: same_cluster and inner.kind is not ScopeKind.TEAM,
        ScopeKind.TEAM: row.owner == outer.name and inner.kind is not ScopeKind.POOL,
        ScopeKind.NAMESPACE: is_workload and same_cluster and row.namespace == outer_row.namespace,
        ScopeKind.MODEL: is_workload and row.model == outer.name,
    }.get(outer.kind, False)


def _share(scene: Scene, scope: Scope, row: SpendRow, onset: Onset, excess: float | None = None) -> Share | None:
    usd = row.usd_per_hour
    if usd is None:
        return None
    samples = scene.past(scope)
    if onset.question == SWING:
        seen = [value for value in (*samples, usd) if value is not None]
        before, delta = min(seen), max(seen) - min(seen)
    else:
        before = _before(scene, row, samples, onset)
        delta = usd - before
    return Share(scope, row, before, delta, 1.0 if excess is None else delta / excess)


def _before(scene: Scene, row: SpendRow, samples: Sequence[float | None], onset: Onset) -> float:
    """Return $/h before the onset: 0 for what did not exist, normal where nothing rose but should have fallen."""
    if onset.question == PLATEAU and row.normal_usd_per_hour is not None:
        return row.normal_usd_per_hour
    back = int((scene.now.timestamp() - onset.at + BEFORE_SECONDS) // SAMPLE_SECONDS)
    place = max(0, len(samples) - 1 - back)
    around = [value for value in samples[max(0, place - 1) : place + 2] if value is not None]
    if around:
        return min(around)
    earlier = next((value for value in reversed(samples[:place]) if value is not None), None)
    if earlier is not None:
        return earlier  # nobody looked since
    later = next((value for value in samples[place:] if value is not None), None)
    if later is None or row.since is None or row.since.timestamp() >= onset.at - BEFORE_SECONDS:
        return 0.0
    return later
