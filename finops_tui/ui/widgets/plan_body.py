"""The parts of a plan, drawn between target and buttons. It scrolls where there are more than fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from finops_tui.ui.palette import PANEL, Palette, Span
from finops_tui.ui.screens.plan_parts import Part, Says
from finops_tui.ui.text import cut_end, pad
from finops_tui.ui.widgets.lines import Line, Lines, width_of
from finops_tui.ui.wrap import broken, wrapped_spans

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
    arrange = _beside if part.beside else _columns if part.columns else _below
    for line in arrange(part.says, room, palette):
        yield [(" " * indent, "text"), (label, "quiet"), *line]
        label = " " * cells


def _below(says: Sequence[Says], room: int, palette: Palette) -> Iterator[list[Span]]:
    for spans in says:
        yield from wrapped_spans([palette.fold(span) for span in spans], room)


def _columns(says: Sequence[Says], room: int, palette: Palette) -> Iterator[list[Span]]:
    """Keep a line whole where it fits; else the field, what it was and what it becomes stand one below the other."""
    for spans in says:
        line = [palette.fold(span) for span in spans]
        if width_of(line) <= room:
            yield line
            continue
        field, *values = line
        indent = min(len(field[0]) - len(field[0].lstrip()), room // 4)
        for text in broken(field[0].strip(), room - indent):
            yield [(" " * indent, "text"), (text, field[1])]
        if values:
            before, arrow, after = values
            yield from _value((" " * 2 * indent, "text"), (before[0].rstrip(), before[1]), room)
            yield from _value((" " * indent + arrow[0].rjust(indent), arrow[1]), after, room)


def _value(lead: Span, value: Span, room: int) -> Iterator[list[Span]]:
    cells = width_of([lead])
    for text in broken(value[0], room - cells):
        yield [lead, (text, value[1])]
        lead = (" " * cells, "text")


def _beside(says: Sequence[Says], room: int, palette: Palette) -> Iterator[list[Span]]:
    line: list[Span] = []
    for spans in says:
        folded = [palette.fold(span) for span in spans]
        if line and width_of(line) + BESIDE + width_of(folded) > room:
            yield line
            line = []
        line += [(" " * BESIDE, "text"), *folded] if line else folded
    yield line
