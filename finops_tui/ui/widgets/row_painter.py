"""Draws the rows of a table, each once as long as it is the same, and what is said where there are none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic

from textual.geometry import Size

from finops_tui.ui.glyphs import CURSOR, MARKED
from finops_tui.ui.palette import Palette, Span
from finops_tui.ui.widgets.columns import Column, Drawn, Placed, RowT, draw_cell, place
from finops_tui.ui.widgets.lines import Line
from finops_tui.ui.widgets.marks import Marks
from finops_tui.ui.wrap import wrapped_into

KEPT_ROWS = 512
"""Rows drawn lately, kept for scrolling back over them."""
NOTE_INDENT = 2


class RowPainter(Generic[RowT]):
    """`mark` puts a sign in the gutter, `stale` tells which rows have old figures."""

    def __init__(
        self,
        columns: Sequence[Column[RowT]],
        marks: Marks[RowT],
        mark: Callable[[RowT], Span | None] | None,
        stale: Callable[[RowT], bool] | None,
    ) -> None:
        self._columns = tuple(columns)
        self._marks = marks
        self._mark = mark
        self._stale = stale
        self._palette: Palette | None = None
        self._width = -1
        self.placed: tuple[Placed[RowT], ...] = ()
        """The columns that there was room for last."""
        self._drawn: dict[str, tuple[RowT, Drawn]] = {}
        """By key, rows drawn since rows were last shown."""

    @property
    def palette(self) -> Palette | None:
        """The palette that was drawn with last."""
        return self._palette

    def fits(self, palette: Palette | None, width: int) -> bool:
        """Tell whether the rows drawn last are of this palette and width."""
        return palette is not None and palette is self._palette and width == self._width

    def fit(self, palette: Palette, width: int) -> None:
        """Draw with a palette, so many cells wide, from now on."""
        self._palette, self._width = palette, width
        self.placed = place(self._columns, width)
        self.forget()

    def forget(self) -> None:
        """Draw every row anew, even the same: it may tell an age, or have got a mark."""
        self._drawn.clear()

    def draw(self, row: RowT, key: str, *, cursor: bool) -> Drawn:
        """Return a row as it is drawn. Before, something must have been fitted."""
        assert self._palette is not None, "rows are drawn once there is a palette"
        held = self._drawn.get(key)
        if held is None or held[0] is not row:
            stale = self._stale is not None and self._stale(row)
            cells = tuple(draw_cell(placed, row, self._palette, stale=stale) for placed in self.placed)
            held = row, Drawn(self._gutter(row, key, self._palette, cursor=False), cells)
            if len(self._drawn) >= KEPT_ROWS:
                self._drawn.clear()
            self._drawn[key] = held
        return Drawn(self._gutter(row, key, self._palette, cursor=True), held[1].cells) if cursor else held[1]

    def _gutter(self, row: RowT, key: str, palette: Palette, *, cursor: bool) -> tuple[Span, ...]:
        """Return the cursor bar and the row's signs, as many as there is room for: a person's mark comes first."""
        signs = [palette.fold((MARKED, "mark"))] if key in self._marks else []
        sign = self._mark(row) if self._mark is not None else None
        if sign is not None:
            signs.append(palette.fold(sign))
        if cursor:
            signs.insert(0, palette.fold((CURSOR, "focus")))
        first, second, *_ = (*signs, (" ", "text"), (" ", "text"))
        return first, second


def note_line(note: str, at: int, size: Size, palette: Palette) -> Line:
    """Return one line, counted from 0, of what is said where rows would stand; empty after the last."""
    words = palette.fold((note, "quiet"))[0]
    lines = wrapped_into(words, size.width - NOTE_INDENT, size.height, palette.glyphs.fold("…"))
    return [(" " * NOTE_INDENT, "text"), (lines[at], "quiet")] if at < len(lines) else []
