"""A document on the screen: keys move a cursor through its lists, and the view over all of it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from finops_tui.ui.bindings import bindings
from finops_tui.ui.keymap import Where
from finops_tui.ui.palette import BACKGROUND, CURSOR, palette_of
from finops_tui.ui.widgets.document import Document, Piece
from finops_tui.ui.widgets.lines import Line, changed_cells
from finops_tui.ui.widgets.own_lines import OwnLines

WHEEL_LINES = 3

Build = Callable[[int, str], Document]
"""Makes the document for so many cells, with the cursor on the thing of that key (empty: on nothing)."""


class Sheet(OwnLines, can_focus=True):
    """The cursor belongs to a thing; when that is gone, nothing is selected. Only lines that changed are painted."""

    class Moved(Message):
        """The cursor stands on another thing, or other lines are in view."""

    class Chosen(Message):
        """Enter on the row of a thing."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    DEFAULT_CSS = """
    Sheet { height: 1fr; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.ROWS)

    def __init__(self, build: Build) -> None:
        super().__init__(id="body")
        self._build = build
        self._document = Document()
        self._drawn_width = -1
        self._started = False
        self._near = 0
        self._top = 0
        self._touched = False
        """Whether a person moved the cursor or the view."""
        self._height = 0
        """Lines in view before the last resize."""
        self.cursor = ""
        """Key of the thing that keys act on; empty when nothing is selected."""

    @property
    def below(self) -> int:
        """How many lines there are below those in view."""
        return max(0, len(self._document.lines) - self._top - self.size.height)

    @property
    def sees_cursor(self) -> bool:
        """Whether the row under the cursor is in view: the wheel and other lines above may move it out."""
        place = self._document.places.get(self.cursor)
        return place is not None and self._top <= place.line < self._top + self.size.height

    @property
    def parts(self) -> list[tuple[int, tuple[str, ...]]]:
        """First line and keys of every block."""
        return self._document.parts

    def redraw(self) -> None:
        """Make the document again and paint the lines that differ."""
        width = self.size.width
        if not width:
            return
        before, top = self._document.lines, self._top
        self._document = self._made(width)
        self._top = max(0, min(top, len(self._document.lines) - self.size.height))
        if self._top != top or self._drawn_width != width:
            self.refresh()
            return
        after = self._document.lines
        for y in range(self.size.height):
            old, new = (_spans(lines, top + y) for lines in (before, after))
            if cells := changed_cells(old, new):
                self.refresh(Region(0, y, min(cells, width), 1))

    def _made(self, width: int) -> Document:
        document = self._build(width, self.cursor)
        keys = document.keys
        wanted = self.cursor
        if not self._started and keys:
            self._started = True
            wanted = keys[0]
        elif wanted not in document.places:
            wanted = ""
        if wanted:
            self._near = keys.index(wanted)
        if wanted != self.cursor:
            self.cursor = wanted
            document = self._build(width, wanted)
        return document

    # Cursor and view

    def select(self, key: str) -> None:
        """Put the cursor on a thing and bring its row into view."""
        if key not in self._document.places:
            return
        self._touched = True
        self.cursor = key
        self.redraw()
        self._bring_into_view(self._document.places[key].line)
        self.post_message(self.Moved())

    def go_to_part(self, index: int) -> None:
        """Show a block from its first line and put the cursor on its first thing; on nothing where it has none."""
        if not 0 <= index < len(self._document.parts):
            return
        self._touched = True
        line, keys = self._document.parts[index]
        self.cursor = keys[0] if keys else ""
        self._near = sum(len(before) for _, before in self._document.parts[:index])
        self.redraw()
        if not self._top <= line < self._top + self.size.height - 1 or self._height_of(index) > self.size.height:
            self._show_from(line)
        self.post_message(self.Moved())

    def _height_of(self, index: int) -> int:
        line, _ = self._document.parts[index]
        later = [start for start, _ in self._document.parts if start > line]
        return min(later, default=len(self._document.lines)) - self._top

    def next_part(self, step: int) -> None:
        """Go to the next block with things in it."""
        parts = [index for index, (_, keys) in enumerate(self._document.parts) if keys]
        if not parts:
            return
        ends = accumulate(len(keys) for _, keys in self._document.parts if keys)
        here = sum(end <= self._near for end in ends)
        if not self.cursor and step > 0:
            here -= 1  # the block with what is near comes next
        self.go_to_part(parts[(here + step) % len(parts)])

    def _show_from(self, top: int) -> None:
        top = max(0, min(top, len(self._document.lines) - self.size.height))
        if top != self._top:
            self._touched = True
            self._top = top
            self.refresh()
            self.post_message(self.Moved())

    def _bring_into_view(self, line: int) -> None:
        self._show_from(max(min(self._top, line), line - self.size.height + 1))

    def action_move(self, rows: int) -> None:
        """Move the cursor to the next thing once it is in view; until then the view goes there line by line."""
        keys, places = self._document.keys, self._document.places
        to = (
            (keys.index(self.cursor) + rows if self.cursor in places else min(self._near, len(keys) - 1))
            if keys
            else -1
        )
        if not 0 <= to < len(keys):
            self._show_from(self._top + rows)
            return
        line = places[keys[to]].line
        ahead = line >= self._top + self.size.height if rows > 0 else line < self._top
        if ahead:
            self._show_from(self._top + rows)
        else:
            self.select(keys[to])

    def action_page(self, pages: float) -> None:
        """Turn a page; a cursor that is left behind goes along to the nearest thing in view."""
        self._show_from(self._top + int(self.size.height * pages))
        lines = range(self._top, self._top + self.size.height)
        places = self._document.places
        if self.cursor in places and places[self.cursor].line not in lines:
            there = [key for key in self._document.keys if places[key].line in lines]
            if there:
                self.select(there[0 if pages > 0 else -1])

    def action_first(self) -> None:
        self._end(0)

    def action_last(self) -> None:
        self._end(-1)

    def _end(self, index: int) -> None:
        if self._document.keys:
            self.select(self._document.keys[index])
        self._show_from(0 if index == 0 else len(self._document.lines))

    def action_choose(self) -> None:
        if self.cursor:
            self.post_message(self.Chosen(self.cursor))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        return action != "choose" or bool(self.cursor)

    def on_click(self, event: events.Click) -> None:
        x = 0
        for piece in self._line(self._top + event.y):
            if piece.key and x <= event.x < x + piece.width:
                self.select(piece.key)
                if event.chain > 1:
                    self.action_choose()
                return
            x += piece.width

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._show_from(self._top + WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._show_from(self._top - WHEEL_LINES)

    # Drawing

    def on_resize(self) -> None:
        place = self._document.places.get(self.cursor)
        looked_at = place is not None and self._top <= place.line < self._top + self._height
        self._height = self.size.height
        self.redraw()
        if looked_at and self.cursor and self._touched:  # else the beginning stays in view
            self._bring_into_view(self._document.places[self.cursor].line)

    def _line(self, at: int) -> tuple[Piece, ...]:
        return self._document.lines[at] if at < len(self._document.lines) else ()

    def render_line(self, y: int) -> Strip:
        palette = palette_of(self.app)
        width = self.size.width
        if self._drawn_width != width:
            self._document = self._made(width)
            self._drawn_width = width
        pieces = self._line(self._top + y)
        strips = [
            palette.strip(piece.spans, piece.width, CURSOR if piece.key and piece.key == self.cursor else BACKGROUND)
            for piece in pieces
        ]
        left = width - sum(piece.width for piece in pieces)
        if left > 0:
            strips.append(palette.strip([(" " * left, "text")], left))
        return Strip.join(strips).crop(0, width)


def _spans(lines: list[tuple[Piece, ...]], at: int) -> Line:
    return [span for piece in lines[at] for span in piece.spans] if at < len(lines) else []
