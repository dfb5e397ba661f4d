"""Lines of text with lists in them, put together from blocks below and beside each other. Pure: no widget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from finops_tui.ui.layout import GAP
from finops_tui.ui.palette import Palette, Span
from finops_tui.ui.widgets.columns import GUTTER, Column, RowT, draw_cell, draw_head, place
from finops_tui.ui.widgets.lines import Line, fill, width_of
from finops_tui.ui.widgets.pane_line import PaneLine, PaneTitle
from finops_tui.ui.wrap import wrapped


class Piece(NamedTuple):
    """A part of a line: folded spans. With a key it is the row of a thing, and the cursor can stand on it."""

    spans: tuple[Span, ...]
    width: int
    key: str = ""


class Block(NamedTuple):
    """Pieces below each other, all of one width."""

    pieces: tuple[Piece, ...]
    width: int

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(piece.key for piece in self.pieces if piece.key)


class Place(NamedTuple):
    """Where a thing stands."""

    line: int
    x: int


class Document:
    """What a sheet shows. Equal when it looks the same."""

    def __init__(self, bands: Iterable[Sequence[Block]] = ()) -> None:
        """`bands` are blocks side by side; a blank line keeps one band from the next."""
        self.lines: list[tuple[Piece, ...]] = []
        self.parts: list[tuple[int, tuple[str, ...]]] = []
        """The first line of every block and the keys in it, in the order of reading."""
        self.places: dict[str, Place] = {}
        for band in bands:
            if self.lines:
                self.lines.append(())
            self._add(band)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """All keys in the order in which the cursor goes: down the first block, then down the one beside it."""
        return tuple(key for _, keys in self.parts for key in keys)

    def _add(self, band: Sequence[Block]) -> None:
        top = len(self.lines)
        height = max(len(block.pieces) for block in band)
        rows: list[list[Piece]] = [[] for _ in range(height)]
        x = 0
        for block in band:
            self.parts.append((top, block.keys))
            for at, row in enumerate(rows):
                if x:
                    row.append(Piece(((" " * GAP, "text"),), GAP))
                piece = (
                    block.pieces[at] if at < len(block.pieces) else Piece(((" " * block.width, "text"),), block.width)
                )
                row.append(piece)
                if piece.key:
                    self.places[piece.key] = Place(top + at, x + (GAP if x else 0))
            x += block.width + (GAP if x else 0)
        self.lines += map(tuple, rows)

    @property
    def text(self) -> str:
        """All of it as plain text."""
        lines = ("".join(text for piece in line for text, _ in piece.spans) for line in self.lines)
        return "\n".join(line.rstrip() for line in lines)


class Pen:
    """Makes pieces of one width in one palette, with the cursor where it is."""

    def __init__(self, width: int, palette: Palette, cursor: str = "") -> None:
        self.width = width
        self.palette = palette
        self.cursor = cursor

    def narrower(self, width: int) -> Pen:
        return Pen(width, self.palette, self.cursor)

    def line(self, spans: Iterable[Span], key: str = "") -> Piece:
        """Write a line; what is too long is cut at its end."""
        folded = [self.palette.fold(span) for span in spans]
        if width_of(folded) > self.width:
            dots = self.palette.glyphs.fold("…")
            folded = [*fill(folded, self.width - len(dots)), (dots, "quiet")]
        return Piece(tuple(fill(folded, self.width)), self.width, key)

    def prose(self, text: str, role: str = "text", indent: int = GUTTER, label: str = "", most: int = 0) -> list[Piece]:
        """Write a text over several lines, a label right before the first. `most` cuts it to so many lines."""
        folded = self.palette.fold((text, role))[0]
        lines = wrapped(folded, self.width - indent)
        if most and len(lines) > most:
            lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
        before = label.rjust(indent)
        pieces = []
        for line in lines:
            pieces.append(self.line([(before, "quiet"), (line, role)]))
            before = " " * indent
        return pieces

    def flow(self, phrases: Iterable[Sequence[Span]], indent: int, first: Sequence[Span] = ()) -> list[Line]:
        """Put phrases side by side, three cells apart, on as many lines as they need; `first` stands in the margin."""
        line: Line = list(fill([self.palette.fold(span) for span in first], indent))
        lines = [line]
        used = indent
        for phrase in phrases:
            folded = [self.palette.fold(span) for span in phrase]
            cells = width_of(folded)
            apart = GAP if used > indent else 0
            if apart and used + apart + cells > self.width:
                line = [(" " * indent, "text")]
                lines.append(line)
                used, apart = indent, 0
            line += [(" " * apart, "text"), *folded]
            used += apart + cells
        return lines

    def title(self, title: PaneTitle, keys: Iterable[str] = ()) -> Piece:
        """Write the line on top of a block; it is thick while the cursor stands in the block."""
        focused = bool(self.cursor) and self.cursor in set(keys)
        (line,) = PaneLine(title._replace(focused=focused)).draw(self.width, self.palette)
        return Piece(tuple(fill(line, self.width)), self.width)

    def table(
        self,
        columns: Sequence[Column[RowT]],
        rows: Iterable[RowT],
        key: Callable[[RowT], str],
        stale: Callable[[RowT], bool] = lambda _row: False,
        *,
        sorted_by: str = "",
        descending: bool = False,
    ) -> list[Piece]:
        """Write the head and the rows of a table whose order is already made; the head says which, where told."""
        placed = place(columns, self.width)
        pieces = [Piece(tuple(fill(draw_head(placed, sorted_by, descending, self.palette), self.width)), self.width)]
        for row in rows:
            name = key(row)
            bar = self.palette.fold(("▌", "focus")) if name == self.cursor else (" ", "text")
            spans: Line = [bar, (" ", "text")]
            at = GUTTER
            for where in placed:
                spans += [(" " * (where.start - at), "text"), *draw_cell(where, row, self.palette, stale=stale(row))]
                at = where.end
            pieces.append(Piece(tuple(fill(spans, self.width)), self.width, name))
        return pieces

    def block(self, pieces: Iterable[Piece]) -> Block:
        return Block(tuple(pieces), self.width)
