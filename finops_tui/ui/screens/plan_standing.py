"""How things stand in the plan's dialog: what is known, what may be done now, what is to be said. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.engine.proposal import Proposal, Redo, UndoAll
from finops_tui.errors import FinopsError
from finops_tui.model.plan import Decision, Plan
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.acts import Act
from finops_tui.ui.palette import Span
from finops_tui.ui.text import clean, cut_middle

NOT_ARMED = "not armed"
"""How the guard's check says it: the one refusal that a key here takes away."""
OWN_FIELDS = "annotation finops-tui/"
"""Changes that only tell of the plan itself: they differ from one plan to the next."""
FIELDS = ("reason", "approver", "typed")
NAME_CELLS = 40
NAME_AND_CODE = re.compile(r"\S+\s+\d{6}")
"""What stands in the field of a colleague who gives the code of their authenticator."""

Fields = tuple[tuple[str, str], ...]
"""Fields to write in and their labels."""


class Standing(NamedTuple):
    proposal: Proposal | None = None
    """The newest; it stays to be read when there is trouble."""
    trouble: FinopsError | None = None
    sending: bool = False
    notice: str = ""
    wrong: str = ""
    """What is wrong with the name that was typed."""

    def followed_by(self, proposal: Proposal | None, trouble: FinopsError | None, kind: str, now: datetime) -> Standing:
        """Return how things stand after a plan was made again."""
        if trouble is not None or proposal is None:
            return self._replace(trouble=trouble)
        notice = self.notice
        if self.proposal is not None and _substance(self.proposal) != _substance(proposal):
            who, what = _what_differs(self.proposal, proposal, kind)
            notice = f"{who} changed at {fmt.clock_time(now)}; this is a new plan: {what}."
        elif self.proposal is not None and _stricter(self.proposal, proposal):
            notice = "More is asked for than before; Guard says why."
        return Standing(proposal=proposal, notice=notice, wrong=self.wrong)

    def calls_back(self, before: Standing) -> bool:
        """Tell whether the person must look again before anything is confirmed."""
        return self.notice != before.notice or (before.may_confirm and not self.may_confirm)

    @property
    def may_confirm(self) -> bool:
        ready = self.proposal is not None and bool(self.proposal.planned)
        return ready and self.trouble is None and not self.sending and not self._refused

    @property
    def may_arm(self) -> bool:
        """Tell whether it is refused because nothing is armed, and arming would help."""
        if self.proposal is None or self.trouble is not None or self.sending or self.proposal.read_only:
            return False
        checks = (check for each in self.proposal.planned for check in each.judgement.checks)
        return any(not check.ok and check.words == NOT_ARMED for check in checks)

    @property
    def several(self) -> bool:
        return self.proposal is not None and len(self.proposal.planned) + len(self.proposal.unplanned) > 1

    @property
    def some_refused(self) -> bool:
        """Tell whether the guard refuses some of several, and not all."""
        if self.proposal is None or self.trouble is not None or self.may_arm or self.sending:
            return False
        return self.proposal.decision is Decision.REFUSE and bool(not_refused(self.proposal))

    @property
    def _refused(self) -> bool:
        return self.proposal is None or self.proposal.decision is Decision.REFUSE

    def status(self, waited: float, below: int, *, silent: float) -> Span:
        """Return the sentence above the buttons.

        `waited` is real seconds since something was asked for, `silent` how long that is not worth a word, `below` how
        many lines of the plan are out of view.
        """
        if self.sending:
            return f"Waiting for the answer ({waited:.0f}s). esc goes back; what was begun goes on.", "text"
        if (why_not := self._why_not) is not None:
            return why_not
        if self.proposal is None:
            return ("Planning…" if waited >= silent else ""), "text"
        if self.wrong or self.notice:
            return self.wrong or self.notice, "ticket bold"
        return (f"{counted(below, 'more line')} below", "quiet") if below else ("", "quiet")

    @property
    def _why_not(self) -> Span | None:
        """Return why nothing may be confirmed; None where it may, or is not known yet."""
        if self.trouble is not None:
            return f"Refused: {self.refused}", "ticket bold"
        if self.may_arm:
            return "Changes are not armed. W arms them for a while, then y does it.", "ticket"
        return (f"Refused: {self.refused}", "ticket bold") if self.refused else None

    @property
    def refused(self) -> str:
        """Why it cannot be done, in full; empty where it may be, is not known yet, or is a matter of arming."""
        if self.trouble is not None:
            return sentences(self.trouble)
        if self.may_arm or self.proposal is None or self.proposal.decision is not Decision.REFUSE:
            return ""
        return refusal(self.proposal)


def _substance(proposal: Proposal) -> object:
    """Return what a person agrees to: which fields of which things get which values, and how much it touches."""
    return [
        (
            plan.target.key,
            plan.target.uid,
            plan.touches,
            *(change for change in plan.changes if OWN_FIELDS not in change.path),
        )
        for plan in proposal.plans
    ]


