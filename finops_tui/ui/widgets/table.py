"""A table of any length that draws only what can be seen, and whose cursor belongs to a thing, not to a line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Generic

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from finops_tui.ui.glyphs import CURSOR, MARKED
from finops_tui.ui.palette import Palette, Span, palette_of
from finops_tui.ui.widgets.columns import Column, Drawn, Placed, RowT, changed, draw_cell, draw_head, place
from finops_tui.ui.widgets.lines import Line, fill
from finops_tui.ui.widgets.order import Order
from finops_tui.ui.widgets.staged import Staged
from finops_tui.ui.wrap import wrapped_into

STILL_SECONDS = 2.0
"""After a key the order of the rows stays for so long: what a finger aims at does not move away."""
LEAVING_SECONDS = 10.0
"""A row that goes within so long after somebody decided that it should hands the cursor on."""
WHEEL_ROWS = 3
NOTE_INDENT = 2
KEPT_ROWS = 512
"""Rows drawn lately, kept for scrolling back over them."""


class TableMessage(Message):
    """Something happened to the row of the thing `key` in `table`."""

    def __init__(self, table: LineTable[Any], key: str | None) -> None:
        super().__init__()
        self.table = table
        self.key = key

    @property
    def control(self) -> Widget:
        return self.table


class LineTable(Staged, Generic[RowT], can_focus=True):
    """Rows are frozen values; `key` names the thing a row is about and is unique in the table.

    The cursor stands on the first row until a person moves it; from then on it belongs to the thing it was put on.

    `columns` are given once, their widths never depend on the data. `order` is the column to sort by at first; None
    keeps the order in which rows come. `mark` puts a sign in the gutter, `stale` tells which rows have old figures.
    """

    DEFAULT_CSS = """
    LineTable { height: 1fr; width: 1fr; }
    """
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", show=False, id="table.down"),
        Binding("k,up", "move(-1)", "up", show=False, id="table.up"),
        Binding("g,home", "first", "first", show=False, id="table.first"),
        Binding("G,end", "last", "last", show=False, id="table.last"),
        Binding("pagedown", "page(1.0)", "page down", show=False, id="table.page-down"),
        Binding("pageup", "page(-1.0)", "page up", show=False, id="table.page-up"),
        Binding("ctrl+d", "page(0.5)", "half a page down", show=False, id="table.half-page-down"),
        Binding("ctrl+u", "page(-0.5)", "half a page up", show=False, id="table.half-page-up"),
        Binding("enter", "choose", "open", show=False, id="table.open"),
    ]

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
        self._mark = mark
        self._stale = stale
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
        self._palette: Palette | None = None
        self._drawn_width = -1
        self._placed: tuple[Placed[RowT], ...] = ()
        self._drawn: dict[str, tuple[RowT, Drawn]] = {}
        """By key, rows drawn since rows were last shown."""
        self._screen: dict[int, Drawn | None] = {}
        """By line, what was painted there last."""
        self._marks: set[str] = set()
        self._marked: tuple[RowT, ...] | None = None
        """The rows that are marked, until marks or rows change."""
        self._marked_last: str | None = None

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
        if not self._marks:  # asked with every key, and nearly always so
            return ()
        if self._marked is None:
            rows = zip(self._rows, self._keys, strict=True)
            self._marked = tuple(row for row, key in rows if key in self._marks)
        return self._marked

    @property
    def position(self) -> tuple[int, int]:
        """The line of the cursor from 1, 0 without one, and how many rows there are."""
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
        return any(placed.column.id == column_id for placed in self._placed)

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
        self._drawn.clear()  # even of the same row: it may tell an age
        still = not reorder and self._monotonic() - self._key_pressed_at < STILL_SECONDS
        self._rows = self._order.still(incoming, self._keys, self._key) if still else self._order.sort(incoming)
        self._keys = list(map(self._key, self._rows))
        self._marked = None
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
        self._move_to(self._keys.index(key))
        return True

    def expect_to_leave(self, keys: Iterable[str]) -> None:
        """Hear that a person sent these things away: where the cursor stands on one, it moves on to the next row."""
        self._leaving = frozenset(keys)
        self._leaving_since = self._monotonic()

    def stay(self) -> None:
        """Keep to the row under the cursor from now on, as if somebody had moved there."""
        self._moved = self._cursor is not None

    def hold(self) -> None:
        """Let the order stay for a while: a key was pressed that this table does not see."""
        self._key_pressed_at = self._monotonic()

    def mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        if self.cursor_key is not None:
            self._marks ^= {self.cursor_key}
            self._marked_last = self.cursor_key
            self._paint_marks()

    def mark_range(self) -> None:
        """Mark every row from the one marked last to the cursor."""
        if self._cursor is None:
            return
        start = self._cursor
        if self._marked_last in self._marks and self._marked_last in self._keys:
            start = self._keys.index(self._marked_last)
        first, last = sorted((start, self._cursor))
        self._marks.update(self._keys[first : last + 1])
        self._marked_last = self.cursor_key
        self._paint_marks()

    def unmark(self) -> None:
        """Take every mark away."""
        self._marks.clear()
        self._paint_marks()

    def _paint_marks(self) -> None:
        self._marked = None
        self._drawn.clear()
        self._paint_changes()

    # Order and cursor

    def _sort_again(self) -> None:
        target, before = self.cursor_key, self._keys
        self._rows = self._order.sort(self._rows)
        self._keys = [self._key(row) for row in self._rows]
        self._marked = None
        self._follow(target, before, reorder=True)
        self._paint_all()

    def _follow(self, target: str | None, before: Sequence[str], *, reorder: bool) -> None:
        """Find the target among the new rows; when it is gone, nothing is selected.

        The view goes with the cursor, unless somebody scrolled away from it.
        """
        looked_at = self._cursor is None or self._top <= self._cursor < self._top + self._page
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
        height = self._page
        highest = max(0, len(self._rows) - height)
        if follow and self._cursor is not None:
            self._top = max(min(self._top, self._cursor), self._cursor - height + 1)
        self._top = max(0, min(self._top, highest))

    def _move_to(self, index: int) -> None:
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

    # Keys and mouse

    def on_key(self, _event: events.Key) -> None:
        self.hold()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        return action != "choose" or self._cursor is not None

    def action_move(self, rows: int) -> None:
        """Move the cursor; with nothing selected, take the row near which the last target stood."""
        self._move_to(self._near if self._cursor is None else self._cursor + rows)

    def action_page(self, pages: float) -> None:
        step = int(max(1, self._page * abs(pages)))
        self._move_to((self._near if self._cursor is None else self._cursor) + (step if pages > 0 else -step))

    def action_first(self) -> None:
        self._move_to(0)

    def action_last(self) -> None:
        self._move_to(len(self._rows) - 1)

    def action_choose(self) -> None:
        if self.cursor_key is not None:
            self.post_message(self.RowChosen(self, self.cursor_key))

    def on_click(self, event: events.Click) -> None:
        self.hold()
        if event.y == 0:
            self._click_head(event.x)
            return
        index = self._top + event.y - 1
        if index < len(self._rows):
            self._move_to(index)
            if event.chain > 1:
                self.action_choose()

    def _click_head(self, x: int) -> None:
        for placed in self._placed:
            if placed.start - 1 <= x < placed.end and placed.column.sort is not None:
                if placed.column.id == self._order.column_id:
                    self.invert()
                else:
                    self.sort_by(placed.column.id)
                return

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-WHEEL_ROWS)

    def _scroll(self, rows: int) -> None:
        top = max(0, min(self._top + rows, len(self._rows) - self._page))
        if top != self._top:
            self._top = top
            self._paint_all()

    # Drawing

    @property
    def _page(self) -> int:
        """How many rows can be seen."""
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
        if self._palette is None or self._drawn_width != width:
            self.refresh()
            return
        for y in range(1, self.size.height):
            before, now = self._screen.get(y), self._line(y, self._palette)
            if before != now:
                self.refresh(Region(0, y, changed(before, now, self._placed, width), 1))

    def _line(self, y: int, palette: Palette) -> Drawn | None:
        """Return what stands in line `y`; None where no row is."""
        index = self._top + y - 1
        if index >= len(self._rows):
            return None
        row, key = self._rows[index], self._keys[index]
        held = self._drawn.get(key)
        if held is None or held[0] is not row:
            stale = self._stale is not None and self._stale(row)
            cells = tuple(draw_cell(placed, row, palette, stale=stale) for placed in self._placed)
            held = row, Drawn(self._gutter(row, palette, cursor=False), cells)
            if len(self._drawn) >= KEPT_ROWS:
                self._drawn.clear()
            self._drawn[key] = held
        if index == self._cursor and self.has_focus:
            return Drawn(self._gutter(row, palette, cursor=True), held[1].cells)
        return held[1]

    def _gutter(self, row: RowT, palette: Palette, *, cursor: bool) -> tuple[Span, ...]:
        """Return the cursor bar and the row's signs, as many as there is room for: a person's mark comes first."""
        signs = [palette.fold((MARKED, "mark"))] if self._key(row) in self._marks else []
        sign = self._mark(row) if self._mark is not None else None
        if sign is not None:
            signs.append(palette.fold(sign))
        if cursor:
            signs.insert(0, palette.fold((CURSOR, "focus")))
        first, second, *_ = (*signs, (" ", "text"), (" ", "text"))
        return first, second

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        palette = palette_of(self.app)
        if palette is not self._palette or width != self._drawn_width:
            self._palette, self._drawn_width = palette, width
            self._placed = place(self._columns, width)
            self._drawn.clear()
            self._screen.clear()
        if y == 0:
            head = draw_head(self._placed, *self.sorting, palette)
            return palette.strip(fill(head, width), width)
        drawn = self._line(y, palette)
        self._screen[y] = drawn
        if drawn is None:
            return palette.strip(fill(self._note_line(y, width, palette), width), width)
        return drawn.strip(palette, self._placed, width)

    def _note_line(self, y: int, width: int, palette: Palette) -> Line:
        note = palette.fold((self._note, "quiet"))[0] if not self._rows else ""
        lines = wrapped_into(note, width - NOTE_INDENT, self._page, palette.glyphs.fold("…"))
        return [(" " * NOTE_INDENT, "text"), (lines[y - 1], "quiet")] if y <= len(lines) else []
