"""What the world usually looks like at any moment: the same traffic and schedule, with every autoscaler settled.

The running world starts from it, and the history that tells what is normal is made of it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.simulation.autoscaler import spot_target
from finops_tui.simulation.estate import CLUSTERS, ClusterPlan, PoolPlan
from finops_tui.simulation.queueing import replicas_wanted
from finops_tui.simulation.schedule import programmes
from finops_tui.simulation.spot_market import SpotMarket
from finops_tui.simulation.tenants import NAMESPACES, NOTEBOOKS, SERVICES
from finops_tui.simulation.traffic import Sessions, Traffic

_OFFSETS = {cluster.name: cluster.utc_offset_hours for cluster in CLUSTERS}
_TEAMS = {(cluster, plan.name): plan.team for plan in NAMESPACES for cluster in plan.clusters}


class Use(NamedTuple):
    """GPUs that one workload holds."""

    cluster: str
    kind: str
    namespace: str
    name: str
    pool: str
    model: str
    gpus: int


class Usual:
    def __init__(self, seed: int) -> None:
        self._services = [(plan, Traffic(seed, plan, _OFFSETS[plan.cluster])) for plan in SERVICES]
        self._notebooks = [(plan, Sessions(seed, plan, _OFFSETS[plan.cluster])) for plan in NOTEBOOKS]
        self._programmes = programmes(seed)
        self._market = SpotMarket(seed)

    def uses(self, now: float) -> list[Use]:
        uses = []
        for plan, traffic in self._services:
            replicas = plan.minimum
            if plan.autoscaled:
                replicas = replicas_wanted(traffic.rate(now), plan.capacity, plan.minimum, plan.maximum)
            gpus = replicas * plan.gpus
            uses.append(Use(plan.cluster, "Deployment", plan.namespace, plan.name, plan.pool, plan.model, gpus))
        for book, sessions in self._notebooks:
            gpus = sessions.open(now) * book.gpus
            uses.append(Use(book.cluster, "StatefulSet", book.namespace, book.name, book.pool, "", gpus))
        for programme in self._programmes:
            for run in programme.active(now):
                gpus = run.workers * run.gpus
                uses.append(Use(run.cluster, run.kind, run.namespace, run.name, run.pool, run.model, gpus))
        return uses

    def spend(self, now: float) -> dict[Scope, float]:
        """Return US dollars per hour of every scope. A workload pays for its GPUs at its pool's mean price."""
        uses = self.uses(now)
        held: dict[str, int] = {}
        for use in uses:
            pool = f"{use.cluster}/{use.pool}"
            held[pool] = held.get(pool, 0) + use.gpus
        spend: dict[Scope, float] = {TOTAL: 0.0}
        per_gpu: dict[str, float] = {}
        for cluster in CLUSTERS:
            for plan in cluster.pools:
                pool = f"{cluster.name}/{plan.name}"
                nodes = nodes_needed(plan, held.get(pool, 0))
                price = self._mean_price(cluster, plan, nodes, now)
                if price is None:
                    continue
                per_gpu[pool] = price / plan.instance.gpus
                for scope in (TOTAL, Scope(ScopeKind.CLUSTER, cluster.name), Scope(ScopeKind.POOL, pool)):
                    spend[scope] = spend.get(scope, 0.0) + nodes * price
        for use in uses:
            usd = use.gpus * per_gpu.get(f"{use.cluster}/{use.pool}", 0.0)
            if usd:
                for scope in _payers(use):
                    spend[scope] = spend.get(scope, 0.0) + usd
        return spend

    def _mean_price(self, cluster: ClusterPlan, plan: PoolPlan, nodes: int, now: float) -> float | None:
        on_demand = plan.instance.usd_per_hour
        spot = self._market.price(cluster, plan.instance, now)
        if on_demand is None or spot is None:
            return None
        share = spot_target(plan.spot_share, nodes) / nodes if nodes else 0.0
        return on_demand + (spot - on_demand) * share


def nodes_needed(plan: PoolPlan, gpus: int) -> int:
    return min(max(math.ceil(gpus / plan.instance.gpus), plan.minimum), plan.maximum)


def _payers(use: Use) -> list[Scope]:
    payers = [
        Scope(ScopeKind.NAMESPACE, f"{use.cluster}/{use.namespace}"),
        Scope(ScopeKind.WORKLOAD, f"{use.cluster}/{use.kind}/{use.namespace}/{use.name}"),
    ]
    team = _TEAMS.get((use.cluster, use.namespace))
    if use.model:
        payers.append(Scope(ScopeKind.MODEL, use.model))
    if team:
        payers.append(Scope(ScopeKind.TEAM, team))
    return payers
