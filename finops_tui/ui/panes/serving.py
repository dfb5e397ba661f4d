"""Pane 7: what the model servers report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui.model.scope import ScopeKind
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, answered_at, figure, is_stale, named, nothing_wrong
from finops_tui.ui.panes.facts import Fact, Origin, age
from finops_tui.ui.widgets.columns import Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import ServingRow, Snapshot

LATENCY_CELLS = 6
ERRORS_CELLS = 6
MILLISECONDS_UNTIL, TWO_DECIMALS_UNTIL = 1_000, 9_995
WHOLE_PERCENT_FROM = 0.09995


def latency(seconds: float | None) -> str:
    """Write a response time: `340ms`, `1.80s`, `24.0s`."""
    if seconds is None:
        return MISSING
    milliseconds = round(seconds * 1_000)
    if milliseconds < MILLISECONDS_UNTIL:
        return f"{milliseconds}ms"
    return f"{seconds:.2f}s" if milliseconds < TWO_DECIMALS_UNTIL else f"{min(seconds, 9_999):.0f}s"


def error_share(ratio: float | None) -> str:
    """Write a share of failed requests, which is small: `0.10%`, `12%`."""
    if ratio is None:
        return MISSING
    return f"{ratio:.2%}" if ratio < WHOLE_PERCENT_FROM else f"{ratio:.0%}"


def _columns(_now: Moment) -> tuple[Column[ServingRow], ...]:
    def rps(row: ServingRow) -> float | None:
        return row.requests_per_second

    def tokens(row: ServingRow) -> float | None:
        return row.tokens_per_second

    return (
        named("model", "MODEL", lambda row: row.model, 14, role="text", grow=3, max_width=40, gap=0),
        named("ns", "NAMESPACE", lambda row: row.namespace, 12, priority=6),
        named("server", "SERVER", lambda row: row.server, 8, priority=8, grow=0),
        figure("rps", "REQ/s", rps, fmt.count, fmt.COUNT_CELLS, priority=2),
        figure("p95", "P95", lambda row: row.p95_seconds, latency, LATENCY_CELLS, priority=3, gap=2),
        figure("queue", "QUEUE", lambda row: row.queue_depth, fmt.count, fmt.COUNT_CELLS, priority=4),
        figure("errors", "ERRORS", lambda row: row.error_ratio, error_share, ERRORS_CELLS, priority=5),
        figure("tokens", "TOKENS/s", tokens, fmt.count, fmt.COUNT_CELLS, priority=7, role="quiet"),
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
    number=7,
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
