"""Rows over one time axis: spend, burn, interruptions, changes, findings, actions. A cursor stands on a moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from finops_tui.ui.format import short_time
from finops_tui.ui.glyphs import GAP, MARKER, TREND_STEPS
from finops_tui.ui.palette import Palette, Span
from finops_tui.ui.text import cut_end, pad
from finops_tui.ui.widgets.axis import TimeAxis
from finops_tui.ui.widgets.cost_chart import ChartData, columns, label_cells
from finops_tui.ui.widgets.lines import Line, Lines, width_of

MOST_COUNT = 9


class Point(NamedTuple):
    """Something on a row, at its moment; of several in one cell the first is shown."""

    at: datetime
    sign: Span


class Track(NamedTuple):
    """One row: points, numbers or values."""

    label: str
    empty: str
    """Why the row has nothing, in words."""
    points: tuple[Point, ...] = ()
    counted: tuple[datetime, ...] = ()
    """Moments of which only the number in a cell matters."""
    count_role: str = "text"
    values: tuple[float | None, ...] = ()
    """One sample a minute, oldest first; None is a gap."""
    last: datetime | None = None
    """The moment of the last value."""
    grades: tuple[tuple[float, str], ...] = ()
    """From which value on which role, the highest first; the first is also a full step."""


class TrackData(NamedTuple):
    start: datetime
    end: datetime
    spend: ChartData | None = None
    tracks: tuple[Track, ...] = ()
    """The most important first: where there is no room the last ones go."""
    cursor: datetime | None = None
    """None stands at the end."""
    live: bool = True
    """Whether the end is now."""


class Tracks(Lines[TrackData | None]):
    """A chart of what is spent, a row for each track, and the axis below. Its own height says how many rows fit."""

    def __init__(self) -> None:
        super().__init__(None, id="tracks")

    def axis(self, width: int) -> TimeAxis | None:
        """Return how time lies over the cells right of the labels."""
        shown = self.value
        return None if shown is None else TimeAxis(shown.start, shown.end, max(1, width - label_cells(width)))

    def draw(self, width: int, palette: Palette) -> list[Line]:
        shown, axis = self.value, self.axis(width)
        if shown is None or axis is None:
            return []
        height = self.size.height - 1
        rows = height - len(shown.tracks) if shown.spend is not None else 0
        rows = max(1, rows) if shown.spend is not None and height > 0 else 0
        labels = label_cells(width)
        cursor = axis.cell(shown.cursor) if shown.cursor is not None else axis.cells - 1
        lines: list[Line] = []
        if shown.spend is not None and rows:
            lines += columns(shown.spend, axis, rows, labels, grid=not palette.glyphs.ascii_only)
            if rows == 1 or not lines[0][0][0].strip():
                lines[0][0] = (pad("$/h", labels - 1, right=True) + " ", "quiet")
        lines += [_row(track, axis, labels, palette) for track in shown.tracks[: height - rows]]
        marked = [_at_cursor(line, labels + (cursor or 0), palette) for line in lines]
        return [*marked, [(" " * labels, "text"), *_foot(axis, shown, cursor or 0)]]


def _foot(axis: TimeAxis, shown: TrackData, cursor: int) -> Line:
    """Return the times below, that of the cursor before all others."""
    end = "now" if shown.live else short_time(shown.end)
    here = end if shown.cursor is None else short_time(shown.cursor)
    at = axis.moment(min(cursor, axis.cells - len(here)))
    return axis.labels([(at, (here, "focus"))], end)


def _row(track: Track, axis: TimeAxis, labels: int, palette: Palette) -> Line:
    label = cut_end(track.label, labels - 1, palette.glyphs.fold("…"))
    line: Line = [(pad(label, labels - 1, right=True) + " ", "quiet")]
    cells: dict[int, Span] = {}
    if any(value is not None for value in track.values):
        cells = dict(enumerate(_steps(track, axis)))
    for point in track.points:
        if (cell := axis.cell(point.at)) is not None:
            cells.setdefault(cell, palette.fold(point.sign))
    for cell, number in Counter(map(axis.cell, track.counted)).items():
        if cell is not None:
            cells[cell] = (str(number) if number <= MOST_COUNT else "+", track.count_role)
    if not cells:
        words = cut_end(palette.fold((track.empty, ""))[0], axis.cells)
        return [*line, (words, "quiet"), (" " * (axis.cells - len(words)), "text")]
    return [*line, *(cells.get(at, (" ", "text")) for at in range(axis.cells))]


def _steps(track: Track, axis: TimeAxis) -> Iterable[Span]:
    full = track.grades[0][0]
    for value in axis.sample(track.values, track.last or axis.end):
        if value is None:
            yield GAP, "quiet"
            continue
        role = next((role for least, role in track.grades if value >= least), "quiet")
        yield TREND_STEPS[max(1, min(len(TREND_STEPS), round(value / full * len(TREND_STEPS)))) - 1], role


def _at_cursor(line: Sequence[Span], at: int, palette: Palette) -> Line:
    """Draw the cursor through a line: what stands there is in its colour, a blank becomes its mark."""
    marked: Line = []
    x = 0
    for text, role in line:
        end = x + width_of([(text, role)])
        if x <= at < end:
            before, here, after = text[: at - x], text[at - x], text[at - x + 1 :]
            marked += [(before, role), palette.fold((MARKER if here == " " else here, "focus")), (after, role)]
        else:
            marked.append((text, role))
        x = end
    return marked
