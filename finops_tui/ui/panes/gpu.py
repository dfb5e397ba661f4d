"""Pane 2: what every pool of GPUs does, and what its idle ones cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui import phrases
from finops_tui.model.scope import ScopeKind
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import GAUGE_CELLS, MISSING, TICKET
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, answered_at, figure, is_stale, named, nothing_wrong
from finops_tui.ui.panes.facts import Fact, Origin, age, priced_by, priced_how, why_missing
from finops_tui.ui.widgets.columns import Column
from finops_tui.ui.widgets.gauge import gauge

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import PoolRow, Snapshot

IDLE_WORTH_COLOUR = 10.0
"""$/h of one pool (visual language, section 3)."""


def _utilization(row: PoolRow) -> float | None:
    return row.utilization


def _memory(row: PoolRow) -> float | None:
    return row.memory_used


def _power(row: PoolRow) -> float | None:
    return row.power_watts


def _idle(row: PoolRow) -> float | None:
    return row.idle_usd_per_hour


def _idle_role(row: PoolRow) -> str:
    return "idle" if (row.idle_usd_per_hour or 0.0) >= IDLE_WORTH_COLOUR else "text"


def _columns(_now: Moment) -> tuple[Column[PoolRow], ...]:
    return (
        named("pool", "POOL", lambda row: row.name, 12, role="text", grow=3, max_width=32, gap=0),
        named("cluster", "CLUSTER", lambda row: row.cluster, 12, priority=10, max_width=20),
        named("model", "MODEL", lambda row: row.gpu_model, 10, priority=8, grow=3),
        figure("gpus", "GPUS", lambda row: row.gpus, fmt.count, fmt.COUNT_CELLS, priority=5, role="quiet"),
        figure("busy", "BUSY", lambda row: row.busy, fmt.count, fmt.COUNT_CELLS, priority=4),
        Column(
            id="gauge",
            title="",
            cell=lambda row: gauge(row.utilization),
            width=GAUGE_CELLS,
            priority=6,
            gap=2,
            figure=True,
        ),
        figure("util", "UTIL", _utilization, fmt.percent_cell, fmt.PERCENT_CELLS, priority=3),
        figure("mem", "MEM", _memory, fmt.percent_cell, fmt.PERCENT_CELLS, priority=7, role="quiet"),
        figure("power", "POWER", _power, fmt.power, fmt.POWER_CELLS, priority=11, role="quiet", gap=2),
        figure("usd", "≈$/h", lambda row: row.usd_per_hour, fmt.rate_cell, fmt.RATE_CELLS, priority=9, gap=2),
        figure("idle", "IDLE $/h", _idle, fmt.rate_cell, fmt.RATE_CELLS, priority=2, paint=_idle_role),
    )


FIELDS: tuple[Field[PoolRow], ...] = (
    Field(("pool", "name"), Kind.TEXT, lambda row: row.name),
    Field(("cluster",), Kind.TEXT, lambda row: row.cluster),
    Field(("model",), Kind.TEXT, lambda row: row.gpu_model),
    Field(("gpu", "gpus"), Kind.NUMBER, lambda row: row.gpus),
    Field(("busy",), Kind.NUMBER, lambda row: row.busy),
    Field(("nodes",), Kind.NUMBER, lambda row: row.nodes),
    Field(("util",), Kind.PERCENT, lambda row: row.utilization),
    Field(("mem",), Kind.PERCENT, lambda row: row.memory_used),
    Field(("usd",), Kind.NUMBER, lambda row: row.usd_per_hour),
    Field(("idle",), Kind.NUMBER, lambda row: row.idle_usd_per_hour),
    Field(("watts", "power"), Kind.NUMBER, lambda row: row.power_watts),
    Field(("xid", "error"), Kind.TEXT, lambda row: " ".join(row.errors)),
)


def _summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    idle = snapshot.headline.idle_usd_per_hour.value
    words: list[Span] = []
    if idle is not None:
        words.append((f"{phrases.estimated(fmt.rate(idle))} idle", "idle" if idle >= IDLE_WORTH_COLOUR else "text"))
    errors = sum(len(row.errors) for row in snapshot.pools)
    if errors:
        words += [(" · " if words else "", "quiet"), (f"{TICKET} {counted(errors, 'XID error')}", "ticket")]
    silent = sum(row.utilization is None for row in snapshot.pools)
    if silent:
        words += [(" · " if words else "", "quiet"), (f"{silent} without telemetry", "quiet")]
    return words


def _facts(row: PoolRow, _snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    reporting = "" if row.reporting is None or row.reporting >= row.gpus else f"{row.reporting} of {row.gpus} report"
    unpriced = f"{counted(row.unpriced_nodes, 'node')} without a price left out" if row.unpriced_nodes else "estimated"
    return (
        Fact(
            "GPUs",
            f"{fmt.count(row.gpus)} {row.gpu_model}".strip(),
            f"{fmt.count(row.allocated)} requested by pods",
            column="gpus",
        ),
        Fact(
            "Busy",
            fmt.count(row.busy),
            "worked in the last 5m" if row.busy is not None else why_missing(row.missing, None),
            column="busy",
        ),
        Fact(
            "Utilized",
            fmt.percent(row.utilization),
            reporting or why_missing(row.missing, row.utilization),
            column="util",
        ),
        Fact("Idle", fmt.rate(row.idle_usd_per_hour), "allocated but not working", "idle", column="idle"),
        Fact("Free", fmt.rate(row.unallocated_usd_per_hour), _free_words(row)),
        Fact("Spends", phrases.estimated(fmt.rate(row.usd_per_hour)), unpriced, column="usd"),
        Fact("Memory", fmt.percent(row.memory_used), "of the devices' own memory", column="mem"),
        Fact("Power", fmt.power(row.power_watts), "", column="power"),
        Fact("Nodes", fmt.count(row.nodes), ""),
        Fact("Cluster", row.cluster or MISSING, "", column="cluster"),
        *((Fact("Instrument", row.method),) if row.method else ()),
        *priced_by(row.priced_by),
        *(Fact("XID error", error, "", "ticket") for error in row.errors),
        age(row.at, now, stale=row.stale),
    )


def _free_words(row: PoolRow) -> str:
    return "nobody tells of pods" if row.allocated is None else "paid for and requested by nobody"


def _origins(row: PoolRow, _snapshot: Snapshot) -> Sequence[Origin]:
    return (
        Origin(
            "GPUs", fmt.count(row.gpus), "Physical devices of its nodes; time-sliced copies do not make more of them."
        ),
        Origin(
            "Busy", fmt.count(row.busy), "Devices with at least 5% utilization at some time in the last five minutes."
        ),
        Origin(
            "Utilization",
            fmt.percent(row.utilization),
            "Mean over the devices that report."
            + (f" Instrument: {row.method}." if row.method else "")
            + (" It reads 100% for a stuck job." if row.method == "kernel running" else ""),
        ),
        Origin(
            "$/h",
            fmt.rate(row.usd_per_hour),
            "The price of each of its nodes, summed. A node without a price is counted, not summed.",
        ),
        *priced_how(row.priced_by),
        Origin(
            "Idle",
            fmt.rate(row.idle_usd_per_hour),
            "Requested GPUs that did no work, times the node's price per GPU. "
            "Work is credited to requested GPUs first.",
        ),
        Origin(
            "Free",
            fmt.rate(row.unallocated_usd_per_hour),
            "GPUs that nobody requested, times the node's price per GPU.",
        ),
    )


GPU: PaneSpec[PoolRow] = PaneSpec(
    id="gpu",
    number=2,
    title="GPU",
    tab="GPU",
    columns=_columns,
    order="idle",
    rows=lambda snapshot, _scope: snapshot.pools,
    key=lambda row: row.key,
    name=lambda row: row.name,
    fields=FIELDS,
    summary=_summary,
    worst=nothing_wrong,
    empty="No node with a GPU is known.",
    facts=_facts,
    origins=_origins,
    stale=is_stale,
    at=answered_at,
    markable=True,
    mark=lambda row, _snapshot: (TICKET, "ticket") if row.errors else None,
)
