"""Small fleets whose figures can be worked out by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from finops_tui.engine.compose import Composer
from finops_tui.engine.settings import EngineSettings
from finops_tui.model.fleet import Fleet
from finops_tui.model.gpu import GpuReading, GpuScope
from finops_tui.model.health import HealthState
from finops_tui.model.inventory import Node, Placement, Workload
from finops_tui.model.money import CapacityType, Price, PriceKind
from finops_tui.model.observations import (
    GpuReadings,
    NodesSeen,
    Observation,
    PricesSeen,
    SourceHealth,
    WorkloadsSeen,
)
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Mode, Snapshot, SpendRow
from tests.samples import NOON

INVENTORY = "kubernetes prod"
TELEMETRY = "prometheus prod"
GIB = 1 << 30


def node(name: str, **given: object) -> Node:
    fields: dict[str, object] = {
        "cluster": "prod",
        "name": name,
        "uid": name,
        "pool": "gpu",
        "instance_type": "big",
        "region": "here",
        "capacity_type": CapacityType.ON_DEMAND,
        "gpus": 8,
        "cpu_cores": 64.0,
        "memory_bytes": 512 * GIB,
    }
    return Node(**(fields | given))  # type: ignore[arg-type]  # test data by name


def workload(name: str, *placements: Placement, **given: object) -> Workload:
    fields: dict[str, object] = {
        "cluster": "prod",
        "kind": "Job",
        "namespace": "ml",
        "name": name,
        "placements": placements,
        "labels": {"team": "nlp"},
    }
    return Workload(**(fields | given))  # type: ignore[arg-type]  # test data by name


def list_price(instance_type: str = "big", usd: float = 80.0, **given: object) -> Price:
    fields: dict[str, object] = {
        "kind": PriceKind.LIST,
        "usd_per_hour": usd,
        "source": "list",
        "instance_type": instance_type,
        "region": "here",
        "capacity_type": CapacityType.ON_DEMAND,
    }
    return Price(**(fields | given))  # type: ignore[arg-type]  # test data by name


def nodes_seen(*nodes: Node, at: datetime = NOON, cluster: str = "prod") -> NodesSeen:
    return NodesSeen(at=at, source=INVENTORY, cluster=cluster, nodes=nodes, complete=True)


def workloads_seen(*workloads: Workload, at: datetime = NOON, cluster: str = "prod") -> WorkloadsSeen:
    return WorkloadsSeen(at=at, source=INVENTORY, cluster=cluster, workloads=workloads, complete=True)


def prices_seen(*prices: Price, at: datetime = NOON) -> PricesSeen:
    return PricesSeen(at=at, source="prices", cluster="", prices=prices)


def readings(scope: GpuScope, *rows: GpuReading, at: datetime = NOON, cluster: str = "prod") -> GpuReadings:
    return GpuReadings(at=at, source=TELEMETRY, cluster=cluster, scope=scope, readings=rows)


def health(source: str = INVENTORY, state: HealthState = HealthState.LIVE, **given: object) -> SourceHealth:
    fields: dict[str, object] = {
        "at": NOON,
        "source": source,
        "cluster": "prod",
        "short": source[:4],
        "state": state,
        "since": NOON,
        "answered_at": NOON,
    }
    return SourceHealth(**(fields | given))  # type: ignore[arg-type]  # test data by name


def fleet(*observations: Observation) -> Fleet:
    known = Fleet()
    fold(known, observations)
    return known


def fold(known: Fleet, observations: Iterable[Observation]) -> None:
    for observation in observations:
        known.fold(observation)


def composer() -> Composer:
    return Composer(EngineSettings(), Mode.LIVE, 1.0)


def rows(snapshot: Snapshot, kind: ScopeKind) -> dict[str, SpendRow]:
    return {row.key: row for row in snapshot.spend[kind]}


def total(snapshot: Snapshot) -> SpendRow:
    (row,) = snapshot.spend[ScopeKind.TOTAL]
    return row
