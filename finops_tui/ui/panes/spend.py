"""Pane 6: who spends how much, counted by workload, team, namespace, model, pool or cluster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui.model.money import Provenance
from finops_tui.model.scope import ScopeKind
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import BILLED, ESTIMATED, MISSING, OK
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, answered_at, figure, is_stale, named, nothing_wrong
from finops_tui.ui.panes.facts import Fact, Origin, age, moment, priced_by, priced_how, why_missing
from finops_tui.ui.panes.usage_facts import usage_facts
from finops_tui.ui.text import cut_path
from finops_tui.ui.widgets.columns import Cell, Column
from finops_tui.ui.widgets.gauge import trend

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot, SpendRow

SCOPES: tuple[ScopeKind, ...] = (
    ScopeKind.WORKLOAD,
    ScopeKind.TEAM,
    ScopeKind.NAMESPACE,
    ScopeKind.MODEL,
    ScopeKind.POOL,
    ScopeKind.CLUSTER,
)
"""In the order of the key that changes between them."""

TREND_CELLS = 8
IN_RANGE_RATIO = 0.10
IN_RANGE_USD_PER_HOUR = 1.0
IDLE_WORTH_COLOUR = 10.0
"""$/h of idle GPUs in one row from which it is more than noise (visual language, section 3)."""


def above_normal(row: SpendRow) -> bool:
    """Tell whether a row costs more than normal by more than its usual wobble: a tenth, and a dollar an hour."""
    delta, normal = row.delta_usd_per_hour, row.normal_usd_per_hour
    return delta is not None and normal is not None and delta > max(IN_RANGE_USD_PER_HOUR, IN_RANGE_RATIO * normal)


def rate(row: SpendRow) -> Cell:
    """Write $/h, with a badge where it is not an estimate."""
    text = fmt.rate_cell(row.usd_per_hour)
    if row.provenance in (Provenance.METERED, Provenance.BILLED) and text != MISSING:
        return ((BILLED, "quiet"), (text, "text"))
    return text


def _normal(row: SpendRow) -> float | None:
    return row.normal_usd_per_hour


def _delta(row: SpendRow) -> float | None:
    return row.delta_usd_per_hour


def _delta_role(row: SpendRow) -> str:
    return "text bold" if above_normal(row) else "quiet"


def _idle(row: SpendRow) -> float | None:
    return row.idle_usd_per_hour


def _idle_role(row: SpendRow) -> str:
    return "idle" if (row.idle_usd_per_hour or 0.0) >= IDLE_WORTH_COLOUR else "text"


def _utilization(row: SpendRow) -> float | None:
    return row.utilization


def _trend(row: SpendRow) -> Cell:
    return trend(TREND_CELLS, row.trend, row.normal_usd_per_hour)


def _columns(_now: Moment) -> tuple[Column[SpendRow], ...]:
    return (
        named("what", "WHAT", lambda row: row.name, 24, role="text", grow=3, max_width=60, gap=0, cut=cut_path),
        named("owner", "OWNER", lambda row: row.owner, 10, priority=8, max_width=18),
        named("cluster", "CLUSTER", lambda row: row.cluster, 18, priority=10),
        named("model", "MODEL", lambda row: row.model, 14, priority=11, max_width=20),
        Column(
            id="usd",
            title="≈$/h",
            cell=rate,
            width=fmt.RATE_CELLS + 1,
            align="right",
            priority=2,
            figure=True,
            sort=lambda row: row.usd_per_hour,
            descending_first=True,
        ),
        figure("normal", "NORMAL", _normal, fmt.rate_cell, fmt.RATE_CELLS, priority=7, role="quiet", gap=2),
        figure("delta", "Δ$/h", _delta, fmt.delta_cell, fmt.DELTA_CELLS, priority=3, gap=2, paint=_delta_role),
        figure("idle", "IDLE $/h", _idle, fmt.rate_cell, fmt.RATE_CELLS, priority=4, gap=2, paint=_idle_role),
        figure("gpus", "GPUS", lambda row: row.gpus, fmt.count, fmt.COUNT_CELLS, priority=6, role="quiet", gap=2),
        figure("util", "UTIL", _utilization, fmt.percent_cell, fmt.PERCENT_CELLS, priority=9, gap=2),
        Column(id="trend", title="3 h", cell=_trend, width=TREND_CELLS, gap=3, priority=5),
    )


def _kind(row: SpendRow) -> str:
    """Return the controller's kind for a workload, the scope's for the rest."""
    parts = row.key.split("/")
    return parts[1] if row.kind is ScopeKind.WORKLOAD and len(parts) > 3 else row.kind.value  # noqa: PLR2004  cluster/Kind/namespace/name


FIELDS: tuple[Field[SpendRow], ...] = (
    Field(("what", "name"), Kind.TEXT, lambda row: row.name),
    Field(("ns", "namespace"), Kind.TEXT, lambda row: row.namespace),
    Field(("team", "owner"), Kind.TEXT, lambda row: row.owner),
    Field(("cluster",), Kind.TEXT, lambda row: row.cluster),
    Field(("model",), Kind.TEXT, lambda row: row.model),
    Field(("kind",), Kind.TEXT, _kind),
    Field(("label",), Kind.TEXT, lambda row: " ".join(f"{name}={value}" for name, value in row.labels)),
    Field(("usd",), Kind.NUMBER, lambda row: row.usd_per_hour),
    Field(("normal",), Kind.NUMBER, lambda row: row.normal_usd_per_hour),
    Field(("delta",), Kind.NUMBER, lambda row: row.delta_usd_per_hour),
    Field(("idle",), Kind.NUMBER, lambda row: row.idle_usd_per_hour),
    Field(("gpu", "gpus"), Kind.NUMBER, lambda row: row.gpus),
    Field(("pods",), Kind.NUMBER, lambda row: row.pods),
    Field(("util",), Kind.PERCENT, lambda row: row.utilization),
)


def _summary(snapshot: Snapshot, scope: ScopeKind) -> Sequence[Span]:
    rows = snapshot.spend.get(scope, ())
    by = ("by ", "quiet"), (scope.value, "text")
    if not any(row.normal_usd_per_hour is not None for row in rows):
        return (*by, (" · normal is not known yet", "quiet")) if rows else by
    above = sum(map(above_normal, rows))
    if above:
        return (*by, (" · ", "quiet"), (f"{above:,} above normal", "text"))
    return (*by, (" · ", "quiet"), (f"{OK} none above normal", "ok"))


def _facts(row: SpendRow, snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    return _of_nobody(row, now) if is_free(row) else _of_somebody(row, snapshot, now)


def is_free(row: SpendRow) -> bool:
    """Tell whether a row stands for what is paid for and requested by nobody: no workload, and nobody's."""
    from finops_tui.engine.spend_rows import UNALLOCATED  # the first frame does without it

    return row.name == UNALLOCATED


