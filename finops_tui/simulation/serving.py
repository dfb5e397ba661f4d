"""Inference services: replicas, load, queue, and the autoscaler that follows the traffic."""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

from finops_tui.model.change import ChangeKind
from finops_tui.simulation.machines import Pod, Pool, Work, change, tag
from finops_tui.simulation.queueing import P95, QUEUE_SECONDS, TARGET_LOAD, gpu_activity, replicas_wanted, stretch
from finops_tui.simulation.randomness import Noise
from finops_tui.simulation.scheduler import Scheduler, best_fit
from finops_tui.simulation.tenants import ServicePlan
from finops_tui.simulation.traffic import Traffic

DOWNSCALE_AFTER = 900
"""Seconds for which fewer replicas must have been enough."""
TOLERANCE = 0.06
"""The autoscaler leaves loads alone that are this near (ratio) to its target."""
KEDA_POOLS = ("l4-edge-eu",)
"""Where events and not the load of pods decide, which comes to the same."""
REVISIONS_KEPT = 10
"""Besides the newest, as Kubernetes does."""
PACKED_LOAD = 0.7
"""Without an autoscaler, the router fills replicas to this load before it uses the next."""


class Fault(NamedTuple):
    """What is wrong with one version of a service."""

    image: str
    failing: float = 0.0
    """Share of its requests that fail."""
    slower: float = 1.0
    """Factor on the time that its requests take."""


class Revision(NamedTuple):
    """One version as it was rolled out."""

    image: str
    hash: str
    """Part of its pods' names."""
    at: int
    """Unix seconds."""


