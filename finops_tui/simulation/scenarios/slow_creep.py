"""A little more every hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from finops_tui.simulation.jobs import Notebooks
from finops_tui.simulation.queueing import TARGET_LOAD
from finops_tui.simulation.scenarios.base import Expected, Scenario, around, usd_per_gpu, workload
from finops_tui.simulation.serving import Service
from finops_tui.simulation.traffic import HOUR

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

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
    growth: ClassVar[float] = 1.06
    """From one hour to the next."""
    notebooks: ClassVar[bool] = False
    """Whether it may also be notebooks, that nobody closes."""

    def begin(self, world: World) -> bool:
        dear: list[Service | Notebooks] = []
        for service in world.services:
            replicas = service.plan.peak / (service.plan.capacity * TARGET_LOAD)
            usd = replicas * service.gpus * usd_per_gpu(world, service.pool)
            if service.autoscaled and replicas >= LEAST_REPLICAS and usd >= LEAST_USD_PER_HOUR:
                dear.append(service)
        dear += [
            books
            for books in world.notebooks
            if self.notebooks
            and books.sessions.most * books.gpus * usd_per_gpu(world, books.pool) >= LEAST_USD_PER_HOUR
        ]
        if not dear:
            return False
        self._work = self.chance.choice(dear)
        return True

    def go_on(self, world: World, seconds: int) -> None:
        del world
        more = self.growth ** min(seconds / HOUR, LASTS_HOURS) - 1.0
        if isinstance(self._work, Service):
            self._work.added = self._work.plan.peak * more
        else:
            self._work.forgotten = round(self._work.sessions.most * more)

    def expected(self, world: World) -> Expected:
        work = self._work
        slos = tuple(objective.slo.id for objective in world.objectives if objective.service is work)
        cause = ("replicas", "nodes") if isinstance(work, Service) else ()
        return Expected(scope=workload(work), also=around(work), slos=slos, cause=cause)


SCENARIO = SlowCreep
