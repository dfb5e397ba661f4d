"""What became of findings, as lines of the activity list: raised, decided on, over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from finops_tui.model.finding import Finding, FindingState, Severity, Triage
from finops_tui.model.snapshot import ActivityRow

ALERT = "alert"
SPEND = "spend"
"""Kind of findings that are about more than is normal; what the others are about, they say themselves."""
THOUSAND = 1_000
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
        if finding.resolved_at is not None:
            burned = f", burned {_dollars(finding.burned_usd)}" if finding.burned_usd is not None else ""
            yield _row(finding, "resolved", finding.resolved_at, ALERT, f"{name} resolved{burned}")
        if finding.triage is not None:
            made = finding.triage
            yield _row(finding, made.at.isoformat(), made.at, made.by, _decided(made, name))


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
    size = f"${abs(excess):,.0f}" if abs(excess) >= THOUSAND else f"${abs(excess):.1f}"
    return f"{name} +{size}/h above normal" if excess >= 0 else f"{name} −{size}/h below normal"


def _decided(made: Triage, name: str) -> str:
    until = f" until {made.until:%H:%MZ}" if made.until is not None else ""
    reason = f": {made.reason}" if made.reason else ""
    return f"{DECISIONS[made.state]} {name}{until}{reason}"


def _dollars(usd: float) -> str:
    return f"${usd:,.0f}" if usd >= THOUSAND else f"${usd:.1f}"
