"""Lines that were painted over are gone at once: nothing waits for the collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import RenderableType
from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from finops_tui.ui.strips import forget_cuts

PAINTED = 100


class Figure(Widget):
    """Draws another line every time."""

    DEFAULT_CSS = "Figure { height: 1; }"
    value = 0

    def render_line(self, y: int) -> Strip:
        return Strip([Segment(f"{self.value}, line {y}".ljust(self.size.width))], self.size.width)


class Painter(App[None]):
    def compose(self) -> ComposeResult:
        yield Figure()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        self.after(renderable)

    def after(self, renderable: RenderableType | None) -> None:
        forget_cuts(renderable)


class Forgetful(Painter):
    def after(self, renderable: RenderableType | None) -> None:
        """Leave it to the collector, as Textual does."""


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


async def painted(app: App[None]) -> int:
    """Return how many more lines are in memory after so many have been painted over."""
    async with app.run_test() as pilot:
        figure = app.query_one(Figure)
        await pilot.pause()
        gc.collect()
        before = lines()
        for value in range(PAINTED):
            figure.value = value
            figure.refresh(Region(0, 0, figure.size.width, 1))
            await pilot.pause()
        return lines() - before


def lines() -> int:
    return sum(isinstance(each, Strip) for each in gc.get_objects())


@pytest.mark.usefixtures("no_collector")
async def test_painted_lines_are_freed_when_others_stand_in_their_place() -> None:
    assert await painted(Painter()) < PAINTED / 10


@pytest.mark.usefixtures("no_collector")
async def test_left_to_textual_they_wait_for_the_collector() -> None:
    """Else there is nothing left to do for `forget_cuts`."""
    assert await painted(Forgetful()) >= PAINTED / 2


@pytest.mark.parametrize("update", [None, "text", ChopsUpdate([{0: None}], [(0, 0, 1)], [[1]])])
def test_what_holds_no_lines_passes(update: RenderableType | None) -> None:
    forget_cuts(update)
