"""Machines come when pods wait for them and go some time after nobody needs them."""

from __future__ import annotations

from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.money import CapacityType
from finops_tui.simulation.machines import Launch, Machine, News, Pool, machine_name
from finops_tui.simulation.randomness import identity
from finops_tui.simulation.scheduler import Scheduler, first_fit
from finops_tui.simulation.spot_market import SpotMarket

LAUNCH_SECONDS = {CapacityType.ON_DEMAND: 150, CapacityType.SPOT: 100}
"""From the request to a machine that takes pods."""
EMPTY_SECONDS = 300
"""How long a machine stands empty before it is taken away."""
DRAIN_SECONDS = 60
"""From the last pod's end to the end of the machine."""
MOVE_EVERY = 240
"""A pool moves pods together at most so often (seconds)."""
SETTLE_SECONDS = 600
"""Pods younger than this are not moved again."""
SPOT_AGAIN_SECONDS = 1800
"""How long spot capacity must have been calm before on-demand stand-ins are replaced."""
_ACTORS = {"aws": "karpenter", "gcp": "gke-autoscaler", "azure": "aks-autoscaler"}


class Autoscaler:
    """One for all pools. `step` looks at every pool; `tend` does what cannot wait for that."""

    def __init__(self, seed: int, pools: dict[str, Pool], scheduler: Scheduler, market: SpotMarket, news: News) -> None:
        self._seed = seed
        self._pools = pools
        self._scheduler = scheduler
        self._market = market
        self._news = news

    def step(self, now: int) -> None:
        for pool in self._pools.values():
            before = len(pool.machines) + len(pool.launches)
            self._grow(pool, now)
            self._drop_empty(pool, now)
            self._enforce_maximum(pool, now)
            quiet = now - pool.moved_at >= MOVE_EVERY and not pool.launches and self._settled(pool)
            if quiet and not self._return_to_spot(pool, now):
                self._pack(pool, now)
            self._tell_growth(pool, before, now)

    def tend(self, now: int) -> None:
        """Let machines arrive and leave whose time has come."""
        for pool in self._pools.values():
            if pool.launches:
                for launch in [launch for launch in pool.launches if launch.ready_at <= now]:
                    pool.launches.remove(launch)
                    self.add(pool, now, launch.capacity_type, fallback=launch.fallback)
            for machine in list(pool.machines.values()):
                if machine.leaving:
                    self._leave(machine, now)

    def add(self, pool: Pool, now: int, capacity_type: CapacityType, *, fallback: bool = False) -> Machine:
        """Put a machine into a pool."""
        pool.serial += 1
        zones = pool.cluster.zones
        gpus = pool.plan.instance.gpus
        machine = Machine(
            name=machine_name(self._seed, pool, pool.serial),
            uid=identity(self._seed, pool.key, "machine", pool.serial),
            pool=pool,
            capacity_type=capacity_type,
            zone=zones[pool.serial % len(zones)],
            created_at=now,
            serial=pool.serial,
            fallback=fallback,
            empty_since=now,
            slots=[None] * gpus,
            free=gpus,
        )
        pool.machines[machine.name] = machine
        self._news.machine(machine)
        return machine

    def drain(self, machine: Machine, now: int, reason: str) -> None:
        """Close a machine, move what stands on it, and let it go when it is empty."""
        machine.leave(reason, now)
        for pod in list(machine.pods):
            self._scheduler.move(pod, now)
        self._news.machine(machine)

    def next_type(self, pool: Pool, now: int) -> tuple[CapacityType, bool]:
        """Return what to launch next, and whether it only stands in for spot."""
        share = pool.plan.spot_share
        standing = pool.staying()
        spot = sum(1 for machine in standing if machine.capacity_type is CapacityType.SPOT)
        spot += sum(1 for launch in pool.launches if launch.capacity_type is CapacityType.SPOT)
        total = len(standing) + len(pool.launches) + 1
        if spot >= spot_target(share, total):
            return CapacityType.ON_DEMAND, False
        if self._market.available(pool, now):
            return CapacityType.SPOT, False
        return CapacityType.ON_DEMAND, True

    def _leave(self, machine: Machine, now: int) -> None:
        if now >= machine.drain_at:  # the cloud takes it, whatever stands on it
            for pod in list(machine.pods):
                self._scheduler.evict(pod, now, machine.leaving)
            machine.gone_at = now
        elif not machine.pods and machine.gone_at > now + DRAIN_SECONDS:
            machine.gone_at = now + DRAIN_SECONDS
        if machine.gone_at <= now:
            del machine.pool.machines[machine.name]
            self._news.machine_gone(machine)

    def _grow(self, pool: Pool, now: int) -> None:
        sizes = [pod.gpus for pod in self._scheduler.pending if pod.work.pool is pool]
        rooms = []
        for machine in pool.machines.values():
            if machine.leaving:
                sizes += [pod.gpus for pod in machine.pods if machine.drain_at < float("inf")]
            elif not machine.cordoned:
                rooms.append(machine.free)
        gpus = pool.plan.instance.gpus
        rooms += [gpus] * len(pool.launches)
        present = len(pool.staying()) + len(pool.launches)
        missing = max(first_fit(sizes, rooms, gpus), pool.minimum - present) if sizes else pool.minimum - present
        for _ in range(min(missing, pool.maximum - present)):
            capacity_type, fallback = self.next_type(pool, now)
            pool.launches.append(Launch(now + LAUNCH_SECONDS[capacity_type], capacity_type, fallback))

    def _drop_empty(self, pool: Pool, now: int) -> None:
        standing = pool.staying()
        surplus = len(standing) - pool.minimum
        if surplus <= 0:
            return
        empty = [machine for machine in standing if now - machine.empty_since >= EMPTY_SECONDS]
        empty.sort(key=lambda machine: (not machine.fallback, -machine.serial))
        for machine in empty[:surplus]:
            self.drain(machine, now, "consolidation")

    def _enforce_maximum(self, pool: Pool, now: int) -> None:
        standing = pool.staying()
        over = len(standing) - pool.maximum
        if over <= 0 or not pool.drains:
            return
        for machine in sorted(standing, key=lambda machine: (-machine.free, -machine.serial))[:over]:
            machine.leave("pool limit", now)
            for pod in list(machine.pods):  # nothing can come in its place first: the pool may not grow
                work = pod.work
                self._scheduler.stop(pod, now)
                self._scheduler.start(work, now)
            self._news.machine(machine)

    def _settled(self, pool: Pool) -> bool:
        return not any(machine.leaving for machine in pool.machines.values()) and not any(
            pod.work.pool is pool for pod in self._scheduler.pending
        )

    def _return_to_spot(self, pool: Pool, now: int) -> bool:
        """Replace one on-demand stand-in by a spot machine; its pods move when the new one is there."""
        if pool.plan.spot_share == 0.0 or now - pool.last_lost_at < SPOT_AGAIN_SECONDS:
            return False
        standing = pool.staying()
        spot = sum(1 for machine in standing if machine.capacity_type is CapacityType.SPOT)
        stand_ins = [machine for machine in standing if machine.capacity_type is CapacityType.ON_DEMAND]
        if spot >= spot_target(pool.plan.spot_share, len(standing)) or not stand_ins:
            return False
        if not self._market.available(pool, now):
            return False
        leaving = min(stand_ins, key=lambda machine: (not machine.fallback, len(machine.pods), -machine.serial))
        pool.moved_at = now
        self.drain(leaving, now, "return to spot")
        return True

    def _pack(self, pool: Pool, now: int) -> None:
        """Empty the least used machine if all that stands on it fits elsewhere."""
        standing = [machine for machine in pool.staying() if machine.pods]
        if len(pool.staying()) <= pool.minimum:
            return
        room = sum([machine.free for machine in standing if machine.open])
        for machine in sorted(standing, key=lambda machine: (-machine.free, -machine.serial)):
            sizes = [pod.gpus for pod in machine.pods]
            if sum(sizes) > room - (machine.free if machine.open else 0):
                continue
            if not all(pod.movable and now - pod.created_at >= SETTLE_SECONDS for pod in machine.pods):
                continue
            rooms = [other.free for other in standing if other is not machine and other.open]
            if first_fit(sizes, rooms, pool.plan.instance.gpus) == 0:
                pool.moved_at = now
                self.drain(machine, now, "consolidation")
                return

    def _tell_growth(self, pool: Pool, before: int, now: int) -> None:
        launched = len(pool.machines) + len(pool.launches) - before
        if launched <= 0:
            return
        standing = len(pool.staying())
        self._news.event(
            now,
            pool.cluster.name,
            Change(
                id=f"{pool.key}/grow/{now}",
                kind=ChangeKind.NODE,
                who=_ACTORS[pool.cluster.cloud],
                subject=pool.key,
                what=f"{pool.plan.name} {standing}→{standing + len(pool.launches)} nodes",
                details=(f"instance type {pool.plan.instance.name}",),
                gpus=float(launched * pool.plan.instance.gpus),
            ),
        )


def spot_target(share: float, total: int) -> int:
    """Return how many of `total` machines should be spot."""
    return int(share * total + 0.5)
