"""A finding told in sentences: how urgent, who, since when, what it costs, what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from finops_tui.model.finding import FindingState, Severity
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import ESTIMATED, INFO, OK, PAGE, STALE, TICKET
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.finding_facts import CONTACT, HOURS_A_DAY

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Evidence, Finding
    from finops_tui.model.snapshot import SloRow

Phrase = tuple[Span, ...]
"""Words that stay together on a line."""

MARKS: dict[Severity, Span] = {
    Severity.PAGE: (PAGE, "page"),
    Severity.TICKET: (TICKET, "ticket"),
    Severity.INFO: (INFO, "info"),
}


def lead(finding: Finding) -> Phrase:
    """Return the mark and the word for how urgent it is, or that it is over."""
    if finding.state is FindingState.RESOLVED:
        return ((OK, "ok"), (" OVER", "ok bold"))
    sign, role = MARKS[finding.severity]
    return ((sign, role), (f" {finding.severity.value.upper()}", f"{role} bold"))


def title(finding: Finding) -> Phrase:
    loud = finding.state is FindingState.OPEN
    name = (finding.name or "–", "text bold" if loud else "text")
    return (name, (f" {finding.cluster}", "text")) if finding.cluster else (name,)


def who(finding: Finding, now: datetime) -> Iterator[Phrase]:
    """Tell whom it belongs to, since when it is open and who looks after it."""
    if finding.owner:
        yield ("owner ", "quiet"), (finding.owner, "text")
    else:
        yield (("no owner is known", "quiet"),)
    contact = next((one.words for one in finding.evidence if one.label.casefold() == CONTACT), "")
    if contact:
        yield ((contact, "quiet"),)
    since = fmt.short_time(finding.since, now)
    if finding.state is FindingState.RESOLVED:
        yield ("began ", "quiet"), (since, "text")
        return
    lasts = fmt.duration((now - finding.since).total_seconds())
    yield (f"open {lasts} since ", "quiet"), (since, "text")
    yield decided(finding, now)


def decided(finding: Finding, now: datetime) -> Phrase:
    """Tell what somebody decided about it."""
    triage = finding.triage
    if triage is None or finding.state not in (FindingState.ACKNOWLEDGED, FindingState.SNOOZED):
        return (("not acknowledged", "quiet"),)
    reason = f" ({triage.reason})" if triage.reason else ""
    if finding.state is FindingState.SNOOZED:
        until = fmt.short_time(triage.until, now)
        return ("snoozed until ", "quiet"), (until, "text"), (f" by {triage.by}{reason}", "quiet")
    return ("acknowledged by ", "quiet"), (triage.by, "text"), (f" {fmt.short_time(triage.at, now)}{reason}", "quiet")


def money(finding: Finding, now: datetime) -> Iterator[Phrase]:
    """Tell what it costs. Nothing where it is not about dollars."""
    if finding.usd_per_hour is None and finding.burned_usd is None:
        return
    over = finding.state is FindingState.RESOLVED
    if finding.usd_per_hour is not None:
        rate = f"{ESTIMATED}{fmt.rate(finding.usd_per_hour)}"
        if finding.stale:
            age = fmt.duration((now - finding.seen_at).total_seconds())
            yield ((f"{STALE} {rate}  {age} old", "stale"),)
        else:
            yield (("cost ", "quiet"), (rate, "text")) if over else ((rate, "text bold"),)
        normal = finding.normal_usd_per_hour
        known = ("normal ", "quiet"), (fmt.rate_bare(normal), "text")
        yield known if normal is not None else (("normal is not known yet", "quiet"),)
    excess = finding.excess_usd_per_hour
    if excess is not None and not over:
        paging = finding.severity is Severity.PAGE
        yield ((fmt.signed_rate(excess), "page bold" if paging else "text bold"),)
    if finding.burned_usd is not None:
        yield ("burned ", "quiet"), (fmt.dollars(finding.burned_usd), "text bold")
    if excess is not None and excess > 0 and not over:
        yield ("if nothing changes ", "quiet"), (f"{fmt.rate_bare(excess * HOURS_A_DAY)} a day", "text")


def burning(row: SloRow) -> Iterator[Phrase]:
    """Tell how an objective fares, for a finding that is about it and not about dollars."""
    yield ("target ", "quiet"), (fmt.objective(row.objective), "text")
    if row.budget_left is not None:
        yield (fmt.percent(row.budget_left), "text bold"), (" of the error budget left", "quiet")
    if row.exhausted_in_seconds is not None:
        yield ("out in ", "quiet"), (fmt.duration(row.exhausted_in_seconds), "text bold")


def ending(finding: Finding, now: datetime) -> str:
    """Say when a finding was over, how long it lasted and what it burned; empty while it is open."""
    if finding.state is not FindingState.RESOLVED or finding.resolved_at is None:
        return ""
    lasted = fmt.duration((finding.resolved_at - finding.since).total_seconds())
    burned = f" and burned {fmt.dollars(finding.burned_usd)}" if finding.burned_usd is not None else ""
    return f"{OK} Over since {fmt.short_time(finding.resolved_at, now)}. It lasted {lasted}{burned}."


def seen(finding: Finding) -> tuple[Evidence, ...]:
    """Return the evidence but for what stands elsewhere."""
    return tuple(one for one in finding.evidence if one.label.casefold() != CONTACT)
