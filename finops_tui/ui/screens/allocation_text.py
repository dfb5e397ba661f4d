"""A table as plain text, as one would paste it into a message."""

from __future__ import annotations

from itertools import islice

from finops_tui.ui.palette import Palette
from finops_tui.ui.panes.pane import Pane
from finops_tui.ui.screens.allocation_total import Total, total_spans
from finops_tui.ui.text import clean
from finops_tui.ui.widgets.columns import draw_cell, draw_head, place
from finops_tui.ui.widgets.lines import Line

WIDTH = 160
COPIED_ROWS = 200


def as_text(pane: Pane, total: Total, palette: Palette) -> str:
    """Write the rows of a pane in the order in which they stand, with their sum."""
    placed = place(pane.columns, WIDTH)
    lines: list[Line] = [draw_head(placed, "", False, palette)]
    for row in islice(pane.table.rows, COPIED_ROWS):
        line: Line = []
        at = 0
        for where in placed:
            line += [(" " * (where.start - at), ""), *draw_cell(where, row, palette, stale=False)]
            at = where.end
        lines.append(line)
    if total.row is not None:
        lines.append(total_spans(total.row, total.columns, WIDTH, palette))
    told = ("".join(text for text, _ in line).rstrip() for line in lines)
    return "\n".join([clean(pane.spec.title), *told])