class Service(Work):
    priority = 0
    priority_class = "serving"
    startup_seconds = 75

    def __init__(self, seed: int, plan: ServicePlan, pool: Pool) -> None:
        super().__init__(
            kind="Deployment", namespace=plan.namespace, name=plan.name, pool=pool,
            model=plan.model, gpus=plan.gpus,
        )  # fmt: skip
        self.plan = plan
        self.server = plan.server
        self.traffic = Traffic(seed, plan, pool.cluster.utc_offset_hours)
        self.minimum = plan.minimum
        self.maximum = plan.maximum
        self.declared = (plan.minimum, plan.maximum)
        """Its bounds as they stand in Git."""
        self.autoscaled = plan.autoscaled
        self.scaler = "keda" if plan.pool in KEDA_POOLS else "hpa"
        self.downscale_after = DOWNSCALE_AFTER
        self.held: int | None = None
        """A number of replicas at which its autoscaler was told to keep it."""
        self.demand = 1.0
        """Factor on its usual traffic."""
        self.added = 0.0
        """Requests per second on top of it."""
        self.fault: Fault | None = None
        self.amiss = 0.0
        """Share of the ready replicas that have the fault."""
        self.wanted = 0
        self.served_at = 0
        self.rate = 0.0
        self.ready = 0
        self.load = 0.0
        self.queue = 0.0
        """Requests that wait because all replicas are full."""
        self.waiting = 0.0
        """Seconds that a new request waits for its turn."""
        self.turned_away = 0.0
        """Share of requests refused because the queue is full or nobody serves."""
        self._luck = Noise(seed, f"luck/{self.key}")
        self._advice: deque[tuple[int, int]] = deque()
        self._outdated: list[Pod] = []
        self._hash = tag(seed, self.key, 0, length=9)
        self.revisions: list[Revision] = []
        """The last ones, the newest at the end."""

    def pod_name(self, seed: int) -> str:
        return f"{self.name}-{self._hash}-{tag(seed, self.key, self.serial)}"

    def luck(self, now: float) -> float:
        """Return the disturbance of its quality by all that is not load: about 0.4 to 2.5, around 1."""
        return math.exp(0.5 * self._luck.smooth(now, 5400.0) + 0.4 * self._luck.smooth(now, 70_000.0))

    def activity(self, pod: Pod, now: int) -> float:
        if not pod.ready(now):
            return 0.0
        if self.autoscaled:
            return gpu_activity(self.load)
        used = max(1, math.ceil(self.ready * self.load / PACKED_LOAD))
        place = self.pods.index(pod)
        return gpu_activity(min(self.load * self.ready / used, 1.0)) if place < used else 0.0

    def memory(self, activity: float) -> float:
        return 0.9 if self.server == "vLLM" else 0.38 + 0.25 * activity

    @property
    def seconds(self) -> float:
        """Median time of a request, without the wait in the queue."""
        return self.plan.seconds * stretch(self.load) * (1.0 + (self.slower - 1.0) * self.amiss)

    @property
    def slower(self) -> float:
        """Factor on the time of a request to a replica that has the fault."""
        return self.fault.slower if self.fault is not None else 1.0

    @property
    def failing_share(self) -> float:
        """Share of all requests that fail because of the fault."""
        return self.fault.failing * self.amiss if self.fault is not None else 0.0

    @property
    def p95_seconds(self) -> float:
        return self.seconds * P95 + self.waiting

    @property
    def disruptions_allowed(self) -> int:
        """What its disruption budget, one replica less than wanted and never none, leaves to take now."""
        placed = sum(1 for pod in self.pods if pod.machine is not None)
        return max(placed - max(self.wanted - 1, 1), 0)

    def settled_replicas(self, rate: float) -> int:
        """Return how many replicas it has at so many requests/s once its autoscaler is settled."""
        plan = self.plan
        return replicas_wanted(rate, plan.capacity, plan.minimum, plan.maximum) if self.autoscaled else plan.minimum

    def serve(self, now: int, seconds: float) -> None:
        """Let the traffic of the coming `seconds` meet the replicas that are ready."""
        self.served_at = now
        self.rate = rate = self.traffic.rate(now) * self.demand + self.added
        self.ready = len([pod for pod in self.pods if pod.machine is not None and pod.ready_at <= now])
        if self.fault is not None:
            self._spread(self.fault, now)
        capacity = self.ready * self.plan.capacity
        if capacity == 0.0:
            self.load, self.queue, self.waiting, self.turned_away = 0.0, 0.0, QUEUE_SECONDS, 1.0
            return
        self.load = min(rate / capacity, 1.0)
        queue = max(self.queue + (rate - capacity) * seconds, 0.0)
        room = capacity * QUEUE_SECONDS
        asked = rate * seconds
        self.turned_away = min(max(queue - room, 0.0) / asked, 1.0) if asked > 0.0 else 0.0
        self.queue = min(queue, room)
        self.waiting = self.queue / capacity

    def scale(self, now: int, scheduler: Scheduler) -> None:
        """Let the autoscaler decide and bring the number of pods to what is wanted.

        An HPA stands down where somebody asks for no replica at all; KEDA does not.
        """
        if self.held is not None:
            self.set_replicas(self.held, now, scheduler, self.scaler)
        elif self.autoscaled and (self.wanted or self.scaler == "keda"):
            self._follow(now, scheduler)
        pods = [pod for pod in self.pods if pod.replaces is None]
        for _ in range(self.wanted - len(pods)):
            scheduler.start(self, now)
        if len(pods) > self.wanted:
            for pod in sorted(pods, key=_least_useful)[: len(pods) - self.wanted]:
                scheduler.stop(pod, now)
        self._roll(now, scheduler)

    def set_replicas(self, replicas: int, now: int, scheduler: Scheduler, who: str) -> None:
        if replicas == self.wanted:
            return
        what = f"{self.name} replicas {self.wanted}→{replicas}"
        more = float((replicas - self.wanted) * self.gpus)
        scheduler.news.event(now, self.cluster, change(self.key, ChangeKind.SCALE, who, what, now, gpus=more))
        self.wanted = self.replicas = replicas
        self.written["replicas"] = (who, now)
        scheduler.news.work(self)

    def roll_out(self, image: str, fault: Fault | None = None) -> None:
        """Replace every pod by one of a new version, one at a time."""
        self.image = image
        self.fault = fault or self.fault
        self.revision += 1
        self._hash = tag(self.revision, self.key, length=9)
        self._outdated = list(self.pods)
        self.revisions = [*self.revisions[-REVISIONS_KEPT:], Revision(image, self._hash, self.served_at)]

    def began(self, *rolled_out: tuple[str, int]) -> None:
        """Be as it is after these images were rolled out, each at its time (unix seconds)."""
        self.revisions = [Revision(image, tag(at, self.key, length=9), at) for image, at in rolled_out[:-1]]
        self.image, since = rolled_out[-1]
        self.revisions.append(Revision(self.image, self._hash, since))

    def sync(self, image: str, now: int, scheduler: Scheduler) -> None:
        """Become what Git says: a new version, and the size that was set by hand is gone."""
        self.roll_out(image)
        self.minimum, self.maximum = self.declared
        if not self.autoscaled:
            self.set_replicas(self.plan.minimum, now, scheduler, "argocd")

    def _follow(self, now: int, scheduler: Scheduler) -> None:
        off = self.rate / (max(self.wanted, 1) * self.plan.capacity * TARGET_LOAD) - 1.0
        advice = replicas_wanted(self.rate, self.plan.capacity, self.minimum, self.maximum)
        if abs(off) <= TOLERANCE:
            advice = min(max(self.wanted, self.minimum), self.maximum)
        while self._advice and self._advice[-1][1] <= advice:
            self._advice.pop()
        self._advice.append((now, advice))
        while self._advice[0][0] < now - self.downscale_after:
            self._advice.popleft()
        wanted = min(max(self._advice[0][1], self.minimum), self.maximum)  # its bounds hold at once
        self.set_replicas(wanted, now, scheduler, self.scaler)

    def _spread(self, fault: Fault, now: int) -> None:
        bad = sum(1 for pod in self.pods if pod.image == fault.image and pod.ready(now))
        self.amiss = bad / self.ready if self.ready else 0.0
        if bad == 0 and self.image != fault.image:
            self.fault = None

    def _roll(self, now: int, scheduler: Scheduler) -> None:
        self._outdated = [pod for pod in self._outdated if pod in self.pods]
        if not self._outdated or any(pod.replaces or not pod.ready(now) for pod in self.pods):
            return
        old = self._outdated.pop(0)
        if best_fit(self.pool, self.gpus) is None or scheduler.start(self, now, replaces=old) is None:
            scheduler.stop(old, now)
            scheduler.start(self, now)


def _least_useful(pod: Pod) -> tuple[bool, int, int]:
    """Order: those that stand nowhere, then those on the emptiest machines, then the youngest."""
    machine = pod.machine
    return machine is not None, -machine.free if machine is not None else 0, -pod.created_at
