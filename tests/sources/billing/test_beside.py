from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from finops_tui.errors import SourceError
from finops_tui.model.cloud import MachineGroup, MachineGroupsSeen
from finops_tui.model.health import HealthState
from finops_tui.model.observations import Observation, SourceHealth
from finops_tui.sources.billing.beside import Ask, Beside, Told
from finops_tui.sources.billing.calls import CallError
from finops_tui.sources.billing.groups import Regions, size
from tests.sources.billing.following import NOW

EVERY = timedelta(minutes=15)
REFUSED = SourceError("403 Forbidden", "", "Needs: a.list.")
FINE = Told(
    observations=(MachineGroupsSeen(at=NOW, source="x", cluster="", account="p", region="r", kinds=(), groups=()),)
)
LACKING = Told(faults={"groups of p": REFUSED})


class Hasty:
    """A clock on which a wait is over at once, unless it is longer than the longest: then it does not end."""

    speed = 1.0

    def __init__(self, longest: float = 1e9) -> None:
        self.waited: list[float] = []
        self._longest = longest

    def now(self) -> datetime:
        return NOW + timedelta(seconds=sum(self.waited))

    async def sleep(self, seconds: float) -> None:
        if seconds > self._longest:
            await asyncio.Future()
        self.waited.append(seconds)
        await asyncio.sleep(0)


def health(state: HealthState, *missing: str, reason: str = "", hint: str = "") -> SourceHealth:
    return SourceHealth(
        at=NOW, source="cloud acme", cluster="", short="cloud", state=state, since=NOW, reason=reason, hint=hint,
        missing=missing,
    )  # fmt: skip


DOWN = health(HealthState.DOWN, reason="401 Unauthorized", hint="Log in.")


async def bill(*told: SourceHealth) -> AsyncIterator[Observation]:
    """Tell how it fares, and then nothing more."""
    yield health(HealthState.CONNECTING)
    for each in told:
        yield each
    await asyncio.Future()


class Place:
    """A project that says of itself what a test tells it to: one after the other, the last of it always."""

    def __init__(self, *told: Told) -> None:
        self.told = list(told)
        self.asked = 0

    async def look(self) -> Told:
        self.asked += 1
        return self.told.pop(0) if len(self.told) > 1 else self.told[0]


async def _hangs() -> Told:
    return await asyncio.Future()


class Watched:
    def __init__(self, beside: Beside, told: AsyncIterator[Observation]) -> None:
        self.beside = beside
        self.seen: list[Observation] = []
        self.task = asyncio.create_task(self._watch(told))

    @property
    def health(self) -> SourceHealth:
        return next(each for each in reversed(self.seen) if isinstance(each, SourceHealth))

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                if self.task.done():
                    self.task.result()
                await asyncio.sleep(0)

    async def _watch(self, told: AsyncIterator[Observation]) -> None:
        async for each in told:
            self.seen.append(each)


@asynccontextmanager
async def watching(clock: Hasty, source: AsyncIterator[Observation], *asks: Ask) -> AsyncIterator[Watched]:
    beside = Beside(clock, asks, EVERY)
    one = Watched(beside, beside.observe(source))
    try:
        yield one
    finally:
        one.task.cancel()
        await asyncio.gather(one.task, return_exceptions=True)


async def test_a_place_is_asked_at_its_pace_and_one_that_hangs_holds_up_none() -> None:
    place, clock = Place(FINE), Hasty()
    async with watching(clock, bill(health(HealthState.POLLED)), _hangs, place.look) as one:
        await one.until(lambda: place.asked > 2)
        await one.until(lambda: one.seen.count(FINE.observations[0]) > 2)
    assert clock.waited[:4] == [30.0, 870.0] * 2
    assert one.health.state is HealthState.POLLED


async def test_what_fails_is_asked_again_soon_then_less_often() -> None:
    place, clock = Place(LACKING), Hasty()
    async with watching(clock, bill(), place.look) as one:
        await one.until(lambda: place.asked > 7)
    pauses = [sum(each) for each in zip(clock.waited[::2], clock.waited[1::2], strict=False)]
    for pause, most in zip(pauses, (30, 60, 120, 240, 480, 600, 600), strict=False):
        assert max(30.0, 0.75 * most) <= pause <= most


async def test_what_is_well_again_is_asked_at_its_pace_again() -> None:
    place, clock = Place(LACKING, LACKING, FINE), Hasty()
    async with watching(clock, bill(), place.look) as one:
        await one.until(lambda: place.asked > 3)
    assert clock.waited[4:6] == [30.0, 870.0]


