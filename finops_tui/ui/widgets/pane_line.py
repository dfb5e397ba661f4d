"""The one line on top of a pane: its number, its name, one summary."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len

from finops_tui.ui.glyphs import LINE, LINE_FOCUSED
from finops_tui.ui.palette import Palette, Span
from finops_tui.ui.text import cut_end
from finops_tui.ui.widgets.lines import Line, Lines, fill, width_of

LEAD_CELLS = 2


class PaneTitle(NamedTuple):
    title: str
    number: str = ""
    summary: tuple[Span, ...] = ()
    right: tuple[Span, ...] = ()
    """At the far end of the line: a filter, a position."""
    focused: bool = False


class PaneLine(Lines[PaneTitle]):
    """`── 2 GPU  ≈$57.2/h idle ─────`; thick and in the colour of focus while the pane hears the keys."""

    def draw(self, width: int, palette: Palette) -> list[Line]:
        shown = self.value
        role = "focus" if shown.focused else "rule"
        rule = palette.fold((LINE_FOCUSED if shown.focused else LINE, role))[0]
        spans: Line = [(rule * LEAD_CELLS, role), (" ", "text")]
        if shown.number:
            spans += [(shown.number, "focus" if shown.focused else "quiet"), (" ", "text")]
        spans.append((shown.title, "focus" if shown.focused else "text bold"))
        if shown.summary:
            spans += [("  ", "text"), *shown.summary]
        left = [palette.fold(span) for span in spans]
        right = [palette.fold(span) for span in shown.right]
        after = 2 + width_of(right) + LEAD_CELLS if right else 0
        if after and width_of(left) + after + 3 > width:
            right, after = [], 0
        rest = width - width_of(left) - 1 - after
        if rest < 1:
            end, its_role = left[-1]
            over = max(0, width_of(left) - width)
            left[-1] = (cut_end(end, cell_len(end) - over, palette.glyphs.fold("…")), its_role)
            return [fill(left, width)]
        left += [(" ", "text"), (rule * rest, role)]
        if right:
            left += [(" ", "text"), *right, (" ", "text"), (rule * LEAD_CELLS, role)]
        return [left]
