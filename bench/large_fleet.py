"""A fleet of 5,000 nodes, 40,000 GPUs and 50,000 pods, simulated at the level of observations.

It has no behaviour, only size and movement: every interval all readings are different and one workload in twenty has
changed. Building an interval costs a few milliseconds, so that what is measured is the program and not this.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from finops_tui.clock import Clock
from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.gpu import GpuReading, GpuScope
from finops_tui.model.health import HealthState
from finops_tui.model.inventory import Namespace, Node, Placement, Workload
from finops_tui.model.money import CapacityType, Price, PriceKind
from finops_tui.model.observations import (
    ChangeSeen,
    GpuReadings,
    HistorySeen,
    HistorySeries,
    NamespacesSeen,
    NodesSeen,
    Observation,
    PricesSeen,
    Quantity,
    SliReadings,
    SlosSeen,
    SourceHealth,
    SpotInterrupted,
    WorkloadsSeen,
)
from finops_tui.model.samples import Samples
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.slo import SliReading, Slo
from finops_tui.model.spot import Interruption

CLUSTERS = 10
POOLS = 5
"""In each cluster."""
NODES = 100
"""In each pool."""
GPUS = 8
PODS = 10
"""On each node."""
TENANTS = ((8,), (4, 4), (2, 2, 4), (1, 1, 2, 4), (8,), (4, 2, 2))
"""GPUs of the workloads that share a node, from node to node in turn."""
WORKLOADS = 600
"""In each cluster."""
NAMESPACES = 40
TEAMS = 50
OBJECTIVES = 20
"""In each cluster."""
WINDOWS = (300, 1800, 3600, 7200, 21_600, 86_400, 259_200, 2_592_000)
CHANGED_SHARE = 0.05
FRAMES = 4
"""Sets of readings that are made once and shown in turn."""
HISTORY_HOURS = 14 * 24
TYPES = (
    ("p5.48xlarge", "NVIDIA H100 80GB HBM3", 55.04),
    ("p4d.24xlarge", "NVIDIA A100-SXM4-40GB", 21.957642),
    ("g6.48xlarge", "NVIDIA L4", 13.3504),
    ("p4de.24xlarge", "NVIDIA A100-SXM4-80GB", 27.44705),
    ("g5.48xlarge", "NVIDIA A10G", 16.288),
)
"""One for each pool: instance type with eight GPUs, device, US dollars per hour on demand."""
SPOT_SHARE_PERCENT = 30
SPOT_RATIO = 0.4
BURST_SHARES = 10
"""One in so many observations of a burst is an event; the others are workloads."""


class LargeFleet:
    """A source. `burst` adds observations that come all at once, beside the usual ones."""

    name = "large fleet"
    cluster = ""

    def __init__(self, clock: Clock, interval_seconds: float = 2.0, seed: int = 7) -> None:
        self._clock = clock
        self._interval_seconds = interval_seconds
        self._random = random.Random(seed)  # noqa: S311 - it must repeat itself
        self.clusters = tuple(f"cluster-{number:02d}" for number in range(CLUSTERS))
        self.nodes = {cluster: _nodes(cluster) for cluster in self.clusters}
        self.workloads = {cluster: _workloads(cluster, self.nodes[cluster]) for cluster in self.clusters}
        self._keys = {cluster: tuple(workloads) for cluster, workloads in self.workloads.items()}
        self._asked = {
            key: workload.placements[0].gpus for works in self.workloads.values() for key, workload in works.items()
        }
        """GPUs that a workload's first placement has at most."""
        self.slos = tuple(_slo(cluster, number) for cluster in self.clusters for number in range(OBJECTIVES))
        self._frames = [self._frame() for _ in range(FRAMES)]
        self._waiting = 0
        self._woken = asyncio.Event()
        self._round = 0
        self._start = clock.now()

    async def observe(self) -> AsyncIterator[Observation]:
        self._start = start = self._clock.now()
        for observation in self._state(start):
            yield observation
        while True:
            self._round += 1
            due = start + timedelta(seconds=self._round * self._interval_seconds)
            while (left := (due - self._clock.now()).total_seconds()) > 0:
                for observation in self._take_waiting():
                    yield observation
                await self._rest(left)
            for observation in self._report(due):
                yield observation

    async def refresh(self) -> None:
        """Do nothing: it speaks at its own pace."""

    def burst(self, count: int) -> None:
        """Let `count` more observations come at once. To be called on the event loop that runs `observe`."""
        self._waiting += count
        self._woken.set()

    def _take_waiting(self) -> Iterator[Observation]:
        """Make what was asked for one by one, so that the making does not hold up the loop."""
        self._woken.clear()
        at = self._clock.now()
        while self._waiting:
            self._waiting -= 1
            cluster = self.clusters[self._waiting % CLUSTERS]
            if self._waiting % BURST_SHARES:
                changed = (self._changed(cluster),)
                yield WorkloadsSeen(at=at, source=self.name, cluster=cluster, workloads=changed)
            else:
                yield self._change(at, cluster, f"burst-{self._round}-{self._waiting}")

    async def _rest(self, seconds: float) -> None:
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        waking = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waking.cancel()

    def _state(self, at: datetime) -> Iterator[Observation]:
        source = self.name
        yield self._health(at)
        yield PricesSeen(at=at, source=source, cluster="", prices=_prices())
        for cluster in self.clusters:
            yield NodesSeen(at=at, source=source, cluster=cluster, nodes=tuple(self.nodes[cluster]), complete=True)
            named = tuple(_namespace(cluster, number) for number in range(NAMESPACES))
            yield NamespacesSeen(at=at, source=source, cluster=cluster, namespaces=named, complete=True)
            workloads = tuple(self.workloads[cluster].values())
            yield WorkloadsSeen(at=at, source=source, cluster=cluster, workloads=workloads, complete=True)
        yield SlosSeen(at=at, source=source, cluster="", slos=self.slos)
        yield from self._readings(at)
        yield HistorySeen(at=at, source=source, cluster="", series=tuple(_history(self.clusters, at)))

    def _report(self, at: datetime) -> Iterator[Observation]:
        source = self.name
        for cluster in self.clusters:
            changed = tuple(self._changed(cluster) for _ in range(int(WORKLOADS * CHANGED_SHARE)))
            yield WorkloadsSeen(at=at, source=source, cluster=cluster, workloads=changed)
        yield self._change(at, self.clusters[self._round % CLUSTERS], f"round-{self._round}")
        if self._round % 30 == 0:
            yield self._interruption(at)
        yield from self._readings(at)
        yield self._health(at)

    def _readings(self, at: datetime) -> Iterator[Observation]:
        frame = self._frames[self._round % FRAMES]
        for (cluster, scope), readings in frame.items():
            yield GpuReadings(at=at, source=self.name, cluster=cluster, scope=scope, readings=readings)
        shift = 1.0 + 0.2 * self._random.random()
        yield SliReadings(at=at, source=self.name, cluster="", readings=tuple(_slis(self.slos, shift)))

    def _frame(self) -> dict[tuple[str, GpuScope], tuple[GpuReading, ...]]:
        frame: dict[tuple[str, GpuScope], tuple[GpuReading, ...]] = {}
        for cluster in self.clusters:
            nodes = tuple(self._reading(node.name, GPUS) for node in self.nodes[cluster])
            works = tuple(
                self._reading(f"{work.namespace}/{work.kind}/{work.name}", int(work.gpus))
                for work in self.workloads[cluster].values()
            )
            models = tuple(self._reading(model, NODES * GPUS) for _, model, _ in TYPES)
            frame |= {(cluster, GpuScope.NODE): nodes, (cluster, GpuScope.WORKLOAD): works}
            frame[cluster, GpuScope.MODEL] = models
        return frame

    def _reading(self, name: str, gpus: int) -> GpuReading:
        busy = self._random.random()
        return GpuReading(
            name=name, gpus=gpus, active=round(gpus * min(1.0, busy + 0.2)), utilization=round(busy, 4),
            memory_used=round(0.3 + 0.6 * busy, 4), power_watts=round(gpus * (80 + 500 * busy), 1),
        )  # fmt: skip

    def _changed(self, cluster: str) -> Workload:
        """Change a workload: it restarts, a pod of it waits or no longer, it gives back GPUs or takes them again."""
        workloads = self.workloads[cluster]
        key = self._keys[cluster][self._random.randrange(WORKLOADS)]
        before = workloads[key]
        first, *others = before.placements
        asked = self._asked[key]
        gpus = asked if first.gpus < asked else asked / 2
        after = workloads[key] = replace(
            before,
            restarts=before.restarts + 1,
            pods_pending=1 - before.pods_pending,
            placements=(replace(first, gpus=gpus), *others),
        )
        return after

    def _change(self, at: datetime, cluster: str, name: str) -> ChangeSeen:
        key = self._keys[cluster][self._random.randrange(WORKLOADS)]
        what = f"{key.rpartition('/')[2]} replicas 4→6"
        change = Change(id=f"{cluster}/{name}", kind=ChangeKind.SCALE, who="hpa", subject=key, what=what)
        return ChangeSeen(at=at, source=self.name, cluster=cluster, change=change)

    def _interruption(self, at: datetime) -> SpotInterrupted:
        cluster = self.clusters[self._round % CLUSTERS]
        node = next(node for node in self.nodes[cluster] if node.capacity_type is CapacityType.SPOT)
        lost = Interruption(
            id=f"{node.uid}/{self._round}", node=node.name, pool=node.pool, reason="spot interruption",
            instance_type=node.instance_type, zone=node.zone, gpus=node.gpus, notice_seconds=120,
        )  # fmt: skip
        return SpotInterrupted(at=at, source=self.name, cluster=cluster, interruption=lost)

    def _health(self, at: datetime) -> SourceHealth:
        return SourceHealth(
            at=at, source=self.name, cluster="", short="large", state=HealthState.LIVE, since=self._start,
            answered_at=at, stale_after_seconds=5 * self._interval_seconds,
        )  # fmt: skip


