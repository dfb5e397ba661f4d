"""Get me under so many dollars an hour: the moves that do the least harm and together reach it. Pure.

Only moves that can be taken back, that put no objective at risk and that the policy does not protect from. What they
free is counted together: two jobs that share a node save nothing each, and a node together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from finops_tui.actions.kinds import Pausable, Scalable
from finops_tui.actions.objectives import served_by, serves_nobody
from finops_tui.actions.resolve import KINDS
from finops_tui.engine.policy import Policies, Policy
from finops_tui.engine.remedies import Around, target_of
from finops_tui.engine.selector import subject_of
from finops_tui.model.finding import Severity
from finops_tui.model.inventory import Workload
from finops_tui.model.plan import Target
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import SpendRow

CANDIDATES = 300
"""Workloads that are looked at, the dearest."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Pausing a workload."""

    target: Target
    harm_usd: float
    """Work that is lost, in dollars of GPU time: since the last checkpoint, or all of it where there is none."""
    usd_per_hour: float
    """What it spends; how much of that leaves the bill depends on what else goes."""
    wrong: bool = False
    """Whether it is what a page or a ticket is about: that is stopped before what does its work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    moves: tuple[Move, ...]
    saves_usd_per_hour: float
    """All together."""
    wanted_usd_per_hour: float

    @property
    def reaches(self) -> bool:
        return self.saves_usd_per_hour >= self.wanted_usd_per_hour


def reduction(
    wanted_usd_per_hour: float, around: Around, policies: Policies, *, without: Collection[str] = (), most: int = 10
) -> Reduction:
    """Return at most so many moves that save so much, without the workloads (keys) that are named.

    Greedy: dollars for harm, with what is chosen already. Then whatever turned out not to be needed is left out.
    """
    candidates = sorted(
        (move for move in _candidates(around, policies) if move.target.key not in without),
        key=lambda move: (-move.usd_per_hour, move.target.key),
    )[:CANDIDATES]
    gentle = _chosen(candidates, wanted_usd_per_hour, around, most, _worth)
    if _saved(gentle, around) < wanted_usd_per_hour:  # many small ones do not get there: fewer large ones may
        bold = _chosen(candidates, wanted_usd_per_hour, around, most, _size)
        gentle = max(gentle, bold, key=lambda moves: _saved(moves, around))
    chosen = _needed(gentle, wanted_usd_per_hour, around)
    return Reduction(
        moves=tuple(chosen), saves_usd_per_hour=_saved(chosen, around), wanted_usd_per_hour=wanted_usd_per_hour
    )


def _chosen(
    candidates: Iterable[Move], wanted: float, around: Around, most: int, worth: Callable[[Move, float], Any]
) -> list[Move]:
    """Take the move of the most worth, given those that are taken, until there is enough."""
    left, chosen, saved = list(candidates), list[Move](), 0.0
    while saved < wanted and left and len(chosen) < most:
        gains = {move.target.key: _saved([*chosen, move], around) - saved for move in left}
        best = max(left, key=lambda move: worth(move, gains[move.target.key]))
        chosen.append(best)
        left.remove(best)
        saved = _saved(chosen, around)
    return chosen


def _needed(chosen: list[Move], wanted: float, around: Around) -> list[Move]:
    """Leave out what is not needed, the most harmful first."""
    enough = min(wanted, _saved(chosen, around))
    for move in sorted(chosen, key=lambda each: (each.wrong, -each.harm_usd)):
        without_it = [each for each in chosen if each is not move]
        if _saved(without_it, around) >= enough:
            chosen = without_it
    return chosen


def _size(move: Move, gain: float) -> tuple[float, float]:
    return gain, move.usd_per_hour


def _worth(move: Move, gain: float) -> tuple[bool, float, float]:
    """Put what is wrong first; then $/h for a dollar of harm, or, before anything is gained, what may be."""
    return move.wrong and gain > 0, gain / (1.0 + move.harm_usd), move.usd_per_hour / (1.0 + move.harm_usd)


def _saved(moves: Sequence[Move], around: Around) -> float:
    nodes = around.tenancy.emptied({move.target.key for move in moves})
    priced = [node for node in nodes if around.tenancy.usd_per_hour([node]) is not None]
    return around.tenancy.usd_per_hour(priced) or 0.0


def _candidates(around: Around, policies: Policies) -> Iterator[Move]:
    wrong = {
        finding.scope.name
        for finding in around.snapshot.findings
        if finding.scope.kind is ScopeKind.WORKLOAD and finding.severity is not Severity.INFO and not finding.planned
    }
    for cluster in around.fleet.clusters.values():
        policy = policies.of(cluster.name)
        if policy.read_only:
            continue
        for workload in cluster.workloads.values():
            row = around.rows.get(workload.key)
            if row is not None and _may_go(workload, row, around, policy):
                yield Move(
                    target=target_of(workload, around),
                    harm_usd=_harm(workload, row, around),
                    usd_per_hour=row.usd_per_hour or 0.0,
                    wrong=workload.key in wrong,
                )


def _may_go(workload: Workload, row: SpendRow, around: Around, policy: Policy) -> bool:
    kind = KINDS.get(workload.kind)
    pausable = isinstance(kind, Scalable) or (isinstance(kind, Pausable) and kind.frees)
    if not pausable or workload.suspended or not workload.pods or not row.usd_per_hour or row.stale:
        return False
    serves = bool(served_by(workload, around.snapshot)) or not (serves_nobody(workload) or _idles(row))
    if serves:
        return False
    subject = subject_of(target_of(workload, around), row)
    kept = any(rule.selector.covers(subject) for rule in policy.minimums)
    return not kept and not any(rule.covers(subject) for rule in policy.protected)


def _idles(row: SpendRow) -> bool:
    """Tell whether most of what it spends works on nothing."""
    return bool(row.usd_per_hour) and (row.idle_usd_per_hour or 0.0) > (row.usd_per_hour or 0.0) / 2


def _harm(workload: Workload, row: SpendRow, around: Around) -> float:
    if _idles(row) or workload.finished_at is not None:
        return 0.0
    kind = KINDS[workload.kind]
    keeps_work = kind.keeps_work if isinstance(kind, Pausable) else True
    since = workload.checkpoint_at if keeps_work and workload.checkpoint_at is not None else workload.created_at
    hours = max(timedelta(), around.now - since) / HOUR if since is not None else 24.0
    return hours * (row.usd_per_hour or 0.0)
