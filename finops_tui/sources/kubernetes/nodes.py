"""Node objects as the model's nodes. Label keys per platform: Karpenter, EKS, GKE and AKS documentation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from finops_tui.model.inventory import Node
from finops_tui.model.money import CapacityType
from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes import objects
from finops_tui.sources.kubernetes.quantities import (
    GpuScale,
    gpu_model,
    gpu_replicas,
    gpu_scale,
    physical_gpus,
    quantity,
    requested,
)

KEPT_LABELS = (
    "karpenter.sh/nodepool",
    "karpenter.sh/capacity-type",
    "eks.amazonaws.com/nodegroup",
    "eks.amazonaws.com/capacityType",
    "cloud.google.com/gke-nodepool",
    "cloud.google.com/gke-spot",
    "kubernetes.azure.com/agentpool",
    "kubernetes.azure.com/scalesetpriority",
    "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "kubernetes.io/arch",
    "nvidia.com/gpu.product",
    "team",
    "owner",
)
SPOT_TAINTS: Mapping[str, float | None] = {
    "aws-node-termination-handler/spot-itn": 120.0,
    "cloud.google.com/impending-node-termination": 30.0,
    "remediator.kubernetes.azure.com/unschedulable": 30.0,
}
"""Taints that on spot capacity mean that the cloud takes the node; the notice that it gives, in seconds."""
LEAVING_TAINTS: Mapping[str, str] = {
    "karpenter.sh/disrupted": "disruption",
    "karpenter.sh/disruption": "disruption",
    "ToBeDeletedByClusterAutoscaler": "scale-down",
    "aws-node-termination-handler/asg-lifecycle-termination": "scale-in",
    "aws-node-termination-handler/scheduled-maintenance": "maintenance",
    "aws-node-termination-handler/rebalance-recommendation": "rebalance recommendation",
    "cloud.google.com/impending-node-termination": "termination",
    "remediator.kubernetes.azure.com/unschedulable": "maintenance",
    "node.cloudprovider.kubernetes.io/shutdown": "shut down",
}
BOUGHT: Mapping[str, CapacityType] = {
    "spot": CapacityType.SPOT,
    "on-demand": CapacityType.ON_DEMAND,
    "normal": CapacityType.ON_DEMAND,
    "reserved": CapacityType.RESERVED,
    "capacity-block": CapacityType.RESERVED,
}
SPOT_LABELS: Mapping[str, tuple[str, ...]] = {
    "cloud.google.com/gke-spot": ("true",),
    "cloud.google.com/gke-preemptible": ("true",),
    "cloud.google.com/gke-provisioning": ("spot", "preemptible"),
    "kubernetes.azure.com/scalesetpriority": ("spot",),
}
BOUGHT_LABELS = ("karpenter.sh/capacity-type", "eks.amazonaws.com/capacityType", "node.kubernetes.io/lifecycle")
RESERVATION_LABEL = "cloud.google.com/reservation-name"
TELLING_POOL_LABELS = ("cloud.google.com/gke-nodepool", "kubernetes.azure.com/agentpool")
"""Of platforms that mark their spot nodes: whoever is not marked is on demand."""
CAPACITY_LABELS = (*BOUGHT_LABELS, *SPOT_LABELS, RESERVATION_LABEL, *TELLING_POOL_LABELS)
"""All labels that say how a node was bought; who asks for labels one by one asks for these."""
CLAIM_REASONS: Mapping[str, str] = {"Underutilized": "consolidation", "Empty": "empty", "Drifted": "drift"}
SPOT_INTERRUPTION = "spot interruption"
SHUTTING_DOWN = "node is shutting down"
"""The kubelet's words in the Ready condition during a graceful shutdown."""


class NodeFacts(NamedTuple):
    node: Node
    scale: GpuScale
    interrupted: str
    """The signal that the cloud takes this spot node (`taint …`, `graceful shutdown`); empty without one."""
    interrupted_at: datetime | None
    """When the signal says that it began."""
    notice_seconds: float | None

    @property
    def uid(self) -> str:
        return self.node.uid


class NodeClaimFacts(msgspec.Struct, frozen=True):
    """Karpenter's side of a node."""

    uid: str
    node: str
    """Empty until its machine has joined."""
    reason: str
    """Why Karpenter takes it away (`consolidation`, `drift`); empty while it stays."""
    pool: str
    gpus: float
    """What the pods that it is for ask for."""
    created_at: datetime | None


class _Write(msgspec.Struct):
    time: datetime | None = None
    fields: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="fieldsV1")


class _Written(msgspec.Struct, rename="camel"):
    managed_fields: list[_Write] | None = None


class _History(msgspec.Struct):
    """What is kept of who wrote a node: much, so that it is read only where it is needed."""

    metadata: _Written = msgspec.field(default_factory=_Written)


_DECODER = msgspec.json.Decoder(objects.Node)
_HISTORY_DECODER = msgspec.json.Decoder(_History)
_CLAIM_DECODER = msgspec.json.Decoder(objects.NodeClaim)


