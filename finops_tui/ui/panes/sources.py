"""Pane 8: every source and how it answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui.model.health import HealthState
from finops_tui.model.scope import ScopeKind
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import MISSING, OK, STALE, TICKET
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, figure, named
from finops_tui.ui.panes.facts import Fact, Origin, moment
from finops_tui.ui.widgets.columns import Cell, Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot, SourceRow

WORST_FIRST = (HealthState.DOWN, HealthState.PARTIAL, HealthState.CONNECTING, HealthState.POLLED, HealthState.LIVE)


def lost(row: SourceRow) -> bool:
    return row.state is HealthState.DOWN or row.stale


def troubled(row: SourceRow) -> bool:
    return lost(row) or row.state is HealthState.PARTIAL or bool(row.missing or row.warnings)


def role(row: SourceRow) -> str:
    if lost(row):
        return "stale"
    return "ticket" if troubled(row) else "text"


def words(row: SourceRow) -> str:
    if row.state is not HealthState.DOWN and row.stale:
        return f"{row.state.value}, late"
    return row.state.value


def _state(row: SourceRow) -> Cell:
    return ((words(row), role(row)),)


def trouble(row: SourceRow) -> str:
    """Return in one line what is wrong, empty when nothing is."""
    return "; ".join(part for part in (row.reason, *row.missing, *row.warnings) if part)


def _reason(row: SourceRow) -> Cell:
    return trouble(row) or MISSING


def _order(row: SourceRow) -> tuple[int, bool]:
    return WORST_FIRST.index(row.state), not row.stale


def _columns(now: Moment) -> tuple[Column[SourceRow], ...]:
    def answered(row: SourceRow) -> float | None:
        return None if row.answered_at is None else (now() - row.answered_at).total_seconds()

    def since(row: SourceRow) -> float | None:
        return (now() - row.since).total_seconds()

    return (
        named("source", "SOURCE", lambda row: row.name, 18, role="text", grow=2, max_width=36, gap=0),
        Column(id="state", title="STATE", cell=_state, width=12, gap=2, priority=2, sort=_order),
        figure("answered", "ANSWERED", answered, fmt.duration, fmt.DURATION_CELLS, priority=3),
        figure("since", "SINCE", since, fmt.duration, fmt.DURATION_CELLS, priority=5, role="quiet"),
        Column(id="reason", title="REASON", cell=_reason, width=16, grow=6, gap=2, priority=4),
    )


FIELDS: tuple[Field[SourceRow], ...] = (
    Field(("source", "name"), Kind.TEXT, lambda row: row.name),
    Field(("state",), Kind.TEXT, words),
    Field(("cluster",), Kind.TEXT, lambda row: row.cluster),
    Field(("reason",), Kind.TEXT, trouble),
)


def _summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    down = sum(map(lost, snapshot.sources))
    if down:
        return ((f"{STALE} {down} of {counted(len(snapshot.sources), 'source')} lost", "stale"),)
    some = sum(map(troubled, snapshot.sources))
    if some:
        return ((f"{TICKET} {counted(some, 'source')} incomplete", "ticket"),)
    return ((f"{OK} all answer", "ok"),) if snapshot.sources else ()


def _worst(snapshot: Snapshot) -> Sequence[Span]:
    down = sum(map(lost, snapshot.sources))
    some = sum(map(troubled, snapshot.sources))
    if down:
        return ((f"{STALE}{down}", "stale"),)
    return ((f"{TICKET}{some}", "ticket"),) if some else ()


def facts(row: SourceRow, _snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    return (
        Fact("State", words(row), f"since {fmt.short_time(row.since, now)}", role(row)),
        moment("Answered", row.answered_at, now, "not yet"),
        *((Fact("Reason", row.reason),) if row.reason else ()),
        *((Fact("Try", row.hint),) if row.hint else ()),
        *(Fact("Missing", one, "", "ticket") for one in row.missing),
        *(Fact("Warning", one, "", "ticket") for one in row.warnings),
        *((Fact("Asking", row.note),) if row.note else ()),
        *((Fact("Cluster", row.cluster),) if row.cluster else ()),
    )


def _origins(_row: SourceRow, _snapshot: Snapshot) -> Sequence[Origin]:
    return (
        Origin(
            "State",
            "",
            "live: it streams. polled: it answers when asked. partial: some of what was asked for is missing. "
            "down: no answer.",
        ),
        Origin(
            "Answered", "", "Age of its last good answer. It is late when that is older than the source itself allows."
        ),
    )


SOURCES: PaneSpec[SourceRow] = PaneSpec(
    id="sources",
    number=8,
    title="Sources",
    tab="Sources",
    columns=_columns,
    order="state",
    rows=lambda snapshot, _scope: snapshot.sources,
    key=lambda row: row.name,
    name=lambda row: row.name,
    fields=FIELDS,
    summary=_summary,
    worst=_worst,
    empty="No source is configured.",
    facts=facts,
    origins=_origins,
    stale=lambda _row: False,
    at=lambda _row: None,
)
