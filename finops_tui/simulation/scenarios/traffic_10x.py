"""Everybody asks for one model at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from finops_tui.simulation.happenings import PEOPLE
from finops_tui.simulation.scenarios.base import ACTS_EVERY, Expected, Scenario, around, usd_per_gpu, workload
from finops_tui.simulation.serving import Service

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

ROOM = 3
"""Times the maximum it had, once somebody lets the autoscaler have more replicas."""


class Traffic10x(Scenario):
    name = "traffic-10x"
    title = "Ten times the traffic on one model"
    about = (
        "Requests to one model grow five- to tenfold within minutes. Its autoscaler follows as far as it may, its "
        "owner lets it have more, the pool fills up, and what cannot be served uses up the error budget."
    )
    factors: ClassVar[tuple[float, float]] = (5.0, 10.0)
    ramp_seconds: ClassVar[tuple[int, int]] = (120, 300)
    room_after_seconds: ClassVar[int] = 300
    """After so long somebody lets the autoscaler have more replicas."""
    least_usd_per_hour: ClassVar[float] = 5.0
    """A service that costs less at the start is not worth the incident."""

    def begin(self, world: World) -> bool:
        chance = self.chance
        services = [service for service in world.services if service.autoscaled and service.wanted]
        worth = [
            service
            for service in services
            if service.wanted * service.gpus * usd_per_gpu(world, service.pool) >= self.least_usd_per_hour
        ]
        if not worth:
            return False
        self._service: Service = chance.choice(worth)
        self._factor = chance.uniform(*self.factors)
        self._ramp = chance.randint(*self.ramp_seconds)
        self._owner = chance.choice(PEOPLE)
        self._rise(0)
        return True

    def go_on(self, world: World, seconds: int) -> None:
        service = self._service
        self._rise(seconds)
        if seconds == self.room_after_seconds // ACTS_EVERY * ACTS_EVERY:
            world.limit_autoscaler(service.key, service.minimum, service.maximum * ROOM, who=self._owner)

    def expected(self, world: World) -> Expected:
        service = self._service
        slos = tuple(objective.slo.id for objective in world.objectives if objective.service is service)
        return Expected(
            scope=workload(service), also=around(service), slos=slos, cause=("replicas", "traffic", "requests")
        )

    def _rise(self, seconds: int) -> None:
        done = min((seconds + ACTS_EVERY) / self._ramp, 1.0)
        self._service.demand = self._factor**done


SCENARIO = Traffic10x
