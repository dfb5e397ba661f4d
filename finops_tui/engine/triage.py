"""What people decided about findings, as it applies now."""

from __future__ import annotations

from datetime import datetime, timedelta

from finops_tui.model.finding import FindingState, Severity, Triage

BELIEVED = timedelta(minutes=30)
"""How long a trouble that goes on is taken to be over because somebody said so."""
PLANNED = "planned"
SAME_ONSET = timedelta(minutes=15)
"""An onset may be seen a little earlier or later after a restart; it is the same trouble all the same."""


def applies(triage: Triage | None, since: datetime, opened_at: datetime, severity: Severity) -> Triage | None:
    """Return the decision if it is about this trouble: not an earlier one of the same thing, and none less urgent."""
    if triage is None or (triage.at < opened_at and abs(triage.since - since) > SAME_ONSET):
        return None
    if triage.severity is not None and severity.rank < triage.severity.rank:
        return None
    return triage


def state_of(triage: Triage | None, now: datetime) -> FindingState:
    """Return what a decision makes of a finding that goes on at this moment.

    A snooze ends by itself. What somebody called over opens again when it still goes on after a while, unless it was
    called planned.
    """
    if triage is None:
        return FindingState.OPEN
    if triage.state is FindingState.RESOLVED and not triage.reason.lower().startswith(PLANNED):
        return FindingState.RESOLVED if now - triage.at < BELIEVED else FindingState.OPEN
    if triage.state is FindingState.SNOOZED and (triage.until is None or now >= triage.until):
        return FindingState.OPEN
    return triage.state
