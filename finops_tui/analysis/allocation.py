"""How a node's cost is shared among those who requested parts of it.

GPU share first: on a node with GPUs the whole cost follows the GPUs requested, since that is what the node is paid for.
On a node without, it follows the mean of the shares of CPU and memory. What nobody requested is unallocated. When more
is requested than there is, the shares are scaled so that they never add up to more than the node costs.
"""

from __future__ import annotations

from finops_tui.analysis.figures import amount
from finops_tui.model.inventory import Node, Placement


def capacity(node: Node) -> float:
    """Return what `units` are parts of: GPUs, or 1 for a node without."""
    return float(node.gpus) if node.gpus > 0 else 1.0


def units(placement: Placement, node: Node) -> float | None:
    """Return how much of the node's capacity is requested, None when the request makes no sense."""
    if node.gpus > 0:
        return amount(placement.gpus)
    cpu = _share(placement.cpu_cores, node.cpu_cores)
    memory = _share(placement.memory_bytes, node.memory_bytes)
    if cpu is None:
        return memory
    return cpu if memory is None else (cpu + memory) / 2


def usd_per_unit(usd_per_hour: float, of: float, requested: float) -> float:
    """Return the price of one unit of a node with capacity `of` of which `requested` units are taken."""
    return usd_per_hour / max(of, requested)


def _share(requested: float, available: float) -> float | None:
    """Return a ratio, None where either side is not known."""
    part, whole = amount(requested), amount(available)
    return part / whole if part is not None and whole else None
