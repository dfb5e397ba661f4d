from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from textual import events
from textual.pilot import Pilot

from finops_tui.ui.palette import Palette
from finops_tui.ui.widgets.document import Document, Pen
from finops_tui.ui.widgets.pane_line import PaneTitle
from finops_tui.ui.widgets.sheet import Sheet
from tests.ui.widgets.harness import Bench, lines_of, painted, screen_text
from tests.ui.widgets.test_document import COLUMNS

PALETTE = Palette({})


class Story:
    """A document whose lists and words can be changed."""

    def __init__(self, *lists: Sequence[str], words: int = 0) -> None:
        self.lists = lists
        self.words = words
        self.note = "note"
        self.built = 0

    def build(self, width: int, cursor: str) -> Document:
        self.built += 1
        pen = Pen(width, PALETTE, cursor)
        bands = [[pen.block([pen.line([(f"{self.note} {number}", "text")]) for number in range(self.words)])]]
        for number, names in enumerate(self.lists):
            title = pen.title(PaneTitle(title=f"List {number}"), names)
            bands.append([pen.block([title, *pen.table(COLUMNS, names, lambda row: row)])])
        return Document(bands if self.words else bands[1:])


@asynccontextmanager
async def sheet(story: Story, size: tuple[int, int] = (30, 8)) -> AsyncIterator[tuple[Sheet, Pilot[None]]]:
    widget = Sheet(story.build)
    app = Bench(widget)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        widget.focus()
        await pilot.pause()
        yield widget, pilot


async def test_the_cursor_starts_on_the_first_thing_and_the_view_at_the_top() -> None:
    async with sheet(Story("ab", words=12)) as (widget, pilot):
        assert widget.cursor == "a"
        assert screen_text(pilot.app)[0] == "note 0"
        assert widget.below == 9


async def test_down_scrolls_until_the_next_thing_is_in_view_and_then_goes_there() -> None:
    async with sheet(Story("ab", words=8)) as (widget, pilot):
        for _ in range(5):
            assert widget.cursor == "a"
            await pilot.press("j")
        assert screen_text(pilot.app)[0] == "note 5"
        assert screen_text(pilot.app)[-1].endswith("b")
        await pilot.press("j")
        assert widget.cursor == "b"


async def test_up_does_the_same_the_other_way() -> None:
    async with sheet(Story("ab", words=12)) as (widget, pilot):
        await pilot.press("G")
        assert widget.cursor == "b"
        await pilot.press("k", "k", "k")
        assert widget.cursor == "a"
        await pilot.press(*"k" * 12)
        assert screen_text(pilot.app)[0] == "note 0"


async def test_first_and_last() -> None:
    async with sheet(Story("abc", "de", words=12)) as (widget, pilot):
        await pilot.press("end")
        assert (widget.cursor, widget.below) == ("e", 0)
        await pilot.press("home")
        assert (widget.cursor, screen_text(pilot.app)[0]) == ("a", "note 0")


async def test_a_page_takes_the_cursor_along() -> None:
    async with sheet(Story("abcdefgh", "ijklmnop")) as (widget, pilot):
        await pilot.press("pagedown")
        assert widget.cursor == "g"
        await pilot.press("pageup")
        assert widget.cursor == "f"
        await pilot.press("ctrl+d", "ctrl+d", "ctrl+u")
        assert widget.cursor in widget._document.keys


async def test_parts_are_gone_to_in_turn() -> None:
    async with sheet(Story("ab", "cd", words=20)) as (widget, pilot):
        widget.next_part(1)
        assert widget.cursor == "c"
        assert "━━ List 1" in "\n".join(lines_of(widget))
        widget.next_part(1)
        assert widget.cursor == "a"
        widget.next_part(-1)
        assert widget.cursor == "c"
        widget.go_to_part(9)
        assert widget.cursor == "c"
        await pilot.pause()


async def test_a_part_without_things_leaves_the_cursor_on_nothing_and_the_next_key_goes_to_what_follows() -> None:
    async with sheet(Story("ab", "", "cd", words=20), (30, 12)) as (widget, pilot):
        for part, following, before in ((0, "a", "c"), (2, "c", "a")):
            widget.go_to_part(3)
            widget.go_to_part(part)
            assert (widget.cursor, widget.sees_cursor) == ("", False)
            widget.next_part(1)
            assert widget.cursor == following
            widget.go_to_part(part)
            widget.next_part(-1)
            assert widget.cursor == before
        widget.go_to_part(2)
        await pilot.press("j")
        assert widget.cursor == "c"


