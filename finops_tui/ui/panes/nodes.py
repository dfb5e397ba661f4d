"""The nodes of one pool, as the page about them shows each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui import phrases
from finops_tui.model.scope import ScopeKind
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import MISSING, TICKET
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, answered_at, figure, is_stale, named, nothing_wrong
from finops_tui.ui.panes.facts import Fact, Origin, age, moment, priced_by, priced_how, why_missing
from finops_tui.ui.text import cut_host
from finops_tui.ui.widgets.columns import Cell, Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import NodeRow, PoolNodes, Snapshot

READY = "ready"
CORDONED = "cordoned"
STATE_CELLS, AGE_CELLS = len("not ready, cordoned"), len("364d")
FREE_WORTH_COLOUR = 10.0
"""$/h of one node that nobody requested, as of a pool."""


def state(row: NodeRow) -> str:
    """Say how it is: `ready`, `cordoned`, `not ready, cordoned`, `spot interruption`."""
    if row.schedulable:
        return row.state
    return CORDONED if row.state == READY else f"{row.state}, {CORDONED}"


def _state(row: NodeRow) -> Cell:
    return ((state(row), "text" if row.state == READY and row.schedulable else "ticket"),)


def _urgency(row: NodeRow) -> tuple[bool, bool, float, str]:
    return row.state == READY, row.schedulable, -(row.unallocated_usd_per_hour or 0.0), row.name


def _used(row: NodeRow) -> Cell:
    return f"{fmt.count(row.gpus_used)}/{fmt.count(row.gpus)}"


def _free_role(row: NodeRow) -> str:
    return "idle" if (row.unallocated_usd_per_hour or 0.0) >= FREE_WORTH_COLOUR else "text"


def _columns(now: Moment) -> tuple[Column[NodeRow], ...]:
    def aged(row: NodeRow) -> Cell:
        return fmt.duration((now() - row.created_at).total_seconds()) if row.created_at is not None else MISSING

    return (
        named("node", "NODE", lambda row: row.name, 16, role="text", grow=3, max_width=48, gap=0, cut=cut_host),
        Column(id="state", title="STATE", cell=_state, width=STATE_CELLS, gap=2, priority=1, sort=_urgency),
        named("type", "TYPE", lambda row: row.instance_type, 14, priority=8, max_width=20),
        named("capacity", "CAPACITY", lambda row: row.capacity_type, 9, priority=9, max_width=12),
        Column(
            id="gpus",
            title="GPUS",
            cell=_used,
            width=fmt.COUNT_CELLS + 2,
            gap=2,
            priority=2,
            sort=lambda row: row.gpus_used,
            figure=True,
        ),
        figure("pods", "PODS", lambda row: row.pods, fmt.count, fmt.COUNT_CELLS, priority=4, role="quiet"),
        figure("usd", "≈$/h", lambda row: row.usd_per_hour, fmt.rate_cell, fmt.RATE_CELLS, priority=3, gap=2),
        figure(
            "free",
            "FREE $/h",
            lambda row: row.unallocated_usd_per_hour,
            fmt.rate_cell,
            fmt.RATE_CELLS,
            priority=5,
            gap=2,
            paint=_free_role,
        ),
        Column(
            id="age",
            title="AGE",
            cell=aged,
            width=AGE_CELLS + 3,
            gap=2,
            priority=6,
            role="quiet",
            sort=lambda row: row.created_at,
            figure=True,
        ),
    )


FIELDS: tuple[Field[NodeRow], ...] = (
    Field(("node", "name"), Kind.TEXT, lambda row: row.name),
    Field(("state",), Kind.TEXT, state),
    Field(("type",), Kind.TEXT, lambda row: row.instance_type),
    Field(("zone",), Kind.TEXT, lambda row: row.zone),
    Field(("capacity",), Kind.TEXT, lambda row: row.capacity_type),
    Field(("gpu", "gpus"), Kind.NUMBER, lambda row: row.gpus_used),
    Field(("pods",), Kind.NUMBER, lambda row: row.pods),
    Field(("usd",), Kind.NUMBER, lambda row: row.usd_per_hour),
    Field(("free",), Kind.NUMBER, lambda row: row.unallocated_usd_per_hour),
)


def _facts(row: NodeRow, _snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    role = "" if row.state == READY and row.schedulable else "ticket"
    new_pods = "new pods may come to it" if row.schedulable else "no new pods come to it; those that run on it stay"
    return (
        Fact("State", state(row), new_pods, role, column="state"),
        Fact("GPUs", f"{fmt.count(row.gpus_used)} of {fmt.count(row.gpus)}", "requested by its pods", column="gpus"),
        Fact("Pods", fmt.count(row.pods), "daemons too", column="pods"),
        Fact(
            "Costs",
            phrases.estimated(fmt.rate(row.usd_per_hour)),
            why_missing(row.missing, row.usd_per_hour) or "estimated",
            column="usd",
        ),
        Fact("Free", fmt.rate(row.unallocated_usd_per_hour), "paid for and requested by nobody", column="free"),
        Fact("Type", row.instance_type or MISSING, row.capacity_type, column="type"),
        *((Fact("Zone", row.zone),) if row.zone else ()),
        Fact("Pool", row.pool or MISSING, f"in {row.cluster}"),
        moment("Since", row.created_at, now, "not told"),
        *priced_by(row.priced_by),
        age(row.at, now, stale=row.stale),
    )


def _origins(row: NodeRow, _snapshot: Snapshot) -> Sequence[Origin]:
    return (
        Origin("GPUs", f"{fmt.count(row.gpus_used)}/{fmt.count(row.gpus)}", "What its pods request of what it has."),
        Origin("$/h", fmt.rate(row.usd_per_hour), _price(row)),
        *priced_how(row.priced_by),
        Origin("Free", fmt.rate(row.unallocated_usd_per_hour), "What nobody requested, times its price."),
    )


def _price(row: NodeRow) -> str:
    return why_missing(row.missing, row.usd_per_hour) or "The price of its type, place and capacity."


def nodes_pane(pool: str, name: str) -> PaneSpec[NodeRow]:
    """Return the pane of one pool: its key, and how it is called on the screen."""

    def held(snapshot: Snapshot) -> PoolNodes | None:
        return snapshot.nodes if snapshot.nodes is not None and snapshot.nodes.pool == pool else None

    def rows(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[NodeRow]:
        nodes = held(snapshot)
        return nodes.rows if nodes is not None else ()

    def summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
        nodes = held(snapshot)
        if nodes is None:
            return ()
        words: list[Span] = [(counted(nodes.of, "node"), "quiet")]
        if nodes.more:
            words.append((f" · +{nodes.more:,} more: /", "text"))
        bad = sum(row.state != READY or not row.schedulable for row in nodes.rows)
        if bad:
            words.append((f" · {TICKET} {bad} to look at", "ticket"))
        return words

    return PaneSpec(
        id="nodes",
        number=2,
        title=f"Nodes of {name}",
        tab="Nodes",
        columns=_columns,
        order="state",
        rows=rows,
        key=lambda row: row.key,
        name=lambda row: f"node/{row.name}",
        fields=FIELDS,
        summary=summary,
        worst=nothing_wrong,
        empty="It has no nodes now.",
        facts=_facts,
        origins=_origins,
        stale=is_stale,
        at=answered_at,
        markable=True,
    )
