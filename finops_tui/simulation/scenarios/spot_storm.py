"""A cloud takes most of the spot machines of a pool within minutes and has no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from finops_tui.model.money import CapacityType
from finops_tui.simulation.machines import Machine, Pool
from finops_tui.simulation.scenarios.base import ACTS_EVERY, Expected, Scenario, pool_of, workload
from finops_tui.simulation.traffic import HOUR

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

SHORT_HOURS = (2.0, 4.0)
SECOND_CHANCE = 0.5


class SpotStorm(Scenario):
    name = "spot-storm"
    title = "Spot capacity is taken away"
    about = (
        "Within a quarter of an hour a cloud takes most spot nodes of one or two pools and has no others for hours. "
        "On-demand nodes at two to three times the price stand in, and jobs lose what they did since their checkpoint."
    )
    shares: ClassVar[tuple[float, float]] = (0.6, 0.95)
    """Part of the spot machines that goes."""
    storm_seconds: ClassVar[tuple[int, int]] = (420, 900)
    least_machines: ClassVar[int] = 3
    """Spot machines that a pool must have, so that at least two go: one that goes is no storm."""
    least_usd_per_hour: ClassVar[float] = 40.0
    """What on-demand machines in place of all spot machines must cost more."""

    def begin(self, world: World) -> bool:
        chance = self.chance
        hit = [
            pool
            for pool in world.pools.values()
            if len(spot_machines(pool)) >= self.least_machines and surcharge(world, pool) >= self.least_usd_per_hour
        ]
        if not hit:
            return False
        first = chance.choice(hit)
        beside = [pool for pool in world.pools.values() if pool.cluster is first.cluster and spot_machines(pool)]
        beside.remove(first)
        self._pools = [first]
        if beside and chance.random() < SECOND_CHANCE:
            self._pools.append(chance.choice(beside))
        self._short_until = world.now + int(chance.uniform(*SHORT_HOURS) * HOUR)
        storm = chance.randint(*self.storm_seconds)
        self._due = []
        for pool in self._pools:
            machines = spot_machines(pool)
            for machine in chance.sample(machines, max(round(chance.uniform(*self.shares) * len(machines)), 1)):
                self._due.append((chance.randrange(storm), machine))
        hit_works = [pod.work for _, machine in self._due for pod in machine.pods]
        self._hit = tuple(dict.fromkeys(workload(work) for work in hit_works))
        for pool in self._pools:
            pool.short_until = max(pool.short_until, self._short_until)
        self.go_on(world, 0)
        return True

    def go_on(self, world: World, seconds: int) -> None:
        for late, machine in self._due:
            gone = machine.leaving or machine.name not in machine.pool.machines
            if late // ACTS_EVERY == seconds // ACTS_EVERY and not gone:
                machine.pool.last_lost_at = world.now
                world.interrupt(machine)

    def expected(self, world: World) -> Expected:
        del world
        first, *others = (pool_of(pool) for pool in self._pools)
        return Expected(scope=first, also=(*others, *self._hit), cause=("spot", "interruption"))


def spot_machines(pool: Pool) -> list[Machine]:
    return [machine for machine in pool.staying() if machine.capacity_type is CapacityType.SPOT]


def surcharge(world: World, pool: Pool) -> float:
    """Return what it would cost more, $/h, if every spot machine were on demand."""
    on_demand = pool.plan.instance.usd_per_hour
    return sum((on_demand or 0.0) - (world.usd_per_hour(machine) or 0.0) for machine in spot_machines(pool))


SCENARIO = SpotStorm
