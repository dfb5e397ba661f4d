"""Pane 6: what the model servers report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import ServingRow, Snapshot
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, answered_at, counted, is_stale, nothing_wrong
from finops_tui.ui.panes.facts import Fact, Origin, age
from finops_tui.ui.text import cut_middle
from finops_tui.ui.widgets.columns import Column

LATENCY_CELLS = 6
ERRORS_CELLS = 6


def latency(seconds: float | None) -> str:
    """A response time: `340ms`, `1.80s`, `24.0s`."""
    if seconds is None:
        return MISSING
    if seconds < 0.9995:
        return f"{seconds * 1_000:.0f}ms"
    return f"{seconds:.2f}s" if seconds < 9.995 else f"{min(seconds, 9_999):.0f}s"


def error_share(ratio: float | None) -> str:
    """A share of failed requests, which is small: `0.10%`, `12.0%`."""
    if ratio is None:
        return MISSING
    return f"{ratio * 100:.2f}%" if ratio < 0.09995 else f"{ratio * 100:.0f}%"


def _columns(_now: Moment) -> tuple[Column[ServingRow], ...]:
    return (
        Column(
            id="model", title="MODEL", cell=lambda row: row.model or MISSING, width=14, grow=3, max_width=40,
            cut=cut_middle, sort=lambda row: row.model.casefold(),
        ),
        Column(
            id="ns", title="NAMESPACE", cell=lambda row: row.namespace, width=12, grow=1, max_width=24, gap=2,
            role="quiet", priority=6, cut=cut_middle, sort=lambda row: row.namespace.casefold(),
        ),
        Column(
            id="server", title="SERVER", cell=lambda row: row.server, width=8, gap=2, role="quiet", priority=8,
            sort=lambda row: row.server.casefold(),
        ),
        Column(
            id="rps", title="REQ/s", cell=lambda row: fmt.count(row.requests_per_second), width=fmt.COUNT_CELLS,
            align="right", priority=2, figure=True, sort=lambda row: row.requests_per_second, descending_first=True,
        ),
        Column(
            id="p95", title="P95", cell=lambda row: latency(row.p95_seconds), width=LATENCY_CELLS, align="right",
            priority=3, figure=True, gap=2, sort=lambda row: row.p95_seconds, descending_first=True,
        ),
        Column(
            id="queue", title="QUEUE", cell=lambda row: fmt.count(row.queue_depth), width=fmt.COUNT_CELLS,
            align="right", priority=4, figure=True, sort=lambda row: row.queue_depth, descending_first=True,
        ),
        Column(
            id="errors", title="ERRORS", cell=lambda row: error_share(row.error_ratio), width=ERRORS_CELLS, align="right",
            priority=5, figure=True, sort=lambda row: row.error_ratio, descending_first=True,
        ),
        Column(
            id="tokens", title="TOKENS/s", cell=lambda row: fmt.count(row.tokens_per_second), width=fmt.COUNT_CELLS,
            align="right", role="quiet", priority=7, figure=True, sort=lambda row: row.tokens_per_second,
            descending_first=True,
        ),
    )


FIELDS: tuple[Field[ServingRow], ...] = (
    Field(("model", "name"), Kind.TEXT, lambda row: row.model),
    Field(("ns", "namespace"), Kind.TEXT, lambda row: row.namespace),
    Field(("cluster",), Kind.TEXT, lambda row: row.cluster),
    Field(("server",), Kind.TEXT, lambda row: row.server),
    Field(("rps",), Kind.NUMBER, lambda row: row.requests_per_second),
    Field(("p95",), Kind.DURATION, lambda row: row.p95_seconds),
    Field(("queue",), Kind.NUMBER, lambda row: row.queue_depth),
    Field(("errors",), Kind.PERCENT, lambda row: row.error_ratio),
    Field(("tokens",), Kind.NUMBER, lambda row: row.tokens_per_second),
)


def _summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    return ((counted(len(snapshot.serving), "model"), "quiet"),) if snapshot.serving else ()


def _facts(row: ServingRow, _snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    return (
        Fact("Requests", fmt.count(row.requests_per_second), "a second", column="rps"),
        Fact("P95", latency(row.p95_seconds), "95 of 100 requests are faster", column="p95"),
        Fact("Queue", fmt.count(row.queue_depth), "requests that wait", column="queue"),
        Fact("Errors", error_share(row.error_ratio), "of requests", column="errors"),
        Fact("Tokens", fmt.count(row.tokens_per_second), "a second", column="tokens"),
        Fact("Server", row.server or MISSING, column="server"),
        Fact("Namespace", row.namespace or MISSING, column="ns"),
        Fact("Cluster", row.cluster or MISSING),
        age(row.at, now, stale=row.stale),
    )


def _origins(row: ServingRow, _snapshot: Snapshot) -> Sequence[Origin]:
    how = f"As {row.server or 'the server'} exports it, summed over its pods."
    return (
        Origin("Requests", fmt.count(row.requests_per_second), how),
        Origin("P95", latency(row.p95_seconds), "From the histogram of response times over the last five minutes."),
        Origin("Queue", fmt.count(row.queue_depth), how),
        Origin("Tokens", fmt.count(row.tokens_per_second), how),
    )


SERVING: PaneSpec[ServingRow] = PaneSpec(
    id="serving",
    number=6,
    title="Serving",
    tab="Serving",
    columns=_columns,
    order="rps",
    rows=lambda snapshot, _scope: snapshot.serving,
    key=lambda row: row.key,
    name=lambda row: row.model,
    fields=FIELDS,
    summary=_summary,
    worst=nothing_wrong,
    empty="No model server reports.",
    facts=_facts,
    origins=_origins,
    stale=is_stale,
    at=answered_at,
)
