"""What was done with this program, as it stands on the screen."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from finops_tui.model.plan import FieldChange, Outcome, TargetKind


class ActionRow(Struct, frozen=True, kw_only=True, gc=False):
    """One change that somebody confirmed, and what became of it."""

    key: str
    """Id of its plan."""
    at: datetime
    """When it was written down, before anything was sent."""
    action: str
    """Id of the action: `pause`."""
    title: str
    """`Pause retrain-v7`."""
    target: str
    """Key of the row that was changed."""
    target_kind: TargetKind
    name: str
    """`nlp-train/job/retrain-v7`."""
    cluster: str
    who: str
    reason: str = ""
    outcome: Outcome
    outcome_at: datetime | None = None
    words: str = ""
    """What was seen last: `prod-us took it.`, `9 of 9 pods are gone.`"""
    bad: bool = False
    """Whether somebody should look: failed, set back by others, or an SLO burns since."""
    touches: str = ""
    pools: tuple[str, ...] = ()
    """Keys of the pools whose bill it moves."""
    changes: tuple[FieldChange, ...] = ()
    dry_run: str = ""
    promised_usd_per_hour: float | None = None
    """As planned: positive leaves the bill; None where it was not known."""
    saved_usd_per_hour: float | None = None
    """Measured on the pools it ran on."""
    saves_at: datetime | None = None
    until: datetime | None = None
    """When it should be taken back; nobody does so by themselves."""
    undo: str = ""
    """How it is taken back, in words; empty when it cannot be."""
    undoable: bool = False
    undone_by: str = ""
    """Key of the row that took it back."""
    undoes: str = ""
    """Key of the row that this one takes back."""
    bulk: str = ""
    """Key of the first of all that were confirmed with one key; empty for what was confirmed alone."""
    here: bool = True
    """Whether the journal of this machine holds it; else only the object tells of it."""

    @property
    def in_flight(self) -> bool:
        """Tell whether it is still open what became of it."""
        return self.outcome in {Outcome.PLANNED, Outcome.APPLIED, Outcome.UNKNOWN}
