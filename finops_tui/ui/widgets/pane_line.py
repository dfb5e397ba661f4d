"""The one line on top of a pane: its number, its name, one summary."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len

from finops_tui.ui.glyphs import LINE, LINE_FOCUSED
from finops_tui.ui.palette import Palette, Span
from finops_tui.ui.text import cut_end
from finops_tui.ui.widgets.lines import Line, Lines, fill, width_of

LEAD_CELLS = 2
AROUND_CELLS = 2 + LEAD_CELLS + 3
"""What stands around the right side: blanks and a piece of the rule."""
LEAST_SOUGHT = 12
"""Cells of a filter that come before the summary; beyond that it is the filter that is cut."""


class PaneTitle(NamedTuple):
    title: str
    number: str = ""
    summary: tuple[Span, ...] = ()
    right: tuple[Span, ...] = ()
    """At the far end of the line: a count, a position."""
    sought: str = ""
    """The filter, before what is at the right: it is cut, and neither ever goes, since rows are missing."""
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
        if shown.sought:
            left, right = self._with_filter(left, right, width, palette)
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

    def _with_filter(self, left: Line, right: Line, width: int, palette: Palette) -> tuple[Line, Line]:
        """Return both sides of a line with a filter: it is cut first, then the summary goes, then the title is cut."""
        sought, role = palette.fold((self.value.sought, "focus"))
        right, dots = [("  ", "text"), *right], palette.glyphs.fold("…")
        least = min(cell_len(sought), LEAST_SOUGHT)
        room = width - AROUND_CELLS - width_of(left) - width_of(right)
        if self.value.summary and room < least:
            left = left[: -1 - len(self.value.summary)]
            room = width - AROUND_CELLS - width_of(left) - width_of(right)
        if room < least:
            title, its_role = left[-1]
            left[-1] = cut_end(title, cell_len(title) - (least - room), dots), its_role
            room = least
        return left, [(cut_end(sought, room, dots), role), *right]
