from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events, on
from textual.message import Message
from textual.pilot import Pilot

from finops_tui.ui.format import duration, rate_cell
from finops_tui.ui.glyphs import ASCII, UNICODE, Glyphs
from finops_tui.ui.palette import Span
from finops_tui.ui.widgets.columns import Column
from finops_tui.ui.widgets.table import LEAVING_SECONDS, STILL_SECONDS, LineTable
from tests.ui.widgets.harness import Bench, lines_of, painted, screen_text, without_colour

SIZE = (60, 12)
PAGE = SIZE[1] - 1


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    rate: float | None
    stale: bool = False
    mark: Span | None = None


COLUMNS = (
    Column[Row](id="what", title="WHAT", width=24, grow=1, cell=lambda row: row.key, sort=lambda row: row.key),
    Column[Row](
        id="rate",
        title="≈$/h",
        width=7,
        align="right",
        figure=True,
        priority=2,
        cell=lambda row: rate_cell(row.rate),
        sort=lambda row: row.rate,
        descending_first=True,
    ),
)


class Hand:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class TableApp(Bench):
    def __init__(self, order: str | None = "rate", *, theme: str = "night", glyphs: Glyphs = UNICODE) -> None:
        self.clock = Hand()
        self.messages: list[tuple[str, str | None]] = []
        self.table: LineTable[Row] = LineTable(
            COLUMNS,
            key=lambda row: row.key,
            order=order,
            mark=lambda row: row.mark,
            stale=lambda row: row.stale,
            monotonic=self.clock,
        )
        super().__init__(self.table, theme=theme, glyphs=glyphs)

    @on(LineTable.RowHighlighted)
    @on(LineTable.RowChosen)
    @on(LineTable.TargetGone)
    def keep(self, message: Message) -> None:
        key = getattr(message, "key", None)
        self.messages.append((type(message).__name__, key))

    async def shown(self, pilot: Pilot[None], rows: Iterable[Row], *, reorder: bool = False) -> None:
        self.table.show(rows, reorder=reorder)
        await pilot.pause()


def rows(*rates: float | None) -> list[Row]:
    return [Row(f"row-{index}", rate) for index, rate in enumerate(rates)]


def keys(table: LineTable[Row]) -> list[str]:
    return [row.key for row in table.rows]


async def test_it_sorts_and_says_by_what() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, rows(1, 412, 38))
        lines = screen_text(app)
        assert lines[0].split() == ["WHAT", "↓≈$/h"]
        assert lines[1] == "▌ row-1" + " " * 48 + "412.0"
        assert [line.split()[-2] for line in lines[1:4] if "▌" not in line] == ["row-2", "row-0"]
        await pilot.pause()
        app.table.sort_by("what")
        await pilot.pause()
        assert keys(app.table) == ["row-0", "row-1", "row-2"]
        assert app.table.cursor_key == "row-0", "nobody has moved it"
        app.table.invert()
        assert keys(app.table) == ["row-2", "row-1", "row-0"]
        app.table.sort_next()
        assert app.table.sorting == ("rate", True)


async def test_what_is_missing_comes_last_in_either_order() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, rows(None, 5, 7))
        assert keys(app.table) == ["row-2", "row-1", "row-0"]
        app.table.invert()
        assert keys(app.table) == ["row-1", "row-2", "row-0"]


async def test_the_cursor_belongs_to_a_thing_and_follows_it() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, rows(3, 2, 1))
        await pilot.press("j")
        assert app.table.cursor_key == "row-1"
        app.clock.now += STILL_SECONDS
        await app.shown(pilot, rows(3, 9, 1))
        assert keys(app.table) == ["row-1", "row-0", "row-2"]
        assert app.table.cursor_key == "row-1"
        assert screen_text(app)[1].startswith("▌ row-1")


async def test_until_a_person_moves_it_the_cursor_stands_on_the_first_row_and_the_view_at_the_top() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, rows(*range(30)))
        app.messages.clear()
        await app.shown(pilot, [Row("new", 99.0), *rows(*range(30))])
        assert app.table.position == (1, 31)
        assert app.messages == [("RowHighlighted", "new")]
        assert screen_text(app)[1].startswith("▌ new ")
        await app.shown(pilot, rows(*range(30)))
        assert app.table.cursor_key == "row-29", "the most urgent that is left"
        assert ("TargetGone", "new") not in app.messages
        await pilot.press("j")
        await app.shown(pilot, [])
        await app.shown(pilot, rows(1, 2, 3))
        assert app.table.cursor_key == "row-2", "an empty list begins anew"


