"""Machines and what runs on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from finops_tui.model.money import CapacityType


class Node(Struct, frozen=True, kw_only=True, gc=False):
    """One machine. `gpus` counts physical devices; time-sliced copies do not make more of them."""

    cluster: str
    name: str
    uid: str
    pool: str
    instance_type: str = ""
    region: str = ""
    zone: str = ""
    capacity_type: CapacityType = CapacityType.UNKNOWN
    gpu_model: str = ""
    gpus: int = 0
    gpu_replicas: int = 1
    """How many pods may share one device (time-slicing); requests are divided by it."""
    cpu_cores: float = 0.0
    memory_bytes: int = 0
    ready: bool = True
    schedulable: bool = True
    leaving: str = ""
    """Why the node is being taken away (`spot interruption`, `consolidation`); empty while it stays."""
    created_at: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    """Only those that prices, pools or ownership look at."""

    @property
    def key(self) -> str:
        return f"{self.cluster}/{self.name}"

    @property
    def pool_key(self) -> str:
        return f"{self.cluster}/{self.pool}"


class Placement(Struct, frozen=True, gc=False):
    """What a workload's bound pods (not finished ones) request on one node."""

    node: str
    """Name of the node, in the workload's cluster."""
    pods: int
    gpus: float
    cpu_cores: float = 0.0
    memory_bytes: int = 0


class Workload(Struct, frozen=True, kw_only=True, gc=False):
    """The topmost controller of some pods, or a bare pod."""

    cluster: str
    kind: str
    """As its system spells it: `Job`, `Deployment`, `StatefulSet`, `Pod`."""
    namespace: str
    name: str
    uid: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    placements: tuple[Placement, ...] = ()
    pods_pending: int = 0
    gpus_pending: float = 0.0
    replicas: int | None = None
    """How many pods are asked for; None where the kind has no such number."""
    suspended: bool = False
    restarts: int = 0
    created_at: datetime | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    """Only those that something looks at: owner, runbook, checkpoint, planned activity."""
    failing: Mapping[str, int] = field(default_factory=dict)
    """Pods that do not get on, by reason: `CrashLoopBackOff`, `ImagePullBackOff`, `Unschedulable`."""
    finished_at: datetime | None = None
    """When it completed or failed for good; its pods may hold nodes all the same."""
    priority_class: str = ""
    restart_policy: str = ""
    """Of its pods: `Always`, `OnFailure`, `Never`."""
    deadline_at: datetime | None = None
    """When its own deadline ends it."""
    disruptions_allowed: int | None = None
    """What its disruption budget allows now; None without a budget."""
    checkpoint_at: datetime | None = None
    """When it last saved its work; None when it does not say."""
    running_since: datetime | None = None
    """When the oldest of its pods that run was started; None where none runs, or that is not known."""

    @property
    def key(self) -> str:
        return f"{self.cluster}/{self.kind}/{self.namespace}/{self.name}"

    def unsaved_since(self, *, keeps_work: bool = True) -> datetime | None:
        """Return from when on its work goes with its pods: from its last checkpoint, or from when they were started.

        The later of the two: what an earlier stop has lost is not lost again, and to stand still is no work. Without a
        checkpoint, or where none is gone on from, it is since it was made. None where nothing of it is known.
        """
        saved = self.checkpoint_at if keeps_work and self.checkpoint_at is not None else self.created_at
        return max((at for at in (saved, self.running_since) if at is not None), default=None)

    @property
    def pods(self) -> int:
        return sum(placement.pods for placement in self.placements)

    @property
    def gpus(self) -> float:
        return sum(placement.gpus for placement in self.placements)


class Namespace(Struct, frozen=True, kw_only=True, gc=False):
    """A namespace's labels own what its workloads leave unlabelled."""

    cluster: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    """What this program left on quotas that it put there: JSON that takes each back; others may have changed it."""
