"""Which pod stands on which machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from finops_tui.model.spot import Eviction
from finops_tui.simulation.machines import Machine, News, Pod, Pool, Work


class Scheduler:
    """Starts, places, moves and stops pods, and keeps the books of machines straight while doing so."""

    def __init__(self, seed: int, news: News, asked_for: Callable[[str, str], int]) -> None:
        """`asked_for` tells how many GPUs the pods of a namespace ask for (cluster, namespace)."""
        self.news = news
        self.pending: list[Pod] = []
        self.quotas: dict[tuple[str, str], int] = {}
        """How many GPUs the pods of a namespace (cluster, namespace) may ask for, where that is limited."""
        self._asked_for = asked_for
        self._seed = seed
        self._surges: list[Pod] = []

    def start(self, work: Work, now: int, *, replaces: Pod | None = None) -> Pod | None:
        """Create a pod, which waits until `place` finds room for it; None where a quota does not let it be."""
        quota = self.quotas.get((work.cluster, work.namespace))
        if quota is not None and self._asked_for(work.cluster, work.namespace) + work.gpus > quota:
            return None
        work.serial += 1
        pod = Pod(
            name=work.pod_name(self._seed),
            work=work,
            gpus=work.gpus,
            priority=work.priority,
            created_at=now,
            movable=work.movable,
            replaces=replaces,
            image=work.image,
        )
        work.pods.append(pod)
        self.pending.append(pod)
        if replaces is not None:
            self._surges.append(pod)
        self.news.work(work)
        return pod

    def stop(self, pod: Pod, now: int) -> None:
        pod.work.pods.remove(pod)
        for other in pod.work.pods:
            if other.replaces is pod:
                other.replaces = None
        if pod in self._surges:
            self._surges.remove(pod)
        if pod.machine is None:
            self.pending.remove(pod)
        else:
            self._unbind(pod, now)
        self.news.work(pod.work)

    def place(self, now: int) -> None:
        """Bind what fits, the most important first, onto the fullest machine that has room."""
        if not self.pending:
            return
        self.pending.sort(key=lambda pod: (pod.priority, pod.created_at, pod.name))
        waiting = []
        for pod in self.pending:
            machine = best_fit(pod.work.pool, pod.gpus)
            if machine is None:
                waiting.append(pod)
            else:
                self.bind(pod, machine, now)
        self.pending = waiting

    def bind(self, pod: Pod, machine: Machine, now: int) -> None:
        """Put a pod on a machine; the caller takes it off the list of pending ones."""
        free = [index for index, holder in enumerate(machine.slots) if holder is None]
        pod.devices = tuple(free[: pod.gpus])
        for index in pod.devices:
            machine.slots[index] = pod
        machine.free -= pod.gpus
        machine.pods.append(pod)
        machine.empty_since = float("inf")
        pod.machine = machine
        pod.ready_at = now + pod.work.startup_seconds
        self.news.work(pod.work)

    def finish_surges(self, now: int) -> None:
        """Stop pods whose replacements have become ready."""
        if not self._surges:
            return
        for pod in [pod for pod in self._surges if pod.ready(now)]:
            old = pod.replaces
            pod.replaces = None
            self._surges.remove(pod)
            if old is not None:
                self.stop(old, now)

    def move(self, pod: Pod, now: int) -> None:
        """Ask for a pod to be somewhere else: a service gets the new one first, a job is stopped and started."""
        if any(other.replaces is pod for other in pod.work.pods):
            return
        if not pod.movable or self.start(pod.work, now, replaces=pod) is None:
            work = pod.work
            self.stop(pod, now)
            self.start(work, now)

    def evict(self, pod: Pod, now: int, reason: str) -> None:
        """Remove a pod against its will; its controller asks for another."""
        work, machine = pod.work, pod.machine
        work.interrupted()
        work.restarts += 1
        eviction = Eviction(
            id=f"{work.cluster}/{work.namespace}/{pod.name}",
            namespace=work.namespace,
            pod=pod.name,
            workload=f"{work.kind}/{work.name}",
            node=machine.name if machine is not None else "",
            reason=reason,
        )
        self.news.event(now, work.cluster, eviction)
        replaced = any(other.replaces is pod for other in work.pods)
        self.stop(pod, now)
        if not replaced:
            self.start(work, now)

    def _unbind(self, pod: Pod, now: int) -> None:
        machine = pod.machine
        if machine is None:
            return
        for index in pod.devices:
            machine.slots[index] = None
        machine.free += pod.gpus
        machine.pods.remove(pod)
        if not machine.pods:
            machine.empty_since = now
        pod.machine = None


def best_fit(pool: Pool, gpus: int) -> Machine | None:
    """Return the open machine with the least room that still has enough, the oldest among equals."""
    best: Machine | None = None
    for machine in pool.machines.values():
        if gpus <= machine.free and machine.open and (best is None or machine.free < best.free):
            best = machine
    return best


def first_fit(sizes: Iterable[int], rooms: list[int], fresh: int) -> int:
    """Return how many new machines with `fresh` devices are needed so that all `sizes` fit, filling `rooms` first."""
    rooms = list(rooms)
    known = len(rooms)
    for size in sorted(sizes, reverse=True):
        for index, room in enumerate(rooms):
            if size <= room:
                rooms[index] = room - size
                break
        else:
            rooms.append(fresh - size)
    return len(rooms) - known
