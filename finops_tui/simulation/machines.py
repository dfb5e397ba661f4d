"""Machines, pools of them, and the pods they carry."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from msgspec import Struct, field

from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.gpu import GpuError
from finops_tui.model.money import CapacityType
from finops_tui.model.spot import Eviction, Interruption
from finops_tui.simulation.estate import ClusterPlan, PoolPlan
from finops_tui.simulation.randomness import identity

Event = Interruption | Eviction | Change | GpuError

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
YOU = "you"
"""Who does what is done with this program."""


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def tag(seed: int, *parts: object, length: int = 5) -> str:
    """Return a short suffix as Kubernetes puts behind names."""
    digits = int(identity(seed, *parts).replace("-", ""), 16)
    letters = []
    for _ in range(length):
        digits, place = divmod(digits, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


class Pod(Struct, eq=False):
    name: str
    work: Work
    gpus: int
    priority: int
    """Lower goes first."""
    created_at: int
    movable: bool
    machine: Machine | None = None
    devices: tuple[int, ...] = ()
    ready_at: int = 0
    """Meaningful once it stands on a machine."""
    replaces: Pod | None = None
    """Stops as soon as this one is ready."""
    image: str = ""
    """Tag of what runs in it."""
    worked_at: int = 0
    """When its devices were last seen at work."""

    def ready(self, now: int) -> bool:
        return self.machine is not None and self.ready_at <= now


class Work:
    """Something that owns pods. What the subclasses add is why it wants how many."""

    priority = 2
    priority_class = ""
    restart_policy = "Always"
    startup_seconds = 45
    movable = True
    server = ""
    image = ""

    def __init__(self, *, kind: str, namespace: str, name: str, pool: Pool, model: str, gpus: int) -> None:
        self.cluster = cluster = pool.cluster.name
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.key = f"{cluster}/{kind}/{namespace}/{name}"
        self.pool = pool
        self.model = model
        self.gpus = gpus
        self.pods: list[Pod] = []
        self.created_at = 0
        self.serial = 0
        self.revision = 0
        self.restarts = 0
        self.suspended = False
        self.replicas: int | None = None
        self.failing: dict[str, int] = {}
        """Pods that do not get on although they have a machine, by reason."""
        self.notes: dict[str, str] = {}
        """Annotations that somebody wrote."""
        self.written: dict[str, tuple[str, int]] = {}
        """Who decided a thing last, and when (unix seconds), as far as anybody did: `replicas`, `suspend`."""

    def pod_name(self, seed: int) -> str:
        raise NotImplementedError

    def activity(self, pod: Pod, now: int) -> float:
        """Return how busy (ratio 0-1) the GPUs of one ready pod are."""
        raise NotImplementedError

    def memory(self, activity: float) -> float:
        """Return the share of device memory in use."""
        raise NotImplementedError

    def interrupted(self) -> None:
        """Hear that a pod was lost without warning enough."""


class Machine(Struct, eq=False):
    name: str
    uid: str
    pool: Pool
    capacity_type: CapacityType
    zone: str
    created_at: int
    serial: int
    fallback: bool = False
    """On demand only because there was no spot capacity."""
    cordoned: bool = False
    cordoned_by: tuple[str, int] | None = None
    """Who closed or opened it last, and when (unix seconds)."""
    leaving: str = ""
    leaving_since: int | None = None
    """Unix seconds."""
    gone_at: float = math.inf
    drain_at: float = math.inf
    empty_since: float = math.inf
    pods: list[Pod] = field(default_factory=list)
    slots: list[Pod | None] = field(default_factory=list)
    free: int = 0

    @property
    def open(self) -> bool:
        """Whether new pods may come."""
        return not (self.cordoned or self.leaving)

    def leave(self, reason: str, now: int) -> None:
        """Take no more pods, and go once it has none."""
        self.leaving, self.leaving_since = reason, now

    def usd_per_hour(self, spot_price: float | None) -> float | None:
        return spot_price if self.capacity_type is CapacityType.SPOT else self.pool.plan.instance.usd_per_hour


class Launch(Struct, eq=False):
    """A machine that the cloud is bringing up."""

    ready_at: int
    capacity_type: CapacityType
    fallback: bool


class Pool(Struct, eq=False):
    cluster: ClusterPlan
    plan: PoolPlan
    minimum: int
    maximum: int
    machines: dict[str, Machine] = field(default_factory=dict)
    launches: list[Launch] = field(default_factory=list)
    serial: int = 0
    short_until: int = 0
    """No spot capacity to be had before this moment."""
    last_lost_at: int = 0
    moved_at: int = 0
    """When pods were last moved to save machines."""
    limits: dict[str, str] | None = None
    """Its maximum as somebody wrote it, in amounts of resources; None where it was not written so."""
    drains: bool = True
    """Whether machines above its maximum go."""
    limited_by: tuple[str, int] | None = None
    """Who set its bounds last, and when (unix seconds)."""

    @property
    def key(self) -> str:
        return f"{self.cluster.name}/{self.plan.name}"

    def staying(self) -> list[Machine]:
        return [machine for machine in self.machines.values() if not machine.leaving]


class News(Struct):
    """What has become different since the last report, in the order in which it happened."""

    machines: dict[str, Machine] = field(default_factory=dict)
    gone_machines: dict[str, Machine] = field(default_factory=dict)
    works: dict[str, Work] = field(default_factory=dict)
    gone_works: dict[str, Work] = field(default_factory=dict)
    events: list[tuple[int, str, Event]] = field(default_factory=list)
    """(unix seconds, cluster, what)."""

    def machine(self, machine: Machine) -> None:
        self.machines[f"{machine.pool.cluster.name}/{machine.name}"] = machine

    def machine_gone(self, machine: Machine) -> None:
        key = f"{machine.pool.cluster.name}/{machine.name}"
        self.machines.pop(key, None)
        self.gone_machines[key] = machine

    def work(self, work: Work) -> None:
        self.works[work.key] = work
        self.gone_works.pop(work.key, None)

    def work_gone(self, work: Work) -> None:
        self.works.pop(work.key, None)
        self.gone_works[work.key] = work

    def event(self, now: int, cluster: str, what: Event) -> None:
        self.events.append((now, cluster, what))

    def take(self) -> News:
        """Hand over what has gathered, and start anew."""
        told = News(self.machines, self.gone_machines, self.works, self.gone_works, self.events)
        self.machines, self.gone_machines, self.works, self.gone_works, self.events = {}, {}, {}, {}, []
        return told


def change(
    key: str,
    kind: ChangeKind,
    who: str,
    what: str,
    now: int,
    *,
    details: tuple[str, ...] = (),
    gpus: float | None = None,
) -> Change:
    """Return a change of what has this key. What is done with this program is an action, whatever it does."""
    change_id = f"{key}/{kind}/{now}"
    if who == YOU:  # several may come between two ticks
        kind, change_id = ChangeKind.ACTION, f"{change_id}/{what}"
    return Change(id=change_id, kind=kind, who=who, subject=key, what=what, details=details, gpus=gpus)


def machine_name(seed: int, pool: Pool, serial: int) -> str:
    """Return a name as the pool's cloud makes them."""
    cloud, name = pool.cluster.cloud, pool.plan.name
    if cloud == "aws":
        number = int(identity(seed, pool.key, serial)[:4], 16)
        return f"ip-10-{len(name)}-{number >> 8}-{number & 255}.ec2.internal"
    if cloud == "gcp":
        return f"gke-{pool.cluster.name}-{name}-{identity(seed, pool.key)[:8]}-{tag(seed, pool.key, serial, length=4)}"
    return f"aks-{name.replace('-', '')}-{int(identity(seed, pool.key)[:7], 16) % 10**8:08d}-vmss{serial:06x}"


def device_uuid(seed: int, machine: Machine, index: int) -> str:
    """Return the identifier of one GPU of a machine."""
    return f"GPU-{identity(seed, machine.uid, index)}"
