"""One trouble, one finding: what several detectors see of the same thing is told by the one that says most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from finops_tui.analysis.figures import amount
from finops_tui.detectors.base import Scene
from finops_tui.model.finding import Evidence, Signal
from finops_tui.model.scope import Scope, ScopeKind

TELLING = ("spot-storm", "zombie", "restarts", "thrash", "idle", "queue", "spot", "spend", "unallocated", "rule")
"""Kinds that may be two views of one trouble, the one that says more about its nature first."""
CAPACITY_LOST = ("spot-storm", "spot")
"""Kinds that raise the price of whatever runs on a pool."""
TOGETHER = timedelta(minutes=30)
"""Onsets that are no further apart may be one."""
MOST = 0.5
"""Who explains at least this part of another's excess tells it too."""


def absorbed(signals: Iterable[Signal], scene: Scene) -> list[Signal]:
    """Return the signals with those that are views of the same trouble put together."""
    alone: list[Signal] = []
    by_scope: dict[Scope, list[Signal]] = {}
    for signal in signals:
        if signal.kind in TELLING and signal.excess_usd_per_hour is not None:
            by_scope.setdefault(signal.scope, []).append(signal)
        else:
            alone.append(signal)
    heads = [_together(views) for views in by_scope.values()]
    lost = [head for head in heads if head.kind in CAPACITY_LOST]
    for cause in lost:
        explained = [head for head in heads if head.kind == "spend" and _raises(cause, head, scene)]
        if explained:
            heads = [head for head in heads if head is not cause and head not in explained]
            heads.append(_joined(cause, explained))
    return [*heads, *alone]


def _together(views: Sequence[Signal]) -> Signal:
    """Let the view that explains most of the excess tell the others; of equals, the more telling kind."""
    most = max(map(_excess, views))
    able = [view for view in views if _excess(view) >= MOST * most]
    head = min(able, key=lambda view: TELLING.index(view.kind))
    return _joined(head, [view for view in views if view is not head])


def _joined(head: Signal, others: Sequence[Signal]) -> Signal:
    if not others:
        return head
    every = (head, *others)
    costs = [view.usd_per_hour for view in every if view.scope == head.scope and view.usd_per_hour is not None]
    return replace(
        head,
        severity=min((view.severity for view in every), key=lambda severity: severity.rank),
        since=min(view.since for view in every),
        usd_per_hour=head.usd_per_hour if head.usd_per_hour is not None else next(iter(costs), None),
        burned_usd=max((view.burned_usd or 0.0 for view in every), default=None),
        evidence=(*head.evidence, *(Evidence(label=view.kind.capitalize(), words=view.why) for view in others)),
        causes=tuple(dict.fromkeys(cause for view in every for cause in view.causes)),
        related=tuple(dict.fromkeys(key for view in every for key in (*view.related, view.scope.name))),
        planned=next((view.planned for view in every if view.planned), ""),
    )


def _raises(cause: Signal, spend: Signal, scene: Scene) -> bool:
    """Tell whether capacity lost on a pool is why something costs more."""
    if abs(cause.since - spend.since) > TOGETHER:
        return False
    if _excess(cause) < MOST * _excess(spend):
        return False
    if spend.scope.kind is ScopeKind.POOL:
        return spend.scope == cause.scope
    if spend.scope.kind is ScopeKind.WORKLOAD and cause.scope.kind is ScopeKind.POOL:
        return spend.scope.name in scene.workloads_of_pools.get(cause.scope.name, ())
    return not spend.cluster or not cause.cluster or spend.cluster == cause.cluster


def _excess(signal: Signal) -> float:
    return amount(signal.excess_usd_per_hour) or 0.0
