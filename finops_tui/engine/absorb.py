"""One trouble, one finding: what several detectors see of the same thing is told by the one that says most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from msgspec.structs import replace

from finops_tui.analysis.figures import amount
from finops_tui.detectors.attribution import is_part
from finops_tui.detectors.base import Scene
from finops_tui.model.finding import WOULD_DO, Cause, Evidence, Signal
from finops_tui.model.scope import Scope, ScopeKind

TELLING = ("spot-storm", "zombie", "restarts", "thrash", "idle", "queue", "spot", "spend", "unallocated", "rule")
"""Kinds that may be two views of one trouble, the one that says more about its nature first."""
CAPACITY_LOST = ("spot-storm", "spot")
"""Kinds that raise the price of whatever runs on a pool."""
WASTE = ("zombie", "restarts", "idle")
"""Kinds whose normal is no more than $/h less what is wasted, and that come and go while spend stays too high."""
NESTED = ("spend", "thrash", "rule", "restarts", "zombie", "idle")
"""Kinds of which a scope and what lies within it may have the same."""
ONE_STORY = timedelta(hours=6)
"""What creeps is seen in one scope hours before it is in the next."""
TOGETHER = timedelta(minutes=30)
"""Onsets that are no further apart may be one."""
BESIDE_FIT = 0.5
MOST = 0.5
"""Who explains at least this part of another's excess tells it too."""


def key_of(signal: Signal) -> str:
    """Return the identity of what a signal is about: the same whichever view of one trouble tells it."""
    if signal.kind in TELLING and signal.excess_usd_per_hour is not None:
        return "/".join(filter(None, ("cost", signal.scope.kind.value, signal.scope.name, signal.part)))
    return signal.key


def absorbed(signals: Iterable[Signal], scene: Scene) -> list[Signal]:
    """Return the signals with those that are views of the same trouble put together."""
    alone: list[Signal] = []
    by_scope: dict[tuple[Scope, str], list[Signal]] = {}
    for signal in signals:
        if signal.kind in TELLING and signal.excess_usd_per_hour is not None:
            by_scope.setdefault((signal.scope, signal.part), []).append(signal)
        else:
            alone.append(signal)
    heads = [_together(views) for views in by_scope.values()]
    lost = [head for head in heads if head.kind in CAPACITY_LOST]
    for cause in lost:
        explained = [head for head in heads if head.kind == "spend" and _raises(cause, head, scene)]
        if explained:
            heads = [head for head in heads if head is not cause and head not in explained]
            heads.append(_joined(cause, explained))
    return [*_innermost(heads, scene), *alone]


def _innermost(heads: Sequence[Signal], scene: Scene) -> list[Signal]:
    """Leave out what most of is told of a part of it: the part tells it."""
    told: dict[int, list[Signal]] = {}
    left: list[Signal] = []
    for head in heads:
        part = next((one for one in heads if _tells(one, head, scene)), None)
        if part is None:
            left.append(head)
        else:
            told.setdefault(id(part), []).append(head)
    return [_joined(head, told[id(head)]) if id(head) in told else head for head in left]


def _tells(part: Signal, whole: Signal, scene: Scene) -> bool:
    if part is whole or part.kind not in NESTED or whole.kind not in NESTED or part.scope == whole.scope:
        return False
    near = abs(part.since - whole.since) <= ONE_STORY
    return near and _excess(part) >= MOST * _excess(whole) and is_part(scene, part.scope, whole.scope)


def _together(views: Sequence[Signal]) -> Signal:
    """Let the view that explains most of the excess tell the others; of equals, the more telling kind.

    What is too much is held against what was learned, where that explains as much: it stays while the waste comes and
    goes.
    """
    most = max(map(_excess, views))
    able = [view for view in views if _excess(view) >= MOST * most]
    head = min(able, key=lambda view: TELLING.index(view.kind))
    others = [view for view in views if view is not head]
    learned = next((view for view in able if view.kind == "spend" and head.kind in WASTE), None)
    if learned is not None:
        head = replace(
            head,
            normal_usd_per_hour=learned.normal_usd_per_hour,
            excess_usd_per_hour=learned.excess_usd_per_hour,
            evidence=tuple(each for each in head.evidence if each.label != WOULD_DO),
        )
    return _joined(head, others)


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
        causes=(*head.causes, *_beside(others, head)),
        related=tuple(dict.fromkeys(key for view in every for key in (*view.related, view.scope.name))),
        planned=next((view.planned for view in every if view.planned), ""),
    )


def _beside(others: Sequence[Signal], head: Signal) -> Iterator[Cause]:
    """Return the causes of other views: they explain those, and this one at most in part."""
    known = {(cause.what, cause.at) for cause in head.causes}
    for view in others:
        for cause in view.causes:
            if (cause.what, cause.at) not in known:
                known.add((cause.what, cause.at))
                yield replace(cause, fit=min(cause.fit, BESIDE_FIT))


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
