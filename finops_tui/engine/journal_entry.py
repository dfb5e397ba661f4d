"""What the journal holds of one action: what was meant, by whom, why, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from finops_tui.model.plan import Judgement, Outcome, Plan

UNDOES = "undoes"
"""Parameter of a plan that takes another back: that one's id."""
FINAL = frozenset({Outcome.DONE, Outcome.FAILED, Outcome.UNDONE})
EFFECTIVE = frozenset({Outcome.APPLIED, Outcome.DONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who did it, as far as the machine and the cluster tell."""

    user: str
    """Of the operating system; `root (sudo by ana)`."""
    host: str = ""
    process: int = 0
    """Id of the process, so that whoever reads an intent knows whether its writer still runs."""
    cluster_user: str = ""
    """As the cluster knows them; empty where it was not asked."""

    def __str__(self) -> str:
        place = f"{self.user}@{self.host}" if self.host else self.user
        return f"{self.cluster_user} ({place})" if self.cluster_user not in {"", place} else place


class Intent(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="intent"):
    """A line of the journal: this is about to be sent."""

    id: str
    at: datetime
    who: Who
    reason: str
    approver: str
    judgement: Judgement
    plan: Plan
    bulk: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="outcome"):
    """A line of the journal: this became of it."""

    id: str
    at: datetime
    outcome: Outcome
    words: str
    saved_usd_per_hour: float | None


Record = Intent | Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One action with its latest outcome."""

    plan: Plan
    at: datetime
    """When it was written down, before anything was sent."""
    who: Who
    reason: str
    approver: str
    judgement: Judgement
    outcome: Outcome = Outcome.PLANNED
    outcome_at: datetime | None = None
    words: str = ""
    saved_usd_per_hour: float | None = None
    """Measured; `plan.saves_usd_per_hour` is what was promised."""
    bulk: str = ""
    """What all that one key confirmed has in common: the id of the first; empty for what was confirmed alone."""
    undone_by: str = ""
    """Id of the entry that took it back."""

    @property
    def id(self) -> str:
        return self.plan.id

    @property
    def undoes(self) -> str:
        """Id of the entry that this one takes back; empty where it takes none."""
        return self.plan.parameters.get(UNDOES, "")

    @property
    def in_flight(self) -> bool:
        """Tell whether it is still open what became of it."""
        return self.outcome not in FINAL

    @property
    def unanswered(self) -> bool:
        """Tell whether nobody knows if the system took it."""
        return self.outcome in {Outcome.PLANNED, Outcome.UNKNOWN}

    @property
    def undoable(self) -> bool:
        return self.plan.reversible and not self.undone_by and self.outcome in {*EFFECTIVE, Outcome.UNKNOWN}

    @property
    def undo_state(self) -> Literal["undone", "can be undone", "cannot be undone", "nothing to undo"]:
        if self.undone_by or self.outcome is Outcome.UNDONE:
            return "undone"
        if self.outcome is Outcome.FAILED:
            return "nothing to undo"
        return "can be undone" if self.plan.reversible else "cannot be undone"


def under_way(plan: Plan, entries: Iterable[Entry]) -> Entry | None:
    """Return what was begun on the plan's target and has no answer yet; the plan may take that very thing back."""
    undoes = plan.parameters.get(UNDOES)
    return next(
        (
            entry
            for entry in entries
            if entry.unanswered
            and entry.id != plan.id
            and entry.plan.target.key == plan.target.key
            and not (entry.id == undoes and entry.outcome is Outcome.UNKNOWN)
        ),
        None,
    )
