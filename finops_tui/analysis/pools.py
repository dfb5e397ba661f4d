"""What each pool's GPUs do and cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.analysis.capacity import Capacity, capacity_of, not_counted, unpriced
from finops_tui.analysis.cluster_costs import NodeAccount
from finops_tui.analysis.ownership import Owners
from finops_tui.analysis.pricing import in_words
from finops_tui.model.fleet import Held
from finops_tui.model.gpu import GpuError, GpuMethod, GpuReading
from finops_tui.model.snapshot import PoolRow

ERRORS_SHOWN_FOR = timedelta(hours=1)


class Pool(NamedTuple):
    key: str
    name: str
    cluster: str
    accounts: Sequence[NodeAccount]
    figures: Capacity
    gpu_model: str
    owner: str
    """By the nodes' own labels."""
    priced_by: str
    missing: str
    """Which of its nodes have no price, and why."""


def pools_of(accounts: Iterable[NodeAccount], readings: Mapping[str, GpuReading], owners: Owners) -> list[Pool]:
    """Sort one cluster's nodes into pools, by name."""
    by_pool: defaultdict[str, list[NodeAccount]] = defaultdict(list)
    for account in accounts:
        by_pool[account.node.pool].append(account)
    return [_pool(name, members, capacity_of(members, readings), owners) for name, members in sorted(by_pool.items())]


def _pool(name: str, members: Sequence[NodeAccount], figures: Capacity, owners: Owners) -> Pool:
    return Pool(
        key=members[0].node.pool_key,
        name=name,
        cluster=members[0].node.cluster,
        accounts=members,
        figures=figures,
        gpu_model=_most([account.node.gpu_model for account in members]),
        owner=_most([owners.facts(account.node.labels).get("team", "") for account in members]),
        priced_by=in_words([account.price.words for account in members if account.usd is not None]),
        missing=not_counted(figures, unpriced(members)) if figures.unpriced else "",
    )


def pool_row(pool: Pool, errors: tuple[str, ...], at: datetime | None, *, stale: bool, missing: str) -> PoolRow:
    figures = pool.figures
    return PoolRow(
        key=pool.key,
        name=pool.name,
        cluster=pool.cluster,
        nodes=figures.nodes,
        gpu_model=pool.gpu_model,
        gpus=figures.gpus,
        allocated=figures.allocated,
        busy=figures.busy,
        utilization=figures.utilization,
        memory_used=figures.memory_used,
        power_watts=figures.power_watts,
        usd_per_hour=figures.usd,
        idle_usd_per_hour=figures.idle_usd,
        unallocated_usd_per_hour=figures.unallocated_usd,
        method=GpuMethod.KERNEL_RUNNING.value if figures.fallback else "",
        reporting=figures.reporting,
        unpriced_nodes=figures.unpriced,
        priced_by=pool.priced_by,
        errors=errors,
        at=at,
        stale=stale,
        missing=missing,
    )


def recent_errors(held: Mapping[tuple[str, str], Held[GpuError]], now: datetime) -> list[tuple[str, str]]:
    """Return the last hour's XID errors, newest first: `cluster/node` and the error in words."""
    recent = [(node, device, error) for (node, device), error in held.items() if now - error.at <= ERRORS_SHOWN_FOR]
    recent.sort(key=lambda entry: (now - entry[2].at, entry[:2]))
    return [(node, _in_words(error.value)) for node, _, error in recent]


def errors_of(pool: Pool, errors: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Pick out a pool's own."""
    own = {account.node.key for account in pool.accounts}
    return tuple(words for node, words in errors if node in own)


def _in_words(error: GpuError) -> str:
    return f"XID {error.xid} on {error.node}" + (f", {error.message}" if error.message else "")


def _most(names: Iterable[str]) -> str:
    counted = Counter(name for name in names if name)
    return min(counted, key=lambda name: (-counted[name], name)) if counted else ""
