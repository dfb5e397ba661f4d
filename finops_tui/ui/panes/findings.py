"""Pane 1: what is wrong, the most urgent first; on a calm day what is spent most on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from finops_tui.model.scope import ScopeKind
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import INFO, MISSING, PAGE, SEPARATOR, TICKET
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, figure, named
from finops_tui.ui.panes.finding_facts import cause_words, facts, is_loud, is_open, origins
from finops_tui.ui.panes.largest import LARGEST
from finops_tui.ui.text import cut_before_time, cut_path
from finops_tui.ui.widgets.columns import Cell, Column
from finops_tui.ui.widgets.gauge import trend

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Finding
    from finops_tui.model.snapshot import Snapshot

SIGNS: Mapping[str, Span] = {"page": (PAGE, "page"), "ticket": (TICKET, "ticket"), "info": (INFO, "info")}
"""By severity, its sign and its role."""
TREND_CELLS = 8
DAYS_SEEN = re.compile(r"\d+ of \d+ days")
"""How far learning is, in the sentence that says so."""


def sign(row: Finding) -> Span:
    return SIGNS[row.severity]


def _severity(row: Finding) -> Cell:
    mark, role = sign(row)
    return ((f"{mark} {row.severity.value.upper()}", role),)


def _name(row: Finding) -> Cell:
    return ((row.name or MISSING, "text bold" if is_loud(row) else "text"),)


def _excess_role(row: Finding) -> str:
    if (row.excess_usd_per_hour or 0.0) <= 0:
        return "quiet"
    return "page bold" if is_loud(row) else sign(row)[1]


def _urgency(row: Finding) -> tuple[int, float]:
    """Order by severity, within one severity by what it costs."""
    excess = row.excess_usd_per_hour
    return -row.severity.rank, excess if excess is not None else float("-inf")


def _trend(row: Finding) -> Cell:
    above = "page" if row.severity == "page" else "bar"
    return trend(TREND_CELLS, row.trend, row.normal_usd_per_hour, above)


def _columns(now: Moment) -> tuple[Column[Finding], ...]:
    def lasts(row: Finding) -> Cell:
        return fmt.duration((now() - row.since).total_seconds())

    return (
        Column(
            id="sev", title="SEV", cell=_severity, width=8, priority=3, sort=lambda row: (row.severity.rank, row.since)
        ),
        Column(
            id="since",
            title="SINCE",
            cell=lasts,
            width=fmt.DURATION_CELLS,
            align="right",
            role="quiet",
            priority=4,
            gap=0,
            sort=lambda row: row.since,
            descending_first=True,
        ),
        Column(
            id="what",
            title="WHAT",
            cell=_name,
            width=24,
            grow=1,
            max_width=60,
            gap=2,
            cut=cut_path,
            sort=lambda row: row.name.casefold() or None,
        ),
        named("owner", "OWNER", lambda row: row.owner, 8, priority=9, grow=0),
        named("cluster", "CLUSTER", lambda row: row.cluster, 10, priority=10, grow=0),
        figure("usd", "≈$/h", lambda row: row.usd_per_hour, fmt.rate_cell, fmt.RATE_CELLS, priority=5, gap=0),
        figure(
            "normal",
            "NORMAL",
            lambda row: row.normal_usd_per_hour,
            fmt.rate_cell,
            fmt.RATE_CELLS,
            priority=8,
            role="quiet",
        ),
        Column(
            id="delta",
            title="Δ$/h",
            cell=lambda row: ((fmt.delta_cell(row.excess_usd_per_hour), _excess_role(row)),),
            width=fmt.DELTA_CELLS,
            align="right",
            priority=2,
            gap=0,
            figure=True,
            sort=_urgency,
            descending_first=True,
        ),
        figure("burned", "BURNED", lambda row: row.burned_usd, fmt.rate_cell, fmt.DOLLARS_CELLS, priority=6),
        Column(
            id="cause", title="LIKELY CAUSE", cell=lambda row: (_cause(row, now()),), width=18, grow=5, max_width=44,
            gap=2, priority=7, cut=cut_before_time,
        ),
        Column(id="trend", title="3 h", cell=_trend, width=TREND_CELLS, priority=6),
    )  # fmt: skip


def _cause(row: Finding, now: datetime) -> Span:
    """Say what is behind it. The roles of waste and of lost spot capacity go with their words."""
    if row.planned:
        return f"planned: {row.planned}", "quiet"
    if not row.causes:
        return MISSING, "quiet"
    text = cause_words(row.causes[0], now)
    words = text.casefold().split()
    return text, next((role for role in ("idle", "spot") if role in words), "text")


FIELDS: tuple[Field[Finding], ...] = (
    Field(("sev", "severity"), Kind.TEXT, lambda row: row.severity.value),
    Field(("kind",), Kind.TEXT, lambda row: row.kind),
    Field(("state",), Kind.TEXT, lambda row: row.state.value),
    Field(("what", "name"), Kind.TEXT, lambda row: row.name),
    Field(("owner", "team"), Kind.TEXT, lambda row: row.owner),
    Field(("ns", "namespace"), Kind.TEXT, lambda row: row.namespace),
    Field(("cluster",), Kind.TEXT, lambda row: row.cluster),
    Field(("model",), Kind.TEXT, lambda row: row.model),
    Field(("env", "environment"), Kind.TEXT, lambda row: row.environment),
    Field(("cause",), Kind.TEXT, lambda row: " ".join(cause.what for cause in row.causes)),
    Field(("why",), Kind.TEXT, lambda row: row.why),
    Field(("planned",), Kind.TEXT, lambda row: row.planned),
    Field(("usd",), Kind.NUMBER, lambda row: row.usd_per_hour),
    Field(("normal",), Kind.NUMBER, lambda row: row.normal_usd_per_hour),
    Field(("delta",), Kind.NUMBER, lambda row: row.excess_usd_per_hour),
    Field(("burned",), Kind.NUMBER, lambda row: row.burned_usd),
    Field(("since",), Kind.DURATION, lambda row: (row.seen_at - row.since).total_seconds()),
)


def _rows(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Finding]:
    """Return what is wrong and what is over, each thing once: what came back is not over."""
    if not snapshot.resolved:
        return snapshot.findings
    newest = {row.key: row for row in reversed(snapshot.resolved)}
    newest |= {row.key: row for row in snapshot.findings}
    return tuple(newest.values())


def _worst_of(rows: Sequence[Finding]) -> tuple[str, int]:
    """Return the worst severity there is and how often; empty without a row."""
    severities = Counter(row.severity.value for row in rows)
    return next(((one, severities[one]) for one in SIGNS if severities[one]), ("", 0))


def _summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    words: list[Span] = []
    for part in _counts(snapshot):
        words += [(f" {SEPARATOR} ", "quiet"), part] if words else [part]
    return words


def _counts(snapshot: Snapshot) -> Iterator[Span]:
    states = Counter(row.state.value for row in snapshot.findings)
    rows = [row for row in snapshot.findings if is_open(row)]
    yield f"{len(rows)} open", "text"
    severity, number = _worst_of(rows)
    if severity in ("page", "ticket"):
        mark, role = SIGNS[severity]
        yield f"{mark} {counted(number, severity)}", role
    if states["acknowledged"]:
        yield f"{states['acknowledged']} acknowledged", "quiet"
    if states["snoozed"]:
        yield f"{states['snoozed']} snoozed", "quiet"
    if snapshot.learning:
        seen = DAYS_SEEN.search(snapshot.learning)
        yield f"learning, {seen[0]}" if seen is not None else "learning", "quiet"


def _worst(snapshot: Snapshot) -> Sequence[Span]:
    severity, number = _worst_of([row for row in snapshot.findings if is_open(row)])
    if not severity:
        return ()
    mark, role = SIGNS[severity]
    return ((f"{mark}{number}", role),)


def _gone(key: str, name: str, snapshot: Snapshot) -> str:
    now = snapshot.at
    over = next((row for row in snapshot.resolved if row.key == key), None)
    if over is not None:
        return f"{name} is resolved since {fmt.short_time(over.resolved_at, now)}. Nothing is selected."
    row = next((row for row in snapshot.findings if row.key == key), None)
    if row is not None and row.triage is not None and row.triage.until is not None:
        return f"{name} is snoozed until {fmt.short_time(row.triage.until, now)}. Nothing is selected."
    return ""


FINDINGS: PaneSpec[Finding] = PaneSpec(
    id="findings",
    number=1,
    title="Findings",
    tab="Findings",
    columns=_columns,
    order="delta",
    rows=_rows,
    key=lambda row: row.key,
    name=lambda row: row.name,
    fields=FIELDS,
    summary=_summary,
    worst=_worst,
    empty="Nothing costs more than normal.",
    facts=facts,
    origins=origins,
    stale=lambda row: row.stale,
    at=lambda row: row.seen_at,
    mark=lambda row, _snapshot: sign(row),
    mark_instead_of="sev",
    markable=True,
    decidable=True,
    listed=is_open,
    otherwise=LARGEST,
    gone=_gone,
)
