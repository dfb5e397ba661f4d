"""The spend strip: three hours of the spend rate, what is above normal on top of what is not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.ui.format import short_time
from finops_tui.ui.glyphs import CORNER_LEFT, CORNER_RIGHT, GAP, LINE, STEPS
from finops_tui.ui.palette import Palette, Span
from finops_tui.ui.text import pad
from finops_tui.ui.widgets.gauge import resample
from finops_tui.ui.widgets.lines import Line, Lines, width_of

LABEL_CELLS = 9
START = LABEL_CELLS + 1
FULL_EXCESS = 1.0
"""The upper rows are full at this much above normal (a ratio), or at the largest excess if that is more."""


class Marker(NamedTuple):
    """What happened, on the time axis."""

    at: datetime
    words: str
    role: str = "quiet"
    short: str = ""
    """For where there is no room for all the words."""


class StripData(NamedTuple):
    values: tuple[float | None, ...] = ()
    """Total $/h, oldest first, evenly spaced; None is a gap."""
    normal: tuple[float | None, ...] = ()
    """What is usual at the same moments; empty when it is not known."""
    end: datetime | None = None
    """The moment of the last value."""
    seconds: float = 10_800.0
    """The time between the first and the last value."""
    markers: tuple[Marker, ...] = ()
    """The most important first: where there is no room for all, the last ones are left out."""


class SpendStrip(Lines[StripData]):
    """Two rows and the axis, on a tall screen three: cost up to normal below, only what is above it on top."""

    DEFAULT_CSS = """
    SpendStrip { height: 3; }
    """

    def __init__(self, value: StripData | None = None, *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(value or StripData(), id=id)

    def draw(self, width: int, palette: Palette) -> list[Line]:
        cells = width - START
        if cells < 1:
            return []
        values = resample(self.value.values, cells)
        normal = resample(self.value.normal, cells)
        above_rows = max(1, self.size.height - 2)
        lines = [[(" " * START, "text"), *row] for row in _above(values, normal, above_rows)]
        below = _below(values, normal)
        known = any(usual is not None for usual in normal)
        lines[-1][0] = (pad("above" if known else "", LABEL_CELLS, right=True) + " ", "quiet")
        lines.append([(pad("normal" if known else "$/h", LABEL_CELLS, right=True) + " ", "quiet"), *below])
        lines.append([(" " * START, "text"), *self._axis(cells, values, palette)])
        return [[palette.fold(span) for span in line] for line in lines]

    def _axis(self, cells: int, values: Sequence[float | None], palette: Palette) -> Line:
        shown = self.value
        if shown.end is None:
            return [(LINE * cells, "rule")]
        start = shown.end - timedelta(seconds=shown.seconds)
        axis = _Axis(cells)
        axis.put(0, short_time(start), "quiet")
        last = "now" if values[-1] is not None else "no data"
        axis.put(cells - len(last), last, "quiet")

        def cell_of(at: datetime) -> int:
            return int((at - start).total_seconds() / shown.seconds * cells)

        for marker in shown.markers:
            at = cell_of(marker.at)
            for form in filter(None, (marker.words, marker.short)):
                words, role = palette.fold((form, marker.role))
                before = at - width_of([(words, role)]) - 1
                if axis.put(at, f"{CORNER_LEFT} {words}", role, marks="left"):
                    break
                if axis.put(before, f"{words} {CORNER_RIGHT}", role, marks="right"):
                    break
        hour = start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        while hour < shown.end:
            axis.put(cell_of(hour), short_time(hour), "quiet", marks="left")
            hour += timedelta(hours=1)
        return axis.spans()


class _Axis:
    """A line with words in it, which never overlap. A word that marks a moment touches the line on that side."""

    def __init__(self, cells: int) -> None:
        self._cells = cells
        self._words: list[tuple[int, int, Span]] = []

    def put(self, at: int, text: str, role: str, *, marks: str = "") -> bool:
        """Write from cell `at` if there is room. `marks` says which edge is the moment: `left`, `right` or none."""
        end = at + width_of([(text, role)])
        start = at if marks == "left" else at - 1
        stop = end if marks == "right" else end + 1
        if at < 0 or end > self._cells or any(start < taken and begin < stop for begin, taken, _ in self._words):
            return False
        before, after = " " * (at - start), " " * (stop - end)
        self._words.append((start, stop, (f"{before}{text}{after}", role)))
        return True

    def spans(self) -> Line:
        line: Line = []
        at = 0
        for start, end, span in sorted(self._words):
            line += [(LINE * max(0, start - at), "rule"), span]
            at = end
        line.append((LINE * max(0, self._cells - at), "rule"))
        if self._words and min(self._words)[0] < 0:
            line[1] = (line[1][0][1:], line[1][1])
        return line


def _above(values: Sequence[float | None], normal: Sequence[float | None], rows: int) -> list[Line]:
    """Draw what is above normal, the top row first."""
    excess = [
        max(0.0, (value - usual) / usual) if value is not None and usual else 0.0
        for value, usual in zip(values, normal, strict=True)
    ]
    full = max(FULL_EXCESS, *excess)
    eighths = [round(part / full * rows * len(STEPS)) for part in excess]
    lines = []
    for row in range(rows - 1, -1, -1):
        levels = [min(len(STEPS), max(0, height - row * len(STEPS))) for height in eighths]
        text = "".join(STEPS[level - 1] if level else " " for level in levels)
        lines.append([(text, "area")])
    return lines


def _below(values: Sequence[float | None], normal: Sequence[float | None]) -> Line:
    """Draw the cost up to normal; where normal is not known, the cost on the scale of its largest."""
    largest = max((value for value in values if value is not None and math.isfinite(value)), default=0.0)
    line: Line = []
    for value, usual in zip(values, normal, strict=True):
        if value is None:
            text, role = GAP, "quiet"
        else:
            whole = usual or largest
            share = min(1.0, max(0.0, value / whole)) if whole > 0 else 0.0
            text, role = STEPS[max(1, round(share * len(STEPS))) - 1], "usual"
        if line and line[-1][1] == role:
            line[-1] = (line[-1][0] + text, role)
        else:
            line.append((text, role))
    return line
