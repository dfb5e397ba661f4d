"""What would help against a finding: moves ranked by the harm that they may do, then by the dollars they save.

Foreseen from what is known here, without asking any system: the plan of a move asks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from finops_tui.actions.effects import View, shrinking
from finops_tui.actions.kinds import HOPELESS, Pausable, Scalable
from finops_tui.actions.releases import Delays
from finops_tui.actions.resolve import KINDS
from finops_tui.analysis.ownership import short_kind
from finops_tui.engine.known_reverters import Writers, known_delays, known_reverters, writers
from finops_tui.engine.tenancy import Tenancy
from finops_tui.model.change import ChangeKind
from finops_tui.model.finding import Finding, Remedy
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Workload
from finops_tui.model.plan import Risk, Target, TargetKind
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import Snapshot, SpendRow

WORKLOADS = 3
"""Workloads that a finding about something wider has moves for, those with the most above normal first."""
LISTED = 6
LIKELY = 0.3
"""From this fit on a change counts as a likely cause."""

_MILD = frozenset({Risk.NONE, Risk.LOW})
_OF_ROW = {
    ScopeKind.CLUSTER: "cluster",
    ScopeKind.TEAM: "owner",
    ScopeKind.MODEL: "model",
}
"""Field of a workload's row that says whether it belongs to a scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known at the moment that remedies are looked for."""

    snapshot: Snapshot
    fleet: Fleet
    now: datetime
    tenancy: Tenancy
    rows: Mapping[str, SpendRow]
    """Of workloads, by key."""
    wrote: Writers
    """Which tools wrote to workloads lately."""
    delays: Mapping[str, Delays]
    """By cluster, how long its pools keep empty nodes, as far as that was told."""

    @classmethod
    def of(cls, snapshot: Snapshot, fleet: Fleet, now: datetime) -> Around:
        rows = {row.key: row for row in snapshot.spend.get(ScopeKind.WORKLOAD, ())}
        return cls(
            snapshot=snapshot,
            fleet=fleet,
            now=now,
            tenancy=Tenancy(fleet, snapshot),
            rows=rows,
            wrote=writers(fleet.changes.values()),
            delays=known_delays(fleet.actions.values()),
        )

    def workload(self, key: str) -> Workload | None:
        cluster = self.fleet.clusters.get(key.partition("/")[0])
        return cluster.workloads.get(key) if cluster is not None else None


def remedies(finding: Finding, around: Around) -> tuple[Remedy, ...]:
    """Return the moves against a finding, best first; those that cannot be made stand last, with the reason."""
    moves = [
        move
        for key in _workloads(finding, around)
        if (workload := around.workload(key)) is not None
        for move in moves_of(workload, around, finding)
        if not _harms_for_nothing(move)
    ]
    moves += _cordons(finding, around)
    return tuple(ranked(moves)[:LISTED])


def ranked(moves: Iterable[Remedy]) -> list[Remedy]:
    """Return moves in the order in which they are recommended.

    Refused ones last; what can be taken back and puts no SLO at risk before what may do harm; then by dollars.
    """

    def place(move: Remedy) -> tuple[bool, int, float, str]:
        return bool(move.refused), _harm(move), -(move.saves_usd_per_hour or 0.0), move.target.key

    return sorted(moves, key=place)


def moves_of(workload: Workload, around: Around, finding: Finding | None = None) -> Iterator[Remedy]:
    """Yield what can be done to one workload; with a finding also what goes back to how it was."""
    kind, target = KINDS.get(workload.kind), target_of(workload, around)
    if finding is not None and _rolled_out(workload, finding, around):
        yield Remedy(
            action="rollback",
            target=target,
            what="roll back the last rollout",
            saves_usd_per_hour=None,
            saves_when="what the previous version costs is not known",
            slo_risk=Risk.UNKNOWN,
            slo_words="what the previous version does is not known here",
            reverts=known_reverters(workload, "rollback", around.wrote, around.now),
        )
    if workload.suspended or not workload.pods:
        return
    if kind is None:
        why, what_then = HOPELESS.get(workload.kind, ("Nothing says how it is paused.", ""))
        yield Remedy(
            action="pause",
            target=target,
            what=_pausing(workload),
            saves_usd_per_hour=None,
            saves_when="",
            slo_risk=Risk.UNKNOWN,
            refused=f"{why} {what_then}".strip(),
        )
        return
    yield _shrunk(workload, 0, around)
    back = _usual_replicas(workload, around, finding)
    if isinstance(kind, Scalable) and back is not None and 0 < back < (workload.replicas or 0):
        yield _shrunk(workload, back, around)


def target_of(workload: Workload, around: Around) -> Target:
    row = around.rows.get(workload.key)
    return Target(
        kind=TargetKind.WORKLOAD,
        key=workload.key,
        cluster=workload.cluster,
        name=f"{workload.namespace}/{short_kind(workload.kind)}/{workload.name}",
        owner=row.owner if row is not None else "",
        environment=dict(row.labels).get("environment", "") if row is not None else "",
        uid=workload.uid,
    )


