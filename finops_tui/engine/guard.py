"""The one way to a change: a plan, what is known, and the policy give a decision, with every reason in words.

Pure: the same plan, snapshot, policy and moment give the same judgement. `permit` asks again when the key is pressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui.engine.arming import Arming
from finops_tui.engine.guard_case import Case
from finops_tui.engine.guard_checks import CHECKS, raised, rank
from finops_tui.engine.journal_entry import Entry
from finops_tui.engine.policy import Policy
from finops_tui.model.plan import Check, Decision, Judgement, Plan
from finops_tui.model.snapshot import Snapshot


def judge(
    plan: Plan,
    snapshot: Snapshot,
    policy: Policy,
    armed: Arming,
    now: datetime,
    *,
    recent: Sequence[Entry] = (),
    beside: Sequence[Plan] = (),
    place: int | None = None,
) -> Judgement:
    """Return the strictest of what all checks say: it is never less than a confirmation.

    `policy` is that of the plan's cluster. `recent` is what the journal holds of the last hours and all that is in
    flight. `beside` are the other plans that the same key confirms; they count in what is touched and how many.
    `place` is which of them all this one is, from 0; the last where nobody says.
    """
    case = Case(
        plan=plan, snapshot=snapshot, policy=policy, armed=armed, now=now, recent=recent, beside=beside,
        place=len(beside) if place is None else place,
    )  # fmt: skip
    rulings = [ruling for check in CHECKS if (ruling := check(case)) is not None]
    decision = max((ruling.decision for ruling in rulings), key=rank)
    reasons = [ruling.reason for ruling in rulings if ruling.reason and ruling.decision is decision]
    raising = [ruling.reason for ruling in rulings if ruling.raises]
    if raising and decision is not Decision.REFUSE:
        decision, reasons = raised(decision), [*raising, *reasons]
    return Judgement(
        decision=decision,
        checks=tuple(Check(ok=not ruling.reason, words=ruling.words) for ruling in rulings),
        reason=" ".join(dict.fromkeys(reasons)),
        type_name=_type_name(plan, beside) if decision is Decision.TYPE_NAME else "",
    )


def _type_name(plan: Plan, beside: Sequence[Plan]) -> str:
    """Return what is to be typed: the last part of the name, `retrain-v7`, or of a bulk `pause 5`."""
    return f"{plan.action} {len(beside) + 1}" if beside else plan.target.name.rpartition("/")[2]
