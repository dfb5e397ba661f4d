"""Pods that wait for GPUs while GPUs stand idle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple

from finops_tui.detectors.base import Scene
from finops_tui.detectors.kept import Kept
from finops_tui.detectors.quantities import positive
from finops_tui.detectors.standing import Stand, Standing
from finops_tui.detectors.waste import WasteRules, grade
from finops_tui.model.finding import Cause, Evidence, Signal
from finops_tui.model.fleet import Cluster
from finops_tui.model.inventory import Workload
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import PoolRow
from finops_tui.phrases import clock, counted, listed, number, rate, span

ANY = "any GPU"
"""What a workload waits for of which no pod has a node yet: its selectors are not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueBacklogRules:
    minutes: float = 15.0
    """A new node takes some ten minutes; who waits longer waits for something else."""
    waste: WasteRules = field(default_factory=WasteRules)


class Room(NamedTuple):
    """Free GPUs on nodes of one device model."""

    free: float
    """On nodes that take pods."""
    block: float
    """The most on one of them."""
    closed: float
    """On nodes that do not: cordoned, not ready, leaving."""


class Queue(NamedTuple):
    cluster: str
    model: str
    workloads: Sequence[Workload]
    """Those that ask for most first."""
    pools: Sequence[PoolRow]
    """Those that have what is asked for."""
    room: Room

    @property
    def key(self) -> str:
        return f"{self.cluster}/{self.model}"

    @property
    def pending(self) -> float:
        return sum(positive(workload.gpus_pending) for workload in self.workloads)

    @property
    def idle(self) -> float:
        """GPUs that are allocated and do not work."""
        return sum(_idle(row) for row in self.pools)

    @property
    def standing(self) -> float:
        return self.room.free + self.room.closed + self.idle

    @property
    def usd_per_hour(self) -> float:
        """What as many of the idle GPUs cost as are waited for."""
        return min(self.standing, self.pending) * _usd_per_gpu(self.pools)


class QueueBacklog:
    """One finding for each cluster and device model that is both asked for and idle.

    It is not about dollars of its own: what stands idle is counted by the findings about idle and unallocated GPUs.
    """

    id: ClassVar[str] = "queue"
    title: ClassVar[str] = "Queue beside idle GPUs"
    about: ClassVar[str] = "Pods wait for GPUs while GPUs of the same model stand idle or free in the same cluster."

    def __init__(self, rules: QueueBacklogRules | None = None) -> None:
        self._rules = rules or QueueBacklogRules()
        self._standing = Standing(timedelta(minutes=self._rules.minutes), self._rules.waste.least_usd_per_hour)
        self._rooms: Kept[dict[str, Room]] = Kept()

    def judge(self, scene: Scene) -> list[Signal]:
        queues = {queue.key: queue for queue in self._queues(scene)}
        rates = {key: queue.usd_per_hour for key, queue in queues.items()}
        unsure = [key for key, queue in queues.items() if any(row.stale for row in queue.pools)]
        stands = self._standing.update(
            {key: usd for key, usd in rates.items() if key not in unsure}, scene.now, unsure=unsure
        )
        return [self._signal(queues[key], stand, scene) for key, stand in stands.items() if key in queues]

    def _queues(self, scene: Scene) -> Iterator[Queue]:
        for name, cluster in scene.fleet.clusters.items():
            for model, workloads in _waiting(cluster).items():
                rooms = self._room(cluster, scene.now)
                pools = [row for row in scene.snapshot.pools if row.cluster == name and model in (ANY, row.gpu_model)]
                yield Queue(name, model, workloads, pools, rooms.get(model, Room(0.0, 0.0, 0.0)))

    def _room(self, cluster: Cluster, now: datetime) -> dict[str, Room]:
        return self._rooms.of(cluster.name, now, lambda: _rooms(cluster))

    def _signal(self, queue: Queue, stand: Stand, scene: Scene) -> Signal:
        now = scene.now
        names = [f"{workload.namespace}/{workload.name}" for workload in queue.workloads]
        not_paging = timedelta(0)  # who waits has been told so by the scheduler
        severity = grade(stand.usd_per_hour, not_paging, stand.burned_usd, self._rules.waste)
        return Signal(
            kind=self.id,
            severity=severity,
            scope=Scope(ScopeKind.CLUSTER, queue.cluster),
            part=queue.model,
            name=f"queue/{queue.model}",
            since=stand.since,
            why=f"Pods have waited {span(now - stand.since)} for {counted(queue.pending, 'GPU')}, with "
            f"{counted(queue.standing, 'GPU')} idle beside them ({_where(queue)}): {rate(stand.usd_per_hour)}. "
            f"{_reason(queue)}",
            cluster=queue.cluster,
            evidence=(
                Evidence(label="Waiting", words=f"{listed(names)}."),
                *(
                    Evidence(label=f"Pool {row.name}", words=_pool(row))
                    for row in queue.pools
                    if _idle(row) or _free(row)
                ),
            ),
            causes=(
                Cause(what=f"{counted(queue.pending, 'GPU')} pending from {clock(stand.since, now)}", at=None, fit=0.5),
            ),
            related=(*(row.key for row in queue.pools), *(workload.key for workload in queue.workloads)),
        )


