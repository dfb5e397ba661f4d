"""A little more every hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops_tui.simulation.queueing import TARGET_LOAD
from finops_tui.simulation.scenarios.base import Expected, Scenario, around, usd_per_gpu, workload
from finops_tui.simulation.serving import Service
from finops_tui.simulation.traffic import HOUR

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

GROWTH = 1.06
"""From one hour to the next."""
LASTS_HOURS = 24
LEAST_REPLICAS = 4.5
"""At the busiest hour: with fewer, one more is a step."""
LEAST_USD_PER_HOUR = 25.0
"""At the busiest hour: a service that costs less creeps unseen."""


class SlowCreep(Scenario):
    name = "slow-creep"
    title = "Six percent more every hour"
    about = (
        "A client repeats more and more of its requests to one model: every hour 6 % more, day and night, for a day. "
        "No single step is large enough to be seen."
    )

    def begin(self, world: World) -> bool:
        dear: list[Service] = []
        for service in world.services:
            replicas = service.plan.peak / (service.plan.capacity * TARGET_LOAD)
            usd = replicas * service.gpus * usd_per_gpu(world, service.pool)
            if service.autoscaled and replicas >= LEAST_REPLICAS and usd >= LEAST_USD_PER_HOUR:
                dear.append(service)
        if not dear:
            return False
        self._service = self.chance.choice(dear)
        return True

    def go_on(self, world: World, seconds: int) -> None:
        del world
        more = GROWTH ** min(seconds / HOUR, LASTS_HOURS) - 1.0
        self._service.added = self._service.plan.peak * more

    def expected(self, world: World) -> Expected:
        service = self._service
        slos = tuple(objective.slo.id for objective in world.objectives if objective.service is service)
        cause = ("replicas", "nodes")
        return Expected(scope=workload(service), also=around(service), slos=slos, cause=cause)


SCENARIO = SlowCreep
