from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

import pytest
from msgspec.structs import replace

from finops_tui.clock import SimulatedClock, VirtualTimeLoop
from finops_tui.engine.feed import Feed
from finops_tui.engine.hub import Companion, Hub
from finops_tui.errors import SourceError
from finops_tui.model.fleet import Fleet
from finops_tui.model.health import HealthState
from finops_tui.model.inventory import Node
from finops_tui.model.observations import NodesSeen, Observation
from finops_tui.model.snapshot import Snapshot
from finops_tui.sources.base import Source
from tests.samples import NOON, empty_snapshot


class Scripted:
    """A source that does what `script` says."""

    def __init__(self, script: Callable[[], AsyncIterator[Observation]], name: str = "scripted a") -> None:
        self.name = name
        self.cluster = "a"
        self.refreshed = 0
        self._script = script

    def observe(self) -> AsyncIterator[Observation]:
        return self._script()

    async def refresh(self) -> None:
        self.refreshed += 1


class Run:
    """A hub on a loop whose time is ours."""

    def __init__(
        self,
        *sources: Source,
        companions: Sequence[Companion] = (),
        refresh_seconds: float = 1.0,
        second_after_seconds: float | None = None,
    ) -> None:
        self.published: list[datetime] = []
        self.feed = Feed()
        self.sources = sources
        self.companions = companions
        self.refresh_seconds = refresh_seconds
        self.second_after_seconds = second_after_seconds
        self.hub: Hub

    def compose(self, fleet: Fleet, now: datetime) -> Snapshot:
        self.published.append(now)
        nodes = sum(len(cluster.nodes) for cluster in fleet.clusters.values())
        empty = empty_snapshot()
        return replace(empty, at=now, headline=replace(empty.headline, nodes=nodes))

    def for_seconds(self, seconds: float, then: Callable[[], None] = lambda: None) -> Hub:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            self.hub = Hub(
                self.sources,
                SimulatedClock(NOON, monotonic=loop.time),
                self.feed,
                self.compose,
                companions=self.companions,
                refresh_seconds=self.refresh_seconds,
                second_after_seconds=self.second_after_seconds,
                jitter=lambda: 0.5,
                timer=loop.time,
            )
            task = asyncio.create_task(self.hub.run())
            await asyncio.sleep(seconds)
            then()
            await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(main())
        return self.hub


def node(index: int) -> NodesSeen:
    return NodesSeen(
        at=NOON,
        source="scripted a",
        cluster="a",
        nodes=(Node(cluster="a", name=f"n{index}", uid=f"u{index}", pool="p"),),
    )


def test_a_burst_is_folded_whole_and_published_once() -> None:
    async def burst() -> AsyncIterator[Observation]:
        yield node(0)
        await asyncio.sleep(1.5)
        for index in range(10_000):
            yield node(index)
        await asyncio.sleep(1e6)

    run = Run(Scripted(burst))
    run.for_seconds(4)
    assert len(run.published) == 2, "the first news at once, then the burst"
    assert run.feed.snapshot is not None
    assert run.feed.snapshot.headline.nodes == 10_000


def test_a_burst_lets_other_work_in_between() -> None:
    turns = 0

    async def burst() -> AsyncIterator[Observation]:
        for index in range(10_000):
            yield node(index)
        await asyncio.sleep(1e6)

    async def other() -> AsyncIterator[Observation]:
        nonlocal turns
        while turns < 40:
            turns += 1
            await asyncio.sleep(0)
            yield node(-1)
        await asyncio.sleep(1e6)

    Run(Scripted(burst), Scripted(other, "scripted b")).for_seconds(0)
    assert turns > 10


def test_snapshots_keep_their_distance_and_come_without_news_too() -> None:
    async def chatty() -> AsyncIterator[Observation]:
        for index in range(100):
            yield node(index)
            await asyncio.sleep(0.1)
        await asyncio.sleep(1e6)

    run = Run(Scripted(chatty), refresh_seconds=2.0)
    run.for_seconds(30)
    gaps = [(b - a).total_seconds() for a, b in zip(run.published, run.published[1:], strict=False)]
    assert min(gaps) >= 2.0
    assert max(gaps) <= 7.1
    assert len(run.published) >= 7


