"""Get me under so many dollars an hour: the moves that do the least harm and together reach it. Pure.

Only moves that can be taken back, that put no objective at risk and that the policy does not protect from. What they
free is counted together: two jobs that share a node save nothing each, and a node together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
SERVES, PROTECTED, KEPT, READ_ONLY, NO_PAUSE, TOO_OLD, NOT_TAKEN, NO_NODE, NO_ROOM = range(9)
"""Why something that spends is not paused, in the order in which it is told."""
WHY = {
    SERVES: ("serves", "serve"),
    PROTECTED: ("is protected by the policy", "are protected by the policy"),
    KEPT: ("is kept at a size by policy.minimums", "are kept at a size by policy.minimums"),
    READ_ONLY: ("is in a cluster that is read-only", "are in clusters that are read-only"),
    NO_PAUSE: ("is of a kind that cannot be paused", "are of kinds that cannot be paused"),
    TOO_OLD: ("has figures that are too old", "have figures that are too old"),
    NOT_TAKEN: ("could not be paused without more risk", "could not be paused without more risk"),
    NO_NODE: ("would leave no node empty", "would leave no node empty"),
    NO_ROOM: ("is more than the policy allows now", "are more than the policy allows now"),
}
"""How that is said of one, and of several."""


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
    left: Mapping[int, int] = field(default_factory=dict)
    """How many workloads that spend are not paused, by why."""

    @property
    def why_no_further(self) -> str:
        """Say why nothing else may be paused: `12 serve, 1 is protected by the policy`."""
        told = [f"{count} {WHY[why][count > 1]}" for why, count in sorted(self.left.items()) if count]
        return ", ".join(told) or "nothing else spends"


def reduction(
    wanted_usd_per_hour: float, around: Around, policies: Policies, *, without: Collection[str] = (), most: int = 10
) -> Reduction:
    """Return at most so many moves that save so much, without the workloads (keys) that are named.

    Greedy: dollars for harm, with what is chosen already. Then whatever turned out not to be needed is left out.
    """
    left = Counter[int]()
    found = sorted(_candidates(around, policies, left), key=lambda move: (-move.usd_per_hour, move.target.key))
    candidates = [move for move in found if move.target.key not in without][:CANDIDATES]
    gentle = _chosen(candidates, wanted_usd_per_hour, around, most, _worth)
    if _saved(gentle, around) < wanted_usd_per_hour:  # many small ones do not get there: fewer large ones may
        bold = _chosen(candidates, wanted_usd_per_hour, around, most, _size)
        gentle = max(gentle, bold, key=lambda moves: _saved(moves, around))
    chosen = _needed(gentle, wanted_usd_per_hour, around)
    left[NOT_TAKEN] = sum(move.target.key in without for move in found)
    left[NO_NODE if len(gentle) < most else NO_ROOM] += len(candidates) - len(chosen)
    return Reduction(
        moves=tuple(chosen),
        saves_usd_per_hour=_saved(chosen, around),
        left=left,
    )


def freed(keys: Collection[str], around: Around) -> float:
    """Return the $/h that leave the bill once these workloads stand still, all together."""
    nodes = around.tenancy.emptied(keys)
    priced = [node for node in nodes if around.tenancy.usd_per_hour([node]) is not None]
    return around.tenancy.usd_per_hour(priced) or 0.0


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
    return freed({move.target.key for move in moves}, around)


def _candidates(around: Around, policies: Policies, left: Counter[int]) -> Iterator[Move]:
    """Yield what may be paused, and count in `left` why the rest of what spends may not."""
    wrong = {
        finding.scope.name
        for finding in around.snapshot.findings
        if finding.scope.kind is ScopeKind.WORKLOAD and finding.severity is not Severity.INFO and not finding.planned
    }
    for cluster in around.fleet.clusters.values():
        policy = policies.of(cluster.name)
        for workload in cluster.workloads.values():
            row = around.rows.get(workload.key)
            if row is None or workload.suspended or not workload.pods or not row.usd_per_hour:
                continue
            why_not = _why_not(workload, row, around, policy)
            if why_not is not None:
                left[why_not] += 1
            else:
                yield Move(
                    target=target_of(workload, around),
                    harm_usd=_harm(workload, row, around),
                    usd_per_hour=row.usd_per_hour,
                    wrong=workload.key in wrong,
                )


def _why_not(workload: Workload, row: SpendRow, around: Around, policy: Policy) -> int | None:
    """Return why something that spends may not be paused; None where it may."""
    if policy.read_only:
        return READ_ONLY
    if served_by(workload, around.snapshot) or not (serves_nobody(workload) or _idles(row)):
        return SERVES
    kind = KINDS.get(workload.kind)
    if not (isinstance(kind, Scalable) or (isinstance(kind, Pausable) and kind.frees)):
        return NO_PAUSE
    if row.stale:
        return TOO_OLD
    subject = subject_of(target_of(workload, around), row)
    if any(rule.covers(subject) for rule in policy.protected):
        return PROTECTED
    return KEPT if any(rule.selector.covers(subject) for rule in policy.minimums) else None


def _idles(row: SpendRow) -> bool:
    """Tell whether most of what it spends works on nothing."""
    return bool(row.usd_per_hour) and (row.idle_usd_per_hour or 0.0) > (row.usd_per_hour or 0.0) / 2


def _harm(workload: Workload, row: SpendRow, around: Around) -> float:
    if _idles(row) or workload.finished_at is not None:
        return 0.0
    kind = KINDS[workload.kind]
    keeps_work = kind.keeps_work if isinstance(kind, Pausable) else True
    since = workload.unsaved_since(keeps_work=keeps_work)
    hours = max(timedelta(), around.now - since) / HOUR if since is not None else 24.0
    return hours * (row.usd_per_hour or 0.0)
