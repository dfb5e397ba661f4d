"""What somebody wants done, and what is put before them to confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from finops_tui.engine.journal_entry import Entry
from finops_tui.errors import FinopsError
from finops_tui.model.plan import Decision, Judgement, Plan, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One action on one or more targets. The targets are fixed when the key is pressed."""

    action: str
    """Id of the action."""
    targets: tuple[Target, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """Take back what a row of the journal did (`entry`), or the last that was done to a target.

    With both, the target's own annotation tells how, where the journal of this machine does not hold the entry.
    """

    entry: str = ""
    target: Target | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoAll:
    """Take back several rows of the journal with one key, as they were confirmed with one."""

    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redo:
    """Do again what the entry that `entry` names took back, and all that was taken back with it."""

    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduce:
    """Get under so many $/h, with the moves that do the least harm."""

    usd_per_hour: float


Wish = Request | Undo | UndoAll | Redo | Reduce


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with the guard's word on it."""

    plan: Plan
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplanned:
    """A target of which no plan could be made, and why."""

    target: Target
    trouble: FinopsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What one key confirms: one plan, or several as one."""

    wish: Wish
    planned: tuple[Planned, ...]
    unplanned: tuple[Unplanned, ...] = ()
    decision: Decision
    """The strictest of all."""
    type_name: str = ""
    """What is to be typed; empty where a key is enough."""
    reason_pattern: str = ""
    """Regular expression that the reason must contain; empty where none is asked for."""
    approver: bool = False
    """Whether a colleague's name is asked for."""
    approver_code: bool = False
    """Whether their code is to stand behind the name: `mei 123456`."""
    together_usd_per_hour: float | None = None
    """$/h that all of it saves together, where that is not the sum: what shares a node frees it together."""
    spent_usd_per_hour: float | None = None
    """$/h that all together cost when it was planned to get under a sum."""
    short: str = ""
    """How far it gets and why no further, in a sentence, where it does not reach what was asked."""
    read_only: bool = False
    """Whether the policy of a target's cluster forbids all changes: arming does not help."""

    @property
    def plans(self) -> tuple[Plan, ...]:
        return tuple(each.plan for each in self.planned)

    @property
    def saves_usd_per_hour(self) -> float | None:
        """$/h that all of it saves; None where one of them is not known."""
        if self.together_usd_per_hour is not None:
            return self.together_usd_per_hour
        known = [plan.saves_usd_per_hour for plan in self.plans]
        return None if not known or None in known else sum(usd for usd in known if usd is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the person said to a proposal."""

    typed: str = ""
    reason: str = ""
    approver: str = ""
    go_on: bool = False
    """Whether the rest of several plans is carried out when one fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What became of a confirmed proposal, at first."""

    entries: tuple[Entry, ...]
    """What was begun, with its outcome so far."""
    refused: tuple[Unplanned, ...] = ()
    """What the guard or the journal refused in the last moment: nothing was sent."""
    left: tuple[Plan, ...] = ()
    """What was not begun because another had failed."""