async def test_what_a_person_sent_away_hands_the_cursor_on() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, rows(5, 4, 3, 2, 1))
        await pilot.press("j", "j")
        app.messages.clear()
        app.table.expect_to_leave(["row-0", "row-2"])
        await app.shown(pilot, [row for row in rows(5, 4, 3, 2, 1) if row.key in ("row-1", "row-3", "row-4")])
        assert app.messages == [("RowHighlighted", "row-3")]
        app.table.expect_to_leave(["row-3", "row-4"])
        await app.shown(pilot, rows(5, 4)[1:])
        assert app.table.cursor_key == "row-1", "nothing came after it"


async def test_what_goes_long_after_it_was_sent_away_leaves_nothing_selected() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, rows(3, 2, 1))
        await pilot.press("j")
        app.table.expect_to_leave(["row-1"])
        app.clock.now += LEAVING_SECONDS
        await app.shown(pilot, [Row("row-0", 3.0), Row("row-2", 1.0)])
        assert app.table.cursor_key is None
        assert ("TargetGone", "row-1") in app.messages


async def test_when_the_thing_is_gone_nothing_is_selected_until_the_next_key() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, rows(3, 2, 1))
        await pilot.press("j")
        app.messages.clear()
        await app.shown(pilot, [Row("row-0", 3.0), Row("row-2", 1.0)])
        assert app.table.cursor_key is None
        assert app.messages == [("TargetGone", "row-1"), ("RowHighlighted", None)]
        assert not any("▌" in line for line in screen_text(app))
        await pilot.press("enter")
        assert ("RowChosen", "row-1") not in app.messages
        await app.shown(pilot, [Row("row-0", 3.0), Row("row-2", 1.5)])
        assert app.table.cursor_key is None
        await pilot.press("j")
        assert app.table.cursor_key == "row-2"


async def test_a_filter_that_hides_the_thing_moves_the_cursor_on() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, rows(3, 2, 1))
        await pilot.press("j")
        app.messages.clear()
        await app.shown(pilot, [Row("row-0", 3.0)], reorder=True)
        assert app.table.cursor_key == "row-0"
        assert app.messages == [("RowHighlighted", "row-0")]


async def test_the_order_stays_for_two_seconds_after_a_key() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, rows(3, 2, 1))
        await pilot.press("j")
        app.clock.now += STILL_SECONDS - 0.1
        await app.shown(pilot, [Row("new", 99.0), *rows(1, 2, 3)])
        assert keys(app.table) == ["row-0", "row-1", "row-2", "new"]
        app.clock.now += 0.2
        await app.shown(pilot, [Row("new", 99.0), *rows(1, 2, 3)])
        assert keys(app.table) == ["new", "row-2", "row-1", "row-0"]
        assert app.table.cursor_key == "row-1"
        app.table.hold()
        await app.shown(pilot, rows(9, 8, 7), reorder=True)
        assert keys(app.table) == ["row-0", "row-1", "row-2"]