def test_the_second_snapshot_may_follow_sooner_than_the_others() -> None:
    async def chatty() -> AsyncIterator[Observation]:
        for index in range(100):
            yield node(index)
            await asyncio.sleep(0.05)
        await asyncio.sleep(1e6)

    run = Run(Scripted(chatty), refresh_seconds=2.0, second_after_seconds=0.1)
    run.for_seconds(8)
    first, second, third, *_ = run.published
    assert 0.1 <= (second - first).total_seconds() < 0.3
    assert (third - second).total_seconds() >= 2.0


def test_a_source_that_raises_is_shown_down_and_started_again_with_growing_pauses() -> None:
    starts: list[float] = []

    async def failing() -> AsyncIterator[Observation]:
        starts.append(asyncio.get_running_loop().time())
        yield node(len(starts))
        raise SourceError("Prometheus a answers nonsense", hint="Look at its log.")

    hub = Run(Scripted(failing)).for_seconds(8)
    assert starts == pytest.approx([0, 1, 3, 7])
    health = hub.fleet.health["scripted a"]
    assert health.state is HealthState.DOWN
    assert health.reason == "Prometheus a answers nonsense"
    assert health.hint == "Look at its log."
    assert health.since == NOON, "it went down once and has been so since"


def test_one_bad_source_costs_only_itself() -> None:
    async def broken() -> AsyncIterator[Observation]:
        yield node(99)
        raise ZeroDivisionError

    async def good() -> AsyncIterator[Observation]:
        for index in range(5):
            await asyncio.sleep(1)
            yield node(index)
        await asyncio.sleep(1e6)

    run = Run(Scripted(broken, "bad b"), Scripted(good))
    hub = run.for_seconds(10)
    assert len(hub.fleet.clusters["a"].nodes) == 5 + 1
    assert hub.fleet.health["bad b"].reason.startswith("ZeroDivisionError")


class Faulty:
    """A companion with bugs."""

    name = "notify chat"

    def __init__(self, *, blind: bool) -> None:
        self.blind = blind
        self.started = 0

    def begin(self, fleet: Fleet) -> None:
        pass

    def see(self, snapshot: Snapshot) -> None:
        if self.blind and snapshot.clusters == ():
            raise ValueError("a bug")

    async def run(self, tell: Callable[[Observation], None]) -> None:
        self.started += 1
        tell(node(0))
        if not self.blind:
            raise ValueError("a bug")
        await asyncio.sleep(1e6)


@pytest.mark.parametrize("blind", [True, False], ids=["looking on", "running"])
def test_a_companion_with_a_bug_costs_only_itself(*, blind: bool) -> None:
    async def chatty() -> AsyncIterator[Observation]:
        for index in range(100):
            yield node(index)
            await asyncio.sleep(0.1)
        await asyncio.sleep(1e6)

    faulty = Faulty(blind=blind)
    run = Run(Scripted(chatty), companions=(faulty,))
    health = run.for_seconds(20).fleet.health["notify chat"]
    assert (health.state, health.cluster, health.short) == (HealthState.DOWN, "", "notify")
    assert health.reason == "ValueError: a bug"
    assert faulty.started == (1 if blind else 5)
    assert run.feed.snapshot is not None
    assert run.feed.snapshot.headline.nodes == 100


def test_what_fails_while_it_is_ended_keeps_nobody_from_ending() -> None:
    async def stubborn() -> AsyncIterator[Observation]:
        yield node(0)
        try:
            await asyncio.sleep(1e6)
        finally:
            raise OSError("its connection would not close")

    run = Run(Scripted(stubborn))
    assert not run.for_seconds(2).fleet.health


def test_refresh_reaches_every_source() -> None:
    async def quiet() -> AsyncIterator[Observation]:
        await asyncio.sleep(1e6)
        yield node(0)

    sources = [Scripted(quiet), Scripted(quiet, "scripted b")]
    run = Run(*sources)
    run.for_seconds(1, then=run.feed.refresh)
    assert [source.refreshed for source in sources] == [1, 1]
