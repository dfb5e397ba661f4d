"""The program as a config makes it, with its screen open on a part of the bills page: engine, screen, desk, journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from finops_tui.clock import WallClock
from finops_tui.commands.live import acts
from finops_tui.config.models import Config
from finops_tui.engine.feed import Feed
from finops_tui.model.cloud_facts import CloudFacts
from finops_tui.ui.app import FinopsApp
from finops_tui.ui.settings import UiSettings
from finops_tui.wiring import live
from tests.ui.screen import TERMINAL, Screen

PATIENCE_SECONDS = 60.0


@asynccontextmanager
async def at_work(
    config: Config, part: str, told: Callable[[CloudFacts], object], size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Screen]:
    """Run the engine, and open the screen on a part of the bills page, armed, once the cloud has told of it."""
    feed, clock = Feed(), WallClock()
    engine = asyncio.create_task(live.hub(config, clock, feed).run())
    app = FinopsApp(feed, UiSettings(now=clock.now, theme="night", environment=TERMINAL, acts=acts(config)))
    try:
        async with app.run_test(size=size) as pilot:
            screen = Screen(app, pilot)
            await until(screen, lambda: feed.snapshot is not None and bool(told(feed.snapshot.cloud)))
            await until(screen, lambda: feed.snapshot is not None and feed.snapshot.armed.possible)
            await screen.press("m", part)
            await until(screen, lambda: app.main.armed, "W")
            yield screen
    finally:
        engine.cancel()
        await asyncio.gather(engine, return_exceptions=True)


async def until(screen: Screen, enough: Callable[[], bool], key: str = "") -> None:
    """Let time pass, pressing a key until it is heard, where there is one; not again at once, for W twice disarms."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not enough():
            if key:
                await screen.press(key)
            for _ in range(15 if key else 1):
                await screen.pilot.pause(0.3)
                if enough():
                    return


async def until_shown(screen: Screen, *words: str) -> None:
    await until(screen, lambda: all(each in screen.text for each in words))
