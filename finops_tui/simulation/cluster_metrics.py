"""What dcgm-exporter, kube-state-metrics and OpenCost would say of one simulated cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator

from finops_tui.model.money import CapacityType
from finops_tui.simulation.estate import GIB, Gpu
from finops_tui.simulation.exposition import Family
from finops_tui.simulation.jobs import Job
from finops_tui.simulation.machines import Machine, Pod, Pool, device_uuid
from finops_tui.simulation.readings import (
    CPU_PER_GPU,
    MEMORY_PER_GPU,
    namespaces,
    node_labels,
    of_cluster,
    pod_use,
    watts,
    work_labels,
)
from finops_tui.simulation.serving import Service
from finops_tui.simulation.world import World

GPU_SHARE = 0.9
"""Share of a node's price that OpenCost ascribes to its GPUs; the rest goes to cores and memory in halves."""
_PHASES = ("Pending", "Running", "Succeeded", "Failed", "Unknown")


def label_names(labels: dict[str, str]) -> dict[str, str]:
    """Return labels as kube-state-metrics spells them."""
    return {"label_" + re.sub(r"[^a-zA-Z0-9_]", "_", key): value for key, value in labels.items()}


def machines_of(world: World, cluster: str) -> list[Machine]:
    return [machine for machine in world.machines() if machine.pool.cluster.name == cluster]


def controller(pod: Pod) -> tuple[str, str]:
    """Return kind and name of a pod's direct owner."""
    work = pod.work
    if isinstance(work, Service):
        return "ReplicaSet", pod.name.rpartition("-")[0]
    if isinstance(work, Job) and work.lasting and work.run is not None:
        return "Job", f"{work.name}-{work.run.start // 60}"
    return work.kind, work.name


def dcgm(world: World, cluster: str) -> Iterator[Family]:
    """Yield the GPU telemetry, one series per device, with the workload in `exported_…` labels."""
    engine = Family("DCGM_FI_PROF_GR_ENGINE_ACTIVE", "gauge", "Ratio of time the graphics engine is active.")
    util = Family("DCGM_FI_DEV_GPU_UTIL", "gauge", "GPU utilization (in %).")
    used = Family("DCGM_FI_DEV_FB_USED", "gauge", "Framebuffer memory used (in MiB).")
    free = Family("DCGM_FI_DEV_FB_FREE", "gauge", "Framebuffer memory free (in MiB).")
    power = Family("DCGM_FI_DEV_POWER_USAGE", "gauge", "Power draw (in W).")
    xid = Family("DCGM_FI_DEV_XID_ERRORS", "gauge", "Value of the last XID error encountered.")
    for machine in machines_of(world, cluster):
        gpu: Gpu = machine.pool.plan.instance.gpu
        for index, pod in enumerate(machine.slots):
            uuid = device_uuid(world.seed, machine, index)
            labels = {
                "gpu": str(index), "UUID": uuid, "device": f"nvidia{index}", "modelName": gpu.product,
                "Hostname": machine.name,
            }  # fmt: skip
            activity, memory = (0.0, 0.0) if pod is None else pod_use(pod, world.now)
            if pod is not None:
                labels |= {
                    "exported_container": "main",
                    "exported_namespace": pod.work.namespace,
                    "exported_pod": pod.name,
                }
            engine.add(round(activity, 4), **labels)
            util.add(round(100.0 * activity), **labels)
            used.add(round(gpu.memory_mib * memory), **labels)
            free.add(gpu.memory_mib - round(gpu.memory_mib * memory), **labels)
            power.add(round(watts(gpu, activity), 1), **labels)
            error = world.device_errors.get(uuid)
            if error is not None:
                xid.add(error.xid, **labels, err_code=str(error.xid), err_msg=error.message)
    yield from (engine, util, used, free, power, xid)


def kube_nodes(world: World, cluster: str) -> Iterator[Family]:
    info = Family("kube_node_info", "gauge", "Information about a cluster node.")
    labels = Family("kube_node_labels", "gauge", "Kubernetes labels converted to Prometheus labels.")
    capacity = Family("kube_node_status_capacity", "gauge", "The total amount of resources of the node.")
    allocatable = Family("kube_node_status_allocatable", "gauge", "The amount of resources that pods may request.")
    condition = Family("kube_node_status_condition", "gauge", "The condition of a cluster node.")
    closed = Family("kube_node_spec_unschedulable", "gauge", "Whether a node can schedule new pods.")
    created = Family("kube_node_created", "gauge", "Unix creation timestamp.")
    for machine in machines_of(world, cluster):
        name, instance = machine.name, machine.pool.plan.instance
        info.add(1, node=name, system_uuid=machine.uid, provider_id=provider_id(machine))
        labels.add(1, node=name, **label_names(node_labels(machine)))
        for family in (capacity, allocatable):
            family.add(instance.gpus, node=name, resource="nvidia_com_gpu", unit="integer")
            family.add(instance.cpu_cores, node=name, resource="cpu", unit="core")
            family.add(instance.memory_gib * GIB, node=name, resource="memory", unit="byte")
        for status in ("true", "false", "unknown"):
            condition.add(float(status == "true"), node=name, condition="Ready", status=status)
        closed.add(float(not machine.open), node=name)
        created.add(machine.created_at, node=name)
    yield from (info, labels, capacity, allocatable, condition, closed, created)


