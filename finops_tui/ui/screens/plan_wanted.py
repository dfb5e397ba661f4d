"""What the person wants of the plan on display: for how long, of which targets, and what after a failure. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.engine.action_rows import UNTIL, until_of
from finops_tui.engine.journal_entry import UNDOES
from finops_tui.engine.proposal import Proposal, Request, UndoAll, Wish
from finops_tui.ui.screens.plan_standing import not_refused

LENGTHS = (None, timedelta(minutes=30), timedelta(hours=1), timedelta(hours=4))
"""After which time it may be due to be taken back."""


class Wanted(NamedTuple):
    wish: Wish
    length: int = 0
    """Which of `LENGTHS` was chosen."""
    go_on: bool = False
    """Whether to go on after a failure."""

    @property
    def due(self) -> timedelta | None:
        return LENGTHS[self.length]

    @property
    def parts_may_be_left_out(self) -> bool:
        return isinstance(self.wish, Request | UndoAll)

    def at(self, now: datetime) -> Wish:
        """Return the wish with when it is due back: the length that was chosen counts from now."""
        if self.due is None or not isinstance(self.wish, Request):
            return self.wish
        until = (now + self.due).replace(microsecond=0).isoformat()
        return replace(self.wish, parameters={**self.wish.parameters, UNTIL: until})

    def longer(self) -> Wanted:
        """Return it with the next of the lengths; unchanged where none can be chosen."""
        if not isinstance(self.wish, Request):
            return self
        given = {name: value for name, value in self.wish.parameters.items() if name != UNTIL}
        return self._replace(length=(self.length + 1) % len(LENGTHS), wish=replace(self.wish, parameters=given))

    def without_refused(self, proposal: Proposal) -> Wanted:
        """Return it without what the guard refuses."""
        left = not_refused(proposal)
        if isinstance(self.wish, Request):
            return self._replace(wish=replace(self.wish, targets=tuple(plan.target for plan in left)))
        if isinstance(self.wish, UndoAll):
            return self._replace(wish=UndoAll(entries=tuple(plan.parameters[UNDOES] for plan in left)))
        return self

    def until(self, proposal: Proposal | None) -> datetime | None:
        """Return when it is due to be taken back, as it is planned."""
        wish = proposal.wish if proposal is not None else self.wish
        if not isinstance(wish, Request):
            return None
        planned = proposal.plans[0].parameters if proposal is not None and proposal.plans else {}
        return until_of(planned.get(UNTIL, wish.parameters.get(UNTIL, "")))
