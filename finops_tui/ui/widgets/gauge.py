"""A ratio as a short bar, a run of values as a few blocks: cells of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from finops_tui.ui.glyphs import GAP, GAUGE, GAUGE_CELLS, GAUGE_TRACK, TREND_STEPS
from finops_tui.ui.palette import Span

ABOVE_NORMAL = 1.1
"""A value counts as above normal from here on; the usual noise stays below."""


def gauge(ratio: float | None, cells: int = GAUGE_CELLS) -> tuple[Span, ...]:
    """Draw a ratio 0-1 as a bar on its track. What is not known is a bare track; the figure beside it says so."""
    filled = 0
    if ratio is not None and math.isfinite(ratio):
        filled = round(min(max(ratio, 0.0), 1.0) * cells)
    spans = ((GAUGE * filled, "bar"), (GAUGE_TRACK * (cells - filled), "bar-track"))
    return tuple(span for span in spans if span[0])


def resample(values: Sequence[float | None], cells: int) -> list[float | None]:
    """Bring values to `cells` by the mean of those that fall into a cell; a cell without any is None."""
    count = len(values)
    if not count:
        return [None] * cells
    sampled: list[float | None] = []
    for cell in range(cells):
        first = cell * count // cells
        last = max(first + 1, (cell + 1) * count // cells)
        known = [value for value in values[first:last] if value is not None and math.isfinite(value)]
        sampled.append(sum(known) / len(known) if known else None)
    return sampled


def trend(
    cells: int, values: Sequence[float | None], normal: float | None = None, above: str = "bar"
) -> tuple[Span, ...]:
    """Draw values, oldest first, in the lower six steps, on the scale of the largest.

    What is above `normal` wears the role `above`: `bar`, in a row that is a page `page-fill` or `page`.
    """
    sampled = resample(values, cells)
    largest = max((value for value in sampled if value is not None), default=0.0)
    spans: list[Span] = []
    for value in sampled:
        if value is None:
            text, role = GAP, "quiet"
        else:
            share = max(0.0, value / largest) if largest > 0 else 0.0
            text = TREND_STEPS[max(1, round(share * len(TREND_STEPS))) - 1]
            role = above if normal is not None and value > normal * ABOVE_NORMAL else "usual"
        if spans and spans[-1][1] == role:
            spans[-1] = (spans[-1][0] + text, role)
        else:
            spans.append((text, role))
    return tuple(spans)