def kube_pods(world: World, cluster: str) -> Iterator[Family]:
    info = Family("kube_pod_info", "gauge", "Information about a pod.")
    owner = Family("kube_pod_owner", "gauge", "Information about the pod's owner.")
    phase = Family("kube_pod_status_phase", "gauge", "The pod's current phase.")
    requests = Family("kube_pod_container_resource_requests", "gauge", "Requested resources of a container.")
    started = Family("kube_pod_start_time", "gauge", "Start time in unix timestamp for a pod.")
    labels = Family("kube_pod_labels", "gauge", "Kubernetes labels converted to Prometheus labels.")
    for work in of_cluster(world.works.values(), cluster):
        for pod in work.pods:
            kind, name = controller(pod)
            node = pod.machine.name if pod.machine is not None else ""
            who = {"namespace": work.namespace, "pod": pod.name}
            info.add(1, **who, node=node, created_by_kind=kind, created_by_name=name)
            owner.add(1, **who, owner_kind=kind, owner_name=name, owner_is_controller="true")
            now = "Running" if pod.ready(world.now) else "Pending"
            for each in _PHASES:
                phase.add(float(each == now), **who, phase=each)
            for resource, unit, amount in (
                ("nvidia_com_gpu", "integer", pod.gpus),
                ("cpu", "core", CPU_PER_GPU * pod.gpus),
                ("memory", "byte", MEMORY_PER_GPU * pod.gpus),
            ):
                requests.add(amount, **who, container="main", node=node, resource=resource, unit=unit)
            if pod.machine is not None:
                started.add(pod.created_at, **who)
            labels.add(1, **who, **label_names(work_labels(work)))
    yield from (info, owner, phase, requests, started, labels)


def kube_works(world: World, cluster: str) -> Iterator[Family]:
    deployments = Family("kube_deployment_spec_replicas", "gauge", "Number of desired pods for a deployment.")
    sets = Family("kube_statefulset_replicas", "gauge", "Number of desired pods for a StatefulSet.")
    jobs = Family("kube_job_owner", "gauge", "Information about the Job's owner.")
    named = Family("kube_namespace_labels", "gauge", "Kubernetes labels converted to Prometheus labels.")
    for work in of_cluster(world.works.values(), cluster):
        if work.kind == "Deployment":
            deployments.add(work.replicas or 0, namespace=work.namespace, deployment=work.name)
        elif work.kind == "StatefulSet":
            sets.add(work.replicas or 0, namespace=work.namespace, statefulset=work.name)
        elif work.kind == "CronJob" and work.pods:
            jobs.add(
                1, namespace=work.namespace, job_name=controller(work.pods[0])[1], owner_kind="CronJob",
                owner_name=work.name, owner_is_controller="true",
            )  # fmt: skip
    for namespace in namespaces(cluster):
        named.add(1, namespace=namespace.name, **label_names(dict(namespace.labels)))
    yield from (deployments, sets, jobs, named)


def opencost(world: World, cluster: str) -> Iterator[Family]:
    """Yield what OpenCost meters; a node without a price has no series."""
    total = Family("node_total_hourly_cost", "gauge", "Total cost of this node per hour.")
    gpu = Family("node_gpu_hourly_cost", "gauge", "Hourly cost per GPU on this node.")
    cpu = Family("node_cpu_hourly_cost", "gauge", "Hourly cost per vCPU on this node.")
    ram = Family("node_ram_hourly_cost", "gauge", "Hourly cost per GiB of memory on this node.")
    gpus = Family("node_gpu_count", "gauge", "Number of GPUs on this node.")
    spot = Family("kubecost_node_is_spot", "gauge", "Whether the node is spot.")
    for machine in machines_of(world, cluster):
        instance = machine.pool.plan.instance
        labels = {
            "node": machine.name, "instance": machine.name, "instance_type": instance.name,
            "region": machine.pool.cluster.region, "provider_id": provider_id(machine),
        }  # fmt: skip
        usd = world.usd_per_hour(machine)
        if usd is not None:
            rest = usd * (1.0 - GPU_SHARE) / 2.0
            total.add(usd, **labels)
            gpu.add(usd * GPU_SHARE / instance.gpus, **labels)
            cpu.add(rest / instance.cpu_cores, **labels)
            ram.add(rest / instance.memory_gib, **labels)
        gpus.add(instance.gpus, **labels)
        spot.add(float(machine.capacity_type is CapacityType.SPOT), **labels)
    yield from (total, gpu, cpu, ram, gpus, spot)
    yield from _allocations(world, cluster)


def _allocations(world: World, cluster: str) -> Iterator[Family]:
    gpu = Family("container_gpu_allocation", "gauge", "GPUs allocated to a container.")
    cpu = Family("container_cpu_allocation", "gauge", "Cores allocated to a container.")
    ram = Family("container_memory_allocation_bytes", "gauge", "Bytes of memory allocated to a container.")
    for machine in machines_of(world, cluster):
        for pod in machine.pods:
            labels = {
                "namespace": pod.work.namespace, "pod": pod.name, "container": "main", "instance": machine.name,
                "node": machine.name,
            }  # fmt: skip
            gpu.add(pod.gpus, **labels)
            cpu.add(CPU_PER_GPU * pod.gpus, **labels)
            ram.add(MEMORY_PER_GPU * pod.gpus, **labels)
    yield from (gpu, cpu, ram)


def provider_id(machine: Machine) -> str:
    pool: Pool = machine.pool
    return f"{pool.cluster.cloud}:///{machine.zone}/{machine.uid[:13]}"
