from __future__ import annotations

from typing import Self

from textual.app import ComposeResult
from textual.geometry import Region
from textual.screen import Screen

from finops_tui.ui.layout import Rect
from finops_tui.ui.palette import Palette
from finops_tui.ui.screens.stage import Stage, rearrange
from finops_tui.ui.widgets.lines import Line, Lines
from tests.ui.widgets.harness import Bench, lines_of


class Words(Lines[str]):
    asked = 0
    """How often it asked to be painted."""

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        self.asked += 1
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def draw(self, width: int, palette: Palette) -> list[Line]:  # noqa: ARG002  the base's signature
        return [[(self.value, "text")]]


class Staged(Screen[None]):
    """Two lines, of which the second gets a place only when it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.places = {"above": Rect(0, 0, 20, 1)}
        self.above, self.below = Words("one", id="above"), Words("two", id="below")
        self._stage = Stage(lambda _width, _height: self.places)

    @property
    def layout(self) -> Stage:
        return self._stage

    def compose(self) -> ComposeResult:
        yield from (self.above, self.below)


async def test_what_has_no_place_asks_for_no_painting_and_shows_the_newest_once_it_has_one() -> None:
    app, screen = Bench(), Staged()
    async with app.run_test(size=(20, 4)) as pilot:
        await app.push_screen(screen)
        await pilot.pause()
        before = screen.below.asked
        screen.below.show("three")
        assert screen.below.asked == before
        screen.above.show("four")
        screen.places["below"] = Rect(0, 1, 20, 1)
        rearrange(screen)
        await pilot.pause()
        assert [line.strip() for line in (*lines_of(screen.above), *lines_of(screen.below))] == ["four", "three"]
