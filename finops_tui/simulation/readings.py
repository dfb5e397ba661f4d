"""What instruments in the world show: nodes, workloads and readings in the words of the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from finops_tui.model.gpu import GpuReading
from finops_tui.model.inventory import Namespace, Node, Placement, Workload
from finops_tui.model.money import CapacityType, Price, PriceKind
from finops_tui.model.slo import ServingReading
from finops_tui.simulation.estate import GIB, Gpu
from finops_tui.simulation.jobs import Job
from finops_tui.simulation.machines import Machine, Pod, Work, moment
from finops_tui.simulation.randomness import identity
from finops_tui.simulation.serving import Service
from finops_tui.simulation.tenants import NAMESPACES
from finops_tui.simulation.world import World

OWNER = "finops-tui/owner"
"""Annotation: whom to call."""
RUNBOOK = "finops-tui/runbook"
"""Annotation: what to do, as an address."""
ACTIVE = 0.05
"""A device below this utilization does no work."""
WINDOW_SECONDS = 300
"""The instruments say whether a device worked within this time; one that came since has had no time to be idle."""
CPU_PER_GPU = 4.0
"""Cores that a pod requests with each GPU."""
MEMORY_PER_GPU = 32 * GIB
_SPOT_LABELS = {
    "aws": {"karpenter.sh/capacity-type": "spot"},
    "gcp": {"cloud.google.com/gke-spot": "true"},
    "azure": {"kubernetes.azure.com/scalesetpriority": "spot"},
}
_POOL_LABELS = {
    "aws": "karpenter.sh/nodepool",
    "gcp": "cloud.google.com/gke-nodepool",
    "azure": "kubernetes.azure.com/agentpool",
}


class Devices:
    """Sums over some GPUs of one kind."""

    __slots__ = ("active", "busy", "gpus", "memory", "watts")

    def __init__(self) -> None:
        self.gpus = 0
        self.active = 0
        self.busy = 0.0
        self.memory = 0.0
        self.watts = 0.0

    def add(self, gpus: int, activity: float, memory: float, gpu: Gpu, *, active: bool = False) -> None:
        self.gpus += gpus
        self.active += gpus if active else 0
        self.busy += gpus * activity
        self.memory += gpus * memory
        self.watts += gpus * watts(gpu, activity)

    def reading(self, name: str) -> GpuReading:
        return GpuReading(
            name=name,
            gpus=self.gpus,
            active=self.active,
            utilization=round(self.busy / self.gpus, 4),
            memory_used=round(self.memory / self.gpus, 4),
            power_watts=round(self.watts, 1),
        )


def watts(gpu: Gpu, activity: float) -> float:
    """Return the power that one device draws at an activity (ratio)."""
    return gpu.idle_watts + (gpu.peak_watts - gpu.idle_watts) * 0.92 * activity


def gpu_readings(world: World, cluster: str) -> tuple[list[GpuReading], list[GpuReading], list[GpuReading]]:
    """Return the readings of one cluster: by node, by workload, by device model."""
    works: dict[str, Devices] = {}
    models: dict[str, Devices] = {}
    nodes = []
    for pool in world.pools.values():
        if pool.cluster.name != cluster:
            continue
        gpu = pool.plan.instance.gpu
        model = models.setdefault(gpu.product, Devices())
        for machine in pool.machines.values():
            node = Devices()
            for pod in machine.pods:
                activity, memory = pod_use(pod, world.now)
                if activity >= ACTIVE:
                    pod.worked_at = world.now
                active = world.now - max(pod.created_at, pod.worked_at) < WINDOW_SECONDS
                work = works.setdefault(reading_name(pod.work), Devices())
                for devices in (node, work, model):
                    devices.add(pod.gpus, activity, memory, gpu, active=active)
            for devices in (node, model):
                devices.add(machine.free, 0.0, 0.0, gpu)
            nodes.append(node.reading(machine.name))
    return (
        nodes,
        [devices.reading(name) for name, devices in works.items()],
        [devices.reading(name) for name, devices in models.items() if devices.gpus],
    )


def pod_use(pod: Pod, now: int) -> tuple[float, float]:
    """Return activity and memory use (ratios) of a pod's devices."""
    activity = pod.work.activity(pod, now)
    return activity, pod.work.memory(activity) if pod.ready(now) else 0.0


def reading_name(work: Work) -> str:
    return f"{work.namespace}/{work.kind}/{work.name}"


def node_of(machine: Machine) -> Node:
    pool, instance = machine.pool, machine.pool.plan.instance
    return Node(
        cluster=pool.cluster.name,
        name=machine.name,
        uid=machine.uid,
        pool=pool.plan.name,
        instance_type=instance.name,
        region=pool.cluster.region,
        zone=machine.zone,
        capacity_type=machine.capacity_type,
        gpu_model=instance.gpu.product,
        gpus=instance.gpus,
        cpu_cores=float(instance.cpu_cores),
        memory_bytes=instance.memory_gib * GIB,
        schedulable=machine.open,
        leaving=machine.leaving,
        created_at=moment(machine.created_at),
        labels=node_labels(machine),
    )


