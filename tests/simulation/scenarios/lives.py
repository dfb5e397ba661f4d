"""Worlds that are lived through once and looked at by many tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property

from finops_tui.model.change import Change
from finops_tui.simulation.machines import Work
from finops_tui.simulation.scenarios import scenario
from finops_tui.simulation.scenarios.base import Expected, Scenario
from finops_tui.simulation.world import World
from tests.simulation.test_world import AFTERNOON, run

BEGINS = 1200


@dataclass
class Life:
    """A world with a scenario."""

    world: World
    scenario: Scenario
    more: list[float] = field(default_factory=list)
    """$/h more than without the scenario, once a minute since it began."""
    used: list[float] = field(default_factory=list)
    """GPUs that work, more than without the scenario, likewise."""
    changes: list[tuple[int, Change]] = field(default_factory=list)
    """(seconds since it began, change), of what the scenario's world tells and the other does not."""

    @cached_property
    def quiet(self) -> World:
        """The same world without the scenario, as far as it has been lived through."""
        return World(self.world.seed, self.world.start)

    @property
    def expected(self) -> Expected:
        return self.scenario.expected(self.world)

    @property
    def scenario_began(self) -> int:
        assert self.scenario.began_at is not None
        return self.scenario.began_at

    @property
    def work(self) -> Work:
        """The workload that it is about."""
        return self.world.works[self.expected.scope.name]

    def told(self) -> list[Change]:
        """Return what was told of that workload."""
        return [change for _, change in self.changes if change.subject == self.work.key]


def start_of(seed: int) -> int:
    """Return another hour of the week for each seed."""
    return AFTERNOON + seed * 37 % 168 * 3600


def begun(name: str, seed: int) -> Life:
    """Live until the scenario has begun."""
    incident = scenario(name, seed)
    life = Life(World(seed, start_of(seed), incident), incident)
    while incident.began_at is None:
        run(life.world, 60)
    return life


@cache
def lived(name: str, seed: int, minutes: int = 60) -> Life:
    """Live for so long after the beginning. Whoever asks must leave the world as it is."""
    life = begun(name, seed)
    run(life.quiet, life.world.now - life.quiet.now)
    for _ in range(minutes):
        run(life.world, 60)
        run(life.quiet, 60)
        life.more.append(life.world.spend() - life.quiet.spend())
        life.used.append(_used(life.world) - _used(life.quiet))
    usual = {what.id for _, _, what in life.quiet.news.take().events if isinstance(what, Change)}
    life.changes = [
        (at - life.scenario_began, what)
        for at, _, what in life.world.news.take().events
        if isinstance(what, Change) and what.id not in usual
    ]
    return life


def _used(world: World) -> float:
    return sum(pod.gpus * work.activity(pod, world.now) for work in world.works.values() for pod in work.pods)
