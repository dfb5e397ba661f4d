"""The parts of a plan, drawn between target and buttons. It scrolls where there are more than fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from finops_tui.ui.palette import PANEL, Palette, Span
from finops_tui.ui.screens.plan_parts import Part, Says
from finops_tui.ui.text import cut_end, pad
from finops_tui.ui.widgets.lines import Line, Lines, fill, width_of
from finops_tui.ui.wrap import wrapped_spans

INDENT, LABEL_CELLS = 3, 13
NARROW, NARROW_INDENT, NARROW_LABEL_CELLS = 70, 1, 11
BESIDE = 2
"""Blank cells between what stands side by side."""


class PlanBody(Lines[Sequence[Part]]):
    GROUND = PANEL

    def __init__(self) -> None:
        super().__init__((), id="parts")
        self._top = 0

    def draw(self, width: int, palette: Palette) -> list[Line]:
        lines = laid_out(self.value, width, self.size.height, palette)
        self._top = max(0, min(self._top, len(lines) - self.size.height))
        return lines[self._top : self._top + self.size.height]

    def below(self, palette: Palette) -> int:
        """Return how many lines there are below those in view."""
        lines = laid_out(self.value, self.size.width, self.size.height, palette)
        return max(0, len(lines) - self._top - self.size.height)

    def scroll_by(self, lines: int) -> None:
        self._top = max(0, self._top + lines)
        self.redraw()


def laid_out(parts: Sequence[Part], width: int, height: int, palette: Palette) -> list[Line]:
    """Return the lines of all parts; blank rows between them go where there is no room for all."""
    blocks = [(part.apart, list(_lines(part, width, palette))) for part in parts]
    rows = sum(len(lines) for _, lines in blocks)
    apart = rows + sum(apart for apart, _ in blocks[1:]) <= height
    drawn: list[Line] = []
    for wants_blank, lines in blocks:
        drawn += [[], *lines] if drawn and wants_blank and apart else lines
    return drawn


def margins(width: int) -> tuple[int, int]:
    """Return the cells before the labels, and those of a label."""
    return (NARROW_INDENT, NARROW_LABEL_CELLS) if width < NARROW else (INDENT, LABEL_CELLS)


def _lines(part: Part, width: int, palette: Palette) -> Iterator[Line]:
    indent, cells = margins(width)
    room = width - 2 * indent - cells
    label = pad(cut_end(part.label, cells - 1), cells)
    arrange = _beside if part.beside else _cut if part.cut else _below
    for line in arrange(part.says, room, palette):
        yield [(" " * indent, "text"), (label, "quiet"), *line]
        label = " " * cells


def _below(says: Sequence[Says], room: int, palette: Palette) -> Iterator[list[Span]]:
    for spans in says:
        yield from wrapped_spans([palette.fold(span) for span in spans], room)


def _cut(says: Sequence[Says], room: int, palette: Palette) -> Iterator[list[Span]]:
    dots = palette.glyphs.fold("…")
    for spans in says:
        line = [palette.fold(span) for span in spans]
        yield line if width_of(line) <= room else [*fill(line, room - len(dots)), (dots, "quiet")]


def _beside(says: Sequence[Says], room: int, palette: Palette) -> Iterator[list[Span]]:
    line: list[Span] = []
    for spans in says:
        folded = [palette.fold(span) for span in spans]
        if line and width_of(line) + BESIDE + width_of(folded) > room:
            yield line
            line = []
        line += [(" " * BESIDE, "text"), *folded] if line else folded
    yield line
