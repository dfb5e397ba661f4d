"""An incident as the clouds' own detection finds it: hours later, by account, and over once it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from sys import getsizeof

import pytest

from finops_tui.model.cloud import Anomaly
from finops_tui.simulation.bills import CONTRACTS, HOURS_LATE
from finops_tui.simulation.clouds_watch import KEPT_HOURS, Watch
from finops_tui.simulation.machines import moment
from finops_tui.simulation.scenarios import scenario
from finops_tui.simulation.scenarios.runaway_retrain import RunawayRetrain
from finops_tui.simulation.world import World

SEED = 7
START = datetime(2026, 3, 10, 14, tzinfo=UTC)
LATE = timedelta(hours=HOURS_LATE)
LOOK_EVERY = 300
PAUSED_AFTER, ENDS_AFTER = 9_000, 18_000


class Lived:
    """Five hours in which a job runs away and is paused; what is told of it while it runs, and at the end."""

    def __init__(self) -> None:
        incident = scenario("runaway-retrain", SEED)
        assert isinstance(incident, RunawayRetrain)
        self.world = World(SEED, int(START.timestamp()), incident)
        self.watch = Watch(SEED, self.world)
        self._until(PAUSED_AFTER)
        self.meanwhile = self._told(self.now + LATE)
        self.too_early = self._told(self.now + timedelta(hours=1))
        self.subject = incident.expected(self.world).scope.name
        self.world.pause_job(self.subject)
        self._until(ENDS_AFTER)
        self.after = self._told(self.now + LATE)

    @property
    def now(self) -> datetime:
        return moment(self.world.now)

    def _until(self, seconds: int) -> None:
        while self.world.now < self.world.start + seconds:
            self.world.step()
            if self.world.now % LOOK_EVERY == 0:
                self.watch.look()

    def _told(self, now: datetime) -> list[Anomaly]:
        return [each for contract in CONTRACTS for each in self.watch.anomalies(contract, now)]


@pytest.fixture(scope="module")
def lived() -> Lived:
    return Lived()


def test_nobody_is_told_before_a_bill_would_have_reached_it(lived: Lived) -> None:
    assert lived.too_early == []


def test_it_is_told_for_the_account_that_pays_with_the_machines_of_the_pool_that_grew(lived: Lived) -> None:
    (found,) = lived.meanwhile
    pool = lived.world.jobs[lived.subject].pool
    contract = next(each for each in CONTRACTS if each.cluster == pool.cluster.name)
    assert (found.account, found.subject, found.start) == (contract.account, contract.machines, START.date())
    assert pool.plan.instance.name in found.causes[0].usage_type
    assert found.end is None, "it goes on"
    assert found.actual is not None
    assert found.expected is not None
    assert found.impact == pytest.approx(found.actual - found.expected, abs=Decimal("0.02"))


def test_it_has_an_end_once_somebody_has_ended_it_and_keeps_its_name(lived: Lived) -> None:
    (before,), (after,) = lived.meanwhile, lived.after
    assert after.id == before.id
    assert after.end == START.date()
    assert after.impact > before.impact


def test_a_quiet_world_is_nothing_to_tell() -> None:
    world = World(SEED, int(START.timestamp()))
    watch = Watch(SEED, world)
    for _ in range(2 * 360):
        world.step()
        if world.now % LOOK_EVERY == 0:
            watch.look()
    now = moment(world.now) + LATE
    assert [each for contract in CONTRACTS for each in watch.anomalies(contract, now)] == []


def test_what_is_kept_does_not_grow_with_the_days() -> None:
    world = World(SEED, int(START.timestamp()))
    watch = Watch(SEED, world)
    kept = []
    for _ in range(3):
        for _ in range(KEPT_HOURS + 24):
            world.now += 3_600  # nothing else in it moves on
            watch.look()
        kept.append((len(watch._hours), sum(map(getsizeof, watch._hours.values()))))
    assert kept == kept[:1] * 3
    assert kept[0][0] == KEPT_HOURS
    assert kept[0][1] < 400 * KEPT_HOURS
