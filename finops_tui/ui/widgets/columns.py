"""Columns of a table: what they show of a row, how wide they are, which of them stay when there is little room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from rich.cells import cell_len
from textual.strip import Strip

from finops_tui.ui.palette import BACKGROUND, CURSOR, Palette, Span
from finops_tui.ui.text import cut_end
from finops_tui.ui.widgets.lines import fill

RowT = TypeVar("RowT")

Cell = str | Sequence[Span]
"""Plain text in the column's own role, or spans."""

GUTTER = 2
"""Cells before the first column: the cursor bar and a mark."""

STALE_KEEPS = frozenset({"bar-track", "rule"})


class Column(NamedTuple, Generic[RowT]):
    id: str
    title: str
    cell: Callable[[RowT], Cell]
    width: int
    """Cells; for a column that grows, the fewest it may have before another column goes."""
    align: Literal["left", "right"] = "left"
    role: str = "text"
    priority: int = 1
    """1 stays longest. The first column of all should have it."""
    grow: int = 0
    """Its share of the cells that are left over; 0 keeps the width."""
    max_width: int = 1_000
    gap: int = 1
    """Blank cells before it."""
    sort: Callable[[RowT], Any] | None = None
    """What to sort by; None as a key is missing and comes last either way. Without this, there is no sorting by it."""
    descending_first: bool = False
    cut: Callable[[str, int, str], str] = cut_end
    """How plain text that is too wide is cut; figures never are, they fit."""
    figure: bool = False
    """Wears the stale role in a stale row."""

    @property
    def cells(self) -> int:
        """The width with the title's: a title that can be sorted by reserves a cell for the mark."""
        return max(self.width, cell_len(self.title) + (self.sort is not None))


class Placed(NamedTuple, Generic[RowT]):
    """A column that is shown: `start` is its first cell in the line, its gap comes before it."""

    column: Column[RowT]
    start: int
    width: int

    @property
    def end(self) -> int:
        return self.start + self.width


def place(columns: Sequence[Column[RowT]], width: int) -> tuple[Placed[RowT], ...]:
    """Choose the columns that fit in `width` cells, drop the least important first, and share out what is left."""
    shown = list(columns)
    while len(shown) > 1 and _needed(shown) > width:
        last = max(range(len(shown)), key=lambda index: (shown[index].priority, index))
        del shown[last]
    widths = {column.id: column.cells for column in shown}
    _share(shown, widths, width - _needed(shown))
    placed = []
    at = GUTTER
    for index, column in enumerate(shown):
        start = at + (column.gap if index else 0)
        placed.append(Placed(column, start, max(0, min(widths[column.id], width - start))))
        at = start + widths[column.id]
    return tuple(placed)


def _needed(columns: Sequence[Column[RowT]]) -> int:
    return GUTTER + sum(column.cells + (column.gap if index else 0) for index, column in enumerate(columns))


