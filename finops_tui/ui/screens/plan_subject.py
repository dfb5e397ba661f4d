"""What the plan's dialog is about, fixed when the key was pressed; and what else that key may mean."""

from __future__ import annotations

from typing import NamedTuple

from finops_tui.engine.proposal import Proposal, Wish
from finops_tui.model.plan import Target
from finops_tui.ui.acts import Act


class Instead(NamedTuple):
    """What else the same key may mean; a key in the dialog goes over to it and back."""

    words: str
    """What the key does, in the footer: `only retrain-v7`."""
    back: str
    """What it does there."""
    title: str
    wish: Wish
    targets: tuple[Target, ...]


class Subject(NamedTuple):
    """What the dialog is about, fixed when the key was pressed."""

    title: str
    """`Pause job`."""
    wish: Wish
    targets: tuple[Target, ...]
    """None where the plan itself is to find them."""
    act: Act | None = None
    """None where something is taken back."""
    opened_by: tuple[str, ...] = ()
    """Keys that do nothing in the dialog: they opened it."""
    chosen: str = ""
    """Why it is this target, where the row itself is not what would be changed."""
    instead: Instead | None = None

    def targets_in(self, proposal: Proposal | None) -> tuple[Target, ...]:
        """Return what it is about; a plan knows whom it belongs to."""
        if proposal is None or not proposal.plans:
            return self.targets
        if len(self.targets) > 1:
            known = {plan.target.key: plan.target for plan in proposal.plans}
            return tuple(known.get(target.key, target) for target in self.targets)
        return tuple(plan.target for plan in proposal.plans)

    def other(self) -> Subject:
        """Return what it is about once the key for that was pressed."""
        if self.instead is None:
            return self
        there = self.instead
        here = Instead(there.back, there.words, self.title, self.wish, self.targets)
        return self._replace(title=there.title, wish=there.wish, targets=there.targets, instead=here)