async def test_whoever_asks_to_be_left_alone_is_also_against_a_wish() -> None:
    busy = CallError("429 Too Many Requests", "Wait.", passing=True, retry_after_seconds=1_200.0)
    forever = CallError("429 Too Many Requests", "Wait.", passing=True, retry_after_seconds=1e9)
    place, clock = Place(Told(faults={"a": busy, "b": REFUSED}), Told(faults={"a": forever})), Hasty()
    async with watching(clock, bill(), place.look) as one:
        one.beside.wake()
        await one.until(lambda: place.asked > 2)
    assert clock.waited[0] == 1_200.0
    assert max(clock.waited) == timedelta(hours=6).total_seconds()


async def test_a_wish_ends_a_wait() -> None:
    place, clock = Place(FINE), Hasty(longest=30.0)
    async with watching(clock, bill(), place.look) as one:
        await one.until(lambda: clock.waited)
        for _ in range(20):
            await asyncio.sleep(0)
        assert place.asked == 1
        one.beside.wake()
        await one.until(lambda: place.asked == 2)


async def test_how_both_fare_is_told_as_one_until_nothing_is_missing() -> None:
    place, clock = Place(LACKING), Hasty()
    async with watching(clock, bill(health(HealthState.POLLED)), place.look) as one:
        await one.until(lambda: one.seen and one.health.state is HealthState.PARTIAL)
        assert (one.health.missing, one.health.hint) == (("groups of p: 403 Forbidden",), "Needs: a.list.")
        since = one.health.since
        place.told = [FINE]
        await one.until(lambda: one.health.state is HealthState.POLLED)
    assert (one.health.missing, one.health.hint) == ((), "")
    assert one.health.since > since
    told = [each for each in one.seen if isinstance(each, SourceHealth)]
    assert [each.at for each in told] == sorted(each.at for each in told)
    partial = {each.since for each in told if each.state is HealthState.PARTIAL}
    assert len(partial) == 1, "it has been so since it first was"


async def test_what_the_bill_lacks_stands_before_what_stands_beside_it() -> None:
    lacking = health(HealthState.PARTIAL, "budgets: 403", hint="Budgets.")
    place = Place(LACKING)
    async with watching(Hasty(), bill(lacking), place.look) as one:
        await one.until(lambda: one.seen and len(one.health.missing) > 1)
    assert (one.health.missing, one.health.hint) == (("budgets: 403", "groups of p: 403 Forbidden"), "Budgets.")


async def test_without_the_bill_there_is_still_what_stands_beside_it() -> None:
    place = Place(FINE)
    async with watching(Hasty(), bill(DOWN), place.look) as one:
        await one.until(lambda: one.seen and one.health.state is HealthState.PARTIAL)
    assert (one.health.missing, one.health.hint, one.health.reason) == (("bill: 401 Unauthorized",), "Log in.", "")


async def test_where_nothing_comes_the_source_is_down() -> None:
    place = Place(LACKING)
    async with watching(Hasty(), bill(DOWN), place.look) as one:
        await one.until(lambda: place.asked > 3)
    assert (one.health.state, one.health.reason) == (HealthState.DOWN, "401 Unauthorized")


async def test_while_the_bill_is_first_asked_for_nothing_is_said_of_how_it_fares() -> None:
    place = Place(LACKING)
    async with watching(Hasty(), bill(), place.look) as one:
        await one.until(lambda: place.asked > 3)
    assert {each.state for each in one.seen if isinstance(each, SourceHealth)} == {HealthState.CONNECTING}


async def test_what_was_not_foreseen_ends_the_source_and_leaves_nothing_behind() -> None:
    async def broken() -> Told:
        raise RuntimeError("a mistake of ours")

    before = asyncio.all_tasks()
    async with watching(Hasty(), bill(), broken, _hangs) as one:
        await asyncio.wait({one.task})
        with pytest.raises(RuntimeError):
            one.task.result()
        assert asyncio.all_tasks() == before


async def test_where_nothing_stands_beside_it_the_bill_goes_through_as_it_is() -> None:
    source = bill()
    assert Beside(Hasty(), (), EVERY).observe(source) is source


def group(region: str, name: str = "gpu") -> MachineGroup:
    return MachineGroup(kind="mig", account="p", region=region, name=name)


def test_a_region_without_groups_is_told_empty_and_a_silent_one_not_at_all() -> None:
    regions = Regions("cloud acme", "p", "mig")
    first = regions.told([group("here"), group("there"), group("here", "cpu")], NOW)
    assert [(each.region, len(each.groups)) for each in first] == [("here", 2), ("there", 1)]
    assert [(each.region, each.groups) for each in regions.told([], NOW, {"there"})] == [("here", ())]


@pytest.mark.parametrize("told", [None, -1, "2.5", "x", "1e999999999", "1e-999999999", True, 1_000_001, [3], "NaN"])
def test_what_is_no_number_of_machines_is_not_known(told: object) -> None:
    assert size(told) is None


def test_numbers_may_be_told_as_text() -> None:
    assert (size("8"), size(0), size("1e3")) == (8, 0, 1_000)
