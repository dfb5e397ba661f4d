"""What holds for every scenario."""

from __future__ import annotations

from functools import cache

import pytest

from finops_tui.errors import UsageError
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Scenario
from finops_tui.simulation.machines import moment
from finops_tui.simulation.readings import workload_of
from finops_tui.simulation.scenarios import GENTLE, NAMES, scenario
from finops_tui.simulation.world import World
from tests.simulation.scenarios.lives import BEGINS, begun, lived
from tests.simulation.test_source import told
from tests.simulation.test_world import AFTERNOON, check_books, run

SEEDS = range(1, 5)
SOON_AFTER = BEGINS + 300
MINUTES_BEFORE = BEGINS // 60 - 1


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name: str) -> None:
    made = scenario(name, 7)
    assert made.name == name
    assert made.title[0].isupper()
    assert made.about.endswith(".")
    assert made.began_at is None


@pytest.mark.parametrize("name", GENTLE)
def test_a_gentle_one_is_a_milder_case_of_one_that_is_offered(name: str) -> None:
    made = scenario(name, 7)
    offered = scenario(made.name, 7)
    assert name not in NAMES
    assert name.startswith(offered.name)
    assert isinstance(made, type(offered))
    assert type(made) is not type(offered)


def test_an_unknown_name_is_a_mistake_that_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="No scenario is called spot-strom") as error:
        scenario("spot-strom", 7)
    assert "spot-storm" in error.value.hint


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_different_before_it_begins_and_the_same_seed_does_the_same_after(name: str) -> None:
    first, again, usual = story(name), story(name), usually()
    assert first == again
    assert first[:MINUTES_BEFORE] == usual[:MINUTES_BEFORE]
    assert first[MINUTES_BEFORE:] != usual[MINUTES_BEFORE:]


def test_it_is_told_from_its_beginning_on() -> None:
    heard, cloud = told(7, SOON_AFTER, scenario="spot-storm")
    usual, quiet = told(7, SOON_AFTER)
    began_at = moment(cloud.world.start + BEGINS)
    assert [each for each in heard if each.at < began_at] == [each for each in usual if each.at < began_at]
    assert heard != usual
    assert cloud.scenario == Scenario(name="spot-storm", title="Spot capacity is taken away", began_at=began_at)
    assert quiet.scenario is None


def test_a_scenario_is_none_before_it_has_begun() -> None:
    assert told(7, 600, scenario="spot-storm")[1].scenario is None


@cache
def usually() -> list[str]:
    return story(None)


def story(name: str | None) -> list[str]:
    """Return what the world is like in each minute until shortly after the beginning."""
    world = World(7, AFTERNOON, scenario(name, 7) if name is not None else None)
    minutes = []
    for _ in range(SOON_AFTER // 60):
        run(world, 60)
        rates = [(service.rate, service.load, service.amiss, service.wanted) for service in world.services]
        works = [workload_of(work) for work in world.works.values()]
        minutes.append(repr((world.spend(), rates, works, world.news.take().events)))
    return minutes


@pytest.mark.parametrize("name", NAMES)
def test_seeds_are_different_incidents_that_begin_when_they_say(name: str) -> None:
    worlds = [begun(name, seed) for seed in SEEDS]
    punctual = [life.scenario.began_at == life.world.start + BEGINS for life in worlds]
    assert punctual.count(True) >= len(SEEDS) - 1
    assert len({life.expected.scope for life in worlds}) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_a_right_answer_names_things_that_are_there(name: str) -> None:
    life = lived(name, 1, 60)
    world, expected = life.world, life.expected
    check_books(world)
    there = world.works.keys() | world.pools.keys() | {objective.slo.id for objective in world.objectives}
    named = {
        scope.name for scope in (expected.scope, *expected.also) if scope.kind in (ScopeKind.WORKLOAD, ScopeKind.POOL)
    }
    assert named | set(expected.slos) <= there


@pytest.mark.parametrize("name", NAMES)
def test_the_world_goes_on_obeying(name: str) -> None:
    life = begun(name, 5)
    world = life.world
    run(world, 1200)
    for key in list(world.jobs):
        world.pause_job(key)
    for service in world.services:
        if service.autoscaled:
            world.limit_autoscaler(service.key, 1, 2)
    for key, pool in world.pools.items():
        world.limit_pool(key, 0, min(pool.maximum, 3))
    run(world, 1800)
    check_books(world)
    assert not any(job.pods for job in world.jobs.values() if job.suspended)
    assert all(service.wanted <= 2 for service in world.services if service.autoscaled)
    assert all(len(pool.staying()) <= 3 for pool in world.pools.values())