def _share(columns: Sequence[Column[RowT]], widths: dict[str, int], spare: int) -> None:
    """Give spare cells to the columns that grow, by their shares, none past its largest width."""
    if spare < 0:
        widths[columns[0].id] += spare
        return
    growing = [column for column in columns if column.grow]
    while spare > 0 and growing:
        shares = sum(column.grow for column in growing)
        given = 0
        for column in growing:
            extra = min(max(1, spare * column.grow // shares), column.max_width - widths[column.id], spare - given)
            widths[column.id] += max(0, extra)
            given += max(0, extra)
        spare -= given
        growing = [column for column in growing if widths[column.id] < column.max_width]
        if not given:
            return


def draw_cell(placed: Placed[RowT], row: RowT, palette: Palette, *, stale: bool) -> tuple[Span, ...]:
    """Return one cell of a row as folded spans of exactly the column's width."""
    column, width = placed.column, placed.width
    content = column.cell(row)
    mark = palette.glyphs.fold("…")
    if isinstance(content, str):
        text, role = palette.fold((content, column.role))
        cells = len(text) if text.isascii() else cell_len(text)
        if cells > width:
            text = column.cut(text, width, mark)
            cells = cell_len(text)
        spans: list[Span] = [(text, role)]
    else:
        spans = [palette.fold(span) for span in content]
        cells = sum(cell_len(text) for text, _ in spans)
        if cells > width:
            spans, cells = _cut_spans(spans, width, mark, column.cut)
    if stale and column.figure:
        spans = [(text, role if role in STALE_KEEPS else "stale") for text, role in spans]
    if cells < width:
        blank = (" " * (width - cells), "text")
        spans = [blank, *spans] if column.align == "right" else [*spans, blank]
    return tuple(spans)


def _cut_spans(
    spans: Sequence[Span], width: int, mark: str, cut: Callable[[str, int, str], str]
) -> tuple[list[Span], int]:
    """Cut spans to `width` cells: a single one as its column says, of several the end."""
    if len(spans) == 1:
        text = cut(spans[0][0], width, mark)
        return [(text, spans[0][1])], cell_len(text)
    kept: list[Span] = []
    left = width
    for index, (text, role) in enumerate(spans):
        cells = cell_len(text)
        rest = any(following for following, _ in spans[index + 1 :])
        if cells < left or (cells == left and not rest):
            kept.append((text, role))
            left -= cells
            continue
        if left:
            kept.append((cut_end(f"{text}{mark}" if cells <= left else text, left, mark), role))
            left -= cell_len(kept[-1][0])
        break
    return kept, width - left


def draw_head(placed: Sequence[Placed[RowT]], sorted_by: str, descending: bool, palette: Palette) -> list[Span]:
    """Return the line of titles. The sort mark stands before a right-aligned title and after a left-aligned one."""
    spans: list[Span] = []
    at = 0
    sign = "↓" if descending else "↑"
    for place_ in placed:
        column = place_.column
        chosen = column.id == sorted_by
        role = "sorted" if chosen else "heading"
        title = column.title
        if chosen:
            title = f"{sign}{title}" if column.align == "right" else f"{title}{sign}"
        title, role = palette.fold((title, role))
        title = cut_end(title, place_.width, "")
        blank = place_.width - cell_len(title)
        before = place_.start - at + (blank if column.align == "right" else 0)
        spans += [(" " * before, "text"), (title, role), (" " * (0 if column.align == "right" else blank), "text")]
        at = place_.end
    return spans


class Drawn:
    """One row as folded spans, and as a strip once it has been on screen."""

    __slots__ = ("_strip", "cells", "gutter")

    def __init__(self, gutter: tuple[Span, ...], cells: tuple[tuple[Span, ...], ...]) -> None:
        self.gutter = gutter
        self.cells = cells
        self._strip: Strip | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Drawn):
            return NotImplemented
        return self is other or (self.gutter == other.gutter and self.cells == other.cells)

    __hash__ = None  # type: ignore[assignment]  # compared, never looked up

    def strip(self, palette: Palette, placed: Sequence[Placed[RowT]], width: int) -> Strip:
        if self._strip is None:
            spans = list(self.gutter)
            at = GUTTER
            for where, cell in zip(placed, self.cells, strict=True):
                spans += [(" " * (where.start - at), "text"), *cell]
                at = where.end
            ground = CURSOR if self.gutter[0][1] == "focus" else BACKGROUND
            self._strip = palette.strip(fill(spans, width), width, ground)
        return self._strip


def changed(before: Drawn | None, now: Drawn | None, placed: Sequence[Placed[RowT]], width: int) -> int:
    """Return how many cells from the left must be painted for one row, which is not `now`, to become `now`."""
    if before is None or now is None or before.gutter != now.gutter or len(before.cells) != len(now.cells):
        return width
    return placed[max(index for index, cell in enumerate(now.cells) if cell != before.cells[index])].end
