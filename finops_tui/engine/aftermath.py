"""What comes of a change after it was sent: whether it took effect and lasts, what it saved, whom it hurt.

Pure: what was seen goes in, what is to be written down comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.actions.base import Result
from finops_tui.engine.journal_entry import Entry
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Outcome, Plan, TargetKind
from finops_tui.model.snapshot import BurnWindow, Snapshot

LATE = timedelta(seconds=60)
"""A request without an answer may be carried out for so long: before that, *not done* is not the last word."""
LOOKED_AFTER = timedelta(minutes=30)
"""How long a change is watched once it has taken effect: who sets it back does so by then."""
MEASURED_AFTER = timedelta(minutes=10)
"""After the moment at which dollars should have left the bill, what is saved by then is what counts."""
NO_MOMENT = timedelta(minutes=20)
"""Where no moment was promised, the same after it took effect."""
GIVEN_UP = timedelta(hours=6)
"""What has not taken effect by then is left as it is known."""
NEARLY = 0.9
"""Share of the promise from which on it counts as kept."""
GUARDED = timedelta(minutes=15)
"""How long the objectives near a change are watched for a burn that began with it."""
BURNS = 6.0
"""Burn rate over five minutes, as the SRE workbook's slower page; and at least twice what it was before."""
FIVE_MINUTES = 300
BY_THIS_PROGRAM = "by finops-tui"
"""So Kubernetes' own record names it: a colleague has taken the change back, which is nothing to look into."""


class Seen(NamedTuple):
    """What is to be written down."""

    outcome: Outcome
    words: str
    saved_usd_per_hour: float | None
    bad: bool
    finished: bool
    """Whether nobody needs to look any more."""


@dataclass(slots=True, kw_only=True)
class Aftermath:
    """One change that is watched."""

    entry: Entry
    pools: frozenset[str]
    """Keys of the pools that it may empty or fill."""
    usd_before: float | None
    """$/h of these pools when it was sent."""
    burn_before: Mapping[str, float]
    """Burn rate over five minutes of the objectives near it, by key, when it was sent."""
    outcome: Outcome
    words: str
    effective_at: datetime | None = None
    saved: float | None = None
    burning: str = ""
    """Which objective burns since, in words."""
    bad: bool = False
    set_back: bool = False
    """Whether somebody set it back after it had taken effect."""
    beside: list[Aftermath] = field(default_factory=list)
    """Other changes of the same pools at the same time: what is saved is shared out by what they promised."""
    answered: bool = False
    """Whether that burn was answered by taking the change back, or by trying to."""

    def look(self, result: Result, snapshot: Snapshot, now: datetime) -> Seen:
        """Take in what verifying said and what the figures say now."""
        outcome, words = self._judged(result, now)
        if outcome is Outcome.FAILED and self.effective_at is not None:
            outcome, self.set_back = Outcome.DONE, True  # it was done; that it did not last is told in words
        elif outcome is Outcome.DONE:
            self.effective_at = self.effective_at or now
            self._measure(snapshot, now)
        if not self.burning and now - self.entry.at <= GUARDED:
            self.burning = self._hurt(snapshot)
        self.outcome, self.words = outcome, words
        by_others = self.set_back and BY_THIS_PROGRAM not in words
        self.bad = bool(self.burning) or outcome is Outcome.FAILED or by_others
        said = " ".join(filter(None, (words, self.burning, self._shared)))
        return Seen(outcome, said, self.saved, self.bad, self._finished(now))

    def _judged(self, result: Result, now: datetime) -> tuple[Outcome, str]:
        unanswered = self.outcome in {Outcome.PLANNED, Outcome.UNKNOWN}
        if result.outcome is Outcome.FAILED and unanswered and now - self.entry.at < LATE:
            return Outcome.UNKNOWN, f"{result.words} It may still come: looked at again."
        if result.outcome is Outcome.UNKNOWN:
            return self.outcome if not unanswered else Outcome.UNKNOWN, result.words
        return result.outcome, result.words

    def _measure(self, snapshot: Snapshot, now: datetime) -> None:
        promised = self.entry.plan.saves_usd_per_hour
        if self.saved is not None or not promised or self.usd_before is None or self.effective_at is None:
            return
        usd = spend_of(self.pools, snapshot)
        if usd is None:
            return
        others = (each.entry.plan.saves_usd_per_hour or 0.0 for each in self.beside)
        together = promised + sum(other for other in others if (other > 0) == (promised > 0))
        saved = (self.usd_before - usd) * promised / together
        due = self.entry.plan.saves_at
        at = due + MEASURED_AFTER if due is not None else self.effective_at + NO_MOMENT
        kept = saved / promised
        if kept >= NEARLY or (now >= max(at, self.effective_at) and kept >= 0):
            self.saved = saved  # where the bill went the other way, something else moved it more: it cannot be told

    @property
    def _shared(self) -> str:
        """Say that what is measured is an estimate of this change's part, where others moved the same pools."""
        if self.saved is None or not self.beside:
            return ""
        return f"What is saved is shared out among {len(self.beside) + 1} changes of its pools, by what each promised."

    def _hurt(self, snapshot: Snapshot) -> str:
        for key, before in self.burn_before.items():
            row = next((row for row in snapshot.slos if row.key == key), None)
            burn = burn_of(row.windows) if row is not None else None
            if row is not None and burn is not None and burn >= max(BURNS, 2 * before):
                return f"{row.name} burns {burn:.1f} times as fast as it may since, {before:.1f} before."
        return ""

    def _finished(self, now: datetime) -> bool:
        if self.outcome is Outcome.FAILED or self.set_back or now - self.entry.at > GIVEN_UP:
            return True
        if self.effective_at is None or now - self.effective_at < LOOKED_AFTER:
            return False
        return self.saved is not None or not self.entry.plan.saves_usd_per_hour or self.usd_before is None


