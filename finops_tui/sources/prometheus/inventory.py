"""Nodes, workloads and namespaces from kube-state-metrics, as far as nobody here may ask the cluster's API for them.

Labels are known only as far as kube-state-metrics may publish them (`--metric-labels-allowlist`).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from finops_tui.model.inventory import Namespace, Node, Placement, Workload
from finops_tui.model.observations import NamespacesSeen, NodesSeen, Observation, WorkloadsSeen
from finops_tui.sources.inventory_share import Covered, Part, StandIn
from finops_tui.sources.kubernetes.nodes import CAPACITY_LABELS, KEPT_LABELS, read_capacity_type
from finops_tui.sources.kubernetes.quantities import (
    GPU_LABELS,
    GpuScale,
    Requests,
    gpu_model,
    gpu_replicas,
    gpu_scale,
    physical_gpus,
    requested,
)
from finops_tui.sources.kubernetes.settings import POOL_LABELS
from finops_tui.sources.prometheus.answer import Answer, Sample
from finops_tui.sources.prometheus.catalogue import BY_ID
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.owners import Owners
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.promql import ksm_label, label_names
from finops_tui.sources.prometheus.settings import Labels

NODE_LABELS = tuple(dict.fromkeys((*KEPT_LABELS, *POOL_LABELS, *CAPACITY_LABELS, *GPU_LABELS)))
QUERIES = tuple(query_id for query_id in BY_ID if query_id.startswith("inventory."))
NOTE = "node labels"
TRUE = 0.5
"""What lies above is a metric's `yes`."""
_RESOURCES = {
    "nvidia_com_gpu": "nvidia.com/gpu",
    "nvidia_com_gpu_shared": "nvidia.com/gpu.shared",
    "amd_com_gpu": "amd.com/gpu",
    "google_com_tpu": "google.com/tpu",
    "habana_ai_gaudi": "habana.ai/gaudi",
    "gpu_intel_com_i915": "gpu.intel.com/i915",
    "gpu_intel_com_xe": "gpu.intel.com/xe",
}
_MIG = "nvidia_com_mig_"

Owner = tuple[str, str, str]
"""Namespace, kind and name of a workload."""


@dataclass(slots=True)
class _Seen:
    """What one workload has on one node; the node's name is empty while it waits for one."""

    pods: int = 0
    resources: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))