def _what_differs(before: Proposal, after: Proposal, kind: str) -> tuple[str, str]:
    """Return what is no longer as it was planned, and how it is now; of several the first."""
    was = {plan.target.key: plan for plan in before.plans}
    if was.keys() != {plan.target.key for plan in after.plans}:
        return "What can be planned", f"{len(after.plans)} now, {len(was)} before"
    for plan in after.plans:
        old = was[plan.target.key]
        if old.target.uid != plan.target.uid:
            return f"The {kind}", "another one has its name"
        fields = {(one.object, one.path): one for one in old.changes}
        for one in plan.changes:
            held = fields.get((one.object, one.path))
            if OWN_FIELDS in one.path or held == one:
                continue
            where = f"{clean(one.path)} of {clean(one.object)}"
            if held is None or held.before == one.before:
                return f"The {kind}", f"{where} would become {clean(one.after)}"
            return f"The {kind}", f"{where} is {clean(one.before)} now, {clean(held.before)} before"
        if old.touches != plan.touches:
            return "What it touches", f"{clean(plan.touches)} now, {clean(old.touches)} before"
    return f"The {kind}", "other fields would be set"


def _stricter(before: Proposal, after: Proposal) -> bool:
    return (before.type_name, before.reason_pattern, before.approver) != (
        after.type_name, after.reason_pattern, after.approver,
    )  # fmt: skip


def nothing_to_do(proposal: Proposal) -> FinopsError | None:
    """Return why there is no plan at all; None where there is one."""
    return proposal.unplanned[0].trouble if not proposal.planned and proposal.unplanned else None


def not_refused(proposal: Proposal) -> tuple[Plan, ...]:
    return tuple(each.plan for each in proposal.planned if each.judgement.decision is not Decision.REFUSE)


def refusal(proposal: Proposal) -> str:
    """Say why the guard refuses; of several how many, and why the first."""
    refused = [each for each in proposal.planned if each.judgement.decision is Decision.REFUSE]
    reason = refused[0].judgement.reason
    return reason if len(proposal.planned) == 1 else f"{len(refused)} of {len(proposal.planned)}. {reason}"


def sentences(trouble: FinopsError) -> str:
    """Write title, detail and hint one after the other, each as a sentence."""
    told = (clean(part).strip() for part in (trouble.title, trouble.detail, trouble.hint))
    return " ".join(f"{part[0].upper()}{part[1:].rstrip('.')}." for part in told if part)


def fields(standing: Standing, *, writes_reason: bool) -> Fields:
    """Return what is to be written before it may be confirmed, and a reason where a person wants to give one."""
    proposal = standing.proposal
    if proposal is None or not standing.may_confirm:
        return ()
    found = []
    if proposal.reason_pattern or proposal.type_name or writes_reason:
        pattern = f", with {clean(proposal.reason_pattern)} in it" if proposal.reason_pattern else ""
        found.append(("reason", f"Reason{pattern}:"))
    if proposal.approver:
        code = " and code" if proposal.approver_code else ""
        found.append(("approver", f"Agreed by (a colleague's name{code}):"))
    if proposal.type_name:
        verb = proposal.plans[0].title.partition(" ")[0].casefold()
        it = "it" if len(proposal.plans) == 1 else "them"
        found.append(("typed", f"Type {cut_middle(clean(proposal.type_name), NAME_CELLS)} to {verb} {it}:"))
    return tuple(found)


def lacking(proposal: Proposal | None, written: Mapping[str, str]) -> list[str]:
    """Return which fields are not as they must be."""
    if proposal is None:
        return []
    found = []
    if proposal.reason_pattern and not re.search(proposal.reason_pattern, written["reason"]):
        found.append("reason")
    agreed = written["approver"].strip()
    if proposal.approver and not (NAME_AND_CODE.fullmatch(agreed) if proposal.approver_code else agreed):
        found.append("approver")
    if proposal.type_name and written["typed"].strip() != proposal.type_name:
        found.append("typed")
    return found


def button(proposal: Proposal, act: Act | None) -> str:
    """Return verb and name; of several how many of them."""
    if len(proposal.planned) + len(proposal.unplanned) == 1:
        return proposal.plans[0].title
    own = {UndoAll: "Undo", Redo: "Redo"}.get(type(proposal.wish), "Do all")
    verb = act.verb.capitalize() if act is not None else own
    every = len(proposal.planned) + len(proposal.unplanned)
    some = "" if not proposal.unplanned else f"{len(proposal.planned)} of "
    return f"{verb} {some}{every}"


def age(proposal: Proposal | None, now: datetime, *, brief: bool) -> tuple[Span, ...]:
    """Say how old the plan is: `plan 4s old`, where there is little room `4s`."""
    if proposal is None or not proposal.plans:
        return ()
    oldest = min(plan.made_at for plan in proposal.plans)
    length = fmt.duration((now - oldest).total_seconds())
    return ((length if brief else f"plan {length} old", "text"),)


def short(length: timedelta) -> str:
    """Write `30m`, `4h`."""
    return fmt.duration(length.total_seconds()).removesuffix("00m")
