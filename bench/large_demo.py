"""`python -m bench.large_demo`: the screen on a fleet of 5,000 nodes, 40,000 GPUs and 50,000 pods."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence

from bench.large_fleet import LargeFleet
from finops_tui.clock import Clock, WallClock
from finops_tui.commands.screen import hurry
from finops_tui.engine.feed import Feed
from finops_tui.engine.hub import Hub
from finops_tui.engine.settings import EngineSettings
from finops_tui.model.observations import Observation
from finops_tui.model.snapshot import Mode
from finops_tui.wiring import screen
from finops_tui.wiring.engine import engine_on

BURST_EVERY_SECONDS = 5.0


class Bursting(LargeFleet):
    """The same fleet, with `count` observations at once every few seconds."""

    def __init__(self, clock: Clock, count: int) -> None:
        super().__init__(clock)
        self._count = count

    async def observe(self) -> AsyncIterator[Observation]:
        bursts = asyncio.create_task(self._forever())
        try:
            async for observation in super().observe():
                yield observation
        finally:
            bursts.cancel()

    async def _forever(self) -> None:
        while True:
            await self._clock.sleep(BURST_EVERY_SECONDS)
            self.burst(self._count)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.large_demo", description=__doc__)
    help_ = f"so many observations at once, every {BURST_EVERY_SECONDS:g} s"
    parser.add_argument("--burst", type=int, default=0, metavar="N", help=help_)
    asked = parser.parse_args(words)
    hurry()
    clock = WallClock()

    def build(feed: Feed) -> Hub:
        fleet = Bursting(clock, asked.burst) if asked.burst else LargeFleet(clock)
        return engine_on((fleet,), clock, feed, settings=EngineSettings(), mode=Mode.DEMO)

    from finops_tui.ui.settings import UiSettings

    return screen.show(build, UiSettings(mode="LARGE", waiting_for=(LargeFleet.name,), now=clock.now))


if __name__ == "__main__":
    sys.exit(main())