class Inventory:
    def __init__(self, labels: Labels, owners: Owners, every_seconds: float, stand_in: StandIn) -> None:
        self.every_seconds = every_seconds
        self.settled = False
        """Whether it was read since it is known what is wanted of it."""
        self._labels = labels
        self._owners = owners
        self._stand_in = stand_in
        self._asked: Covered = {}
        self._scales: Mapping[str, GpuScale] = {}
        """What GPU resources are worth on each node, as it was read last."""

    @property
    def is_outdated(self) -> bool:
        """Whether something else is wanted than when it was read last."""
        return self._stand_in.wanted() != self._asked or not (self.settled or self._stand_in.waits)

    async def read(self, desk: Desk, told: Told, at: datetime) -> Sequence[Observation]:
        """Say what there is, all of what is wanted; nothing where even the nodes or the pods are not known."""
        waits, wanted = self._stand_in.waits, self._stand_in.wanted()
        self._asked = wanted
        for query_id in QUERIES:  # what is still missing will be so again
            desk.missing.pop(query_id, None)
        seen = await self._seen(wanted, desk, told, at) if wanted else {}
        if Part.NODES not in wanted:
            desk.notes.pop(NOTE, None)
        if self._stand_in.wanted() != wanted:  # Kubernetes has spoken meanwhile: the next round asks anew
            return ()
        self.settled = self.settled or not waits
        self._stand_in.tells(seen)
        if Part.NODES in seen:
            self._stand_in.scales(self._scales)
        return tuple(seen.values())

    async def _seen(self, wanted: Covered, desk: Desk, told: Told, at: datetime) -> dict[Part, Observation]:
        await self._owners.refresh(desk, at)
        seen: dict[Part, Observation] = {}
        if Part.NODES in wanted or Part.WORKLOADS in wanted:  # a node's labels say what its GPU resources are worth
            nodes, self._scales = await self._nodes(desk, told)
            if nodes and Part.NODES in wanted:
                seen[Part.NODES] = NodesSeen(
                    at=at, source=told.source, cluster=told.cluster, nodes=tuple(nodes), complete=True
                )
        if Part.WORKLOADS in wanted:
            workloads, left = await self._workloads(desk, told, self._scales), wanted[Part.WORKLOADS]
            if workloads is not None:
                seen[Part.WORKLOADS] = WorkloadsSeen(
                    at=at,
                    source=told.source,
                    cluster=told.cluster,
                    workloads=tuple(workload for workload in workloads if workload.namespace not in left),
                    complete=True,
                    beside=tuple(sorted(left)),
                )
        if Part.NAMESPACES in wanted:
            namespaces, left = await desk.ask(BY_ID["inventory.namespace_labels"]), wanted[Part.NAMESPACES]
            if namespaces is not None:
                seen[Part.NAMESPACES] = NamespacesSeen(
                    at=at,
                    source=told.source,
                    cluster=told.cluster,
                    namespaces=tuple(
                        Namespace(cluster=told.cluster, name=name, labels=_named(sample, self._labels.ownership))
                        for sample in namespaces.samples
                        if (name := sample.label("namespace")) and name not in left
                    ),
                    complete=True,
                    beside=tuple(sorted(left)),
                )
        return seen

    async def _nodes(self, desk: Desk, told: Told) -> tuple[list[Node], Mapping[str, GpuScale]]:
        values = desk.by_node | {"node_labels": label_names(NODE_LABELS)}
        figures = ("nodes", "node_labels", "capacity", "ready", "unschedulable", "created")
        info, labels, capacity, ready, unschedulable, created = await asyncio.gather(
            *(desk.ask(BY_ID[f"inventory.{figure}"], values) for figure in figures)
        )
        if info is None:
            return [], self._scales
        labels_of = {sample.label("node"): _named(sample, NODE_LABELS) for sample in _samples(labels)}
        if any(labels_of.values()):
            desk.notes.pop(NOTE, None)
        else:
            desk.notes[NOTE] = (
                "pools, instance types and spot are not known: kube-state-metrics may not publish node labels "
                "(--metric-labels-allowlist=nodes=[*])"
            )
        if capacity is None:  # a node without its GPUs would be no figure but a wrong one
            return [], self._scales
        resources: defaultdict[str, dict[str, str | float]] = defaultdict(dict)
        for sample in capacity.samples:
            if sample.value is not None:
                resources[sample.label("node")][_resource(sample.label("resource"))] = sample.value
        not_ready = {sample.label("node") for sample in _samples(ready) if not _yes(sample)}
        cordoned = {sample.label("node") for sample in _samples(unschedulable) if _yes(sample)}
        born = {sample.label("node"): _moment(sample) for sample in _samples(created)}
        nodes = {
            name: _node(told.cluster, name, sample.label("system_uuid"), labels_of.get(name, {}), resources[name],
                        ready=name not in not_ready, schedulable=name not in cordoned, created_at=born.get(name))
            for sample in info.samples
            if (name := sample.label("node"))
        }  # fmt: skip
        if labels is None and self._scales:  # what they were worth is better than what no labels say
            return list(nodes.values()), self._scales
        return list(nodes.values()), {name: gpu_scale(labels_of.get(name, {})) for name in nodes}

    async def _workloads(self, desk: Desk, told: Told, scales: Mapping[str, GpuScale]) -> tuple[Workload, ...] | None:
        figures = ("requests", "pods", "deployments", "statefulsets", "pod_labels")
        requests, pods, deployments, statefulsets, labels = await asyncio.gather(
            *(desk.ask(BY_ID[f"inventory.{figure}"]) for figure in figures)
        )
        if pods is None or not pods.samples:  # no cluster is without a pod: their metrics are not scraped
            return None
        if requests is None:  # who seems to hold nothing would cost nothing, and all of it would look free
            return None
        seen: defaultdict[Owner, defaultdict[str, _Seen]] = defaultdict(lambda: defaultdict(_Seen))
        for sample in pods.samples:
            seen[self._owner(sample)][sample.label("node")].pods += sample.count or 0
        for sample in requests.samples:
            there = seen[self._owner(sample)][sample.label("node")]
            there.resources[_resource(sample.label("resource"))] += sample.value or 0.0
        labels_of = {self._owner(sample): _named(sample, self._labels.ownership) for sample in _samples(labels)}
        replicas = {
            (sample.label("namespace"), kind, sample.label(label)): count
            for answer, kind, label in (
                (deployments, "Deployment", "deployment"),
                (statefulsets, "StatefulSet", "statefulset"),
            )
            for sample in _samples(answer)
            if (count := sample.count) is not None
        }
        return tuple(
            _workload(
                told.cluster, owner, by_node, scales, labels=labels_of.get(owner, {}), replicas=replicas.get(owner)
            )
            for owner, by_node in seen.items()
            if all(owner)
        )

    def _owner(self, sample: Sample) -> Owner:
        namespace = sample.label("namespace")
        return (namespace, *self._owners.topmost(namespace, sample.label("owner_kind"), sample.label("owner_name")))


