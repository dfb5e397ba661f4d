"""The terminal must show the same, whoever writes to it: Textual, or the wire that leaves out what has not changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip

from finops_tui.ui.wire import Wire

WIDTH, HEIGHT = 24, 5
CUT = 11
STYLES = [Style.parse(text) for text in ("#d5dce5 on #0f1318", "bold #ff7077 on #0f1318", "reverse", "red")]

Content = Sequence[tuple[str, int]]

console = Console(color_system="truecolor", force_terminal=True, width=WIDTH)


def strip_of(content: Content, width: int) -> Strip:
    return Strip([Segment(text, STYLES[style]) for text, style in content]).adjust_cell_length(width)


class Terminal:
    def __init__(self) -> None:
        self._screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.Stream(self._screen)

    def write(self, text: str) -> None:
        self._stream.feed(text)

    def cells(self) -> list[list[pyte.screens.Char]]:
        return [[self._screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]


CONTENT = st.lists(
    st.tuples(st.text(alphabet="abc 0123456789.▲≈训", max_size=12), st.integers(min_value=0, max_value=3)), max_size=4
)
LINE = st.tuples(CONTENT, CONTENT)
"""What stands left and right of the cut between two panes."""
UPDATE = st.dictionaries(st.integers(min_value=0, max_value=HEIGHT - 1), LINE, min_size=1)


def whole(lines: Sequence[tuple[Content, Content]]) -> LayoutUpdate:
    strips: list[Iterable[Strip]] = [[strip_of(left, CUT), strip_of(right, WIDTH - CUT)] for left, right in lines]
    return LayoutUpdate(strips, Region(0, 0, WIDTH, HEIGHT))


def part(lines: dict[int, tuple[Content, Content]]) -> ChopsUpdate:
    chops: list[dict[int, Strip | None]] = [{0: None, CUT: None} for _ in range(HEIGHT)]
    for y, (left, right) in lines.items():
        chops[y] = {0: strip_of(left, CUT), CUT: strip_of(right, WIDTH - CUT)}
    return ChopsUpdate(chops, [(y, 0, WIDTH) for y in sorted(lines)], [[CUT, WIDTH]] * HEIGHT)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINE, min_size=HEIGHT, max_size=HEIGHT), st.lists(UPDATE, max_size=5))
def test_the_terminal_shows_the_same_as_without_the_wire(
    start: list[tuple[Content, Content]], updates: list[dict[int, tuple[Content, Content]]]
) -> None:
    plain, thin, wire = Terminal(), Terminal(), Wire()
    plain.write(whole(start).render_segments(console))
    thin.write(wire.write(whole(start), console))
    assert thin.cells() == plain.cells()
    for update in updates:
        plain.write(part(update).render_segments(console))
        thin.write(wire.write(part(update), console))
        assert wire.enabled
        assert thin.cells() == plain.cells()
    plain.write(whole(start).render_segments(console))
    thin.write(wire.write(whole(start), console))
    assert thin.cells() == plain.cells()


def screen(*texts: str) -> list[tuple[Content, Content]]:
    return [([(text[:CUT], 0)], [(text[CUT:], 0)]) for text in texts]


def started(*texts: str) -> Wire:
    wire = Wire()
    wire.write(whole(screen(*texts)), console)
    return wire


FIRST = ("nlp-train 412.0   38.0   ", "chat      181.4  186.0   ", "", "", "")


def test_only_what_changed_goes_over_the_line() -> None:
    wire = started(*FIRST)
    assert wire.write(part(dict(enumerate(screen(*FIRST)))), console) == ""
    changed = screen("nlp-train 412.0   39.0   ")[0]
    sent = wire.write(part({0: changed}), console)
    assert sent == "\x1b[1;20H\x1b[0;38;2;213;220;229;48;2;15;19;24m9\x1b[0m"
    assert len(sent) < len(part({0: changed}).render_segments(console)) / 2


def test_a_style_is_said_once_and_a_short_way_is_jumped() -> None:
    wire = started(*FIRST)
    sent = wire.write(part({0: screen("mlp-train 412.0   39.0   ")[0]}), console)
    assert sent.count("38;2;213") == 1
    assert sent.count("H") == 1
    assert "\x1b[18C9" in sent


def test_a_colour_alone_is_a_change() -> None:
    wire = started(*FIRST)
    left, right = screen(FIRST[0])[0]
    assert "nlp-train" in wire.write(part({0: ([(left[0][0], 1)], right)}), console)


def test_a_whole_screen_is_sent_in_full_once_and_again_when_the_terminal_may_show_something_else() -> None:
    wire = Wire()
    update = whole(screen(*FIRST))
    in_full = update.render_segments(console)
    assert wire.write(update, console) == in_full
    assert wire.write(update, console) == "\x1b[0m"
    assert len(wire.write(whole(screen("mlp", *FIRST[1:])), console)) < len(in_full) / 2
    wire.forget()
    assert wire.write(update, console) == in_full


def test_after_forgetting_a_part_comes_with_textuals_own_output_until_the_next_whole_screen() -> None:
    wire = started(*FIRST)
    wire.forget()
    update = part(dict(enumerate(screen(*FIRST))))
    assert wire.write(update, console) == update.render_segments(console)
    assert wire.enabled


def test_what_is_not_written_is_not_remembered() -> None:
    wire = started(*FIRST)
    update = part({0: screen("other     412.0   38.0   ")[0]})
    thinned = wire.thin(update)
    assert thinned is not update
    assert "other" in wire.write(update, console)


def test_when_textual_is_not_as_expected_its_own_output_is_sent() -> None:
    wire = started("a screen of one line")
    wire._shown = wire._shown[:1]
    update = part({3: screen(FIRST[0])[0]})
    assert wire.write(update, console) == update.render_segments(console)
    assert not wire.enabled
    assert wire.thin(update) is update


@pytest.mark.parametrize("other", [None, "text"])
def test_other_things_pass(other: str | None) -> None:
    assert Wire().thin(other) is other


async def test_textual_displays_what_the_wire_wraps() -> None:
    class Wired(App[None]):
        wire = Wire()
        wrapped = 0

        def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
            thinned = self.wire.thin(renderable)
            self.wrapped += thinned is not renderable and isinstance(thinned, CompositorUpdate)
            super()._display(screen, thinned)

    app = Wired()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.wrapped
