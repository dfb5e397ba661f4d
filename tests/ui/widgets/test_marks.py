"""Marking rows of a table: by identity, never by line."""

from __future__ import annotations

from tests.ui.widgets.harness import lines_of, without_colour
from tests.ui.widgets.test_table import SIZE, Row, TableApp

ROWS = [Row(name, rate) for name, rate in (("a", 5.0), ("b", 4.0), ("c", 3.0), ("d", 2.0), ("e", 1.0))]


def names(app: TableApp) -> list[str]:
    return [row.key for row in app.table.marked]


async def test_a_mark_belongs_to_a_thing() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        app.table.show(ROWS)
        await pilot.pause()
        app.table.mark()
        await pilot.press("down", "down")
        app.table.mark()
        assert names(app) == ["a", "c"]
        app.table.invert()
        assert names(app) == ["c", "a"], "in the order in which they stand"
        app.table.mark()
        assert names(app) == ["a"]
        app.table.unmark()
        assert names(app) == []


async def test_a_range_goes_from_the_last_mark_to_the_cursor_either_way() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        app.table.show(ROWS)
        await pilot.pause()
        await pilot.press("down", "down", "down")
        app.table.mark()
        await pilot.press("up", "up")
        app.table.mark_range()
        assert names(app) == ["b", "c", "d"]


async def test_a_range_without_a_mark_is_the_row_itself() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        app.table.mark_range()
        assert names(app) == [], "there is no row"
        app.table.show(ROWS)
        await pilot.press("down")
        app.table.mark_range()
        assert names(app) == ["b"]


async def test_a_marked_row_has_a_sign_beside_its_own() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        app.table.show([Row("a", 9.0, mark=("●", "ticket")), *ROWS[1:3]])
        await pilot.pause()
        before = without_colour(app.table)
        app.table.mark()
        await pilot.press("down")
        app.table.mark()
        assert [line[:2] for line in lines_of(app.table)[1:4]] == ["■●", "▌■", "  "]
        assert without_colour(app.table) != before


async def test_what_is_not_shown_is_not_among_the_marked() -> None:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        app.table.show(ROWS)
        await pilot.pause()
        app.table.mark()
        app.table.show(ROWS[1:], reorder=True)
        assert names(app) == []
        app.table.show(ROWS, reorder=True)
        assert names(app) == ["a"]
