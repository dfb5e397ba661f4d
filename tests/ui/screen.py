"""Opens the program on a prepared snapshot and reads what stands on its screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from textual.pilot import Pilot

from finops_tui.engine.feed import Feed
from finops_tui.model.finding import Triage
from finops_tui.model.observations import FindingTriaged, Observation
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.app import FinopsApp
from finops_tui.ui.settings import UiSettings
from tests.ui.samples import NOW

TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


def build(
    snapshot: Snapshot | None, *, now: Callable[[], datetime] = lambda: NOW, theme: str = "night", **settings: Any
) -> FinopsApp:
    """Make an app whose clock stands still and whose terminal is always the same."""
    feed = Feed()
    if snapshot is not None:
        feed.publish(snapshot)
    settings = {"waiting_for": ("prometheus prod-us",), "environment": TERMINAL, "user": "ana", **settings}
    return FinopsApp(feed, UiSettings(now=now, theme=theme, **settings))


@asynccontextmanager
async def shown(
    snapshot: Snapshot | None, size: tuple[int, int] = (120, 40), desk: Any = None, **settings: Any
) -> AsyncIterator[Screen]:
    """Open the program; a desk given here answers from the first frame on."""
    app = build(snapshot, **settings)
    if desk is not None:
        app._feed.on_ask(desk, asyncio.get_running_loop())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Screen(app, pilot)


def heard(screen: Screen) -> list[Triage]:
    """Return a list that every decision told to the engine is put in from now on."""
    told: list[Triage] = []

    def hear(observation: Observation) -> None:
        assert isinstance(observation, FindingTriaged)
        told.append(observation.triage)

    screen.app._feed.on_tell(hear)
    return told


class Screen:
    """What a person sees and does."""

    def __init__(self, app: FinopsApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def lines(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def toasts(self) -> list[str]:
        return [toast.message for toast in self.app._notifications]

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*text)

    async def publish(self, snapshot: Snapshot) -> None:
        """Hand over a newer snapshot and let the second pass after which it is drawn."""
        self.app._feed.publish(snapshot)
        self.app.paint()
        await self.pilot.pause()

    async def resize(self, width: int, height: int) -> None:
        await self.pilot.resize_terminal(width, height)
        await self.pilot.pause()

    def cursor(self) -> str | None:
        return self.app.main.pane.table.cursor_key
