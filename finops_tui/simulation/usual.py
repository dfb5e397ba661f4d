"""What the world usually looks like at any moment: the same traffic and schedule, with every autoscaler settled.

The running world starts from it, and the history that tells what is normal is made of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.usage import Traffic as Where
from finops_tui.simulation.autoscaler import SPOT_AGAIN_SECONDS, spot_target
from finops_tui.simulation.estate import CLUSTERS, ClusterPlan, PoolPlan
from finops_tui.simulation.queueing import replicas_wanted
from finops_tui.simulation.schedule import programmes, under_way
from finops_tui.simulation.spot_market import SHORTAGE_SECONDS, Loss, SpotMarket, usual_spot_machines
from finops_tui.simulation.tenants import NAMESPACES, NOTEBOOKS, SERVICES
from finops_tui.simulation.traffic import Sessions, Traffic
from finops_tui.simulation.usage import GATHERED_BYTES_PER_SECOND, OUTWARD, answer_bytes

RETURN_SECONDS = 300
"""From when spot may be had again until a stand-in is replaced and gone."""
LONGEST_STAND_IN_SECONDS = SHORTAGE_SECONDS[1] + RETURN_SECONDS
_POOLS = [(cluster, pool) for cluster in CLUSTERS for pool in cluster.pools]
_OFFSETS = {cluster.name: cluster.utc_offset_hours for cluster in CLUSTERS}
_TEAMS = {(cluster, plan.name): plan.team for plan in NAMESPACES for cluster in plan.clusters}


class Use(NamedTuple):
    """GPUs that one workload holds: so many pods with `gpus` each."""

    cluster: str
    kind: str
    namespace: str
    name: str
    pool: str
    model: str
    pods: int
    gpus: int


class PoolSpend(NamedTuple):
    """In US dollars per hour."""

    cluster: str
    pool: str
    usd: float
    shares: list[tuple[Use, float]]


class _Stand(NamedTuple):
    """How the uses of one pool stand on its machines: the same until one of them changes."""

    uses: list[Use]
    machines: int
    places: list[list[tuple[int, int]]]
    """For each use how many GPUs it holds on which machine."""


class Usual:
    def __init__(self, seed: int) -> None:
        self._services = [(plan, Traffic(seed, plan, _OFFSETS[plan.cluster])) for plan in SERVICES]
        self._notebooks = [(plan, Sessions(seed, plan, _OFFSETS[plan.cluster])) for plan in NOTEBOOKS]
        self._programmes = programmes(seed)
        self._market = SpotMarket(seed)
        self._told: dict[str, tuple[_Stand, list[float], PoolSpend]] = {}
        """By pool, what was told of it last: how it was used, the prices of its machines, and what came of both."""
        self._payers: dict[tuple[str, str, str, str], tuple[Scope, ...]] = {}

    def uses(self, now: float) -> list[Use]:
        uses = []
        for plan, traffic in self._services:
            replicas = plan.minimum
            if plan.autoscaled:
                replicas = replicas_wanted(traffic.rate(now), plan.capacity, plan.minimum, plan.maximum)
            uses.append(
                Use(plan.cluster, "Deployment", plan.namespace, plan.name, plan.pool, plan.model, replicas, plan.gpus)
            )
        for book, sessions in self._notebooks:
            pods = sessions.open(now)
            uses.append(Use(book.cluster, "StatefulSet", book.namespace, book.name, book.pool, "", pods, book.gpus))
        uses += [
            Use(run.cluster, run.kind, run.namespace, run.name, run.pool, run.model, run.workers, run.gpus)
            for run in under_way(self._programmes, now)
        ]
        return uses

    def spend(self, now: float) -> dict[Scope, float]:
        """Return US dollars per hour of every scope. A workload pays for its part of the machines that it stands on."""
        spend: dict[Scope, float] = {TOTAL: 0.0}
        for cluster, pool, usd, shares in self.pools(now):
            for scope in (TOTAL, Scope(ScopeKind.CLUSTER, cluster), Scope(ScopeKind.POOL, f"{cluster}/{pool}")):
                spend[scope] = spend.get(scope, 0.0) + usd
            for use, part in shares:
                if part:
                    for scope in self._payers_of(use):
                        spend[scope] = spend.get(scope, 0.0) + part
        return spend

    def pools(self, now: float) -> Iterator[PoolSpend]:
        """Yield what the machines of each pool cost, and what of it each use pays for: the same object while alike."""
        held: dict[tuple[str, str], list[Use]] = {}
        for use in self.uses(now):
            held.setdefault((use.cluster, use.pool), []).append(use)
        for cluster, plan in _POOLS:
            yield self._pool(cluster, plan, held.get((cluster.name, plan.name), []), now)

    def _pool(self, cluster: ClusterPlan, plan: PoolPlan, uses: list[Use], now: float) -> PoolSpend:
        key = f"{cluster.name}/{plan.name}"
        told = self._told.get(key)
        stand = told[0] if told is not None and told[0].uses == uses else _stand(plan, uses)
        prices = self._prices(cluster, plan, stand.machines, now)
        if told is not None and told[0] is stand and told[1] == prices:
            return told[2]
        shares = [
            (use, sum([prices[place] * gpus for place, gpus in places]) / plan.instance.gpus)
            for use, places in zip(uses, stand.places, strict=True)
        ]
        spend = PoolSpend(cluster.name, plan.name, sum(prices), shares)
        self._told[key] = stand, prices, spend
        return spend

    def sent(self, now: float) -> dict[tuple[Scope, Where], float]:
        """Return bytes per second that each namespace sends, by where they go."""
        sent: dict[tuple[Scope, Where], float] = {}
        for plan, traffic in self._services:
            total = traffic.rate(now) * answer_bytes(plan)
            for where, share in OUTWARD.items():
                key = (Scope(ScopeKind.NAMESPACE, f"{plan.cluster}/{plan.namespace}"), where)
                sent[key] = sent.get(key, 0.0) + total * share
        for run in under_way(self._programmes, now):
            key = (Scope(ScopeKind.NAMESPACE, f"{run.cluster}/{run.namespace}"), Where.ZONE)
            sent[key] = sent.get(key, 0.0) + GATHERED_BYTES_PER_SECOND * run.workers
        return sent

    def _prices(self, cluster: ClusterPlan, plan: PoolPlan, machines: int, now: float) -> list[float]:
        on_demand = plan.instance.usd_per_hour
        if on_demand is not None and not plan.spot_share:
            return [on_demand] * machines
        spot_price = self._market.price(cluster, plan.instance, now)
        if on_demand is None or spot_price is None:
            return [0.0] * machines
        on_spot = _on_spot(plan.spot_share, machines)
        prices = [spot_price if spot else on_demand for spot in on_spot]
        if any(on_spot):
            for place in self._stand_ins(cluster, plan, now):
                prices[place % machines] = on_demand
        return prices

    def _stand_ins(self, cluster: ClusterPlan, plan: PoolPlan, now: float) -> list[int]:
        """Return a number for each spot machine that was lost and is on-demand for the time being."""
        spot = usual_spot_machines(plan)
        if not spot:
            return []
        losses = self._market.losses(cluster, plan, spot, now - LONGEST_STAND_IN_SECONDS, now)
        return [loss.at for loss in losses if loss.at < loss.short_until and now < _calm_again(loss)]

    def _payers_of(self, use: Use) -> tuple[Scope, ...]:
        key = (use.cluster, use.kind, use.namespace, use.name)
        payers = self._payers.get(key)
        if payers is None:
            payers = self._payers[key] = payers_of(use)
        return payers


def _stand(plan: PoolPlan, uses: list[Use]) -> _Stand:
    """Place uses as when a world begins: the largest pods first, each onto the first machine that has room."""
    size = plan.instance.gpus
    rooms = [size] * plan.minimum
    stand: dict[int, list[tuple[int, int]]] = {}
    place, gpus = 0, 0
    for number in sorted(range(len(uses)), key=lambda number: -uses[number].gpus):
        use = uses[number]
        if use.gpus != gpus:
            place, gpus = 0, use.gpus
        places: list[tuple[int, int]] = []
        missing = use.pods
        while missing:
            if place == len(rooms):
                if place == plan.maximum:
                    break
                rooms.append(size)
            pods = min(rooms[place] // gpus, missing)
            if pods:
                rooms[place] -= pods * gpus
                missing -= pods
                places.append((place, pods * gpus))
            place += missing > 0
        stand[number] = places
    return _Stand(uses, len(rooms), [stand[number] for number in range(len(uses))])


@lru_cache(maxsize=256)
def _on_spot(share: float, machines: int) -> tuple[bool, ...]:
    """Return for each machine of a pool whether it is spot, if they come one by one."""
    spots: list[bool] = []
    for number in range(1, machines + 1):
        spots.append(sum(spots) < spot_target(share, number))
    return tuple(spots)


def _calm_again(loss: Loss) -> int:
    """Return when the on-demand machine is gone that stood in for a lost one."""
    return max(loss.at + SPOT_AGAIN_SECONDS, loss.short_until) + RETURN_SECONDS


def payers_of(use: Use) -> tuple[Scope, ...]:
    """Return everything that what it costs is counted under."""
    payers = [
        Scope(ScopeKind.NAMESPACE, f"{use.cluster}/{use.namespace}"),
        Scope(ScopeKind.WORKLOAD, f"{use.cluster}/{use.kind}/{use.namespace}/{use.name}"),
    ]
    team = _TEAMS.get((use.cluster, use.namespace))
    if use.model:
        payers.append(Scope(ScopeKind.MODEL, use.model))
    if team:
        payers.append(Scope(ScopeKind.TEAM, team))
    return tuple(payers)
