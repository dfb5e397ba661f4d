"""A fleet, a snapshot and a way to a server, small enough to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from msgspec.structs import replace

from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.planning import Hands
from finops_tui.clock import Clock
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Node, Placement, Workload
from finops_tui.model.money import CapacityType
from finops_tui.model.observations import NodesSeen, WorkloadsSeen
from finops_tui.model.plan import Target, TargetKind
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import BurnWindow, PoolRow, SloRow, Snapshot, SpendRow
from finops_tui.sources.kube_access import load_access
from finops_tui.sources.kube_calls import KubeCalls
from tests.samples import NOON, empty_snapshot

CLUSTER = "prod"
POOL_USD = 10.0
"""$/h of each node."""


def target(kind: str, namespace: str, name: str, uid: str = "") -> Target:
    key = f"{CLUSTER}/{kind}/{namespace}/{name}"
    shown = f"{namespace}/{kind.lower()}/{name}"
    return Target(kind=TargetKind.WORKLOAD, key=key, cluster=CLUSTER, name=shown, uid=uid)


def node_target(name: str) -> Target:
    return Target(kind=TargetKind.NODE, key=f"{CLUSTER}/{name}", cluster=CLUSTER, name=f"node/{name}")


def pool_target(name: str) -> Target:
    return Target(kind=TargetKind.POOL, key=f"{CLUSTER}/{name}", cluster=CLUSTER, name=name)


def namespace_target(name: str) -> Target:
    return Target(kind=TargetKind.NAMESPACE, key=f"{CLUSTER}/{name}", cluster=CLUSTER, name=name)


class Watch:
    """A clock that stands at noon and goes on only as somebody sleeps."""

    speed = 1.0

    def __init__(self) -> None:
        self.slept = 0.0
        self.meanwhile: Callable[[], None] = lambda: None
        """What happens while somebody sleeps."""

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.meanwhile()


def node(name: str, pool: str = "h100", capacity: CapacityType = CapacityType.ON_DEMAND) -> Node:
    return Node(cluster=CLUSTER, name=name, uid=f"uid-{name}", pool=pool, gpus=8, capacity_type=capacity)


def workload(kind: str, namespace: str, name: str, nodes: Sequence[str] = (), **more: object) -> Workload:
    """One pod with eight GPUs on each node."""
    placements = tuple(Placement(node=each, pods=1, gpus=8.0) for each in nodes)
    made = Workload(cluster=CLUSTER, kind=kind, namespace=namespace, name=name, placements=placements)
    return replace(made, **more)


def fleet(nodes: Sequence[Node] = (), workloads: Sequence[Workload] = ()) -> Fleet:
    made = Fleet()
    made.fold(NodesSeen(at=NOON, source="test", cluster=CLUSTER, nodes=tuple(nodes), complete=True))
    made.fold(WorkloadsSeen(at=NOON, source="test", cluster=CLUSTER, workloads=tuple(workloads), complete=True))
    return made


def snapshot(of: Fleet, slos: Sequence[SloRow] = (), utilization: float | None = 0.6) -> Snapshot:
    cluster = of.cluster(CLUSTER)
    pools = sorted({each.pool for each in cluster.nodes.values()})
    rows = tuple(
        SpendRow(
            key=each.key,
            kind=ScopeKind.WORKLOAD,
            name=each.name,
            cluster=CLUSTER,
            owner="",
            usd_per_hour=POOL_USD * each.gpus / 8,
            utilization=utilization,
        )
        for each in cluster.workloads.values()
    )
    return replace(
        empty_snapshot(),
        pools=tuple(_pool(of, pool) for pool in pools),
        spend={ScopeKind.WORKLOAD: rows},
        slos=tuple(slos),
    )


def _pool(of: Fleet, pool: str) -> PoolRow:
    nodes = [each for each in of.cluster(CLUSTER).nodes.values() if each.pool == pool]
    return PoolRow(
        key=f"{CLUSTER}/{pool}",
        name=pool,
        cluster=CLUSTER,
        nodes=len(nodes),
        gpu_model="H100",
        gpus=8 * len(nodes),
        allocated=0.0,
        busy=None,
        utilization=None,
        memory_used=None,
        power_watts=None,
        usd_per_hour=POOL_USD * len(nodes),
        idle_usd_per_hour=None,
        unallocated_usd_per_hour=None,
    )


def slo(name: str, serves: str, *, burn: float = 0.4, pool: str = "", objective: float = 0.999) -> SloRow:
    return SloRow(
        key=f"{CLUSTER}/{name}",
        name=name,
        cluster=CLUSTER,
        service="",
        objective=objective,
        windows=(BurnWindow(seconds=3_600, error_ratio=None, burn_rate=burn),),
        budget_left=0.9,
        exhausted_in_seconds=None,
        workload=serves,
        pool=pool,
    )


def hands(kubeconfig: Path, by: str = "ana", read_timeout_seconds: float = 15.0, clock: Clock | None = None) -> Hands:
    """Return hands whose plans are called `plan-1`, `plan-2` …"""
    calls = KubeCalls(load_access(kubeconfig=kubeconfig), read_timeout_seconds=read_timeout_seconds)
    client, ids = KubeClient(CLUSTER, calls), count(1)
    return Hands(client=lambda _: client, by=by, new_id=lambda: f"plan-{by}-{next(ids)}", clock=clock or Watch())


def later(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)
