"""An autoscaler that follows every wave."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from finops_tui.model.change import ChangeKind
from finops_tui.simulation.happenings import PEOPLE
from finops_tui.simulation.scenarios.base import ACTS_EVERY, Expected, Scenario, around, usd_per_gpu, workload
from finops_tui.simulation.serving import Service

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

DOWNSCALE_SECONDS = 60


class AutoscalerThrash(Scenario):
    name = "autoscaler-thrash"
    title = "An autoscaler swings up and down"
    about = (
        "Somebody sets an autoscaler's downscale window to a minute while a client sends its requests in waves: every "
        "20 to 40 minutes replicas and nodes come and go, are paid for while they start, and serve nobody meanwhile."
    )
    period_seconds: ClassVar[tuple[int, int]] = (1200, 2400)
    high: ClassVar[tuple[float, float]] = (2.2, 2.6)
    """Traffic in the upper half of a wave, as a multiple of the usual. At twice the usual, replicas for the usual load
    may just hold until more of them serve, and one wave looks like the peak of a day."""
    low: ClassVar[float] = 0.7
    least_usd_per_hour: ClassVar[float] = 20.0
    """What a wave must cost at its height."""

    def begin(self, world: World) -> bool:
        chance = self.chance
        found = []
        for service in world.services:
            room = min(service.maximum - service.wanted, service.wanted)
            usd = room * service.gpus * usd_per_gpu(world, service.pool)
            machine = service.pool.plan.instance.gpus
            if service.autoscaled and usd >= self.least_usd_per_hour and room * service.gpus >= machine:
                found.append(service)
        if not found:
            return False
        self._service: Service = chance.choice(found)
        self._half = chance.randint(*self.period_seconds) // 2 // ACTS_EVERY * ACTS_EVERY
        self._high = chance.uniform(*self.high)
        service = self._service
        before, service.downscale_after = service.downscale_after, DOWNSCALE_SECONDS
        world.tell(
            service, ChangeKind.CONFIG, chance.choice(PEOPLE), f"{service.name} downscale window {before // 60}m→1m",
            details=(f"stabilizationWindowSeconds {before}→{DOWNSCALE_SECONDS}",),
        )  # fmt: skip
        self.go_on(world, 0)
        return True

    def go_on(self, world: World, seconds: int) -> None:
        del world
        self._service.demand = self.low if seconds // self._half % 2 else self._high

    def expected(self, world: World) -> Expected:
        service = self._service
        slos = tuple(objective.slo.id for objective in world.objectives if objective.service is service)
        return Expected(scope=workload(service), also=around(service), slos=slos, cause=("downscale", "replicas"))


SCENARIO = AutoscalerThrash