def node_labels(machine: Machine) -> dict[str, str]:
    pool, instance = machine.pool, machine.pool.plan.instance
    labels = {
        "node.kubernetes.io/instance-type": instance.name,
        "topology.kubernetes.io/region": pool.cluster.region,
        "topology.kubernetes.io/zone": machine.zone,
        "nvidia.com/gpu.product": instance.gpu.label,
        _POOL_LABELS[pool.cluster.cloud]: pool.plan.name,
    }
    if machine.capacity_type is CapacityType.SPOT:
        labels |= _SPOT_LABELS[pool.cluster.cloud]
    return labels


def workload_of(work: Work) -> Workload:
    on: dict[str, tuple[int, int]] = {}
    pending = 0
    for pod in work.pods:
        if pod.machine is None:
            pending += 1
        else:
            pods, gpus = on.get(pod.machine.name, (0, 0))
            on[pod.machine.name] = (pods + 1, gpus + pod.gpus)
    return Workload(
        cluster=work.cluster,
        kind=work.kind,
        namespace=work.namespace,
        name=work.name,
        uid=identity(0, work.key, work.created_at),
        labels=work_labels(work),
        placements=tuple(
            Placement(name, pods, float(gpus), CPU_PER_GPU * gpus, MEMORY_PER_GPU * gpus)
            for name, (pods, gpus) in on.items()
        ),
        pods_pending=pending,
        gpus_pending=float(pending * work.gpus),
        replicas=work.replicas,
        suspended=work.suspended,
        restarts=work.restarts,
        created_at=moment(work.created_at),
        annotations=notes_of(work),
        failing=work.failing | ({"Unschedulable": pending} if pending else {}),
        priority_class=work.priority_class,
        restart_policy=work.restart_policy,
        disruptions_allowed=work.disruptions_allowed if isinstance(work, Service) else None,
        finished_at=_when(work.finished_at) if isinstance(work, Job) else None,
        deadline_at=_when(work.deadline_at) if isinstance(work, Job) else None,
        checkpoint_at=_when(work.saved_at) if isinstance(work, Job) else None,
        running_since=_when(work.running_since) if isinstance(work, Job) else None,
    )


def notes_of(work: Work) -> Mapping[str, str]:
    """Return whom to ask and what to read, where somebody wrote it down, and whatever else is noted."""
    team = namespace_labels(work.namespace).get("team")
    if team is None:
        return work.notes
    notes = {OWNER: f"#{team}-oncall"}
    if isinstance(work, Service) or (isinstance(work, Job) and work.lasting):
        notes[RUNBOOK] = f"https://runbooks.example/{work.namespace}/{work.name}"
    return notes | work.notes


def _when(seconds: float | None) -> datetime | None:
    return None if seconds is None else moment(seconds)


def work_labels(work: Work) -> dict[str, str]:
    labels = {"app": work.name}
    if work.model:
        labels["model"] = work.model
    if isinstance(work, Job):
        labels["experiment"] = work.name
    return labels


def namespaces(cluster: str) -> tuple[Namespace, ...]:
    return tuple(
        Namespace(cluster=cluster, name=plan.name, labels=labels)
        for plan, labels in ((plan, namespace_labels(plan.name)) for plan in NAMESPACES if cluster in plan.clusters)
    )


def namespace_labels(name: str) -> Mapping[str, str]:
    """Return the ownership labels of a namespace; empty where nobody wrote any."""
    plan = next(plan for plan in NAMESPACES if plan.name == name)
    pairs = (("team", plan.team), ("environment", plan.environment), ("cost-centre", plan.cost_centre))
    return {key: value for key, value in pairs if value}


def serving_reading(service: Service) -> ServingReading:
    """Return what the model server reports; Triton has no percentiles of its own."""
    served = service.rate * (1.0 - service.turned_away)
    return ServingReading(
        namespace=service.namespace,
        model=service.model,
        server=service.server,
        requests_per_second=round(service.rate, 3),
        p95_seconds=round(service.p95_seconds, 3) if service.server == "vLLM" else None,
        error_ratio=round(service.turned_away + service.failing_share + 0.0002 * service.luck(service.served_at), 6),
        queue_depth=round(service.queue, 1),
        tokens_per_second=round(served * service.plan.tokens, 1) if service.plan.tokens else None,
    )


def spot_prices(world: World, at: datetime) -> tuple[Price, ...]:
    """Return the market's prices of every type that a pool may hold as spot."""
    prices = []
    for pool in world.pools.values():
        cluster, instance = pool.cluster, pool.plan.instance
        usd = world.market.price(cluster, instance, world.now)
        if pool.plan.spot_share > 0.0 and usd is not None:
            prices.append(
                Price(
                    kind=PriceKind.SPOT_MARKET,
                    usd_per_hour=usd,
                    source="simulated spot market",
                    instance_type=instance.name,
                    region=cluster.region,
                    capacity_type=CapacityType.SPOT,
                    as_of=at.date(),
                )
            )
    return tuple(prices)


def of_cluster(works: Iterable[Work], cluster: str) -> list[Work]:
    return [work for work in works if work.cluster == cluster]
