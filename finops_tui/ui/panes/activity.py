"""Pane 5: what happened, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui.model.scope import ScopeKind
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, named, nothing_wrong
from finops_tui.ui.panes.facts import Fact, Origin, moment
from finops_tui.ui.text import cut_before_money, cut_bracket
from finops_tui.ui.widgets.columns import Cell, Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import ActivityRow, Snapshot

HOUR_SECONDS = 3_600
BAD_ROLES = {"spot": "spot", "finding": "page"}
"""By kind, the role of who did something bad."""


def _role(row: ActivityRow) -> str:
    if not row.bad:
        return "quiet"
    return BAD_ROLES.get(row.kind, "ticket")


def _who(row: ActivityRow) -> Cell:
    return ((row.who or MISSING, _role(row)),)


def _columns(now: Moment) -> tuple[Column[ActivityRow], ...]:
    return (
        Column(
            id="time",
            title="TIME",
            cell=lambda row: fmt.time_cell(row.at, now()),
            width=fmt.TIME_CELLS,
            role="quiet",
            sort=lambda row: row.at,
            descending_first=True,
        ),
        Column(
            id="who",
            title="WHO",
            cell=_who,
            width=9,
            gap=2,
            priority=3,
            cut=cut_bracket,
            sort=lambda row: row.who.casefold(),
        ),
        named("cluster", "CLUSTER", lambda row: row.cluster, 16, priority=4, max_width=20),
        Column(
            id="what",
            title="WHAT",
            cell=lambda row: fmt.prose(row.what, now()),
            width=24,
            grow=20,
            gap=2,
            priority=2,
            cut=cut_before_money,
        ),
    )


FIELDS: tuple[Field[ActivityRow], ...] = (
    Field(("what",), Kind.TEXT, lambda row: row.what),
    Field(("who",), Kind.TEXT, lambda row: row.who),
    Field(("cluster",), Kind.TEXT, lambda row: row.cluster),
    Field(("kind",), Kind.TEXT, lambda row: row.kind),
)


def _summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    if not snapshot.activity:
        return ()
    lately = sum((snapshot.at - row.at).total_seconds() <= HOUR_SECONDS for row in snapshot.activity)
    return ((f"{lately} in the last hour" if lately else "nothing in the last hour", "quiet"),)


def _facts(row: ActivityRow, _snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    return (
        Fact("What", fmt.prose(row.what, now), column="what"),
        Fact("Who", row.who or MISSING, column="who"),
        moment("When", row.at, now),
        Fact("Cluster", row.cluster or MISSING, column="cluster"),
        Fact("Kind", row.kind or MISSING),
    )


def _origins(row: ActivityRow, _snapshot: Snapshot) -> Sequence[Origin]:
    return (
        Origin(
            "Time",
            fmt.clock_time(row.at),
            "When it happened by the clock of the system that reports it, not when it was read.",
        ),
    )


ACTIVITY: PaneSpec[ActivityRow] = PaneSpec(
    id="activity",
    number=5,
    title="Activity",
    tab="Activity",
    columns=_columns,
    order="time",
    rows=lambda snapshot, _scope: snapshot.activity,
    key=lambda row: row.key,
    name=lambda row: row.what,
    fields=FIELDS,
    summary=_summary,
    worst=nothing_wrong,
    empty="Nothing has happened since the start.",
    facts=_facts,
    origins=_origins,
    stale=lambda _row: False,
    at=lambda _row: None,
)
