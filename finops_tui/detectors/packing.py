"""How few nodes would do for what is requested, going by GPUs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from finops_tui.detectors.quantities import positive
from finops_tui.model.fleet import Cluster
from finops_tui.model.inventory import Node, Workload

EPSILON = 1e-6
"""Parts of GPUs are sums of floats."""


class Packing(NamedTuple):
    nodes: int
    """Those that stay; those that are being taken away go by themselves."""
    empty: int
    """Without any GPU requested."""
    closed: int
    """Cordoned or not ready: they cost, and take nothing."""
    needed: int
    """Nodes that hold the same requests when they are packed tightly, never more than there are."""

    @property
    def spare(self) -> int:
        return self.nodes - self.needed


def packing(cluster: Cluster, pool: str, workloads: Iterable[Workload]) -> Packing:
    """Pack the pods of a pool anew, the largest first, each where it leaves the least room (best fit decreasing).

    CPU, memory, affinity and what may be moved are not looked at: more may be needed.
    """
    nodes = {
        name: node for name, node in cluster.nodes.items() if node.pool == pool and node.gpus > 0 and not node.leaving
    }
    pods: Counter[float] = Counter()
    taken: Counter[str] = Counter()
    for workload in workloads:
        for placement in workload.placements:
            size = positive(placement.gpus) / max(1, placement.pods)
            if placement.node in nodes and size > EPSILON:
                pods[size] += max(1, placement.pods)
                taken[placement.node] += 1
    needed = nodes_needed(pods, [float(node.gpus) for node in nodes.values()])
    return Packing(
        nodes=len(nodes),
        empty=sum(1 for name in nodes if not taken[name]),
        closed=sum(1 for node in nodes.values() if _closed(node)),
        needed=len(nodes) if needed is None else needed,
    )


def nodes_needed(pods: Mapping[float, int], capacities: Sequence[float]) -> int | None:
    """Return how many nodes, the largest first, hold so many pods of each size (GPUs, above 0); None if all do not."""
    fresh = sorted(capacities)
    free: Counter[float] = Counter()
    """Nodes in use by the GPUs that are left on them."""
    opened = 0
    for size, count in sorted(pods.items(), reverse=True):
        left = count
        while left > 0:
            room = min((gpus for gpus, nodes in free.items() if nodes > 0 and gpus >= size - EPSILON), default=None)
            if room is not None:
                free[room] -= 1
            elif fresh and fresh[-1] >= size - EPSILON:
                room = fresh.pop()
                opened += 1
            else:
                return None
            placed = min(left, max(1, int((room + EPSILON) / size)))
            left -= placed
            free[round(room - placed * size, 6)] += 1
    return opened


def _closed(node: Node) -> bool:
    return not (node.ready and node.schedulable)
