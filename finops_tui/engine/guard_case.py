"""A plan with everything that the guard judges it by, and what can be read off them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import nan

from finops_tui.actions.cloud.outside import outside_row
from finops_tui.engine.arming import Arming
from finops_tui.engine.journal_entry import UNDOES, Entry
from finops_tui.engine.policy import Policy
from finops_tui.engine.selector import Subject, subject_of
from finops_tui.model.outside import OutsideRow
from finops_tui.model.plan import Decision, Plan, Target, TargetKind
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot, SpendRow

SCOPES = {
    TargetKind.WORKLOAD: ScopeKind.WORKLOAD,
    TargetKind.POOL: ScopeKind.POOL,
    TargetKind.NAMESPACE: ScopeKind.NAMESPACE,
}
_SIZE = re.compile(r"(replicas|size|capacity|count|parallelism|nodes)$", re.IGNORECASE)
_SUSPENSION = re.compile(r"\bsuspend$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What one check makes of a plan."""

    decision: Decision
    words: str
    """`data 4s old`."""
    reason: str = ""
    """A sentence, where it asks for more than a key."""
    raises: bool = False
    """Whether what all the others decide goes up by one step."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A plan with everything that it is judged by."""

    plan: Plan
    snapshot: Snapshot
    policy: Policy
    armed: Arming
    now: datetime
    recent: Sequence[Entry]
    beside: Sequence[Plan]
    place: int
    """Which of all that one key confirms it is, from 0: where only some may go, those that come first may."""

    @property
    def plans(self) -> tuple[Plan, ...]:
        return (self.plan, *self.beside)

    @property
    def takes_back(self) -> bool:
        return UNDOES in self.plan.parameters

    @cached_property
    def row(self) -> SpendRow | None:
        return row_of(self.plan.target, self.snapshot)

    @cached_property
    def subject(self) -> Subject:
        return subject_of(self.plan.target, self.row)


def row_of(target: Target, snapshot: Snapshot) -> SpendRow | None:
    scope = SCOPES.get(target.kind)
    rows = snapshot.spend.get(scope, ()) if scope is not None else ()
    return next((row for row in rows if row.key == target.key), None)


def figures_of(target: Target, snapshot: Snapshot) -> SpendRow | OutsideRow | None:
    """Return the row with what a target costs and when that was told: in a cluster, or outside of all."""
    return row_of(target, snapshot) or outside_row(target, snapshot)


def sizes(plan: Plan) -> Iterator[tuple[str, float, float]]:
    """Yield what would have which size before and after: NaN is not known, and a suspended thing has none."""
    for change in plan.changes:
        if _SUSPENSION.search(change.path):
            if change.after.strip('"').lower() == "true":
                yield change.object, nan, 0.0
        elif _SIZE.search(change.path):
            yield f"{change.path} of {change.object}", _number(change.before), _number(change.after)


def _number(text: str) -> float:
    try:
        return float(json.loads(text))
    except (ValueError, TypeError):
        return nan
