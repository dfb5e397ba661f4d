"""A new version that fails or is slow: hardly a dollar more, and the error budget is gone by the evening."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from finops_tui.model.finding import Severity
from finops_tui.simulation.happenings import PEOPLE, rollout
from finops_tui.simulation.queueing import FIRST_TOKEN_SHARE, slowness, stretch
from finops_tui.simulation.randomness import identity
from finops_tui.simulation.scenarios.base import ACTS_EVERY, Expected, Scenario, pool_of, workload
from finops_tui.simulation.serving import Fault

if TYPE_CHECKING:
    from finops_tui.simulation.objectives import Objective
    from finops_tui.simulation.world import World

LEAST_RATE = 0.5
"""Requests per second below which nobody would notice."""
UNDISTURBED_SECONDS = 6 * 3600
"""No usual rollout may come so soon and put another version in its place."""
CRASH_EVERY = 9 * ACTS_EVERY


class RolloutBurnsSlo(Scenario):
    name = "rollout-burns-slo"
    title = "A rollout burns an error budget"
    about = (
        "A new version of one service answers with errors or too slowly. Spend hardly moves; the objective burns its "
        "error budget a hundred times as fast as it may."
    )
    burn_rates: ClassVar[tuple[float, float]] = (80.0, 120.0)
    """Once every replica runs the new version: after so many, 864 / rate minutes fill the hour to 14.4 times."""
    most_bad: ClassVar[float] = 0.9
    """Share of bad requests, at most."""
    replicas: ClassVar[range] = range(2, 6)
    """With more, a rollout takes so long that nobody would call it sudden."""

    def begin(self, world: World) -> bool:
        chance = self.chance
        able = [
            objective
            for objective in world.objectives
            if objective.service.wanted in self.replicas
            and objective.service.rate >= LEAST_RATE
            and not world.now < world.rollouts.at(objective.service, world.now) < world.now + UNDISTURBED_SECONDS
            and self.burn_rates[0] * (1.0 - objective.plan.objective) < self.most_bad
        ]
        if not able:
            return False
        self._objective = chance.choice(able)
        service = self._objective.service
        bad = min(chance.uniform(*self.burn_rates) * (1.0 - self._objective.plan.objective), self.most_bad)
        old, new = service.image, identity(world.seed, service.key, world.now)[:7]
        service.roll_out(new, _fault(self._objective, new, bad))
        change = rollout(service, world.now, old, new, chance.choice(PEOPLE))
        world.news.event(world.now, service.cluster, change)
        return True

    def go_on(self, world: World, seconds: int) -> None:
        service = self._objective.service
        fault = service.fault
        crashes = fault is not None and fault.failing > 0 and service.amiss > 0
        failing = {"CrashLoopBackOff": 1} if crashes and seconds % CRASH_EVERY < 2 * ACTS_EVERY else {}
        if failing != service.failing:
            service.failing = failing
            service.restarts += len(failing)
            world.news.work(service)

    def expected(self, world: World) -> Expected:
        service = self._objective.service
        slos = tuple(each.slo.id for each in world.objectives if each.service is service)
        return Expected(
            scope=workload(service), also=(pool_of(service.pool),), slos=slos, cause=("synced", "image"),
            needed=Severity.PAGE,
        )  # fmt: skip


def _fault(objective: Objective, image: str, bad: float) -> Fault:
    """Return what makes `bad` (0-1) of the requests break the objective's promise."""
    plan, service = objective.plan, objective.service
    if plan.kind == "availability":
        return Fault(image, failing=bad)
    median = service.plan.seconds * stretch(service.load) * (FIRST_TOKEN_SHARE if plan.kind == "ttft" else 1.0)
    return Fault(image, slower=slowness(plan.threshold, median, bad))


SCENARIO = RolloutBurnsSlo
