"""Sentences above the head of a table, as long as there is no row that says more."""

from __future__ import annotations

from collections.abc import Sequence

from finops_tui.ui.palette import Palette, Span
from finops_tui.ui.text import cut_end
from finops_tui.ui.widgets.lines import Line, Lines, width_of

INDENT = 2

Sentence = Sequence[Span]


class Lead(Lines[tuple[Sentence, ...]]):
    """As many whole sentences as fit, the first ones first; only the very first is ever cut."""

    DEFAULT_CSS = """
    Lead { height: 2; }
    """

    def __init__(self) -> None:
        super().__init__(())

    def draw(self, width: int, palette: Palette) -> list[Line]:
        lines: list[Line] = [[]]
        for sentence in self.value:
            spans = [palette.fold(span) for span in sentence]
            if lines[-1] and width_of(lines[-1]) + 1 + width_of(spans) > width:
                if len(lines) == self.size.height or INDENT + width_of(spans) > width:
                    break
                lines.append([])
            line = lines[-1]
            line.append((" " * (1 if line else INDENT), "text"))
            line += spans
        first = lines[0]
        if width_of(first) > width:
            text, role = first[1]
            lines[0] = [first[0], (cut_end(text, width - INDENT, palette.glyphs.fold("…")), role)]
        return lines
