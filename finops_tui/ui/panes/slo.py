"""Pane 3: how fast every SLO uses up its error budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from finops_tui.model.scope import ScopeKind
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import INFO, OK, PAGE, TICKET
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, answered_at, figure, is_stale, named
from finops_tui.ui.panes.finding_facts import is_open
from finops_tui.ui.panes.slo_facts import HOUR, PAGE_BURN, SHORT, SIX_HOURS, TICKET_BURN, facts, origins
from finops_tui.ui.panes.slo_facts import role as burn_role
from finops_tui.ui.widgets.columns import Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Finding
    from finops_tui.model.snapshot import SloRow, Snapshot


SIGNS: Mapping[str, Span] = {"page": (PAGE, "page"), "ticket": (TICKET, "ticket"), "info": (INFO, "info")}
"""By grade, its sign and its role; the worst first."""


def _alerts(snapshot: Snapshot) -> Sequence[Finding]:
    """Return what stands in the list of findings about SLOs: this pane says the same."""
    return [finding for finding in snapshot.findings if finding.kind == "slo" and is_open(finding)]


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
            return "quiet" if row.low_traffic and seconds == SHORT else burn_role(row.burn(seconds))

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
    Field(("model",), Kind.TEXT, lambda row: row.model),
    Field(("pool",), Kind.TEXT, lambda row: row.pool),
    Field(("usd",), Kind.NUMBER, lambda row: row.usd_per_hour),
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
    grades = _grades(snapshot)
    paging = sum(finding.severity == "page" for finding in _alerts(snapshot))
    burning = next((sign for grade, sign in SIGNS.items() if grade in grades), None)
    if paging:
        return ((f"{PAGE} {paging} paging", "page"),)
    if burning is not None:
        return ((f"{burning[0]} {len(grades)} burning", burning[1]),)
    unknown = sum(row.budget_left is None and row.burn(HOUR) is None for row in snapshot.slos)
    if unknown:
        return ((f"{unknown} of {counted(len(snapshot.slos), 'SLO')} without an answer", "quiet"),)
    spent = sum(row.budget_left is not None and row.budget_left < 0 for row in snapshot.slos)
    if spent:
        return ((f"{TICKET} {spent} over budget", "ticket"),)
    return ((f"{OK} all within budget", "ok"),)


def _worst(snapshot: Snapshot) -> Sequence[Span]:
    grades = _grades(snapshot)
    return tuple((f"{sign}{len(grades)}", role) for grade, (sign, role) in SIGNS.items() if grade in grades)[:1]


def _grades(snapshot: Snapshot) -> Sequence[str]:
    """Return the grade of every SLO that burns: as its finding says, without one as its burn rates say."""
    alerts = _alerts(snapshot)
    told = {key for finding in alerts for key in finding.related}
    untold = (_grade(row) for row in snapshot.slos if row.key not in told)
    return [finding.severity.value for finding in alerts] + list(filter(None, untold))


def _mark(row: SloRow, snapshot: Snapshot) -> Span | None:
    told = next((finding.severity.value for finding in _alerts(snapshot) if row.key in finding.related), "")
    return SIGNS.get(told or _grade(row))


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
    facts=facts,
    origins=origins,
    stale=is_stale,
    at=answered_at,
    mark=_mark,
)
