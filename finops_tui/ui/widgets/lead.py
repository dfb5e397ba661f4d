"""Sentences above the head of a table, as long as there is no row that says more."""

from __future__ import annotations

from collections.abc import Sequence

from finops_tui.ui.palette import Palette, Span
from finops_tui.ui.text import cut_words
from finops_tui.ui.widgets.lines import Line, Lines, width_of
from finops_tui.ui.wrap import wrapped_spans

INDENT = 2

Sentence = Sequence[Span]


class Lead(Lines[tuple[Sentence, ...]]):
    """As many whole sentences as fit, the first ones first; the very first takes all lines before it is cut."""

    DEFAULT_CSS = """
    Lead { height: 2; }
    """

    def __init__(self) -> None:
        super().__init__(())

    def draw(self, width: int, palette: Palette) -> list[Line]:
        if not self.value:
            return []
        lines = self._first(width, palette)
        for sentence in self.value[1:]:
            spans = [palette.fold(span) for span in sentence]
            if width_of(lines[-1]) + 1 + width_of(spans) > width:
                if len(lines) == self.size.height or INDENT + width_of(spans) > width:
                    break
                lines.append([])
            line = lines[-1]
            line.append((" " * (1 if line else INDENT), "text"))
            line += spans
        return lines

    def _first(self, width: int, palette: Palette) -> list[Line]:
        """Return the lines of the first sentence: it says most, and stands nowhere else."""
        lines = wrapped_spans([palette.fold(span) for span in self.value[0]], width - INDENT)
        height = max(1, self.size.height)
        if len(lines) > height:
            rest = " ".join("".join(text for text, _ in line).strip() for line in lines[height - 1 :])
            role = lines[height - 1][0][1]
            lines = [*lines[: height - 1], [(cut_words(rest, width - INDENT, palette.glyphs.fold("…")), role)]]
        return [[(" " * INDENT, "text"), *line] for line in lines]
