"""A line is drawn once, and again when it is refreshed, when the width changes or when colours are taken away."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip

from finops_tui.ui.widgets.own_lines import OwnLines


class Counting(OwnLines):
    DEFAULT_CSS = """
    Counting { height: 3; width: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.drawn.append(y)
        text = f"line {y}".ljust(self.size.width)
        return Strip([Segment(text, Style(color="#ff0000", bgcolor="#000000"))], self.size.width)


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        yield Counting()


async def test_only_what_was_refreshed_is_drawn_again() -> None:
    app = Shown()
    async with app.run_test(size=(20, 5)) as pilot:
        widget = app.query_one(Counting)
        await pilot.pause()
        widget.drawn.clear()
        widget.refresh(Region(0, 1, 4, 1))
        await pilot.pause()
        assert widget.drawn == [1]
        widget.refresh()
        await pilot.pause()
        assert widget.drawn == [1, 0, 1, 2]


async def test_another_width_draws_every_line_again() -> None:
    app = Shown()
    async with app.run_test(size=(20, 5)) as pilot:
        widget = app.query_one(Counting)
        await pilot.resize_terminal(30, 5)
        await pilot.pause()
        widget.drawn.clear()
        assert [strip.text for strip in widget.render_lines(Region(0, 0, 30, 3))] == [
            f"line {y}".ljust(30) for y in range(3)
        ]
        assert widget.drawn == [], "they were drawn with the frame"


async def test_a_part_of_the_width_is_a_part_of_the_line() -> None:
    app = Shown()
    async with app.run_test(size=(20, 5)):
        strips = app.query_one(Counting).render_lines(Region(2, 1, 4, 2))
        assert [strip.text for strip in strips] == ["ne 1", "ne 2"]


async def test_without_colour_none_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Shown()
    async with app.run_test(size=(20, 5)):
        (segment,) = app.query_one(Counting).render_lines(Region(0, 0, 20, 1))[0]
        assert segment.style is not None
        assert segment.style.color is not None
        triplet = segment.style.color.triplet
        assert triplet is not None
        assert triplet.red == triplet.green == triplet.blue, "grey at most"