def side_by_side(one: Aftermath, others: Iterable[Aftermath]) -> None:
    """Let changes of the same pools know of each other."""
    for other in others:
        if other.pools & one.pools:
            one.beside.append(other)
            other.beside.append(one)


def watched(entry: Entry, snapshot: Snapshot, fleet: Fleet) -> Aftermath:
    """Begin to watch a change, with the figures of this moment as those before it."""
    pools = pools_of(entry.plan, fleet)
    return Aftermath(
        entry=entry,
        pools=pools,
        usd_before=spend_of(pools, snapshot),
        burn_before=dict(_burns(entry.plan, pools, snapshot)),
        outcome=entry.outcome,
        words=entry.words,
    )


def taken_up(entry: Entry) -> Aftermath:
    """Go on with what an earlier run has left open. What it saved cannot be measured any more."""
    return Aftermath(
        entry=entry, pools=frozenset(), usd_before=None, burn_before={}, outcome=entry.outcome, words=entry.words
    )


def pools_of(plan: Plan, fleet: Fleet) -> frozenset[str]:
    """Return the keys of the pools whose bill a plan may move."""
    target = plan.target
    if target.kind is TargetKind.POOL:
        return frozenset({target.key})
    cluster = fleet.clusters.get(target.cluster)
    if cluster is None:
        return frozenset()
    if target.kind is TargetKind.NODE:
        node = cluster.nodes.get(target.key.removeprefix(f"{target.cluster}/"))
        return frozenset({node.pool_key}) if node is not None else frozenset()
    workloads = [
        workload
        for workload in cluster.workloads.values()
        if workload.key == target.key
        or (target.kind is TargetKind.NAMESPACE and f"{target.cluster}/{workload.namespace}" == target.key)
    ]
    names = {place.node for workload in workloads for place in workload.placements}
    return frozenset(cluster.nodes[name].pool_key for name in names if name in cluster.nodes)


def spend_of(pools: Iterable[str], snapshot: Snapshot) -> float | None:
    """Return the $/h of these pools together; None where one of them is not known, or there is none."""
    rows = {row.key: row.usd_per_hour for row in snapshot.pools}
    # a pool that has no row any more has no nodes: it costs nothing
    figures = [rows.get(pool, 0.0) for pool in pools]
    return None if not figures or None in figures else sum(usd for usd in figures if usd is not None)


def burn_of(windows: Iterable[BurnWindow]) -> float | None:
    """Return the burn rate over five minutes, or over the window that is nearest to that."""
    known = [(window.seconds, window.burn_rate) for window in windows if window.burn_rate is not None]
    return min(known, key=lambda pair: abs(pair[0] - FIVE_MINUTES))[1] if known else None


def _burns(plan: Plan, pools: frozenset[str], snapshot: Snapshot) -> Iterable[tuple[str, float]]:
    for row in snapshot.slos:
        near = row.key in plan.slos or row.workload == plan.target.key or row.pool in pools
        if near and (burn := burn_of(row.windows)) is not None:
            yield row.key, burn
