"""On-demand nodes that a pool has because the cloud took its spot nodes, and what they cost more."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from finops_tui.detectors.attribution import is_part
from finops_tui.detectors.base import Scene
from finops_tui.detectors.quantities import positive
from finops_tui.model.inventory import Node
from finops_tui.model.money import CapacityType
from finops_tui.model.scope import TOTAL, Scope, ScopeKind

STOOD_IN_WITHIN = timedelta(hours=1)
"""Of a loss: an on-demand node that joins later joins for another reason."""


RISE_BEGINS = timedelta(minutes=30)
"""Before the onset of an excess: what joined earlier is no part of the rise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dearer:
    """What one pool pays on demand because spot could not be had."""

    nodes: Mapping[str, Node]
    """By name."""
    usd_per_hour: float
    """By which each of them costs more than it would as spot."""

    @property
    def total(self) -> float:
        return len(self.nodes) * self.usd_per_hour

    def since(self, onset: datetime) -> Dearer:
        """Return it with the nodes alone that may be part of what began then."""
        first = onset - RISE_BEGINS
        lately = {
            name: node for name, node in self.nodes.items() if node.created_at is not None and node.created_at >= first
        }
        return replace(self, nodes=lately)


def losses(scene: Scene) -> Mapping[str, Sequence[datetime]]:
    """Return when each pool lost nodes in the last 24 hours in whose place no spot came, oldest first."""
    lost: defaultdict[str, list[datetime]] = defaultdict(list)
    for row in scene.snapshot.interruptions:
        if row.at <= scene.now and not row.replaced_by.endswith(f", {CapacityType.SPOT.value}"):
            lost[f"{row.cluster}/{row.pool}"].append(row.at)
    for times in lost.values():
        times.sort()
    return lost


def joined(scene: Scene, pools: Iterable[str], kind: CapacityType) -> Mapping[str, Sequence[tuple[datetime, Node]]]:
    """Return the present nodes of one kind that some pools have, by pool, with when they joined, oldest first."""
    wanted = set(pools)
    found: defaultdict[str, list[tuple[datetime, Node]]] = defaultdict(list)
    for name in {pool.partition("/")[0] for pool in wanted}:
        cluster = scene.fleet.clusters.get(name)
        for node in cluster.nodes.values() if cluster is not None else ():
            if node.capacity_type is kind and node.created_at is not None and node.pool_key in wanted:
                found[node.pool_key].append((node.created_at, node))
    for nodes in found.values():
        nodes.sort(key=lambda entry: (entry[0], entry[1].name))
    return found


def stand_ins(on_demand: Iterable[datetime], lost: Sequence[datetime]) -> Sequence[datetime]:
    """Return when those joined that `SpotRow.lost_usd_per_hour` counts: each within an hour of a loss of its own."""
    waiting = deque(lost)
    found = []
    for at in on_demand:
        while waiting and at - waiting[0] > STOOD_IN_WITHIN:
            waiting.popleft()
        if waiting and waiting[0] < at:
            waiting.popleft()
            found.append(at)
    return found


def dearer(scene: Scene) -> Mapping[str, Dearer]:
    """Return what pools pay on demand because spot could not be had, by `cluster/pool`.

    While the cloud has no spot to give, a pool that asks for more gets on-demand nodes too, not only those that
    replace what was taken: all count that joined within an hour of a loss before any spot node did. Each costs more
    what one that replaces a loss costs more.
    """
    paying = {row.key: row for row in scene.snapshot.spot if positive(row.lost_usd_per_hour)}
    if not paying:
        return {}
    lost = losses(scene)
    on_demand = joined(scene, paying, CapacityType.ON_DEMAND)
    spot = joined(scene, paying, CapacityType.SPOT)
    found = {}
    for key, row in paying.items():
        times, here = lost.get(key, ()), on_demand.get(key, ())
        counted = len(stand_ins((at for at, _ in here), times))
        if counted:
            came = [at for at, _ in spot.get(key, ())]
            nodes = {node.name: node for at, node in here if _without_spot(at, times, came)}
            each = positive(row.lost_usd_per_hour) / counted
            found[key] = Dearer(nodes=nodes, usd_per_hour=each)
    return found


def explained(scene: Scene, scope: Scope, onset: datetime, pools: Mapping[str, Dearer]) -> float:
    """Return how much of what a scope spends more since an onset is paid because spot could not be had, in $/h.

    Of a workload, by its part of the GPUs of those nodes; of a team, namespace or model, the sum of its workloads'.
    """
    if not pools:
        return 0.0
    found = {key: pays.since(onset) for key, pays in pools.items()}
    match scope.kind:
        case ScopeKind.POOL:
            return found[scope.name].total if scope.name in found else 0.0
        case ScopeKind.CLUSTER | ScopeKind.TOTAL:
            within = (key for key in found if scope == TOTAL or key.partition("/")[0] == scope.name)
            return sum(found[key].total for key in within)
        case ScopeKind.WORKLOAD:
            return _of_workload(scene, scope.name, found)
    tenants = {key for pool in found for key in scene.workloads_of_pools.get(pool, ())}
    own = (key for key in tenants if is_part(scene, Scope(ScopeKind.WORKLOAD, key), scope))
    return sum(_of_workload(scene, key, found) for key in own)


def _of_workload(scene: Scene, key: str, found: Mapping[str, Dearer]) -> float:
    workload = scene.workload(key)
    usd = 0.0
    for place in workload.placements if workload is not None else ():
        for pool, pays in found.items():
            node = pays.nodes.get(place.node) if pool.partition("/")[0] == key.partition("/")[0] else None
            if node is not None and node.gpus:
                usd += min(1.0, positive(place.gpus) / node.gpus) * pays.usd_per_hour
    return usd


def _without_spot(at: datetime, lost: Iterable[datetime], spot: Sequence[datetime]) -> bool:
    """Tell whether a node joined within an hour of a loss after which no spot node had come yet."""
    before = [loss for loss in lost if loss < at <= loss + STOOD_IN_WITHIN]
    return bool(before) and not any(before[-1] < came < at for came in spot)