async def test_keys_move_and_choose() -> None:
    app = TableApp(order=None)
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, rows(*range(100)))
        for key, expected in [
            ("j", 1), ("down", 2), ("k", 1), ("up", 0), ("k", 0), ("pagedown", PAGE), ("ctrl+d", PAGE + PAGE // 2),
            ("ctrl+u", PAGE), ("pageup", 0), ("G", 99), ("j", 99), ("home", 0), ("end", 99), ("g", 0),
        ]:  # fmt: skip
            await pilot.press(key)
            assert app.table.cursor_key == f"row-{expected}", key
            assert any(line.startswith("▌") for line in screen_text(app)), key
        app.messages.clear()
        await pilot.press("enter")
        assert app.messages == [("RowChosen", "row-0")]
        assert app.table.position == (1, 100)


async def test_only_lines_that_changed_and_can_be_seen_are_painted() -> None:
    app = TableApp(order=None)
    async with app.run_test(size=SIZE) as pilot:
        before = rows(*range(100))
        await app.shown(pilot, before)
        after = [*before]
        after[4] = replace(before[4], rate=77.0)
        after[50] = replace(before[50], rate=88.0)
        app.table.show(after)
        assert painted(app.table) == [(5, 0, 60)]
        await pilot.pause()
        assert "77.0" in screen_text(app)[5]
        app.table.show([replace(row) for row in after])
        assert painted(app.table) == []


async def test_a_cell_that_tells_an_age_moves_on_though_its_row_is_the_same() -> None:
    age = Hand()
    column = Column[Row](id="age", title="AGO", width=5, cell=lambda _: duration(age.now))
    table = LineTable((column,), key=lambda row: row.key)
    app = Bench(table)
    async with app.run_test(size=SIZE) as pilot:
        same = rows(1, 2)
        table.show(same)
        await pilot.pause()
        age.now += 60
        table.show(same)
        await pilot.pause()
        assert screen_text(app)[2].strip() == "2m"


async def test_a_change_in_the_first_columns_does_not_repaint_the_last() -> None:
    table = LineTable((COLUMNS[1], COLUMNS[0]._replace(grow=0)), key=lambda row: row.key)
    async with Bench(table).run_test(size=SIZE) as pilot:
        table.show(rows(1, 2))
        await pilot.pause()
        table.show(rows(1, 3))
        assert painted(table) == [(2, 0, 9)]


async def test_moving_the_cursor_paints_two_lines() -> None:
    app = TableApp(order=None)
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, rows(*range(100)))
        app.table.action_move(1)
        assert painted(app.table) == [(1, 0, 60), (2, 0, 60)]


async def test_without_focus_the_cursor_keeps_its_place_unseen() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, rows(3, 2, 1))
        app.screen.set_focus(None)
        await pilot.pause()
        assert not any("▌" in line for line in screen_text(app))
        assert app.table.cursor_key == "row-0"
        app.table.focus()
        await pilot.pause()
        assert screen_text(app)[1].startswith("▌")


async def test_marks_make_room_for_the_cursor() -> None:
    app = TableApp(order=None)
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, [Row("burning", 1, mark=("●", "ticket")), Row("too", 2, mark=("●", "ticket"))])
        assert [line[:4] for line in screen_text(app)[1:3]] == ["▌●bu", "● to"]


async def test_figures_of_stale_rows_wear_the_stale_role() -> None:
    app = TableApp(order=None)
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, [Row("fresh", 1), Row("old", 2, stale=True), Row("fresh-too", 3)])
        colours = {segment.text.strip(): segment.style for segment in app.table.render_line(2)}
        assert str(colours["2.0"]) == "#b3a27c on #0f1318"
        assert str(colours["old"]) == "#d5dce5 on #0f1318"


async def test_a_theme_chosen_while_it_runs_is_seen_at_once() -> None:
    app = TableApp(order=None)
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, rows(1, 2))
        app.theme = "day"
        await pilot.pause()
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        style = next(iter(strips[2])).style
        assert str(style) == "#1e2630 on #fbfaf7"


async def test_a_note_stands_where_there_are_no_rows() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        app.table.show([], note='Nothing matches "gpu<10". esc clears the filter.')
        await pilot.pause()
        assert screen_text(app)[1] == '  Nothing matches "gpu<10". esc clears the filter.'
        await app.shown(pilot, rows(1))
        assert "Nothing" not in "".join(screen_text(app))
        app.table.show([], note="Gone.")
        await pilot.pause()
        assert screen_text(app)[1] == "  Gone."


async def test_a_long_note_takes_the_lines_there_are_and_tells_when_it_is_cut() -> None:
    app = TableApp()
    async with app.run_test(size=(30, 6)) as pilot:
        note = "one two three four five six seven eight nine ten"
        app.table.show([], note=note)
        await pilot.pause()
        shown = [line.strip() for line in screen_text(app)[1:]]
        assert " ".join(shown).strip() == note
        app.table.show([], note="word " * 60)
        await pilot.pause()
        assert screen_text(app)[-1].rstrip().endswith("word…")


async def test_narrow_screens_drop_columns() -> None:
    app = TableApp()
    async with app.run_test(size=(30, 6)) as pilot:
        await app.shown(pilot, rows(1, 2))
        assert "rate" not in [column.id for column in app.table.shown_columns]
        await pilot.resize_terminal(60, 6)
        await pilot.pause()
        assert "rate" in [column.id for column in app.table.shown_columns]
        assert screen_text(app)[0].endswith("↓≈$/h")


