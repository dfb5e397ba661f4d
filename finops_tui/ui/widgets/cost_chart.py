"""What something cost, a column a moment: what is normal at the bottom, what is more on top of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from finops_tui.ui.format import dollars
from finops_tui.ui.glyphs import GAP, LINE, MARKER, STEPS
from finops_tui.ui.palette import Span
from finops_tui.ui.text import pad
from finops_tui.ui.widgets.axis import SAMPLE_SECONDS, TimeAxis
from finops_tui.ui.widgets.gauge import ABOVE_NORMAL
from finops_tui.ui.widgets.lines import Line

LABEL_CELLS, NARROW_LABEL_CELLS = 14, 9
NARROW = 70
"""Cells below which the label of normal has no figure."""
LOWEST = 2
"""Eighths of the lowest column: in ASCII one eighth would look like a gap."""
LARGEST = 1e15
"""What is more is drawn like this much: there is no such bill."""
SMALLEST = 0.05
"""$/h that a chart reaches at least: finer labels than cents say nothing."""
PER_ROW = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
TICKS = (1.0, 2.0, 2.5, 5.0, 10.0)
MOST_TICKS = 3


class ChartMark(NamedTuple):
    """What happened: a line through the chart, and a sign below it."""

    at: datetime
    sign: str


class ChartData(NamedTuple):
    values: tuple[float | None, ...]
    """$/h, one sample a minute, oldest first; None is a gap."""
    normal: tuple[float | None, ...]
    """What was normal in each of those minutes; empty when it is not known."""
    end: datetime
    """The moment of the last value."""
    marks: tuple[ChartMark, ...] = ()
    end_words: str = ""
    """At the end of the axis instead of its moment."""

    def axis(self, cells: int) -> TimeAxis:
        """Lay the whole series out over so many cells."""
        seconds = SAMPLE_SECONDS * max(1, len(self.values) - 1)
        return TimeAxis(self.end - timedelta(seconds=seconds), self.end, cells)


def label_cells(width: int) -> int:
    """Return how many of `width` cells the labels at the left take."""
    return LABEL_CELLS if width >= NARROW else NARROW_LABEL_CELLS


def chart_lines(data: ChartData, width: int, rows: int, *, grid: bool = True) -> list[Line]:
    """Draw a chart of exactly `width` cells and `rows` lines, and below it the line with its times.

    Without `grid` no line goes through it: in ASCII such a line looks like a low column.
    """
    labels = label_cells(width)
    axis = data.axis(max(1, width - labels))
    marks = [(mark.at, (mark.sign, "text bold")) for mark in data.marks]
    foot = axis.labels(marks, data.end_words)
    return [*columns(data, axis, rows, labels, grid=grid), [(" " * labels, "text"), *foot]]


def columns(data: ChartData, axis: TimeAxis, rows: int, labels: int, *, grid: bool = True) -> list[Line]:
    """Draw the rows of a chart over a given axis, each behind a label of `labels` cells."""
    values = [_sane(value) for value in axis.sample(data.values, data.end)]
    normal = [_sane(value) for value in axis.sample(data.normal, data.end)]
    per_row = scale(max((value for value in (*values, *normal) if value is not None), default=0.0), rows)
    eighths = [_eighths(value, per_row, rows) for value in values]
    usual = [_usual_rows(value, one, per_row, rows) for value, one in zip(values, normal, strict=True)]
    named = dict(_labels(per_row, rows, _last(normal), labels))
    marked = {axis.cell(mark.at) for mark in data.marks}
    lines = []
    for row in range(rows - 1, -1, -1):
        text, is_tick = named.get(row, ("", False))
        cells = (
            _cell(eighths[at], usual[at], row, gap=values[at] is None, marked=at in marked, tick=is_tick and grid)
            for at in range(axis.cells)
        )
        lines.append([(pad(text, labels - 1, right=True) + " ", "quiet"), *_joined(cells)])
    return lines


def scale(largest: float, rows: int) -> float:
    """Return the $/h of one row: a round figure, so that the chart does not wobble with its largest value."""
    least = max(largest, SMALLEST) / max(1, rows)
    power = 10.0 ** math.floor(math.log10(least))
    return next((part * power for part in PER_ROW if part * power * (1 + 1e-9) >= least), 10.0 * power)


def _sane(value: float | None) -> float | None:
    return None if value is None else min(max(value, 0.0), LARGEST)


def _eighths(value: float | None, per_row: float, rows: int) -> int:
    if value is None:
        return 0
    return min(rows * len(STEPS), max(LOWEST, round(value / per_row * len(STEPS))))


def _usual_rows(value: float | None, normal: float | None, per_row: float, rows: int) -> int:
    """Return how many rows of a column are normal. A cell has one colour, so the border is at a whole row."""
    if value is None or normal is None or value <= normal * ABOVE_NORMAL:
        return rows
    return max(1, round(normal / per_row)) if normal > 0 else 0


def _last(values: Sequence[float | None]) -> float | None:
    return next((value for value in reversed(values) if value is not None), None)


def _labels(per_row: float, rows: int, normal: float | None, cells: int) -> Iterator[tuple[int, tuple[str, bool]]]:
    """Return what stands at the left of a row, and whether a line goes through it; the last one of a row holds."""
    most = max(1, min(MOST_TICKS, rows // 2))
    power = 10.0 ** math.floor(math.log10(per_row))
    steps = (part * power * ten for ten in (1.0, 10.0, 100.0) for part in TICKS)
    step = next(one for one in steps if rows * per_row / one <= most + 0.5)
    at = step
    while at <= rows * per_row * (1 + 1e-9):
        yield math.ceil(at / per_row - 1e-9) - 1, (_short(at), True)
        at += step
    if normal is not None:
        words = f"normal {dollars(normal)}"
        row = min(rows - 1, max(0, math.ceil(normal / per_row) - 1))
        yield row, (words if len(words) < cells else "normal", False)


def _short(value: float) -> str:
    """Write a round figure without digits that say nothing: `$50`, `$2.5`, `$1.2k`."""
    text = dollars(value)
    number, suffix = (text, "") if text[-1].isdigit() else (text[:-1], text[-1])
    return (number.rstrip("0").rstrip(".") if "." in number else number) + suffix


def _cell(eighths: int, usual: int, row: int, *, gap: bool, marked: bool, tick: bool) -> Span:
    level = min(len(STEPS), eighths - row * len(STEPS))
    if level > 0:
        return STEPS[level - 1], "usual" if row < usual else "area"
    if gap and row == 0:
        return GAP, "quiet"
    if marked:
        return MARKER, "quiet"
    return (LINE, "rule") if tick else (" ", "text")


def _joined(cells: Iterator[Span]) -> Iterator[Span]:
    for role, run in groupby(cells, key=lambda cell: cell[1]):
        yield "".join(text for text, _ in run), role
