"""Pane 4: how every pool's spot capacity fares, and what its loss costs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot, SpotRow
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, answered_at, counted, is_stale
from finops_tui.ui.panes.facts import Fact, Origin, age, moment
from finops_tui.ui.text import cut_middle
from finops_tui.ui.widgets.columns import Cell, Column

LOST_WORTH_COLOUR = 10.0
"""Extra $/h in one pool from which lost spot capacity is more than its usual coming and going."""


def _matters(row: SpotRow) -> bool:
    return row.leaving > 0 or (row.lost_usd_per_hour or 0.0) >= LOST_WORTH_COLOUR


def _coloured(text: str, row: SpotRow, *, otherwise: str = "text") -> Cell:
    return ((text, "spot" if _matters(row) else otherwise),)


def _columns(now: Moment) -> tuple[Column[SpotRow], ...]:
    def ago(row: SpotRow) -> Cell:
        return fmt.duration((now() - row.last_lost_at).total_seconds()) if row.last_lost_at else MISSING

    return (
        Column(
            id="pool", title="POOL", cell=lambda row: row.name or MISSING, width=12, grow=3, max_width=32, cut=cut_middle,
            sort=lambda row: row.name.casefold(),
        ),
        Column(
            id="cluster", title="CLUSTER", cell=lambda row: row.cluster, width=12, grow=1, max_width=20, role="quiet",
            priority=8, gap=2, cut=cut_middle, sort=lambda row: row.cluster.casefold(),
        ),
        Column(
            id="nodes", title="NODES", cell=lambda row: fmt.count(row.nodes), width=fmt.COUNT_CELLS, align="right",
            role="quiet", priority=7, figure=True, sort=lambda row: row.nodes, descending_first=True,
        ),
        Column(
            id="spot", title="SPOT", cell=lambda row: _coloured(fmt.percent_cell(row.spot_share), row),
            width=fmt.PERCENT_CELLS, align="right", priority=6, figure=True, sort=lambda row: row.spot_share,
        ),
        Column(
            id="1h", title="1h", cell=lambda row: ((fmt.count(row.lost_1h), "spot" if row.lost_1h else "quiet"),), width=4,
            align="right", priority=5, figure=True, sort=lambda row: row.lost_1h, descending_first=True,
        ),
        Column(
            id="24h", title="24h", cell=lambda row: _coloured(fmt.count(row.lost_24h), row), width=4, align="right",
            priority=2, figure=True, sort=lambda row: row.lost_24h, descending_first=True,
        ),
        Column(
            id="lost", title="LOST $/h", cell=lambda row: _coloured(fmt.rate_cell(row.lost_usd_per_hour), row),
            width=fmt.RATE_CELLS, align="right", priority=3, figure=True, sort=lambda row: row.lost_usd_per_hour,
            descending_first=True,
        ),
        Column(
            id="last", title="LAST AGO", cell=ago, width=fmt.DURATION_CELLS, align="right", role="quiet", priority=4,
            figure=True, sort=lambda row: row.last_lost_at, descending_first=True,
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
    role = "spot" if any(map(_matters, snapshot.spot)) else "quiet"
    words: list[Span] = [(f"{counted(lost, 'node')} lost in 24h" if lost else "no node lost in 24h", role)]
    if leaving:
        words += [(" · ", "quiet"), (f"{counted(leaving, 'node')} leaving now", "spot bold")]
    return words


def _worst(snapshot: Snapshot) -> Sequence[Span]:
    lost = sum(row.lost_24h for row in snapshot.spot)
    return ((f"{fmt.count(lost)} lost", "spot" if any(map(_matters, snapshot.spot)) else "quiet"),) if lost else ()


def _facts(row: SpotRow, _snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    return (
        Fact("Spot", fmt.percent(row.spot_share), f"{row.spot_nodes:,} of {counted(row.nodes, 'node')}", column="spot"),
        Fact("Lost 1h", fmt.count(row.lost_1h), "nodes taken by the cloud", column="1h"),
        Fact("Lost 24h", fmt.count(row.lost_24h), "nodes taken by the cloud", "spot" if _matters(row) else "", column="24h"),
        Fact("Lost $/h", fmt.estimated(fmt.rate(row.lost_usd_per_hour)), "on-demand nodes that took their place", column="lost"),
        Fact("Leaving", fmt.count(row.leaving), "nodes that are being taken right now" if row.leaving else ""),
        moment("Last lost", row.last_lost_at, now, "none seen"),
        Fact("Cluster", row.cluster or MISSING, column="cluster"),
        *((Fact("Missing", row.missing, ""),) if row.missing else ()),
        age(row.at, now, stale=row.stale),
    )


def _origins(row: SpotRow, _snapshot: Snapshot) -> Sequence[Origin]:
    return (
        Origin("Spot", fmt.percent(row.spot_share), "Nodes whose capacity type is spot, by the labels of their provider, of all nodes."),
        Origin("Lost", fmt.count(row.lost_24h), "Interruptions announced by events or seen as a spot node leaving for that reason; each once."),
        Origin(
            "Lost $/h", fmt.rate(row.lost_usd_per_hour),
            "Price of on-demand nodes that joined after an interruption, less the spot price; at most as many as were lost.",
        ),
    )


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
    empty="No pool has spot capacity.",
    facts=_facts,
    origins=_origins,
    stale=is_stale,
    at=answered_at,
)
