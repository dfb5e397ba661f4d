"""What is paid for and what it does, summed over nodes: a pool, a cluster, everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import ceil, fsum
from typing import NamedTuple

from finops_tui.analysis.cluster_costs import NodeAccount
from finops_tui.analysis.figures import amount, total
from finops_tui.model.gpu import GpuMethod, GpuReading
from finops_tui.model.snapshot import Unpriced

ALMOST = 1e-6
"""Sums of thirds and sevenths miss whole numbers by less than this."""


class Capacity(NamedTuple):
    nodes: int = 0
    gpus: int = 0
    allocated: float | None = 0.0
    """GPUs, never more than there are; None where it is not known of some of the nodes, as are the pods."""
    pods: int | None = 0
    usd: float | None = None
    idle_usd: float | None = None
    unallocated_usd: float | None = None
    unpriced: int = 0
    reporting: int = 0
    busy: int | None = None
    """How many GPUs the work of this moment takes; slices of several count together."""
    utilization: float | None = None
    """Mean over the GPUs that report it, as is `memory_used`."""
    memory_used: float | None = None
    power_watts: float | None = None
    fallback: bool = False
    """Some of the utilization is from the lesser instrument."""


def capacity_of(accounts: Sequence[NodeAccount], readings: Mapping[str, GpuReading]) -> Capacity:
    """Sum up some nodes of one cluster, with what their GPUs report."""
    priced = [account for account in accounts if account.usd is not None]
    with_gpus = [account for account in accounts if account.node.gpus > 0]
    spoken = [reading for account in with_gpus if (reading := readings.get(account.node.name)) and reading.gpus > 0]
    active = [reading.active for reading in spoken if reading.active is not None and reading.active >= 0]
    return Capacity(
        nodes=len(accounts),
        gpus=sum([account.node.gpus for account in with_gpus]),
        allocated=whole_sum([account.allocated_gpus for account in with_gpus]),
        pods=_whole_count([account.pods for account in accounts]),
        usd=fsum([account.usd for account in priced if account.usd is not None]) if priced or not accounts else None,
        idle_usd=total([account.idle_usd for account in priced]),
        unallocated_usd=total([account.unallocated_usd for account in priced]),
        unpriced=len(accounts) - len(priced),
        reporting=sum([reading.gpus for reading in spoken]),
        busy=ceil(fsum(active) - ALMOST) if active else None,
        utilization=mean([(reading.utilization, reading.gpus) for reading in spoken]),
        memory_used=mean([(reading.memory_used, reading.gpus) for reading in spoken]),
        power_watts=total([amount(reading.power_watts) for reading in spoken]),
        fallback=any([reading.method is not GpuMethod.ENGINE_ACTIVE for reading in spoken]),  # noqa: C419 - faster
    )


def together(parts: Sequence[Capacity]) -> Capacity:
    """Sum up sums."""
    busy = total([part.busy for part in parts])
    return Capacity(
        nodes=sum(part.nodes for part in parts),
        gpus=sum(part.gpus for part in parts),
        allocated=whole_sum([part.allocated for part in parts]),
        pods=_whole_count([part.pods for part in parts]),
        usd=total([part.usd for part in parts if part.nodes]) if any(part.nodes for part in parts) else 0.0,
        idle_usd=total([part.idle_usd for part in parts]),
        unallocated_usd=total([part.unallocated_usd for part in parts]),
        unpriced=sum(part.unpriced for part in parts),
        reporting=sum(part.reporting for part in parts),
        busy=None if busy is None else int(busy),
        utilization=mean([(part.utilization, part.reporting) for part in parts]),
        memory_used=mean([(part.memory_used, part.reporting) for part in parts]),
        power_watts=total([part.power_watts for part in parts]),
        fallback=any(part.fallback for part in parts),
    )


def whole_sum(values: Sequence[float | None]) -> float | None:
    """Return a sum that is known only where all of its parts are: with one left out, the rest would look free."""
    known = [value for value in values if value is not None]
    return fsum(known) if len(known) == len(values) else None


def _whole_count(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def mean(weighted: Iterable[tuple[float | None, float]]) -> float | None:
    """Return the mean of ratios that can be true (0-1), by weight; None when there are none."""
    above = below = 0.0
    for value, weight in weighted:
        if value is not None and value >= 0:
            above += min(value, 1.0) * weight
            below += weight
    return above / below if below > 0 else None


def free_gpus(parts: Iterable[Capacity]) -> float:
    """Return how many GPUs nobody requested, as far as that is known."""
    return fsum(part.gpus - part.allocated for part in parts if part.allocated is not None)


def unpriced(accounts: Iterable[NodeAccount]) -> tuple[Unpriced, ...]:
    """Count nodes without a price by their reason, most first."""
    without = [account for account in accounts if account.usd is None]
    without.sort(key=lambda account: account.node.key, reverse=True)
    examples = {account.price.words: account.node.key for account in without}
    counts = Counter(account.price.words for account in without)
    return tuple(
        Unpriced(reason=reason, nodes=counts[reason], example=examples[reason])
        for reason in sorted(counts, key=lambda reason: (-counts[reason], reason))
    )


def not_told(figures: Capacity, cluster: str) -> str:
    """Say why it is not known what of a cluster's nodes is requested; empty where it is."""
    if figures.pods is not None:
        return ""
    return f"What is requested in {cluster} is not known: nobody tells of its pods."


def not_counted(figures: Capacity, without: Sequence[Unpriced]) -> str:
    """Say in words which part of a sum is missing, and why."""
    if not without:
        return ""
    return f"{figures.unpriced} of {figures.nodes} nodes not counted: {without[0].reason}"
