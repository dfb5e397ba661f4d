"""Which nodes a change leaves empty, what they cost, and when they go. Pure: from the fleet and a snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from finops_tui.actions.releases import NEVER, Delays
from finops_tui.model.fleet import Cluster
from finops_tui.model.inventory import Node, Workload
from finops_tui.model.money import CapacityType
from finops_tui.model.snapshot import Snapshot
from finops_tui.phrases import clock, counted, listed

STAY = frozenset({"DaemonSet", "Node"})
"""Kinds whose pods hold no node: they run wherever there is one (`Node` owns static pods)."""


@dataclass(frozen=True, slots=True)
class Saving:
    usd_per_hour: float | None
    """None where a node's price is not known."""
    when: str
    at: datetime | None = None
    until_then: str = ""


def emptied_by(cluster: Cluster, workload: Workload, pods_left: int) -> list[Node]:
    """Return the nodes that are empty for certain once only so many of a workload's pods are left.

    Which pods go is not ours to say, so those that stay are thought of as spread over as many nodes as they can be,
    the dearest last to go: what is promised is the least that comes true.
    """
    shared = {
        placement.node
        for other in cluster.workloads.values()
        if other.key != workload.key and other.kind not in STAY
        for placement in other.placements
        if placement.pods > 0
    }
    own = [cluster.nodes[place.node] for place in workload.placements if place.node in cluster.nodes and place.pods > 0]
    alone = sorted((node for node in own if node.name not in shared), key=lambda node: (node.gpus, node.name))
    return alone[: max(0, len(alone) - pods_left)]


def saving(nodes: Sequence[Node], delays: Delays, snapshot: Snapshot, now: datetime) -> Saving:
    """Return what leaves the bill with these nodes."""
    if not nodes:
        return Saving(0.0, "no node becomes empty", until_then="its nodes are paid for whoever runs on them")
    reserved = [node for node in nodes if node.capacity_type is CapacityType.RESERVED]
    staying = [node for node in nodes if node not in reserved and delays.get(node.pool) == NEVER]
    going = [node for node in nodes if node not in reserved and node not in staying]
    if not going:
        why = f"Karpenter keeps empty nodes of {listed(sorted({node.pool for node in staying}))}"
        if reserved:
            why = "reserved nodes are paid for either way"
        return Saving(0.0, f"{_nodes(nodes)} {'is' if len(nodes) == 1 else 'are'} empty then and stay", until_then=why)
    usd = _priced(going, snapshot)
    when = f"once {_nodes(going)} {'is' if len(going) == 1 else 'are'} gone"
    until = "freed pods do not stop the bill, removed nodes do"
    if reserved:
        until += f"; {_nodes(reserved)}, reserved, cost the same either way"
    known = [delays[node.pool] for node in going if node.pool in delays]
    if len(known) < len(going):
        return Saving(usd, f"{when}; when their autoscaler removes them is not known", until_then=until)
    at = now + max(known, default=timedelta())
    return Saving(usd, f"{when}, about {clock(at, now)}", at=at, until_then=until)


def _priced(nodes: Iterable[Node], snapshot: Snapshot) -> float | None:
    """Add up what nodes cost, each as much as the mean of its pool; None where a pool has no price."""
    each: dict[str, float] = {}
    for pool in snapshot.pools:
        priced = pool.nodes - pool.unpriced_nodes
        if pool.usd_per_hour is not None and priced > 0:
            each[pool.key] = pool.usd_per_hour / priced
    prices = [each.get(node.pool_key) for node in nodes]
    known = [price for price in prices if price is not None]
    return sum(known) if len(known) == len(prices) else None


def _nodes(nodes: Sequence[Node]) -> str:
    """Write how many of which pools: `9 h100-train nodes`."""
    pools = Counter(node.pool for node in nodes)
    return " and ".join(counted(count, f"{pool} node".strip()) for pool, count in pools.items())