def node_reader(
    cluster: str, pool_labels: Sequence[str], keep_labels: Sequence[str]
) -> Callable[[msgspec.Raw], NodeFacts]:
    """Return a reader for the nodes of one cluster; `keep_labels` are kept beside the usual ones."""
    keep = (*KEPT_LABELS, *pool_labels, *keep_labels)

    def read(item: msgspec.Raw) -> NodeFacts:
        facts = read_node(_DECODER.decode(item), cluster, pool_labels, keep)
        if facts.interrupted and facts.interrupted_at is None:
            return facts._replace(interrupted_at=_tainted_at(item))
        return facts

    return read


def _tainted_at(item: msgspec.Raw) -> datetime | None:
    """Return when a node's taints were last written; most who taint do not say since when."""
    written = _HISTORY_DECODER.decode(item).metadata.managed_fields or ()
    return max((one.time for one in written if one.time and b'"f:taints"' in bytes(one.fields)), default=None)


def read_nodeclaim(item: msgspec.Raw) -> NodeClaimFacts:
    claim = _CLAIM_DECODER.decode(item)
    reason = next(
        (
            condition.reason
            for condition in claim.status.conditions or ()
            if condition.type == "DisruptionReason" and condition.status == "True"
        ),
        "",
    )
    return NodeClaimFacts(
        one_line(claim.metadata.uid),
        one_line(claim.status.node_name),
        CLAIM_REASONS.get(reason) or one_line(reason.lower(), 40),
        one_line((claim.metadata.labels or {}).get("karpenter.sh/nodepool", "")),
        GpuScale().gpus(requested(claim.spec.resources.requests if claim.spec.resources is not None else None)),
        claim.metadata.creation_timestamp,
    )


def read_node(node: objects.Node, cluster: str, pool_labels: Sequence[str], keep: Sequence[str]) -> NodeFacts:
    """Say what one Node object means. `keep` names the labels to keep, `example.com/*` all with that prefix."""
    metadata = node.metadata
    labels = {one_line(key): one_line(value) for key, value in (metadata.labels or {}).items()}
    capacity = node.status.capacity or {}
    capacity_type = read_capacity_type(labels)
    taints = [taint.key for taint in node.spec.taints or ()]
    ready = next((condition for condition in node.status.conditions or () if condition.type == "Ready"), None)
    interrupted, interrupted_at, notice_seconds = "", None, None
    if capacity_type is CapacityType.SPOT:
        taint = next((taint for taint in node.spec.taints or () if taint.key in SPOT_TAINTS), None)
        if taint is not None:
            interrupted, interrupted_at = f"taint {taint.key}", taint.time_added
            notice_seconds = SPOT_TAINTS[taint.key]
        elif ready is not None and ready.status != "True" and SHUTTING_DOWN in ready.message:
            interrupted, interrupted_at = "graceful shutdown", ready.last_transition_time
    leaving = (
        SPOT_INTERRUPTION if interrupted else next((LEAVING_TAINTS[key] for key in taints if key in LEAVING_TAINTS), "")
    )
    if not leaving and metadata.deletion_timestamp is not None:
        leaving = "deletion"
    model = Node(
        cluster=cluster,
        name=one_line(metadata.name),
        uid=one_line(metadata.uid),
        pool=next((labels[key] for key in pool_labels if labels.get(key)), "default"),
        instance_type=_first(labels, "node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"),
        region=_first(labels, "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"),
        zone=_first(labels, "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"),
        capacity_type=capacity_type,
        gpu_model=gpu_model(labels),
        gpus=physical_gpus(capacity, labels),
        gpu_replicas=gpu_replicas(labels),
        cpu_cores=quantity(capacity.get("cpu", 0)),
        memory_bytes=int(quantity(capacity.get("memory", 0))),
        ready=ready is not None and ready.status == "True",
        schedulable=not node.spec.unschedulable,
        leaving=leaving,
        created_at=metadata.creation_timestamp,
        labels={key: value for key, value in labels.items() if _kept(key, keep)},
    )
    return NodeFacts(model, gpu_scale(labels), interrupted, interrupted_at, notice_seconds)


def read_capacity_type(labels: Mapping[str, str]) -> CapacityType:
    """Say how a node was bought; where a platform marks only its spot nodes, its others are on demand."""
    told = _first(labels, *BOUGHT_LABELS)
    known = BOUGHT.get(told.lower().replace("_", "-"))
    if known is not None:
        return known
    if any(labels.get(key) in values for key, values in SPOT_LABELS.items()):
        return CapacityType.SPOT
    if labels.get(RESERVATION_LABEL):
        return CapacityType.RESERVED
    if any(key in labels for key in TELLING_POOL_LABELS):
        return CapacityType.ON_DEMAND
    return CapacityType.UNKNOWN


def _first(labels: Mapping[str, str], *keys: str) -> str:
    return next((labels[key] for key in keys if labels.get(key)), "")


def _kept(key: str, keep: Sequence[str]) -> bool:
    return any(key == wanted or (wanted.endswith("*") and key.startswith(wanted[:-1])) for wanted in keep)
