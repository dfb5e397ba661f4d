"""The parts of Kubernetes objects that this program uses, and nothing else of them.

Answers are decoded straight into these; what is not named here is skipped, never built. Field names are the API's.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

Labels = dict[str, str]
Quantities = dict[str, str | int | float]


class OwnerReference(msgspec.Struct, gc=False):
    kind: str = ""
    name: str = ""
    controller: bool = False


class ManagedFields(msgspec.Struct, gc=False):
    manager: str = ""
    time: datetime | None = None
    subresource: str = ""


class Metadata(msgspec.Struct, rename="camel"):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: Labels | None = None
    annotations: Labels | None = None
    owner_references: list[OwnerReference] | None = None

    @property
    def controller(self) -> OwnerReference | None:
        return next((owner for owner in self.owner_references or () if owner.controller), None)


class ManagedMetadata(Metadata, rename="camel"):
    """For kinds of which it is told who changed them."""

    managed_fields: list[ManagedFields] | None = None


class ListMetadata(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class Page(msgspec.Struct):
    metadata: ListMetadata
    items: list[msgspec.Raw] | None = None


class Event(msgspec.Struct):
    type: str
    object: msgspec.Raw


class StatusDetails(msgspec.Struct, rename="camel"):
    retry_after_seconds: float = 0


class Status(msgspec.Struct):
    """What the API server says when it says no."""

    message: str = ""
    reason: str = ""
    code: int = 0
    details: StatusDetails | None = None


class Condition(msgspec.Struct, rename="camel"):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: datetime | None = None
    last_update_time: datetime | None = None


class Anything(msgspec.Struct):
    """A kind of which only its metadata matters."""

    metadata: Metadata


class Taint(msgspec.Struct, rename="camel"):
    key: str = ""
    time_added: datetime | None = None


class NodeSpec(msgspec.Struct):
    taints: list[Taint] | None = None
    unschedulable: bool = False


class NodeStatus(msgspec.Struct):
    capacity: Quantities | None = None
    conditions: list[Condition] | None = None


class Node(msgspec.Struct):
    metadata: Metadata
    spec: NodeSpec = msgspec.field(default_factory=NodeSpec)
    status: NodeStatus = msgspec.field(default_factory=NodeStatus)


class Resources(msgspec.Struct):
    requests: Quantities | None = None
    limits: Quantities | None = None


class Container(msgspec.Struct, rename="camel"):
    resources: Resources | None = None
    restart_policy: str = ""


class PodSpec(msgspec.Struct, rename="camel"):
    node_name: str = ""
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None
    overhead: Quantities | None = None
    resources: Resources | None = None
    restart_policy: str = ""
    priority_class_name: str = ""
    active_deadline_seconds: float | None = None


class WaitingState(msgspec.Struct, gc=False):
    reason: str = ""


class ContainerState(msgspec.Struct):
    waiting: WaitingState | None = None


class ContainerStatus(msgspec.Struct, rename="camel"):
    restart_count: int = 0
    state: ContainerState | None = None


class PodStatus(msgspec.Struct, rename="camel"):
    phase: str = ""
    reason: str = ""
    start_time: datetime | None = None
    conditions: list[Condition] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    container_statuses: list[ContainerStatus] | None = None


class Pod(msgspec.Struct):
    metadata: Metadata
    spec: PodSpec = msgspec.field(default_factory=PodSpec)
    status: PodStatus = msgspec.field(default_factory=PodStatus)


class JobSpec(msgspec.Struct, rename="camel"):
    parallelism: int | None = None
    template: msgspec.Raw = msgspec.Raw(b"")


class JobTemplate(msgspec.Struct):
    spec: JobSpec = msgspec.field(default_factory=JobSpec)


class ControllerSpec(JobSpec, rename="camel"):
    replicas: int | None = None
    suspend: bool = False
    active_deadline_seconds: float | None = None
    schedule: str = ""
    job_template: JobTemplate | None = None


class ControllerStatus(msgspec.Struct, rename="camel"):
    conditions: list[Condition] | None = None
    desired_number_scheduled: int | None = None
    start_time: datetime | None = None


class Controller(msgspec.Struct):
    """Deployment, StatefulSet, DaemonSet, Job or CronJob."""

    metadata: ManagedMetadata
    spec: ControllerSpec = msgspec.field(default_factory=ControllerSpec)
    status: ControllerStatus = msgspec.field(default_factory=ControllerStatus)


class NodeClaimStatus(msgspec.Struct, rename="camel"):
    node_name: str = ""
    conditions: list[Condition] | None = None


class NodeClaimSpec(msgspec.Struct):
    resources: Resources | None = None


class NodeClaim(msgspec.Struct):
    metadata: Metadata
    spec: NodeClaimSpec = msgspec.field(default_factory=NodeClaimSpec)
    status: NodeClaimStatus = msgspec.field(default_factory=NodeClaimStatus)


class ObjectReference(msgspec.Struct):
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""


class EventSource(msgspec.Struct):
    component: str = ""


class EventSeries(msgspec.Struct, rename="camel"):
    last_observed_time: datetime | None = None


class ClusterEvent(msgspec.Struct, rename="camel"):
    """A core/v1 Event."""

    metadata: Metadata
    involved_object: ObjectReference = msgspec.field(default_factory=ObjectReference)
    reason: str = ""
    message: str = ""
    source: EventSource = msgspec.field(default_factory=EventSource)
    reporting_component: str = ""
    event_time: datetime | None = None
    last_timestamp: datetime | None = None
    series: EventSeries | None = None
