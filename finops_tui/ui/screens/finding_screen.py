"""A screen that has findings, and what their keys do there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from finops_tui.ui.screens.acting import ActingScreen
from finops_tui.ui.text import clean

if TYPE_CHECKING:
    from textual import events

    from finops_tui.model.finding import Finding

STATES_OF = {
    "acknowledge": ("open",),
    "snooze": ("open", "acknowledged"),
    "resolve": ("open", "acknowledged", "snoozed"),
    "reopen": ("acknowledged", "snoozed"),
}
"""By the action of a key, the states of the findings that it works on (`decisions.MOVES`, told without loading it)."""
URL_LIMIT = 300
RUNBOOK_KEY = "finding.runbook"
ANNOTATION = "finops-tui/runbook"
"""Where a workload names its own."""


class FindingScreen(ActingScreen, inherit_bindings=False):
    """Says what the keys act upon; binds those of `Where.FINDING`."""

    def chosen_findings(self) -> Sequence[Finding]:
        """Return what the keys act upon: those marked, else the one under the cursor, else nothing."""
        return ()

    def decided(self) -> None:
        """Hear that something has been decided about them."""

    def can_decide(self, action: str) -> bool:
        """Tell whether the key of a decision works now."""
        return any(finding.state in STATES_OF[action] for finding in self.chosen_findings())

    def has_runbook(self) -> bool:
        """Tell whether there is one finding to act upon, and it has a runbook."""
        findings = self.chosen_findings()
        return len(findings) == 1 and bool(findings[0].runbook)

    def on_key(self, event: events.Key) -> None:
        """Answer the key of a runbook where there is none."""
        findings = self.chosen_findings()
        if event.key != self._finops.key_of(RUNBOOK_KEY) or not findings or self.has_runbook():
            return
        if len(findings) > 1:
            self.app.notify("A runbook is one finding's. Take the marks off first.", markup=False)
            return
        told = f"{clean(findings[0].name)} has no runbook. Name one for {findings[0].kind} in findings.runbooks"
        self.app.notify(f"{told}, or in the workload's annotation {ANNOTATION}.", markup=False)

    def action_acknowledge(self) -> None:
        self._decide("acknowledge")

    def action_snooze(self) -> None:
        self._decide("snooze")

    def action_resolve(self) -> None:
        self._decide("resolve")

    def action_reopen(self) -> None:
        self._decide("reopen")

    def _decide(self, action: str) -> None:
        """Ask for the reason, and tell the engine what was decided. The targets are those of this moment."""
        from finops_tui.ui import decisions
        from finops_tui.ui.screens.triage import TriageDialog

        move = decisions.MOVES[action]
        targets = decisions.fitting(move, self.chosen_findings())
        if not targets:
            return
        dialog = TriageDialog(self._finops.settings, move, targets)

        def take(decision: decisions.Decision | None) -> None:
            if decision is not None and dialog.targets:
                self._finops.decide(move, dialog.targets, decision)
                self.decided()

        self.app.push_screen(dialog, take)

    def action_runbook(self) -> None:
        if self.has_runbook():
            runbook = self.chosen_findings()[0].runbook
            self._finops.hand_over(clean(runbook, URL_LIMIT), "Copied the runbook's address")
