"""An autoscaler that follows every wave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops_tui.model.change import ChangeKind
from finops_tui.simulation.happenings import PEOPLE
from finops_tui.simulation.scenarios.base import ACTS_EVERY, Expected, Scenario, around, usd_per_gpu, workload
from finops_tui.simulation.serving import Service

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

PERIOD_SECONDS = (300, 420)
HIGH = (2.0, 2.6)
"""Traffic in the upper half of a wave, as a multiple of the usual."""
LOW = 0.7
DOWNSCALE_SECONDS = 60
LEAST_USD_PER_HOUR = 20.0
"""What a wave must cost at its height."""


class AutoscalerThrash(Scenario):
    name = "autoscaler-thrash"
    title = "An autoscaler swings up and down"
    about = (
        "Somebody sets an autoscaler's downscale window to a minute while a client sends its requests in waves: every "
        "few minutes replicas and nodes come and go, are paid for while they start, and serve nobody meanwhile."
    )

    def begin(self, world: World) -> bool:
        chance = self.chance
        found = []
        for service in world.services:
            room = min(service.maximum - service.wanted, service.wanted)
            usd = room * service.gpus * usd_per_gpu(world, service.pool)
            machine = service.pool.plan.instance.gpus
            if service.autoscaled and usd >= LEAST_USD_PER_HOUR and room * service.gpus >= machine:
                found.append(service)
        if not found:
            return False
        self._service: Service = chance.choice(found)
        self._half = chance.randint(*PERIOD_SECONDS) // 2 // ACTS_EVERY * ACTS_EVERY
        self._high = chance.uniform(*HIGH)
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
        self._service.demand = LOW if seconds // self._half % 2 else self._high

    def expected(self, world: World) -> Expected:
        service = self._service
        slos = tuple(objective.slo.id for objective in world.objectives if objective.service is service)
        return Expected(scope=workload(service), also=around(service), slos=slos, cause=("downscale", "replicas"))


SCENARIO = AutoscalerThrash
