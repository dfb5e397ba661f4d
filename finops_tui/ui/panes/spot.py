"""Pane 4: how every pool's spot capacity fares, and what its loss costs."""

from __future__ import annotations

from collections.abc import Sequence

from finops_tui.model.scope import ScopeKind
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, answered_at, figure, is_stale, named
from finops_tui.ui.panes.spot_facts import facts, matters, origins
from finops_tui.ui.widgets.columns import Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot, SpotRow

LOST_CELLS = 4


def _role(row: SpotRow) -> str:
    return "spot" if matters(row) else "text"


def _lately_role(row: SpotRow) -> str:
    return "spot" if row.lost_1h else "quiet"


def _share(row: SpotRow) -> float | None:
    return row.spot_share


def _lost(row: SpotRow) -> float | None:
    return row.lost_usd_per_hour


def _columns(now: Moment) -> tuple[Column[SpotRow], ...]:
    def seconds_ago(row: SpotRow) -> float | None:
        return (now() - row.last_lost_at).total_seconds() if row.last_lost_at else None

    return (
        named("pool", "POOL", lambda row: row.name, 12, role="text", grow=3, max_width=32, gap=0),
        named("cluster", "CLUSTER", lambda row: row.cluster, 12, priority=8, max_width=20),
        figure("nodes", "NODES", lambda row: row.nodes, fmt.count, fmt.COUNT_CELLS, priority=7, role="quiet"),
        figure("spot", "SPOT", _share, fmt.percent_cell, fmt.PERCENT_CELLS, priority=6, paint=_role),
        figure("1h", "1h", lambda row: row.lost_1h, fmt.count, LOST_CELLS, priority=5, paint=_lately_role),
        figure("24h", "24h", lambda row: row.lost_24h, fmt.count, LOST_CELLS, priority=2, paint=_role),
        figure("lost", "LOST $/h", _lost, fmt.rate_cell, fmt.RATE_CELLS, priority=3, paint=_role),
        figure(
            "last",
            "LAST AGO",
            seconds_ago,
            fmt.duration,
            fmt.DURATION_CELLS,
            priority=4,
            role="quiet",
            descending_first=False,
        ),
    )


FIELDS: tuple[Field[SpotRow], ...] = (
    Field(("pool", "name"), Kind.TEXT, lambda row: row.name),
    Field(("cluster",), Kind.TEXT, lambda row: row.cluster),
    Field(("nodes",), Kind.NUMBER, lambda row: row.nodes),
    Field(("spot",), Kind.PERCENT, lambda row: row.spot_share),
    Field(("1h",), Kind.NUMBER, lambda row: row.lost_1h),
    Field(("24h", "lost"), Kind.NUMBER, lambda row: row.lost_24h),
    Field(("usd",), Kind.NUMBER, lambda row: row.lost_usd_per_hour),
)


def _summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    if not snapshot.spot:
        return ()
    lost = sum(row.lost_24h for row in snapshot.spot)
    leaving = sum(row.leaving for row in snapshot.spot)
    role = "spot" if any(map(matters, snapshot.spot)) else "quiet"
    words: list[Span] = [(f"{counted(lost, 'node')} lost in 24h" if lost else "no node lost in 24h", role)]
    if leaving:
        words += [(" · ", "quiet"), (f"{counted(leaving, 'node')} leaving now", "spot bold")]
    return words


def _worst(snapshot: Snapshot) -> Sequence[Span]:
    lost = sum(row.lost_24h for row in snapshot.spot)
    return ((f"{fmt.count(lost)} lost", "spot" if any(map(matters, snapshot.spot)) else "quiet"),) if lost else ()


SPOT: PaneSpec[SpotRow] = PaneSpec(
    id="spot",
    number=4,
    title="Spot",
    tab="Spot",
    columns=_columns,
    order="24h",
    rows=lambda snapshot, _scope: snapshot.spot,
    key=lambda row: row.key,
    name=lambda row: row.name,
    fields=FIELDS,
    summary=_summary,
    worst=_worst,
    empty="No pool with spot capacity is known.",
    facts=facts,
    origins=origins,
    stale=is_stale,
    at=answered_at,
)
