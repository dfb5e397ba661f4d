"""Runs without a screen, each until there is a snapshot to print."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from finops_tui.clock import Clock, SimulatedClock, VirtualTimeLoop
from finops_tui.engine.feed import Feed
from finops_tui.wiring import demo
from finops_tui.wiring.engine import engine_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.engine.deeds import Deed
    from finops_tui.engine.desk import Desk
    from finops_tui.engine.hub import Hub
    from finops_tui.model.snapshot import Snapshot
    from finops_tui.simulation.source import SimulatedCloud

DEMO_START = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
"""A fixed moment, a Tuesday afternoon, so that a seed always prints the same snapshot."""
REFRESH_SECONDS = 60.0
"""Simulated time between two snapshots of a headless run: what is kept of the past is kept by the minute."""
DEED_AFTER_SECONDS = 0.5
"""What happens in the world at the moment of a change happens before it."""


def first_snapshot(build: Callable[[Feed], Hub], wait_seconds: float, ready: Callable[[Snapshot], bool]) -> Snapshot:
    """Run the hub until its snapshot is `ready`, or for `wait_seconds`; return the last one."""
    feed = Feed()

    async def main() -> None:
        engine = build(feed)
        running = asyncio.create_task(engine.run())
        news = asyncio.Event()
        feed.subscribe(news.set)

        async def until_ready() -> None:
            while feed.snapshot is None or not ready(feed.snapshot):
                news.clear()
                await news.wait()

        waiting = asyncio.create_task(until_ready())
        await asyncio.wait({running, waiting}, timeout=wait_seconds, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        engine.publish()
        running.cancel()
        waiting.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)

    asyncio.run(main())
    snapshot = feed.snapshot
    assert snapshot is not None, "the last act of main is to publish"
    return snapshot


def demo_snapshot(
    seed: int,
    seconds: float,
    speed: float,
    scenario: str | None = None,
    *,
    begin: datetime | None = None,
    watch: Callable[[Snapshot], None] | None = None,
    deeds: Sequence[Deed] = (),
    short: Callable[[str], None] = lambda _: None,
) -> Snapshot:
    """Run the simulated cloud for so many simulated seconds and return its last snapshot; `watch` is shown every one.

    Its clock begins at DEMO_START unless told otherwise. `deeds` are done at their times; `short` is told of
    what does not reach what was asked. Raises FinopsError when one of them is refused or fails.

    `speed` is a factor on real time. An infinite one runs on virtual time, as fast as the machine can: then the same
    seed, duration and scenario always give the same snapshot.
    """
    from finops_tui.model.snapshot import Mode

    feed = Feed()
    if watch is not None:
        feed.subscribe(lambda: watch(feed.snapshot) if feed.snapshot is not None else None)
    jumping = math.isinf(speed)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        clock = SimulatedClock(begin or DEMO_START, 1.0 if jumping else speed, loop.time)
        settings = demo.settings(REFRESH_SECONDS / clock.speed)
        prices, cloud = demo.sources(seed, clock, REFRESH_SECONDS, scenario)
        desk = _headless_desk(cloud, clock, feed, seconds, seed) if deeds else None
        engine = engine_on(
            (prices, cloud, *demo.accounts(seed, clock, cloud)), clock, feed, settings=settings, mode=Mode.DEMO,
            timer=loop.time, scenario=lambda: cloud.scenario, companions=lambda _: (desk,) if desk is not None else (),
        )  # fmt: skip
        running = asyncio.create_task(engine.run())
        ending = asyncio.create_task(clock.sleep(seconds))
        doing = [asyncio.create_task(_in_its_time(each, desk, clock, feed)) for each in deeds if desk is not None]
        await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        engine.publish()
        running.cancel()
        for each in doing:
            each.cancel()
        outcomes = await asyncio.gather(*doing, return_exceptions=True)
        await asyncio.gather(running, ending, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
            if isinstance(outcome, str) and outcome:
                short(outcome)

    with asyncio.Runner(loop_factory=VirtualTimeLoop if jumping else None) as runner:
        runner.run(main())
    snapshot = feed.snapshot
    assert snapshot is not None, "the last act of main is to publish"
    return snapshot


def _headless_desk(cloud: SimulatedCloud, clock: Clock, feed: Feed, seconds: float, seed: int) -> Desk:
    from finops_tui.wiring.hands import demo_desk

    return demo_desk(cloud.calls, clock, feed, armed_for=timedelta(seconds=seconds), seed=seed)


async def _in_its_time(deed: Deed, desk: Desk, clock: Clock, feed: Feed) -> str:
    from finops_tui.engine.deeds import do

    await clock.sleep(deed.at_seconds + DEED_AFTER_SECONDS)
    assert feed.snapshot is not None, "the engine has published since"
    return await do(deed, desk, feed.snapshot)