def _samples(answer: Answer | None) -> Iterable[Sample]:
    return answer.samples if answer is not None else ()


def _named(sample: Sample, names: Iterable[str]) -> dict[str, str]:
    """Return the Kubernetes labels that kube-state-metrics published, under their own names."""
    return {name: value for name in names if (value := sample.label(ksm_label(name)))}


def _resource(sanitized: str) -> str:
    """Return a resource's name as Kubernetes spells it."""
    if sanitized.startswith(_MIG):
        return "nvidia.com/mig-" + sanitized.removeprefix(_MIG).replace("_", ".")
    return _RESOURCES.get(sanitized, sanitized)


def _yes(sample: Sample) -> bool:
    return sample.value is not None and sample.value > TRUE


def _moment(sample: Sample) -> datetime | None:
    try:
        return None if sample.value is None else datetime.fromtimestamp(sample.value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _node(
    cluster: str,
    name: str,
    uid: str,
    labels: Mapping[str, str],
    capacity: dict[str, str | float],
    *,
    ready: bool,
    schedulable: bool,
    created_at: datetime | None,
) -> Node:
    whole = requested(capacity)
    return Node(
        cluster=cluster,
        name=name,
        uid=uid or name,
        pool=next((labels[label] for label in POOL_LABELS if labels.get(label)), "default"),
        instance_type=labels.get("node.kubernetes.io/instance-type", ""),
        region=labels.get("topology.kubernetes.io/region", ""),
        zone=labels.get("topology.kubernetes.io/zone", ""),
        capacity_type=read_capacity_type(labels),
        gpu_model=gpu_model(labels),
        gpus=physical_gpus(capacity, labels),
        gpu_replicas=gpu_replicas(labels),
        cpu_cores=whole.cpu_cores,
        memory_bytes=int(whole.memory_bytes),
        ready=ready,
        schedulable=schedulable,
        created_at=created_at,
        labels=labels,
    )


def _workload(
    cluster: str,
    owner: Owner,
    by_node: Mapping[str, _Seen],
    scales: Mapping[str, GpuScale],
    *,
    labels: Mapping[str, str],
    replicas: int | None,
) -> Workload:
    namespace, kind, name = owner
    waiting = by_node.get("", _Seen())
    return Workload(
        cluster=cluster,
        kind=kind,
        namespace=namespace,
        name=name,
        labels=labels,
        placements=tuple(
            _placement(node, there, requested(dict(there.resources)), scales.get(node, GpuScale()))
            for node, there in sorted(by_node.items())
            if node and there.pods
        ),
        pods_pending=waiting.pods,
        gpus_pending=GpuScale().gpus(requested(dict(waiting.resources))),
        replicas=replicas,
    )


def _placement(node: str, there: _Seen, wanted: Requests, scale: GpuScale) -> Placement:
    return Placement(
        node=node,
        pods=there.pods,
        gpus=scale.gpus(wanted),
        cpu_cores=wanted.cpu_cores,
        memory_bytes=int(wanted.memory_bytes),
    )