def _of_nobody(row: SpendRow, now: datetime) -> Sequence[Fact]:
    return (
        Fact("What", "requested by nobody", "paid for and free: no workload, so it has no owner"),
        _spends(row),
        Fact("Normal", fmt.rate(row.normal_usd_per_hour), _against_normal(row), column="normal"),
        Fact("Idle", fmt.rate(row.idle_usd_per_hour), "nobody requested it", column="idle"),
        Fact("GPUs", fmt.count(row.gpus), "free", column="gpus"),
        _cluster(row),
        *priced_by(row.priced_by),
        age(row.at, now, stale=row.stale),
    )


def _of_somebody(row: SpendRow, snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    return (
        Fact(
            "Owner",
            row.owner or MISSING,
            "" if row.owner else "no ownership label on it or its namespace",
            column="owner",
        ),
        _spends(row),
        Fact("Normal", fmt.rate(row.normal_usd_per_hour), _against_normal(row), column="normal"),
        Fact("Idle", fmt.rate(row.idle_usd_per_hour), why_missing(row.missing, row.idle_usd_per_hour), column="idle"),
        Fact("GPUs", fmt.count(row.gpus), f"{fmt.percent(row.utilization)} utilized", column="util"),
        Fact("Pods", fmt.count(row.pods), f"{row.pods_pending} pending" if row.pods_pending else ""),
        *usage_facts(row, snapshot),
        _cluster(row),
        Fact("Namespace", row.namespace or MISSING),
        Fact("Model", row.model or MISSING, column="model"),
        *priced_by(row.priced_by),
        moment("Created", row.since, now, "not reported"),
        *(Fact((name.replace("_", " ").capitalize() or "Label"), value) for name, value in row.labels),
        age(row.at, now, stale=row.stale),
    )


def _spends(row: SpendRow) -> Fact:
    sign = ESTIMATED if row.provenance is Provenance.ESTIMATED else BILLED
    if row.usd_per_hour is None:
        return Fact("Spends", MISSING, why_missing(row.missing, None), column="usd")
    return Fact("Spends", f"{sign}{fmt.rate(row.usd_per_hour)}", _whole(row), column="usd")


def _cluster(row: SpendRow) -> Fact:
    return Fact("Cluster", row.cluster or MISSING, "" if row.cluster else "more than one", column="cluster")


def _whole(row: SpendRow) -> str:
    """Say how the dollars were come by, and what they lack."""
    return "; ".join(filter(None, (row.provenance.value, row.missing)))


def _against_normal(row: SpendRow) -> str:
    if row.normal_usd_per_hour is None:
        return row.missing or "Normal is not known yet."
    delta = fmt.delta_cell(row.delta_usd_per_hour)
    if row.usd_per_hour is None or not row.normal_usd_per_hour:
        return f"at this hour; now {delta}"
    return f"at this hour; now {delta}, {fmt.percent(row.usd_per_hour / row.normal_usd_per_hour)} of it"


def _origins(row: SpendRow, snapshot: Snapshot) -> Sequence[Origin]:
    return (
        Origin(
            "$/h",
            fmt.rate(row.usd_per_hour),
            "Price per hour of each node, divided by its GPUs, times the GPUs requested there (on nodes without "
            "GPUs, the mean of the shares of CPU and memory). Summed over the nodes. Estimated until it is billed."
            if row.provenance is Provenance.ESTIMATED
            else "As the cost meter of the cluster charges it.",
        ),
        *priced_how(row.priced_by),
        Origin(
            "Normal",
            fmt.rate(row.normal_usd_per_hour),
            "Median of the hours seen at this hour of the week; with fewer weeks, at this hour of the day. The last "
            "three hours do not count, so that an incident does not become its own normal.",
        ),
        Origin("Δ$/h", fmt.delta_cell(row.delta_usd_per_hour), "$/h now, less normal."),
        Origin(
            "Idle",
            fmt.rate(row.idle_usd_per_hour),
            "The part of $/h whose GPUs are allocated but did no work in the last five minutes.",
        ),
        Origin(
            "Utilization", fmt.percent(row.utilization), f"Mean over its GPUs, now. {_instruments(snapshot)}".rstrip()
        ),
    )


def _instruments(snapshot: Snapshot) -> str:
    methods = sorted({pool.method for pool in snapshot.pools if pool.method})
    return f"Instrument: {', '.join(methods)}." if methods else ""


SPEND: PaneSpec[SpendRow] = PaneSpec(
    id="spend",
    number=6,
    title="Spend",
    tab="Spend",
    columns=_columns,
    order="usd",
    rows=lambda snapshot, scope: snapshot.spend.get(scope, ()),
    key=lambda row: row.key,
    name=lambda row: row.name,
    fields=FIELDS,
    summary=_summary,
    worst=nothing_wrong,
    empty="No workload requests GPUs or costs anything.",
    facts=_facts,
    origins=_origins,
    stale=is_stale,
    at=answered_at,
    scoped=True,
    markable=True,
)