def _nodes(cluster: str) -> list[Node]:
    nodes = []
    for pool in range(POOLS):
        instance, model, _ = TYPES[pool]
        for number in range(NODES):
            name = f"node-{pool}-{number:03d}.{cluster}"
            nodes.append(
                Node(
                    cluster=cluster, name=name, uid=name, pool=f"pool-{pool}", instance_type=instance,
                    region="us-east-1", zone=f"us-east-1{'abc'[number % 3]}",
                    capacity_type=CapacityType.SPOT if number < SPOT_SHARE_PERCENT else CapacityType.ON_DEMAND,
                    gpu_model=model, gpus=GPUS, cpu_cores=96.0, memory_bytes=1 << 40,
                )
            )  # fmt: skip
    return nodes


def _workloads(cluster: str, nodes: list[Node]) -> dict[str, Workload]:
    placements: list[list[Placement]] = [[] for _ in range(WORKLOADS)]
    turn = 0
    for number, node in enumerate(nodes):
        tenants = TENANTS[number % len(TENANTS)]
        for place, gpus in enumerate(tenants):
            pods = PODS // len(tenants) + (place < PODS % len(tenants))
            placements[turn % WORKLOADS].append(Placement(node.name, pods, float(gpus), 4.0 * gpus, gpus << 36))
            turn += 1
    workloads = {}
    for number, placed in enumerate(placements):
        kind = ("Deployment", "Job", "StatefulSet")[number % 3]
        workload = Workload(
            cluster=cluster, kind=kind, namespace=f"namespace-{number % NAMESPACES:02d}",
            name=f"workload-{number:03d}", labels={"model": f"model-{number % 60}"}, placements=tuple(placed),
            replicas=sum(placement.pods for placement in placed) if kind != "Job" else None,
        )  # fmt: skip
        workloads[workload.key] = workload
    return workloads


