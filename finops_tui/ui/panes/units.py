"""What a unit of useful work costs: tokens and requests of a model that is served, hours of a workload that trains."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui import phrases
from finops_tui.model.scope import ScopeKind
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, answered_at, figure, is_stale, named, nothing_wrong
from finops_tui.ui.panes.facts import Fact, Origin, age, why_missing
from finops_tui.ui.panes.serving import LATENCY_CELLS, latency
from finops_tui.ui.text import cut_path
from finops_tui.ui.widgets.columns import Column
from finops_tui.ui.widgets.gauge import trend

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot, UnitRow

TREND_CELLS = 8
COUNTED_AS = {
    True: ("a model that is served", "it has no training hours"),
    False: ("a workload that trains", "it serves no tokens and no requests"),
}
"""By whether it is served."""


def _columns(_now: Moment) -> tuple[Column[UnitRow], ...]:
    def price(id_: str, title: str, value: str, priority: int) -> Column[UnitRow]:
        return figure(
            id_,
            title,
            lambda row: getattr(row, value),
            fmt.unit_price,
            fmt.UNIT_PRICE_CELLS,
            priority=priority,
            gap=2,
        )

    return (
        named("what", "WHAT", lambda row: row.name, 24, role="text", grow=3, max_width=60, gap=0, cut=cut_path),
        named("owner", "OWNER", lambda row: row.owner, 9, priority=11, max_width=14),
        named("cluster", "CLUSTER", lambda row: row.cluster, 10, priority=10, max_width=18),
        figure("usd", "≈$/h", lambda row: row.usd_per_hour, fmt.rate_cell, fmt.RATE_CELLS, priority=2),
        price("tokens", "$/1k tok", "usd_per_1k_tokens", 3),
        price("requests", "$/1k req", "usd_per_1k_requests", 4),
        figure(
            "training",
            "$/train h",
            lambda row: row.usd_per_training_hour,
            fmt.rate_cell,
            fmt.RATE_CELLS,
            priority=5,
            gap=2,
        ),
        figure("p95", "P95", lambda row: row.p95_seconds, latency, LATENCY_CELLS, priority=6, gap=2),
        figure("util", "UTIL", lambda row: row.utilization, fmt.percent_cell, fmt.PERCENT_CELLS, priority=7, gap=2),
        figure("queue", "QUEUE", lambda row: row.queue_depth, fmt.count, fmt.COUNT_CELLS, priority=9, role="quiet"),
        Column(
            id="trend",
            title="3 h",
            cell=lambda row: trend(TREND_CELLS, row.trend),
            width=TREND_CELLS,
            gap=2,
            priority=8,
        ),
    )


FIELDS: tuple[Field[UnitRow], ...] = (
    Field(("what", "name"), Kind.TEXT, lambda row: row.name),
    Field(("team", "owner"), Kind.TEXT, lambda row: row.owner),
    Field(("cluster",), Kind.TEXT, lambda row: row.cluster),
    Field(("kind",), Kind.TEXT, lambda row: row.kind.value),
    Field(("usd",), Kind.NUMBER, lambda row: row.usd_per_hour),
    Field(("tok", "tokens"), Kind.NUMBER, lambda row: row.usd_per_1k_tokens),
    Field(("req", "requests"), Kind.NUMBER, lambda row: row.usd_per_1k_requests),
    Field(("train",), Kind.NUMBER, lambda row: row.usd_per_training_hour),
    Field(("p95",), Kind.DURATION, lambda row: row.p95_seconds),
    Field(("util",), Kind.PERCENT, lambda row: row.utilization),
    Field(("queue",), Kind.NUMBER, lambda row: row.queue_depth),
)


def _summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    served = sum(row.kind is ScopeKind.MODEL for row in snapshot.units)
    trains = len(snapshot.units) - served
    return ((f"{served:,} served, {trains:,} in training", "quiet"),) if snapshot.units else ()


def _facts(row: UnitRow, _snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    usd, utilized = row.usd_per_hour, row.utilization
    return (
        Fact("Spends", phrases.estimated(fmt.rate(usd)), why_missing(row.missing, usd) or "estimated", column="usd"),
        *(_served(row) if row.kind is ScopeKind.MODEL else _trained(row)),
        Fact(
            "Utilized",
            fmt.percent(utilized),
            "mean over its GPUs" if utilized is not None else "no GPU of it reports",
            column="util",
        ),
        Fact("Owner", row.owner or MISSING, "" if row.owner else "no ownership label on it", column="owner"),
        Fact("Cluster", row.cluster or MISSING, column="cluster"),
        Fact("Counted as", *COUNTED_AS[row.kind is ScopeKind.MODEL]),
        age(row.at, now, stale=row.stale),
    )


def _served(row: UnitRow) -> Sequence[Fact]:
    tokens, requests = row.usd_per_1k_tokens, row.usd_per_1k_requests
    silent = "its server does not report it"
    return (
        Fact("Tokens", _dollars(tokens), _why(row, tokens, row.tokens_per_second, "tokens"), column="tokens"),
        Fact(
            "Requests", _dollars(requests), _why(row, requests, row.requests_per_second, "requests"), column="requests"
        ),
        Fact(
            "P95",
            latency(row.p95_seconds),
            "95 of 100 requests are faster" if row.p95_seconds else silent,
            column="p95",
        ),
        Fact(
            "Queue",
            fmt.count(row.queue_depth),
            "requests that wait" if row.queue_depth is not None else silent,
            column="queue",
        ),
    )


def _trained(row: UnitRow) -> Sequence[Fact]:
    usd = row.usd_per_training_hour
    why = "in which its GPUs really work" if usd is not None else row.missing or "not known"
    return (Fact("Training", phrases.estimated(fmt.rate(usd)), why, column="training"),)


def _dollars(value: float | None) -> str:
    text = fmt.unit_price(value)
    return text if value is None else phrases.estimated(f"<${text[1:]}" if text.startswith("<") else f"${text}")


def _why(row: UnitRow, price: float | None, per_second: float | None, what: str) -> str:
    if price is not None:
        return f"per 1,000 {what}; {_a_second(per_second)} {what} a second"
    return row.missing or (f"its server reports no {what}" if per_second is None else f"hardly any {what} now")


def _a_second(value: float | None) -> str:
    return fmt.count(value) if value is None or value >= 1 else f"{value:.2f}"


def _origins(row: UnitRow, _snapshot: Snapshot) -> Sequence[Origin]:
    usd = fmt.rate(row.usd_per_hour)
    if row.kind is not ScopeKind.MODEL:
        return (
            Origin("$/h", usd, "What the workload spends, as on pane 6."),
            Origin(
                "$/train h",
                fmt.rate(row.usd_per_training_hour),
                f"{usd} divided by the share of it whose GPUs worked in the last five minutes: what an hour of real "
                "work on these GPUs costs. Below a share of 5% it has no price.",
            ),
        )
    how = "$/h / ({} a second × 3,600) × 1,000. Below one in a hundred seconds it has no price."
    return (
        Origin("$/h", usd, "Sum over the workloads of its cluster and namespace that carry its name as model label."),
        Origin(
            "$/1k tok",
            fmt.unit_price(row.usd_per_1k_tokens),
            how.format(f"{_a_second(row.tokens_per_second)} generated tokens"),
        ),
        Origin(
            "$/1k req",
            fmt.unit_price(row.usd_per_1k_requests),
            how.format(f"{_a_second(row.requests_per_second)} requests"),
        ),
        Origin("P95", latency(row.p95_seconds), "From the histogram of response times over the last five minutes."),
        Origin("Utilization", fmt.percent(row.utilization), "Mean over the GPUs of those workloads, now."),
    )


UNITS: PaneSpec[UnitRow] = PaneSpec(
    id="units",
    number=0,
    title="Unit costs",
    tab="Units",
    columns=_columns,
    order="usd",
    rows=lambda snapshot, _scope: snapshot.units,
    key=lambda row: row.key,
    name=lambda row: row.name,
    fields=FIELDS,
    summary=_summary,
    worst=nothing_wrong,
    empty="No model is served and nothing trains, as far as is known.",
    facts=_facts,
    origins=_origins,
    stale=is_stale,
    at=answered_at,
)