def _workloads(finding: Finding, around: Around) -> list[str]:
    """Return the workloads that a finding is about: itself, or those within its scope that exceed their normal most."""
    scope = finding.scope
    if scope.kind is ScopeKind.WORKLOAD:
        return [scope.name]
    within = [row for row in around.rows.values() if _belongs(row, scope, finding)]
    above = [(row.usd_per_hour or 0.0) - (row.normal_usd_per_hour or 0.0) for row in within]
    ranked = sorted(zip(above, within, strict=True), key=lambda pair: (-pair[0], pair[1].key))
    return [row.key for _, row in ranked[:WORKLOADS]]


def _belongs(row: SpendRow, scope: Scope, finding: Finding) -> bool:
    match scope.kind:
        case ScopeKind.TOTAL:
            return True
        case ScopeKind.NAMESPACE:
            return f"{row.cluster}/{row.namespace}" == scope.name
        case ScopeKind.POOL:
            return row.key in finding.related
        case kind if kind in _OF_ROW:
            return bool(getattr(row, _OF_ROW[kind]) == scope.name)
    return False


def _cordons(finding: Finding, around: Around) -> Iterator[Remedy]:
    """Yield a cordon of the node that a finding is about: nothing new should start there."""
    name = finding.name.removeprefix("node/")
    cluster = around.fleet.clusters.get(finding.cluster)
    node = cluster.nodes.get(name) if cluster is not None and name != finding.name else None
    if node is not None and node.schedulable:
        yield Remedy(
            action="cordon",
            target=Target(kind=TargetKind.NODE, key=node.key, cluster=node.cluster, name=name, uid=node.uid),
            what=f"cordon {name}",
            saves_usd_per_hour=0.0,
            saves_when="it saves nothing by itself",
            slo_risk=Risk.LOW,
            loses="nothing",
        )


def _shrunk(workload: Workload, left: int, around: Around) -> Remedy:
    """Return the move that leaves so many replicas of a workload; 0 is a pause."""
    kind, before = KINDS[workload.kind], workload.replicas or 1
    keeps_work = kind.keeps_work if isinstance(kind, Pausable) else True
    view = View(around.snapshot, around.fleet, around.now)
    delays = around.delays.get(workload.cluster, {})
    effects = shrinking(workload, left / before, view, delays=delays, keeps_work=keeps_work)
    usd, when, at = effects.saving.usd_per_hour, effects.saving.when, effects.saving.at
    if isinstance(kind, Pausable) and not kind.frees:
        usd, when, at = 0.0, kind.how, None
    action = "scale" if left else "pause"
    return Remedy(
        action=action,
        target=target_of(workload, around),
        parameters={"replicas": str(left)} if left else {},
        what=f"scale {before}→{left}" if left else _pausing(workload),
        saves_usd_per_hour=usd,
        saves_when=when,
        saves_at=at,
        slo_risk=effects.danger.risk,
        slo_words=effects.danger.words,
        slos=effects.danger.slos,
        loses=effects.loses,
        reverts=known_reverters(workload, action, around.wrote, around.now),
    )


def _usual_replicas(workload: Workload, around: Around, finding: Finding | None) -> int | None:
    """Return how many replicas it has when it costs what is normal; None where that is not known."""
    row = around.rows.get(workload.key)
    normal = row.normal_usd_per_hour if row is not None else None
    if finding is not None and finding.scope == Scope(ScopeKind.WORKLOAD, workload.key):
        normal = finding.normal_usd_per_hour if normal is None else normal
    if row is None or normal is None or not row.usd_per_hour or workload.replicas is None:
        return None
    return math.ceil(workload.replicas * min(normal / row.usd_per_hour, 1.0))


def _rolled_out(workload: Workload, finding: Finding, around: Around) -> bool:
    """Tell whether a rollout of this workload is a likely cause."""
    for cause in finding.causes:
        seen = around.fleet.changes.get(cause.change_id) if cause.change_id and cause.fit >= LIKELY else None
        if seen is not None and seen.change.kind is ChangeKind.ROLLOUT and seen.change.subject == workload.key:
            return True
    return False


def _pausing(workload: Workload) -> str:
    return f"pause the {short_kind(workload.kind)}"


def _harm(move: Remedy) -> int:
    """Return how hard a move is, 0 for the mildest.

    What saves nothing comes after what may help, but before what puts an SLO at high risk; of that, whatever leaves
    nothing to serve comes last.
    """
    if move.slo_risk is Risk.HIGH:
        return 4 if move.action == "pause" else 3
    if move.saves_usd_per_hour == 0:
        return 2
    return 0 if move.slo_risk in _MILD and move.reversible else 1


def _harms_for_nothing(move: Remedy) -> bool:
    return move.slo_risk is Risk.HIGH and move.saves_usd_per_hour == 0 and not move.refused