def _namespace(cluster: str, number: int) -> Namespace:
    labels = {"team": f"team-{number % TEAMS:02d}", "environment": "production", "cost-centre": f"cc-{1000 + number}"}
    return Namespace(cluster=cluster, name=f"namespace-{number:02d}", labels=labels)


def _slo(cluster: str, number: int) -> Slo:
    return Slo(
        id=f"{cluster}/slo-{number:02d}", name=f"workload-{3 * number:03d} latency", cluster=cluster,
        service=f"workload-{3 * number:03d}", objective=0.999, origin="large fleet",
    )  # fmt: skip


def _slis(slos: tuple[Slo, ...], shift: float) -> Iterator[SliReading]:
    for number, slo in enumerate(slos):
        for window in WINDOWS:
            ratio = 0.0004 * shift * (1 + number % 5)
            yield SliReading(slo_id=slo.id, window_seconds=window, error_ratio=ratio, events=40.0 * window)


def _prices() -> tuple[Price, ...]:
    prices = []
    for instance, _, usd in TYPES:
        prices += [
            Price(kind=PriceKind.LIST, usd_per_hour=usd, source="list", instance_type=instance),
            Price(
                kind=PriceKind.SPOT_MARKET, usd_per_hour=usd * SPOT_RATIO, source="spot market",
                instance_type=instance, capacity_type=CapacityType.SPOT,
            ),
        ]  # fmt: skip
    return tuple(prices)


def _history(clusters: tuple[str, ...], at: datetime) -> Iterator[HistorySeries]:
    """Yield hourly dollars of the total, the clusters and the pools, as steady as the fleet."""
    pools = {
        f"pool-{pool}": NODES * usd * (1 + (SPOT_RATIO - 1) * SPOT_SHARE_PERCENT / 100)
        for pool, (_, _, usd) in enumerate(TYPES)
    }
    whole = sum(pools.values())
    scopes = [(TOTAL, CLUSTERS * whole)]
    for cluster in clusters:
        scopes.append((Scope(ScopeKind.CLUSTER, cluster), whole))
        scopes += [(Scope(ScopeKind.POOL, f"{cluster}/{name}"), usd) for name, usd in pools.items()]
    last = int(at.timestamp()) // 3600
    for scope, usd in scopes:
        points = Samples((hour * 3600, usd) for hour in range(last - HISTORY_HOURS, last))
        yield HistorySeries(quantity=Quantity.USD_PER_HOUR, scope=scope, step_seconds=3600, points=points)