def _waiting(cluster: Cluster) -> dict[str, list[Workload]]:
    """Return who waits for GPUs, by device model, those that ask for most first."""
    waiting: defaultdict[str, list[Workload]] = defaultdict(list)
    for workload in cluster.workloads.values():
        if workload.pods_pending > 0 and positive(workload.gpus_pending) and not workload.suspended:
            waiting[_model(workload, cluster)].append(workload)
    for workloads in waiting.values():
        workloads.sort(key=lambda workload: (-workload.gpus_pending, workload.key))
    return waiting


def _model(workload: Workload, cluster: Cluster) -> str:
    """Return what its other pods stand on: the rest wants the same."""
    models = {cluster.nodes[place.node].gpu_model for place in workload.placements if place.node in cluster.nodes}
    return models.pop() or ANY if len(models) == 1 else ANY


def _rooms(cluster: Cluster) -> dict[str, Room]:
    """Return the free GPUs of each model, and of all."""
    taken: defaultdict[str, float] = defaultdict(float)
    for workload in cluster.workloads.values():
        for placement in workload.placements:
            taken[placement.node] += positive(placement.gpus)
    rooms: dict[str, Room] = {}
    for name, node in cluster.nodes.items():
        free = max(0.0, node.gpus - taken[name])
        opened = node.ready and node.schedulable and not node.leaving
        for model in {node.gpu_model or ANY, ANY}:
            room = rooms.get(model, Room(0.0, 0.0, 0.0))
            if opened:
                rooms[model] = room._replace(free=room.free + free, block=max(room.block, free))
            else:
                rooms[model] = room._replace(closed=room.closed + free)
    return rooms


def _idle(row: PoolRow) -> float:
    """Return how many GPUs are allocated and do not work; 0 where nothing reports."""
    return max(0.0, positive(row.allocated) - row.busy) if row.busy is not None and row.busy >= 0 else 0.0


def _free(row: PoolRow) -> float:
    """Return how many GPUs nobody requested; 0 where that is not known."""
    return max(0.0, row.gpus - positive(row.allocated)) if row.allocated is not None else 0.0


def _usd_per_gpu(pools: Sequence[PoolRow]) -> float:
    gpus = sum(row.gpus for row in pools if positive(row.usd_per_hour))
    return sum(positive(row.usd_per_hour) for row in pools) / gpus if gpus > 0 else 0.0


def _where(queue: Queue) -> str:
    room = queue.room
    parts = ((room.free, "free"), (room.closed, "on nodes that take no pods"), (queue.idle, "allocated but idle"))
    return ", ".join(f"{number(gpus)} {how}" for gpus, how in parts if gpus)


def _pool(row: PoolRow) -> str:
    return f"{counted(row.gpus, 'GPU')}, {number(_free(row))} unallocated, {number(_idle(row))} allocated but idle."


def _reason(queue: Queue) -> str:
    """Say what most likely keeps the pods from the GPUs that are there."""
    room = queue.room
    least = min(workload.gpus_pending / workload.pods_pending for workload in queue.workloads)
    if room.free and room.block < least:
        return (
            f"Likely fragmentation: pending pods ask for {counted(least, 'GPU')} each, "
            f"the largest free block is {number(room.block)}."
        )
    if room.free:
        return "Likely taints, node selectors, a quota or the wait for a whole gang: by GPUs alone there is room."
    if room.closed:
        return "Likely cordons: all free GPUs are on nodes that take no pods."
    return f"Nothing is free; {counted(queue.idle, 'GPU')} would be if those who hold them without work let them go."