async def test_the_mouse_selects_scrolls_and_sorts() -> None:
    app = TableApp(order=None)
    async with app.run_test(size=SIZE) as pilot:
        await app.shown(pilot, rows(*range(100)))
        await pilot.click(LineTable, offset=(5, 4))
        assert app.table.cursor_key == "row-3"
        await pilot._post_mouse_events([events.MouseScrollDown], LineTable, (5, 5))
        await pilot.pause()
        assert screen_text(app)[1].startswith("▌ row-3 ")
        await pilot._post_mouse_events([events.MouseScrollDown], LineTable, (5, 5))
        await app.shown(pilot, rows(*range(1, 101)))
        assert screen_text(app)[1].startswith("  row-6 ")
        await pilot._post_mouse_events([events.MouseScrollUp], LineTable, (5, 5))
        await pilot._post_mouse_events([events.MouseScrollUp], LineTable, (5, 5))
        await pilot.pause()
        assert screen_text(app)[1].startswith("  row-0 ")
        await pilot.click(LineTable, offset=(58, 0))
        assert app.table.sorting == ("rate", True)
        await pilot.click(LineTable, offset=(58, 0))
        assert app.table.sorting == ("rate", False)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("width", [1, 5, 20, 40, 120, 300])
async def test_every_line_is_as_wide_as_the_screen_whatever_names_come(width: int, glyphs: Glyphs) -> None:
    app = TableApp(glyphs=glyphs)
    names = ["训练-job", "\x1b[2J\x1b[31mred", "a" * 10_000, "אבג", "👩\u200d💻", "[bold]x[/]", "e\u0301" * 40, ""]
    async with app.run_test(size=(width, 12)) as pilot:
        await app.shown(pilot, [Row(name, 1.0) for name in names])
        strips = app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {width}
        text = "".join(lines_of(app.table))
        assert "\x1b" not in text
        if glyphs is ASCII:
            assert text.isascii()


@pytest.mark.parametrize("theme", ["mono", "ansi-16"])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
async def test_without_colour_rows_still_read_differently(theme: str, glyphs: Glyphs) -> None:
    seen = []
    for row, focused in [
        (Row("job", 1), True),
        (Row("job", 1), False),
        (Row("job", 1, stale=True), False),
        (Row("job", None), False),
        (Row("job", 1, mark=("●", "ticket")), False),
        (Row("job", 1, mark=("■", "mark")), False),
        (Row("job", 1, mark=("‡", "protected")), False),
    ]:
        app = TableApp(theme=theme, glyphs=glyphs)
        async with app.run_test(size=(60, 2)) as pilot:
            if not focused:
                app.screen.set_focus(None)
            await app.shown(pilot, [row])
            seen.append(without_colour(app.table)[2:])
    assert len(set(seen)) == len(seen)


STEP = st.one_of(
    st.tuples(st.just("show"), st.lists(st.integers(min_value=0, max_value=30), unique=True, max_size=25)),
    st.tuples(st.just("key"), st.sampled_from(["j", "k", "g", "G", "pagedown", "pageup"])),
    st.tuples(st.just("wait"), st.integers(min_value=0, max_value=3)),
    st.tuples(st.just("turn"), st.just(0)),
)


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(STEP, max_size=25), seed=st.integers(min_value=0, max_value=1_000))
async def test_a_target_once_chosen_never_changes_but_by_a_key(steps: Sequence[tuple[str, object]], seed: int) -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        moved = False
        for number, (what, how) in enumerate(steps):
            before = app.table.cursor_key
            if what == "show":
                assert isinstance(how, list)
                new = [Row(f"row-{index}", float((index * 7919 + seed * number) % 101)) for index in how]
                was_empty = not app.table.rows
                app.table.show(new)
                there = {row.key for row in new}
                if not moved:
                    assert app.table.position[0] == min(1, len(new))
                elif before is not None:
                    assert app.table.cursor_key == (before if before in there else None)
                elif not was_empty:
                    assert app.table.cursor_key is None
                moved = moved and bool(new)
            elif what == "key":
                await pilot.press(str(how))
                moved = moved or bool(app.table.rows)
            elif what == "wait":
                assert isinstance(how, int)
                app.clock.now += how
            else:
                app.table.invert()
                assert not moved or before in (None, app.table.cursor_key)
            await pilot.pause()
            fresh = lines_of(app.table)
            assert [line.rstrip() for line in fresh] == screen_text(app)
            if app.table.cursor_key is not None:
                assert sum(line.startswith("▌") for line in fresh) == 1
