"""What the systems themselves say of the best move against a finding: asked while somebody looks at it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from finops_tui.ui.panes.best_move import best_of
from finops_tui.ui.screens.incident_remedies import as_planned, key_of

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.engine.proposal import Proposal
    from finops_tui.model.finding import Finding, Remedy
    from finops_tui.model.plan import Plan

ASKED_AGAIN = timedelta(minutes=5)
"""Asking costs some calls of each system, and nothing of it changes by the second."""


class _Told(NamedTuple):
    at: datetime
    plan: Plan | None
    trouble: str
    """Why no plan can be made; empty where one is, or nobody answered."""


class Foresight:
    """Holds one answer for each move. Only the best move is asked about, and the next where that cannot be made."""

    def __init__(self) -> None:
        self._told: dict[str, _Told] = {}
        self._asked = ""

    def next(self, finding: Finding, now: datetime) -> Remedy | None:
        """Return the move to ask about now; None while an answer is awaited, or is known."""
        best = best_of(self.on(finding, now))
        if best is None or self._asked:
            return None
        told = self._told.get(key_of(best))
        if told is not None and now - told.at < ASKED_AGAIN:
            return None
        self._asked = key_of(best)
        return best

    def answered(self, proposal: Proposal | None, now: datetime) -> None:
        """Take what was said of the move that was asked about; None where nobody answered."""
        plan = next(iter(proposal.plans), None) if proposal is not None else None
        unplanned = next(iter(proposal.unplanned), None) if proposal is not None else None
        self._told[self._asked] = _Told(now, plan, unplanned.trouble.title if unplanned is not None else "")
        self._asked = ""

    def on(self, finding: Finding, now: datetime) -> Finding:
        """Return the finding with its moves as the systems see them, as far as they were asked."""
        if not self._told:
            return finding
        return replace(finding, remedies=tuple(self._seen(one, now) for one in finding.remedies))

    def _seen(self, remedy: Remedy, now: datetime) -> Remedy:
        told = self._told.get(key_of(remedy))
        if told is None or remedy.refused:
            return remedy
        if told.trouble:
            return replace(remedy, refused=told.trouble)
        return as_planned(remedy, told.plan, now - told.at) if told.plan is not None else remedy
