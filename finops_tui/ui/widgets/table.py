"""A table of any length that draws only what can be seen, and whose cursor belongs to a thing, not to a line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from finops_tui.ui.palette import Span, palette_of
from finops_tui.ui.widgets.columns import Column, Drawn, RowT, changed, draw_head, place
from finops_tui.ui.widgets.lines import fill
from finops_tui.ui.widgets.marks import Marks
from finops_tui.ui.widgets.order import Order
from finops_tui.ui.widgets.row_painter import RowPainter, note_line
from finops_tui.ui.widgets.table_keys import TableKeys

STILL_SECONDS = 2.0
"""After a key the order of the rows stays for so long: what a finger aims at does not move away."""
LEAVING_SECONDS = 10.0
"""A row that goes within so long after somebody decided that it should hands the cursor on."""


class TableMessage(Message):
    """Something happened to the row of the thing `key` in `table`."""

    def __init__(self, table: LineTable[Any], key: str | None) -> None:
        super().__init__()
        self.table = table
        self.key = key

    @property
    def control(self) -> Widget:
        return self.table


class LineTable(TableKeys, Generic[RowT], can_focus=True):
    """Rows are frozen values; `key` names the thing a row is about and is unique in the table.

    The cursor stands on the first row until a person moves it; from then on it belongs to the thing it was put on.

    `columns` are given once, their widths never depend on the data. `order` is the column to sort by at first; None
    keeps the order in which rows come. `mark` puts a sign in the gutter, `stale` tells which rows have old figures.
    """

    DEFAULT_CSS = """
    LineTable { height: 1fr; width: 1fr; }
    """

    class RowHighlighted(TableMessage):
        """The cursor stands on another thing; `key` is None when it stands on nothing."""

    class RowChosen(TableMessage):
        """Enter on a row."""

    class TargetGone(TableMessage):
        """The thing that a person put the cursor on is no longer among the rows; nothing is selected now."""

    def __init__(
        self,
        columns: Sequence[Column[RowT]],
        *,
        key: Callable[[RowT], str],
        order: str | None = None,
        mark: Callable[[RowT], Span | None] | None = None,
        stale: Callable[[RowT], bool] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        id: str | None = None,  # noqa: A002  Textual's word
    ) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._key = key
        self._marks: Marks[RowT] = Marks()
        self._painter = RowPainter(columns, self._marks, mark, stale)
        self._monotonic = monotonic
        self._key_pressed_at = float("-inf")
        self._note = ""
        self._rows: list[RowT] = []
        self._keys: list[str] = []
        self._cursor: int | None = None
        self._moved = False
        """Whether a person put the cursor where it is."""
        self._leaving: frozenset[str] = frozenset()
        self._leaving_since = float("-inf")
        self._near = 0
        self._top = 0
        self._order = Order(columns, order)
        self._screen: dict[int, Drawn | None] = {}
        """By line, what was painted there last."""

    # What can be asked

    @property
    def cursor_key(self) -> str | None:
        """The thing that keys act on."""
        return None if self._cursor is None else self._keys[self._cursor]

    @property
    def cursor_row(self) -> RowT | None:
        return None if self._cursor is None else self._rows[self._cursor]

    @property
    def rows(self) -> Sequence[RowT]:
        """The rows in the order in which they stand."""
        return self._rows

    @property
    def marked(self) -> tuple[RowT, ...]:
        """The rows that are marked, in the order in which they stand; what a filter hides is not among them."""
        return self._marks.rows(self._rows, self._keys)

    @property
    def position(self) -> tuple[int, int]:
        return (0 if self._cursor is None else self._cursor + 1), len(self._rows)

    @property
    def sorting(self) -> tuple[str, bool]:
        """The column sorted by and whether the largest comes first."""
        return self._order.column_id, self._order.descending

    @property
    def shown_columns(self) -> tuple[Column[RowT], ...]:
        """The columns that there is room for."""
        return tuple(placed.column for placed in place(self._columns, self.size.width))

    def shows(self, column_id: str) -> bool:
        """Tell whether a column is among those drawn last."""
        return any(placed.column.id == column_id for placed in self._painter.placed)

    # What can be told

    def show(self, rows: Iterable[RowT], *, reorder: bool = False, note: str = "") -> None:
        """Take the new rows. `reorder` says that a person asked for it (a filter, another scope): sort at once.

        Otherwise the order stays for two seconds after a key, with what is new at the end. `note` stands below the head
        while there are no rows, over as many lines as it needs.
        """
        target = self.cursor_key
        before = self._keys
        started = bool(before)
        incoming = list(rows)
        self._painter.forget()
        still = not reorder and self._monotonic() - self._key_pressed_at < STILL_SECONDS
        self._rows = self._order.still(incoming, self._keys, self._key) if still else self._order.sort(incoming)
        self._keys = list(map(self._key, self._rows))
        self._marks.rows_changed()
        empty_differs = not self._rows and note != self._note
        self._note = note
        self._follow(target, before, reorder=reorder)
        if empty_differs or bool(self._rows) is not started:
            self._paint_all()
        else:
            self._paint_changes()

    def sort_by(self, column_id: str, *, descending: bool | None = None) -> None:
        """Sort by a column, in its own direction unless told."""
        self._order.choose(column_id, descending=descending)
        self._sort_again()

    def sort_next(self) -> None:
        """Sort by the next column that is shown and can be sorted by."""
        ids = [column.id for column in self.shown_columns if column.sort is not None]
        if ids:
            at = ids.index(self._order.column_id) if self._order.column_id in ids else -1
            self.sort_by(ids[(at + 1) % len(ids)])

    def invert(self) -> None:
        """Turn the order round."""
        if self._order.column_id:
            self.sort_by(self._order.column_id, descending=not self._order.descending)

    def select(self, key: str) -> bool:
        """Put the cursor on a thing; False when it is not among the rows."""
        if key not in self._keys:
            return False
        self.move_to(self._keys.index(key))
        return True

    def expect_to_leave(self, keys: Iterable[str]) -> None:
        """Hear that a person sent these things away: where the cursor stands on one, it moves on to the next row."""
        self._leaving = frozenset(keys)
        self._leaving_since = self._monotonic()

    def stay(self) -> None:
        """Keep to the row under the cursor from now on, as if somebody had moved there."""
        self._moved = self._cursor is not None

    def hold(self) -> None:
        self._key_pressed_at = self._monotonic()

    def mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        if self.cursor_key is not None:
            self._marks.turn(self.cursor_key)
            self._paint_marks()

    def mark_range(self) -> None:
        """Mark every row from the one marked last to the cursor."""
        if self._cursor is not None:
            self._marks.up_to(self._cursor, self._keys)
            self._paint_marks()

    def unmark(self) -> None:
        """Take every mark away."""
        self._marks.clear()
        self._paint_marks()

    def _paint_marks(self) -> None:
        self._painter.forget()
        self._paint_changes()

    # Order and cursor

    def _sort_again(self) -> None:
        target, before = self.cursor_key, self._keys
        self._rows = self._order.sort(self._rows)
        self._keys = [self._key(row) for row in self._rows]
        self._marks.rows_changed()
        self._follow(target, before, reorder=True)
        self._paint_all()

    def _follow(self, target: str | None, before: Sequence[str], *, reorder: bool) -> None:
        """Find the target among the new rows; when it is gone, nothing is selected.

        The view goes with the cursor, unless somebody scrolled away from it.
        """
        looked_at = self._cursor is None or self._top <= self._cursor < self._top + self.page
        if not self._moved:
            self._stay_first(target)
        elif target is not None:
            try:
                self._cursor = self._keys.index(target)
            except ValueError:
                self._lose(target, before, reorder=reorder)
            else:
                self._near = self._cursor
        elif self._keys and (not before or reorder):
            self._land(min(self._near, len(self._keys) - 1))
        self._moved = self._moved and bool(self._keys)  # an empty list begins anew
        self._keep_in_view(follow=looked_at)

    def _stay_first(self, target: str | None) -> None:
        """Stand on the first row, whatever it is about now."""
        self._cursor, self._near = (0 if self._keys else None), 0
        if self.cursor_key != target:
            self.post_message(self.RowHighlighted(self, self.cursor_key))

    def _lose(self, target: str, before: Sequence[str], *, reorder: bool) -> None:
        if reorder and self._keys:
            self._land(min(self._near, len(self._keys) - 1))
            return
        sent_away = target in self._leaving and self._monotonic() - self._leaving_since < LEAVING_SECONDS
        heir = self._next_to(target, before) if sent_away else None
        if heir is not None:
            self._land(heir)
            return
        self._cursor = None
        if not reorder and not sent_away:
            self.post_message(self.TargetGone(self, target))
        self.post_message(self.RowHighlighted(self, None))

    def _next_to(self, target: str, before: Sequence[str]) -> int | None:
        """Return where the row now stands that came after the target, or without one the row before it."""
        at = before.index(target)
        places = {key: place for place, key in enumerate(self._keys)}
        return next((places[key] for key in (*before[at + 1 :], *reversed(before[:at])) if key in places), None)

    def _land(self, index: int) -> None:
        self._cursor = self._near = index
        self.post_message(self.RowHighlighted(self, self._keys[index]))

    def _keep_in_view(self, *, follow: bool = True) -> None:
        height = self.page
        highest = max(0, len(self._rows) - height)
        if follow and self._cursor is not None:
            self._top = max(min(self._top, self._cursor), self._cursor - height + 1)
        self._top = max(0, min(self._top, highest))

    @property
    def stand(self) -> int:
        return self._near if self._cursor is None else self._cursor

    def move_to(self, index: int) -> None:
        if not self._rows:
            return
        self._moved = True
        before, top = self._cursor, self._top
        index = max(0, min(index, len(self._rows) - 1))
        if index == before:
            return
        self._land(index)
        self._keep_in_view()
        if self._top != top:
            self._paint_all()
        else:
            for line in (before, index):
                if line is not None:
                    self._paint_row(line)

    def action_choose(self) -> None:
        if self.cursor_key is not None:
            self.post_message(self.RowChosen(self, self.cursor_key))

    def row_at(self, y: int) -> int:
        return self._top + y - 1

    def sort_at(self, x: int) -> None:
        for placed in self._painter.placed:
            if placed.start - 1 <= x < placed.end and placed.column.sort is not None:
                if placed.column.id == self._order.column_id:
                    self.invert()
                else:
                    self.sort_by(placed.column.id)
                return

    def scroll_rows(self, rows: int) -> None:
        top = max(0, min(self._top + rows, len(self._rows) - self.page))
        if top != self._top:
            self._top = top
            self._paint_all()

    # Drawing

    @property
    def page(self) -> int:
        return max(1, self.size.height - 1)

    def on_resize(self) -> None:
        top = self._top
        self._keep_in_view()
        if self._top != top:  # Textual has painted the new size already
            self._paint_all()

    def on_focus(self, event: events.Focus) -> None:
        self._change_focus(event, events.DescendantFocus(self))

    def on_blur(self, event: events.Blur) -> None:
        self._change_focus(event, events.DescendantBlur(self))

    def _change_focus(self, event: events.Event, told: events.Event) -> None:
        """Do what Textual does, but paint the cursor's row only: nothing else looks different."""
        event.prevent_default()
        self.set_reactive(LineTable.has_focus, isinstance(event, events.Focus))
        if self.parent is not None:
            self.parent.post_message(told)
        if self._cursor is not None:
            self._paint_row(self._cursor)

    def _paint_row(self, index: int) -> None:
        if not self.size:  # without a place: to be drawn anew when it gets one
            self._set_dirty()
        y = index - self._top + 1
        if 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _paint_all(self) -> None:
        self._screen.clear()
        self.refresh()

    def _paint_changes(self) -> None:
        """Paint the lines that look different now, each up to its last changed cell."""
        width = self.size.width
        if not self._painter.fits(self._painter.palette, width):
            self.refresh()
            return
        for y in range(1, self.size.height):
            before, now = self._screen.get(y), self._line(y)
            if before != now:
                self.refresh(Region(0, y, changed(before, now, self._painter.placed, width), 1))

    def _line(self, y: int) -> Drawn | None:
        """Return what stands in line `y`; None where no row is."""
        index = self._top + y - 1
        if index >= len(self._rows):
            return None
        cursor = index == self._cursor and self.has_focus
        return self._painter.draw(self._rows[index], self._keys[index], cursor=cursor)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        palette = palette_of(self.app)
        if not self._painter.fits(palette, width):
            self._painter.fit(palette, width)
            self._screen.clear()
        if y == 0:
            head = draw_head(self._painter.placed, *self.sorting, palette)
            return palette.strip(fill(head, width), width)
        drawn = self._line(y)
        self._screen[y] = drawn
        if drawn is None:
            note = self._note if not self._rows else ""
            return palette.strip(fill(note_line(note, y - 1, Size(width, self.page), palette), width), width)
        return drawn.strip(palette, self._painter.placed, width)
