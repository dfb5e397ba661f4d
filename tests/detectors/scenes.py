"""Scenes for detectors: told ones, with the figures that the engine makes of them, and garbage."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.detectors.base import Detector, Scene
from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.finding import Signal
from finops_tui.model.fleet import Cluster, Fleet, Held
from finops_tui.model.gpu import GpuError, GpuMethod, GpuReading, GpuScope
from finops_tui.model.inventory import Node, Placement, Workload
from finops_tui.model.observations import ChangeSeen, GpuErrorsSeen, GpuReadings, Observation, SpotInterrupted
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Coverage, PoolRow, SpendRow
from finops_tui.model.spot import Interruption
from tests.engine.fleets import composer, list_price, nodes_seen, prices_seen, readings, workloads_seen
from tests.samples import NOON, empty_snapshot

Made = TypeVar("Made")


def minute(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


class Stage:
    """One cluster, `prod`, of which things are told, and what the engine shows of it at a minute after noon."""

    def __init__(self, *nodes: Node, usd: float = 80.0) -> None:
        """`usd` is what each node costs an hour."""
        self.fleet = Fleet()
        self._composer = composer()
        self.tell(nodes_seen(*nodes), prices_seen(list_price(usd=usd)))

    def tell(self, *observations: Observation) -> None:
        for observation in observations:
            self.fleet.fold(observation)

    def runs(self, *workloads: Workload, at: float = 0.0) -> None:
        """These run, and no others."""
        self.tell(workloads_seen(*workloads, at=minute(at)))

    def scene(self, at: float) -> Scene:
        return Scene(snapshot=self._composer.compose(self.fleet, minute(at)), fleet=self.fleet, now=minute(at))


def watch(
    detector: Detector,
    stage: Stage,
    minutes: Iterable[float],
    told: Callable[[float], Iterable[Observation]] | None = None,
) -> list[Signal]:
    """Let a detector judge at each of some minutes, of which more is told each time; return its last signals."""
    signals: Iterable[Signal] = ()
    for at in minutes:
        stage.tell(*(told(at) if told is not None else ()))
        signals = list(detector.judge(stage.scene(at)))
    return list(signals)


def working(name: str, gpus: int, active: int | None, **given: object) -> GpuReading:
    """What GPUs of a node or of a workload (`ml/Job/train`) report."""
    fields: dict[str, object] = {"name": name, "gpus": gpus, "active": active, "utilization": 0.5 if active else 0.0}
    return GpuReading(**(fields | given))  # type: ignore[arg-type]  # test data by name


def by_workload(at: float, *rows: GpuReading) -> GpuReadings:
    return readings(GpuScope.WORKLOAD, *rows, at=minute(at))


def by_node(at: float, *rows: GpuReading) -> GpuReadings:
    return readings(GpuScope.NODE, *rows, at=minute(at))


def change(at: float, who: str, subject: str, what: str) -> ChangeSeen:
    told = Change(id=f"{subject}/{at}", kind=ChangeKind.SCALE, who=who, subject=subject, what=what)
    return ChangeSeen(at=minute(at), source="kubernetes prod", cluster="prod", change=told)


def xid(at: float, node: str, number: int, device: str = "0", message: str = "") -> GpuErrorsSeen:
    error = GpuError(node=node, device=device, xid=number, message=message)
    return GpuErrorsSeen(at=minute(at), source="prometheus prod", cluster="prod", errors=(error,))


def interrupted(at: float, node: str, pool: str = "gpu") -> SpotInterrupted:
    told = Interruption(id=f"{node}/{at}", node=node, pool=pool, reason="spot interruption")
    return SpotInterrupted(at=minute(at), source="kubernetes prod", cluster="prod", interruption=told)


def evidence(signal: Signal) -> dict[str, str]:
    return {each.label: each.words for each in signal.evidence}


def with_coverage(scene: Scene, *coverage: Coverage) -> Scene:
    return dataclasses.replace(scene, snapshot=replace(scene.snapshot, coverage=coverage))


# What no source would say, and what detectors must live through all the same.

FIGURES = (None, float("nan"), float("inf"), -float("inf"), -3.0, 0.0, 1e-300, 0.25, 4.2, 250.0, 1e300)
NAMES = ("a", "job-1", "job-2", "notebook", "", "x/y", "gpu")
KINDS = ("Job", "Deployment", "StatefulSet", "Pod", "Notebook", "")
FAILINGS = ("CrashLoopBackOff", "Unschedulable", "?")
XIDS = (-1, 0, 13, 43, 63, 79, 999)


class _Garbage:
    """Makes up anything, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.one_of = self._random.choice

    def figure(self) -> float | None:
        return self.one_of(FIGURES)

    def number(self) -> float:
        return self.figure() or 0.0

    def count(self) -> int:
        return self._random.randint(-3, 40)

    def time(self) -> datetime | None:
        return None if self.yes() else minute(self._random.randint(-3_000, 3_000))

    def yes(self) -> bool:
        return self._random.random() < 0.4

    def name(self) -> str:
        return self.one_of(NAMES)

    def some(self, make: Callable[[], Made], most: int = 4) -> list[Made]:
        return [make() for _ in range(self._random.randint(0, most))]

    def named(self) -> dict[str, str]:
        return {self.name(): self.name() for _ in range(self._random.randint(0, 2))}

    def node(self) -> Node:
        return Node(
            cluster="prod", name=self.name(), uid="", pool=self.name(), gpu_model=self.one_of(("", "H100")),
            gpus=self.count(), gpu_replicas=self.count(), ready=self.yes(), schedulable=self.yes(),
            leaving=self.one_of(("", "", "spot")), created_at=self.time(),
        )  # fmt: skip

    def placement(self) -> Placement:
        return Placement(self.name(), self.count(), self.number())

    def workload(self) -> Workload:
        return Workload(
            cluster=self.one_of(("prod", "eu")), kind=self.one_of(KINDS), namespace=self.name(), name=self.name(),
            uid=self.name(), labels=self.named(), placements=tuple(self.some(self.placement)),
            pods_pending=self.count(), gpus_pending=self.number(), replicas=self.one_of((None, self.count())),
            suspended=self.yes(), restarts=self.count(), created_at=self.time(), annotations=self.named(),
            failing={self.one_of(FAILINGS): self.count()} if self.yes() else {}, finished_at=self.time(),
            priority_class=self.name(), restart_policy=self.one_of(("", "Always", "Never", "?")),
            deadline_at=self.time(), disruptions_allowed=self.one_of((None, self.count())), checkpoint_at=self.time(),
        )  # fmt: skip

    def row(self, workload: Workload) -> SpendRow:
        return SpendRow(
            key=workload.key, kind=ScopeKind.WORKLOAD, name=workload.name, cluster=workload.cluster, owner=self.name(),
            namespace=workload.namespace, usd_per_hour=self.figure(), idle_usd_per_hour=self.figure(),
            utilization=self.figure(), gpus=self.number(), since=workload.created_at, stale=self.yes(),
        )  # fmt: skip

    def reading(self) -> GpuReading:
        return GpuReading(
            name=self.name(), gpus=self.count(), active=self.one_of((None, self.count())), utilization=self.figure(),
            memory_used=self.figure(), power_watts=self.figure(), method=self.one_of(tuple(GpuMethod)),
        )  # fmt: skip

    def pool(self) -> PoolRow:
        return PoolRow(
            key=self.one_of(("prod/gpu", "prod/a", "eu/")), name=self.name(), cluster=self.one_of(("prod", "eu")),
            nodes=self.count(), gpu_model=self.one_of(("", "H100")), gpus=self.count(), allocated=self.number(),
            busy=self.one_of((None, self.count())), utilization=self.figure(), memory_used=self.figure(),
            power_watts=self.figure(), usd_per_hour=self.figure(), idle_usd_per_hour=self.figure(),
            unallocated_usd_per_hour=self.figure(), unpriced_nodes=self.count(), stale=self.yes(),
        )  # fmt: skip

    def coverage(self) -> Coverage:
        return Coverage(
            fact=self.one_of(("team", "model", "x")), labels=("team",), usd_per_hour=self.number(),
            covered_usd_per_hour=self.number(), workloads=self.count(), covered_workloads=self.one_of((0, 3)),
        )  # fmt: skip

    def error(self) -> Held[GpuError]:
        error = GpuError(node=self.name(), device=self.name(), xid=self.one_of(XIDS), message=self.name())
        return Held(error, self.time() or NOON, "prometheus")

    def scene(self) -> Scene:
        fleet = Fleet()
        for name in ("prod", "eu"):
            cluster = fleet.clusters[name] = Cluster(name)
            cluster.nodes = {node.name: node for node in self.some(self.node)}
            cluster.workloads = {workload.key: workload for workload in self.some(self.workload)}
            for scope in self.some(lambda: self.one_of((GpuScope.NODE, GpuScope.WORKLOAD)), 2):
                held = {reading.name: reading for reading in self.some(self.reading)}
                cluster.gpu[scope] = Held(held, self.time() or NOON, "prometheus")
        for error in self.some(self.error):
            fleet.gpu_errors[(f"prod/{error.value.node}", error.value.device)] = error
        workloads = [workload for cluster in fleet.clusters.values() for workload in cluster.workloads.values()]
        pools = {row.key: row for row in self.some(self.pool)}
        rows = {workload.key: self.row(workload) for workload in workloads}
        of_pools = (replace(self.row(self.workload()), key=key, kind=ScopeKind.POOL) for key in pools)
        snapshot = replace(
            empty_snapshot(),
            spend={ScopeKind.WORKLOAD: tuple(rows.values()), ScopeKind.POOL: tuple(of_pools)},
            pools=tuple(pools.values()),
            coverage=tuple({each.fact: each for each in self.some(self.coverage)}.values()),
        )
        return Scene(snapshot=snapshot, fleet=fleet, now=self.time() or NOON)


def garbage() -> st.SearchStrategy[Scene]:
    """Scenes in which anything may be anything; made of a seed, since drawing each figure takes too long."""
    return st.integers(min_value=0, max_value=10**9).map(lambda seed: _Garbage(seed).scene())
