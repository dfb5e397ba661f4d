"""Folding and composing without a screen, for the demo's cloud and the large fleet: the first time and from then on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from time import perf_counter

from bench.large_fleet import LargeFleet
from bench.report import Figure
from bench.setting import Setting, figure
from finops_tui.clock import Clock, SimulatedClock, VirtualTimeLoop
from finops_tui.engine.compose import Composer
from finops_tui.engine.feed import Feed
from finops_tui.engine.hub import Hub
from finops_tui.engine.settings import EngineSettings
from finops_tui.model.fleet import Fleet
from finops_tui.model.snapshot import Mode, Snapshot
from finops_tui.sources.base import Source
from finops_tui.wiring import demo, headless

ROUND_SECONDS = 2.0
"""Both worlds speak every two seconds; a snapshot is made as often."""


def figures(setting: Setting) -> list[Figure]:
    rounds = setting.runs(80)
    return [
        *_figures("demo", lambda clock: demo.sources(7, clock), rounds),
        *_figures("large", lambda clock: (LargeFleet(clock),), rounds),
    ]


def _figures(name: str, sources: Callable[[Clock], Sequence[Source]], rounds: int) -> list[Figure]:
    first, *later = compose_times(sources, rounds)
    return [
        *figure(f"compose.{name}.full", f"{name}: compose the first snapshot", "ms", [first]),
        *figure(f"compose.{name}.again", f"{name}: compose after two seconds of news", "ms", later),
    ]


def compose_times(sources: Callable[[Clock], Sequence[Source]], rounds: int) -> list[float]:
    """Run an engine over so many rounds, as fast as the machine can; return the milliseconds of each composing."""
    took: list[float] = []

    async def main() -> None:
        clock = SimulatedClock(headless.DEMO_START, 1.0, asyncio.get_running_loop().time)
        composer = Composer(EngineSettings(), Mode.DEMO, clock.speed)

        def compose(fleet: Fleet, now: datetime) -> Snapshot:
            started = perf_counter()
            snapshot = composer.compose(fleet, now)
            took.append((perf_counter() - started) * 1000)
            return snapshot

        engine = Hub(
            sources(clock), clock, Feed(), compose, refresh_seconds=ROUND_SECONDS, timer=asyncio.get_running_loop().time
        )
        running = asyncio.create_task(engine.run())
        await clock.sleep(rounds * ROUND_SECONDS)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())
    return took
