"""Pane 3: how fast every SLO uses up its error budget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui.model.scope import ScopeKind
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import MISSING, OK, PAGE, TICKET
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, answered_at, counted, figure, is_stale, named
from finops_tui.ui.panes.facts import Fact, Origin, age, why_missing
from finops_tui.ui.widgets.columns import Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import SloRow, Snapshot

PAGE_BURN, TICKET_BURN = 14.4, 6.0
"""2 % of a 30-day budget in one hour, 5 % in six (sre.google/workbook/alerting-on-slos)."""
SHORT, HOUR, SIX_HOURS = 300, 3_600, 21_600


def _role(rate: float | None) -> str:
    if rate is None or rate < 1:
        return "quiet"
    if rate >= PAGE_BURN:
        return "page bold"
    return "ticket bold" if rate >= TICKET_BURN else "text"


def _grade(row: SloRow) -> str:
    """Return `page`, `ticket` or nothing: both the last hour and the last five minutes must burn."""
    hour, short = row.burn(HOUR), row.burn(SHORT)
    if hour is None or short is None or row.low_traffic:
        return ""
    slower = min(hour, short)
    if slower >= PAGE_BURN:
        return "page"
    return "ticket" if slower >= TICKET_BURN else ""


def _left_role(row: SloRow) -> str:
    overspent = row.budget_left is not None and row.budget_left < 0
    return _grade(row) or ("ticket" if overspent else "text")


def _out_role(row: SloRow) -> str:
    return _grade(row) or ("text" if row.exhausted_in_seconds is not None else "quiet")


def _columns(_now: Moment) -> tuple[Column[SloRow], ...]:
    def burn(title: str, seconds: int, priority: int) -> Column[SloRow]:
        def role(row: SloRow) -> str:
            return "quiet" if row.low_traffic and seconds == SHORT else _role(row.burn(seconds))

        def value(row: SloRow) -> float | None:
            return row.burn(seconds)

        return figure(title, title, value, fmt.burn_rate, fmt.BURN_RATE_CELLS, priority=priority, paint=role)

    return (
        named("slo", "SLO", lambda row: row.name, 18, role="text", grow=3, max_width=40, gap=0),
        named("cluster", "CLUSTER", lambda row: row.cluster, 14, priority=8, max_width=20),
        Column(
            id="target",
            title="TARGET",
            cell=lambda row: fmt.objective(row.objective),
            width=fmt.OBJECTIVE_CELLS,
            align="right",
            role="quiet",
            priority=7,
        ),
        burn("5m", SHORT, 5),
        burn("1h", HOUR, 2),
        burn("6h", SIX_HOURS, 6),
        figure(
            "left",
            "LEFT",
            lambda row: row.budget_left,
            fmt.percent_cell,
            fmt.PERCENT_CELLS,
            priority=3,
            paint=_left_role,
            descending_first=False,
        ),
        figure(
            "out",
            "OUT",
            lambda row: row.exhausted_in_seconds,
            fmt.duration,
            fmt.DURATION_CELLS,
            priority=4,
            paint=_out_role,
            descending_first=False,
        ),
    )


FIELDS: tuple[Field[SloRow], ...] = (
    Field(("slo", "name"), Kind.TEXT, lambda row: row.name),
    Field(("service",), Kind.TEXT, lambda row: row.service),
    Field(("cluster",), Kind.TEXT, lambda row: row.cluster),
    Field(("workload",), Kind.TEXT, lambda row: row.workload),
    Field(("origin",), Kind.TEXT, lambda row: row.origin),
    Field(("burn", "1h"), Kind.NUMBER, lambda row: row.burn(HOUR)),
    Field(("5m",), Kind.NUMBER, lambda row: row.burn(SHORT)),
    Field(("6h",), Kind.NUMBER, lambda row: row.burn(SIX_HOURS)),
    Field(("left",), Kind.PERCENT, lambda row: row.budget_left),
    Field(("target",), Kind.PERCENT, lambda row: row.objective),
    Field(("out",), Kind.DURATION, lambda row: row.exhausted_in_seconds),
)


def _summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    if not snapshot.slos:
        return ()
    burning = _worst(snapshot)
    if burning:
        return ((f"{burning[0][0]} burning", burning[0][1]),)
    unknown = sum(row.budget_left is None and row.burn(HOUR) is None for row in snapshot.slos)
    if unknown:
        return ((f"{unknown} of {counted(len(snapshot.slos), 'SLO')} without an answer", "quiet"),)
    spent = sum(row.budget_left is not None and row.budget_left < 0 for row in snapshot.slos)
    if spent:
        return ((f"{TICKET} {spent} over budget", "ticket"),)
    return ((f"{OK} all within budget", "ok"),)


def _worst(snapshot: Snapshot) -> Sequence[Span]:
    grades = [_grade(row) for row in snapshot.slos]
    for grade, sign in (("page", PAGE), ("ticket", TICKET)):
        if grade in grades:
            return ((f"{sign} {grades.count('page') + grades.count('ticket')}", grade),)
    return ()


def _window(seconds: int) -> str:
    return fmt.duration(seconds).removesuffix("00m").removesuffix("00h")


def _facts(row: SloRow, _snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    burns = (
        Fact(
            f"Burn {_window(window.seconds)}",
            fmt.burn_rate(window.burn_rate),
            "no traffic" if window.error_ratio is None else f"{window.error_ratio * 100:.3g}% of events were bad",
            _role(window.burn_rate).partition(" ")[0],
            _window(window.seconds),
        )
        for window in row.windows
    )
    used = row.exhausted_in_seconds
    return (
        Fact("Target", fmt.objective(row.objective), f"over {fmt.duration(row.period_seconds)}", column="target"),
        Fact(
            "Left",
            fmt.percent(row.budget_left),
            "of the error budget" if row.budget_left is not None else why_missing(row.missing, None),
            column="left",
        ),
        Fact(
            "Out in",
            fmt.duration(used),
            "at the burn rate of the last hour" if used is not None else "the budget is not being used up",
            column="out",
        ),
        *burns,
        Fact(
            "Events",
            fmt.count(row.events_per_hour),
            "an hour" + ("; too few for the 5m rate to mean much" if row.low_traffic else ""),
        ),
        Fact("Service", row.service or MISSING),
        Fact("Cluster", row.cluster or MISSING, column="cluster"),
        Fact("Workload", row.workload or MISSING),
        Fact("Defined in", row.origin or MISSING),
        age(row.at, now, stale=row.stale),
    )


def _origins(row: SloRow, _snapshot: Snapshot) -> Sequence[Origin]:
    budget = f"{(1 - row.objective) * 100:.3g}%"
    return (
        Origin(
            "Target",
            fmt.objective(row.objective),
            f"Good events of all, over {fmt.duration(row.period_seconds)}. Defined in {row.origin or MISSING}.",
        ),
        Origin(
            "Burn rate",
            fmt.burn_rate(row.burn(HOUR)),
            f"Share of bad events in the window, divided by the error budget ({budget}). "
            "1× uses the budget up exactly at the period's end.",
        ),
        Origin("Left", fmt.percent(row.budget_left), f"1 less the period's share of bad events divided by {budget}."),
        Origin(
            "Out",
            fmt.duration(row.exhausted_in_seconds),
            "What is left of the budget at the burn rate of the last hour.",
        ),
        Origin(
            "Marks",
            "",
            f"{PAGE} from {PAGE_BURN}×, {TICKET} from {TICKET_BURN:.0f}×: in the last hour and the last five minutes.",
        ),
    )


def _mark(row: SloRow) -> Span | None:
    grade = _grade(row)
    return ({"page": PAGE, "ticket": TICKET}[grade], grade) if grade else None


SLO: PaneSpec[SloRow] = PaneSpec(
    id="slo",
    number=3,
    title="SLO burn",
    tab="SLO",
    columns=_columns,
    order="out",
    rows=lambda snapshot, _scope: snapshot.slos,
    key=lambda row: row.key,
    name=lambda row: row.name,
    fields=FIELDS,
    summary=_summary,
    worst=_worst,
    empty="No SLO has been reported.",
    facts=_facts,
    origins=_origins,
    stale=is_stale,
    at=answered_at,
    mark=_mark,
)
