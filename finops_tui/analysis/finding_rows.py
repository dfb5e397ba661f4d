"""What became of findings, as lines of the activity list: raised, decided on, over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from finops_tui.model.finding import Finding, FindingState, Severity, Triage, Turn
from finops_tui.model.snapshot import ActivityRow
from finops_tui.phrases import dollars, signed_rate

ALERT = "alert"
SPEND = "spend"
"""Kind of findings that are about more than is normal; what the others are about, they say themselves."""
CALLED = {Severity.PAGE: "a page", Severity.TICKET: "a ticket", Severity.INFO: "info"}
DECISIONS = {
    FindingState.OPEN: "reopened",
    FindingState.ACKNOWLEDGED: "acknowledged",
    FindingState.SNOOZED: "snoozed",
    FindingState.RESOLVED: "resolved",
}


def finding_rows(findings: Iterable[Finding]) -> Iterable[ActivityRow]:
    """Yield what happened to each finding, in no order."""
    for finding in findings:
        name = finding.name.rpartition("/")[2]
        bad = finding.severity is Severity.PAGE
        yield _row(finding, "opened", finding.opened_at, ALERT, _raised(finding, name), bad=bad)
        for turn in finding.turned:
            paging = turn.after is Severity.PAGE
            part = f"turned/{turn.at.isoformat()}"
            yield _row(finding, part, turn.at, ALERT, f"{name} {turned_words(turn)}", bad=paging)
        if finding.resolved_at is not None:
            burned = f", burned {dollars(finding.burned_usd)}" if finding.burned_usd is not None else ""
            yield _row(finding, "resolved", finding.resolved_at, ALERT, f"{name} resolved{burned}")
        if finding.triage is not None:
            made = finding.triage
            yield _row(finding, made.at.isoformat(), made.at, made.by, _decided(made, name))


def turned_words(turn: Turn) -> str:
    """Write `is a ticket now, it was a page: acknowledged by ana`; a name stands before it."""
    why = f": {turn.why}" if turn.why else ""
    return f"is {CALLED[turn.after]} now, it was {CALLED[turn.before]}{why}"


def _row(finding: Finding, part: str, at: datetime, who: str, what: str, *, bad: bool = False) -> ActivityRow:
    return ActivityRow(
        key=f"finding/{finding.key}/{finding.since.isoformat()}/{part}",
        at=at,
        who=who,
        what=what,
        cluster=finding.cluster,
        kind="finding",
        bad=bad,
    )


def _raised(finding: Finding, name: str) -> str:
    excess = finding.excess_usd_per_hour
    if excess is None or finding.kind != SPEND:
        return f"{name}: {finding.why}"
    return f"{name} {signed_rate(excess)} {'above' if excess >= 0 else 'below'} normal"


def _decided(made: Triage, name: str) -> str:
    until = f" until {made.until:%H:%MZ}" if made.until is not None else ""
    reason = f": {made.reason}" if made.reason else ""
    return f"{DECISIONS[made.state]} {name}{until}{reason}"
