"""The plan's dialog on a prepared screen, with somebody armed at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from msgspec.structs import replace

from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.screens.plan import PlanDialog
from tests.ui.desk import ARMED, DeskDouble
from tests.ui.samples import INCIDENT
from tests.ui.screen import Screen, shown

READY = replace(INCIDENT, armed=ARMED)
SIZES = [(40, 10), (60, 15), (80, 24), (99, 33), (120, 40), (200, 60)]


@asynccontextmanager
async def ready(
    desk: DeskDouble | None = None, snapshot: Snapshot = READY, size: tuple[int, int] = (120, 40), **settings: Any
) -> AsyncIterator[tuple[Screen, DeskDouble]]:
    """Open the screen with somebody armed at it, and a desk that answers."""
    desk = desk or DeskDouble()
    async with shown(snapshot, size, desk, **settings) as screen:
        yield screen, desk


def dialog(screen: Screen) -> PlanDialog:
    assert isinstance(screen.app.screen, PlanDialog)
    return screen.app.screen


def is_closed(screen: Screen) -> bool:
    return screen.app.screen is screen.app.main


def focus(screen: Screen) -> str | None:
    return screen.app.focused.id if screen.app.focused is not None else None


def after(screen: Screen, words: str) -> str:
    """Return the line of the screen with these words in it."""
    return next(line for line in screen.lines if words in line)


def inside(screen: Screen) -> str:
    """Return the text of the dialog alone, on one line."""
    place = dialog(screen)._view.ground.region
    return " ".join(" ".join(line[place.x : place.right] for line in screen.lines).split())


async def again(screen: Screen) -> None:
    """Let the plan be made again, as it is every few seconds."""
    dialog(screen)._plan()
    await screen.pilot.pause()
    await screen.pilot.pause()
