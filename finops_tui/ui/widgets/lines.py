"""The base of all widgets that draw a few lines from one value."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Generic, TypeVar

from rich.cells import cell_len
from textual.geometry import Region
from textual.strip import Strip

from finops_tui.ui.palette import BACKGROUND, Palette, Span, palette_of
from finops_tui.ui.text import cut_end
from finops_tui.ui.widgets.own_lines import OwnLines

ValueT = TypeVar("ValueT")

Line = list[Span]


class Lines(OwnLines, Generic[ValueT]):
    """Draws what `draw` makes of the value last shown. Changed lines are painted, up to their last changed cell."""

    DEFAULT_CSS = """
    Lines { height: 1; width: 1fr; }
    """
    GROUND = BACKGROUND
    """What the lines stand on; a widget that stands on the panel colour says so."""

    def __init__(self, value: ValueT, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(id=id, classes=classes)
        self.value = value
        self._lines: list[Line] = []
        self._palette: Palette | None = None
        self._drawn_size = (-1, -1)

    @abstractmethod
    def draw(self, width: int, palette: Palette) -> list[Line]:
        """Return the lines of `self.value`, each at most `width` cells. Nothing here changes state.

        Folding makes `…` and `→` wider: fold what the width is reckoned from with `palette.fold`.
        """

    def show(self, value: ValueT) -> None:
        """Draw another value."""
        if value == self.value:
            return
        self.value = value
        self.redraw()

    def redraw(self) -> None:
        """Draw again and paint what differs; for widgets that draw from more than their value."""
        if not self.is_mounted or self._palette is None or self._drawn_size != tuple(self.size):
            self._drawn_size = (-1, -1)
            if self.size or not self.is_mounted:
                self.refresh()
            else:  # without a place, that would have Textual place everything anew
                self._set_dirty()
            return
        before, self._lines = self._lines, self._fold(self._palette)
        for y in range(self.size.height):
            old = before[y] if y < len(before) else []
            new = self._lines[y] if y < len(self._lines) else []
            cells = changed_cells(old, new)
            if cells:
                self.refresh(Region(0, y, min(cells, self.size.width), 1))

    def render_line(self, y: int) -> Strip:
        width, _ = self.size
        palette = palette_of(self.app)
        if palette is not self._palette or self._drawn_size != tuple(self.size):
            self._palette = palette
            self._drawn_size = (self.size.width, self.size.height)
            self._lines = self._fold(palette)
        line = self._lines[y] if y < len(self._lines) else []
        return palette.strip(fill(line, width), width, self.GROUND)

    def _fold(self, palette: Palette) -> list[Line]:
        """Draw, and make sure that nothing but text reaches the terminal."""
        return [[palette.fold(span) for span in line] for line in self.draw(self.size.width, palette)]


def fill(spans: Iterable[Span], width: int) -> Line:
    """Cut and pad folded spans to exactly `width` cells."""
    line: Line = []
    left = width
    for text, role in spans:
        cells = len(text) if text.isascii() else cell_len(text)
        if cells > left:
            line.append((cut_end(text, left, ""), role))
            cells = cell_len(line[-1][0])
            left -= cells
            break
        line.append((text, role))
        left -= cells
    if left:
        line.append((" " * left, "text"))
    return line


def width_of(spans: Iterable[Span]) -> int:
    """Return how many cells spans take."""
    return sum(cell_len(text) for text, _ in spans)


def spread(left: Iterable[Span], right: Iterable[Span], width: int) -> Line:
    """Put one part at each end; the left one is cut where they would touch."""
    right = list(right)
    room = width - width_of(right)
    if room <= 0:
        return fill(right, width)
    return [*fill(left, room), *right]


def changed_cells(old: Line, new: Line) -> int:
    """Return how many cells from the left must be painted for `old` to become `new`: 0 when they are alike."""
    if old == new:
        return 0
    one, other = list(old), list(new)
    total = max(width_of(one), width_of(other))
    if width_of(one) != width_of(other):
        return total
    kept = 0
    while one and other and one[-1] == other[-1]:
        kept += cell_len(one.pop()[0])
        other.pop()
    return total - kept