async def test_the_wheel_takes_the_row_under_the_cursor_out_of_view() -> None:
    async with sheet(Story("ab", words=20)) as (widget, pilot):
        widget.next_part(1)
        assert (widget.cursor, widget.sees_cursor) == ("a", True)
        for _ in range(8):
            widget.post_message(events.MouseScrollUp(widget, 0, 0, 0, -1, 0, False, False, False))
        await pilot.pause()
        assert (widget.cursor, widget.sees_cursor) == ("a", False)


async def test_the_cursor_stays_on_its_thing_when_others_come() -> None:
    story = Story("ab")
    async with sheet(story) as (widget, pilot):
        await pilot.press("j")
        story.lists = ("xab",)
        widget.redraw()
        assert widget.cursor == "b"
        assert lines_of(widget)[4].startswith("▌ b")


async def test_when_the_thing_is_gone_nothing_is_selected_and_a_key_selects_what_is_near() -> None:
    story = Story("abc")
    async with sheet(story) as (widget, pilot):
        await pilot.press("j")
        story.lists = ("ac",)
        widget.redraw()
        assert widget.cursor == ""
        assert widget.check_action("choose", ()) is False
        await pilot.press("j")
        assert widget.cursor == "c"


async def test_without_things_keys_move_the_view() -> None:
    async with sheet(Story(words=20)) as (widget, pilot):
        await pilot.press("j", "j", "k")
        assert screen_text(pilot.app)[0] == "note 1"
        await pilot.press("G")
        assert widget.below == 0


async def test_only_what_changed_is_painted() -> None:
    story = Story("ab", words=3)
    async with sheet(story) as (widget, pilot):
        await pilot.pause()
        widget.redraw()
        assert painted(widget) == []
        story.lists = ("aB",)
        widget.redraw()
        assert [y for y, _, _ in painted(widget)] == [7]
        story.note = "NOTE"
        widget.redraw()
        assert {y for y, _, _ in painted(widget)} == {0, 1, 2, 7}
        await pilot.pause()
        assert screen_text(pilot.app)[0] == "NOTE 0"


async def test_moving_the_cursor_paints_two_rows() -> None:
    async with sheet(Story("abc")) as (widget, pilot):
        await pilot.pause()
        widget.action_move(1)
        assert [y for y, _, _ in painted(widget)] == [2, 3]


async def test_a_click_selects_and_a_double_click_opens() -> None:
    chosen: list[str] = []
    story = Story("ab")

    class Opener(Bench):
        def on_sheet_chosen(self, message: Sheet.Chosen) -> None:
            chosen.append(message.key)

    widget = Sheet(story.build)
    app = Opener(widget)
    async with app.run_test(size=(30, 8)) as pilot:
        await pilot.click(Sheet, offset=(4, 3))
        assert widget.cursor == "b"
        await pilot.click(Sheet, offset=(4, 2), times=2)
        assert chosen == ["a"]
        await pilot.press("enter")
        assert chosen == ["a", "a"]
        await pilot.click(Sheet, offset=(4, 6))
        assert widget.cursor == "a"


@pytest.mark.parametrize("size", [(30, 4), (12, 20), (200, 60)])
async def test_a_resize_keeps_the_cursor_and_its_row_in_view(size: tuple[int, int]) -> None:
    story = Story("abcdefgh", words=4)
    widget = Sheet(story.build)
    app = Bench(widget)
    async with app.run_test(size=(30, 20)) as pilot:
        widget.focus()
        await pilot.press("G")
        await pilot.resize_terminal(*size)
        await pilot.pause()
        assert widget.cursor == "h"
        assert any(line.startswith("▌ h") for line in screen_text(pilot.app))


async def test_a_resize_keeps_the_beginning_in_view_until_somebody_goes_on() -> None:
    widget = Sheet(Story("ab", words=20).build)
    async with Bench(widget).run_test(size=(30, 40)) as pilot:
        widget.focus()
        for height in (6, 40):
            await pilot.resize_terminal(30, height)
            await pilot.pause()
            assert lines_of(widget)[0].strip() == "note 0"


async def test_the_wheel_moves_the_view() -> None:
    async with sheet(Story("ab", words=20)) as (widget, pilot):
        widget.on_mouse_scroll_down(_Wheel())  # type: ignore[arg-type]  # all that is asked of it is to stop
        assert lines_of(widget)[0].strip() == "note 3"
        widget.on_mouse_scroll_up(_Wheel())  # type: ignore[arg-type]  # as above
        assert lines_of(widget)[0].strip() == "note 0"
        await pilot.pause()


class _Wheel:
    def stop(self) -> None:
        pass
