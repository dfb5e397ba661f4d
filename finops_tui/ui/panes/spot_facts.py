"""What is known of one pool's spot capacity, in words: who was hit, what it cost, what came in its place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui import phrases
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.panes.facts import Fact, Origin, age, moment

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import InterruptionRow, Snapshot, SpotRow

LOST_WORTH_COLOUR = 10.0
"""Extra $/h in one pool from which lost spot capacity is more than its usual coming and going."""
INTERRUPTIONS_SHOWN = 6
COUNTED_DOWN_SECONDS = 180
CENT = 0.005
"""Spot prices differ by less."""


def matters(row: SpotRow) -> bool:
    return row.leaving > 0 or (row.lost_usd_per_hour or 0.0) >= LOST_WORTH_COLOUR


def _own(row: SpotRow, snapshot: Snapshot) -> list[InterruptionRow]:
    """Return the interruptions of one pool, newest first."""
    return [each for each in snapshot.interruptions if each.pool == row.name and each.cluster == row.cluster]


def _going(interruptions: Sequence[InterruptionRow], now: datetime) -> list[float]:
    """Return in how many seconds nodes go, the next one first."""
    left = [(each.leaves_at - now).total_seconds() for each in interruptions if each.leaves_at is not None]
    return sorted(max(0.0, seconds) for seconds in left)


def _countdown(seconds: float) -> str:
    """Write how long something is still there: seconds matter in the last minutes."""
    if seconds <= 0:
        return "no time"
    return f"{seconds:.0f}s" if seconds < COUNTED_DOWN_SECONDS else fmt.duration(seconds)


def _rate(value: float | None) -> str:
    """Write interruptions per node and hour: there are few of them."""
    return f"{value:.1%}" if value is not None and fmt.known(value) else MISSING


def _replaced(interruptions: Sequence[InterruptionRow]) -> Fact:
    after = [each.replaced_after_seconds for each in interruptions if each.replaced_after_seconds is not None]
    if not after:
        return Fact("Replaced", MISSING, "no node came in place of one" if interruptions else "none was lost in 24h")
    missing = len(interruptions) - len(after)
    note = f"typically, {len(after)} of {len(interruptions)} in 24h" if missing else "typically, all of 24h"
    return Fact("Replaced", f"after {fmt.duration(_typical(after))}", note)


def _typical(seconds: Sequence[float]) -> float:
    """Return the middle one."""
    return sorted(seconds)[len(seconds) // 2]


def _jobs(interruptions: Sequence[InterruptionRow]) -> int | None:
    """Count who was hit; None where of no node it is known who ran there."""
    known = [each for each in interruptions if each.hit or each.lost_work_usd is not None]
    return len({key for each in known for key in each.hit}) if known or not interruptions else None


def _fate(each: InterruptionRow, now: datetime) -> str:
    """Tell in a line what became of one node."""
    words = []
    if each.leaves_at is not None:
        words.append(f"leaves in {_countdown(max(0.0, (each.leaves_at - now).total_seconds()))}")
    if each.hit:
        names = [key.rpartition("/")[2] for key in each.hit]
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        words.append(f"hit {names[0]}{more}")
    if each.lost_work_usd:
        words.append(f"{fmt.dollars(each.lost_work_usd)} of work lost")
    if each.replaced_after_seconds is not None:
        extra = each.surcharge_usd_per_hour
        cost = f", {fmt.signed_rate(extra)}" if extra is not None and abs(extra) >= CENT else ""
        words.append(f"replaced after {fmt.duration(each.replaced_after_seconds)} by {each.replaced_by}{cost}")
    else:
        words.append("not replaced")
    return " · ".join(words)


def _last(interruptions: Sequence[InterruptionRow], now: datetime) -> Sequence[Fact]:
    return [
        Fact(
            f"Taken {fmt.short_time(each.at, now)}",
            f"{each.node}{f' in {each.zone}' if each.zone else ''}",
            _fate(each, now),
            "spot" if each.leaves_at is not None else "",
        )
        for each in interruptions[:INTERRUPTIONS_SHOWN]
    ]


def facts(row: SpotRow, snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    interruptions = _own(row, snapshot)
    going = _going(interruptions, now)
    leaving = "nodes that are being taken right now" if row.leaving else ""
    if going:
        leaving += f", the next in {_countdown(going[0])}, the last in {_countdown(going[-1])}"
    return (
        Fact("Spot", fmt.percent(row.spot_share), f"{row.spot_nodes:,} of {counted(row.nodes, 'node')}", column="spot"),
        Fact("Lost 1h", fmt.count(row.lost_1h), "nodes taken by the cloud", column="1h"),
        Fact(
            "Lost 24h",
            fmt.count(row.lost_24h),
            "nodes taken by the cloud",
            "spot" if matters(row) else "",
            column="24h",
        ),
        Fact(
            "Lost $/h",
            phrases.estimated(fmt.rate(row.lost_usd_per_hour)),
            "on-demand nodes that took their place",
            column="lost",
        ),
        Fact("Leaving", fmt.count(row.leaving), leaving.removeprefix(", "), "spot" if row.leaving else ""),
        moment("Last lost", row.last_lost_at, now, "none seen"),
        Fact("Rate", _rate(row.rate_1h), f"of its spot nodes taken an hour; {_rate(row.rate_24h)} over 24h"),
        Fact("Jobs hit", fmt.count(_jobs(interruptions)), "workloads that ran on a node when it was taken, 24h"),
        Fact("Lost work", phrases.estimated(fmt.dollars(row.lost_work_usd)), _work_note(row)),
        Fact("Evicted 1h", fmt.count(row.evicted_1h), "pods removed against their will"),
        _replaced(interruptions),
        Fact(
            "Surcharge",
            phrases.estimated(fmt.signed_rate(_surcharge(interruptions))),
            "of the nodes that replaced, 24h",
        ),
        *_last(interruptions, now),
        Fact("Cluster", row.cluster or MISSING, column="cluster"),
        *((Fact("Missing", row.missing, ""),) if row.missing else ()),
        age(row.at, now, stale=row.stale),
    )


def _work_note(row: SpotRow) -> str:
    return "since the last checkpoints, 24h" if row.lost_work_usd is not None else "no checkpoint of what ran is known"


def origins(row: SpotRow, snapshot: Snapshot) -> Sequence[Origin]:
    interruptions = _own(row, snapshot)
    return (
        Origin(
            "Spot",
            fmt.percent(row.spot_share),
            "Nodes whose capacity type is spot, by the labels of their provider, of all nodes.",
        ),
        Origin(
            "Lost",
            fmt.count(row.lost_24h),
            "Interruptions announced by events or seen as a spot node leaving for that reason; each once.",
        ),
        Origin(
            "Lost $/h",
            fmt.rate(row.lost_usd_per_hour),
            "Price of on-demand nodes that joined after an interruption, less the spot price; "
            "at most as many as were lost.",
        ),
        Origin(
            "Rate",
            _rate(row.rate_1h),
            "Interruptions divided by the hours that its spot nodes stood there, together. Before the program "
            "started there were as many as at first; over 24h counts from the first interruption known.",
        ),
        Origin(
            "Leaves in",
            _countdown(going[0]) if (going := _going(interruptions, snapshot.at)) else MISSING,
            "Time of the interruption plus the notice that this cloud gives, while the node is there.",
        ),
        Origin(
            "Jobs hit",
            fmt.count(_jobs(interruptions)),
            "Workloads with GPUs on a node when it was taken or until its pods left, each once.",
        ),
        Origin(
            "Lost work",
            fmt.dollars(row.lost_work_usd),
            "For each job its GPUs' share of the node's $/h times the hours since its last checkpoint. Without "
            "checkpoints since its start, or the node's if that is later. Services lose nothing; what is not known "
            "is left out.",
        ),
        Origin(
            "Evicted",
            fmt.count(row.evicted_1h),
            "Pods of the last hour that were evicted or preempted on a node of the pool, by events and pod status.",
        ),
        Origin(
            "Replaced",
            _replaced(interruptions).value,
            "Median time until the first node that joined within an hour was ready: of the same pool, otherwise of "
            "one with the same GPUs. Each stands in for one.",
        ),
        Origin(
            "Surcharge",
            fmt.rate(_surcharge(interruptions)),
            "Price of each replacement less that of the node it replaces, for as many GPUs, summed over 24h.",
        ),
    )


def _surcharge(interruptions: Sequence[InterruptionRow]) -> float | None:
    known = [each.surcharge_usd_per_hour for each in interruptions if each.surcharge_usd_per_hour is not None]
    return sum(known) if known else None
