"""What may have brought a finding about: what the detector knows of it, and the changes that fit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from finops_tui.analysis.cause_words import short_what
from finops_tui.analysis.changes import BEFORE, GROWS, Trouble, grown, places_of, rank
from finops_tui.analysis.ownership import Owners, OwnershipRules
from finops_tui.detectors.base import Scene
from finops_tui.model.finding import Cause, Signal
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import ChangeSeen
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow

WITHOUT_CHANGES = frozenset({"unowned"})
"""Kinds that no change brings about."""
LEAST_FIT = 0.25
"""When nothing fits better, it is not known what brought it about."""
STAYED_FIT = 0.5
"""Less than for what grew: why it did not shrink, the step does not say."""
MOST = 5
"""Causes that are told of one finding."""
REMEMBERED = 500
"""Findings whose causes are remembered."""


class Causes:
    """Ranked once for each onset and each new change, not at every look."""

    def __init__(self, ownership: OwnershipRules) -> None:
        self._owners = Owners(ownership)
        self._ranked: dict[str, tuple[object, tuple[Cause, ...]]] = {}

    def of(self, signal: Signal, onset: datetime, scene: Scene) -> tuple[Cause, ...]:
        """Return causes, best first."""
        token = (signal.causes, onset, _newest(scene.fleet))
        held = self._ranked.get(signal.key)
        if held is not None and held[0] == token:
            return held[1]
        if len(self._ranked) >= REMEMBERED:
            self._ranked.clear()
        if signal.kind in WITHOUT_CHANGES:
            return signal.causes
        lately = [seen for seen in scene.fleet.changes.values() if seen.at >= onset - BEFORE]
        places = places_of((seen.change.subject for seen in lately), scene.fleet, self._owners)
        trouble = trouble_of(signal, onset, scene)
        found = rank(lately, trouble, now=scene.now, places=places)
        every = scene.fleet.changes.values()
        slow = grown(every, trouble, now=scene.now) or stayed(every, trouble, now=scene.now)
        if slow is not None and slow.change_id not in {cause.change_id for cause in found if cause.fit >= slow.fit}:
            found = (slow, *(cause for cause in found if cause.change_id != slow.change_id))
        causes = _merged(signal.causes, found)[:MOST]
        if causes and causes[0].fit < LEAST_FIT:
            causes = ()
        self._ranked[signal.key] = (token, causes)
        return causes


def stayed(changes: Iterable[ChangeSeen], trouble: Trouble, *, now: datetime) -> Cause | None:
    """Return the last step up of a thing that costs too much because it did not shrink since, as it always does.

    None where its last step within hours was down, or there was none.
    """
    if trouble.excess_gpus is None or trouble.excess_gpus <= 0:
        return None
    first = trouble.onset - GROWS
    steps = [
        seen
        for seen in changes
        if seen.change.subject == trouble.scope.name and seen.change.gpus and first <= seen.at <= now
    ]
    last = max(steps, key=lambda seen: (seen.at, seen.change.id), default=None)
    if last is None or (last.change.gpus or 0.0) <= 0 or last.at > trouble.onset:
        return None
    what = short_what(last.change, alone=True)
    minutes = int((now - last.at).total_seconds() // 60)
    why = f"its last step; it has given none of it back for {minutes // 60}h{minutes % 60:02}m"
    return Cause(what=what, at=last.at, who=last.change.who, fit=STAYED_FIT, why=why, change_id=last.change.id)


def _merged(own: Iterable[Cause], found: Iterable[Cause]) -> tuple[Cause, ...]:
    known = {cause.change_id for cause in own if cause.change_id}
    every = [*own, *(cause for cause in found if cause.change_id not in known)]
    return tuple(sorted(every, key=lambda cause: -cause.fit))


def _newest(fleet: Fleet) -> tuple[int, str]:
    return len(fleet.changes), next(reversed(fleet.changes), "")


def trouble_of(signal: Signal, onset: datetime, scene: Scene) -> Trouble:
    """Say what belongs to a signal's scope, so that changes can be held against it."""
    scope = signal.scope
    workloads = _workloads(scope, scene)
    rows = [row for key in workloads if (row := scene.workload_rows.get(key)) is not None]
    gpus = sum(row.gpus or 0.0 for row in rows)
    usd = sum(row.usd_per_hour or 0.0 for row in rows)
    excess = signal.excess_usd_per_hour
    pools = {pool for pool, keys in scene.workloads_of_pools.items() if not workloads.isdisjoint(keys)}
    if scope.kind is ScopeKind.POOL:
        pools.add(scope.name)
    return Trouble(
        scope=scope,
        onset=onset,
        workloads=frozenset(workloads),
        pools=frozenset(pools),
        namespaces=frozenset(f"{row.cluster}/{row.namespace}" for row in rows),
        models=frozenset(row.model for row in rows if row.model),
        teams=frozenset(row.owner for row in rows if row.owner),
        clusters=frozenset(row.cluster for row in rows) or frozenset(filter(None, (signal.cluster,))),
        excess_gpus=excess * gpus / usd if excess and usd > 0 and gpus > 0 else None,
    )


def _workloads(scope: Scope, scene: Scene) -> frozenset[str]:
    """Return the keys of the workloads that belong to a scope."""
    if scope.kind is ScopeKind.WORKLOAD:
        return frozenset((scope.name,))
    if scope.kind is ScopeKind.POOL:
        return frozenset(scene.workloads_of_pools.get(scope.name, ()))
    return frozenset(key for key, row in scene.workload_rows.items() if _belongs(row, scope))


def _belongs(row: SpendRow, scope: Scope) -> bool:
    return {
        ScopeKind.CLUSTER: row.cluster == scope.name,
        ScopeKind.TEAM: row.owner == scope.name,
        ScopeKind.MODEL: row.model == scope.name,
        ScopeKind.NAMESPACE: f"{row.cluster}/{row.namespace}" == scope.name,
    }.get(scope.kind, True)
