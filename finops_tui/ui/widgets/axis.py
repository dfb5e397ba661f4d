"""A stretch of time laid out over cells: which moment stands where, and the words below it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from finops_tui.ui.format import short_time
from finops_tui.ui.palette import Span
from finops_tui.ui.widgets.lines import Line, width_of

SAMPLE_SECONDS = 60.0
"""Between two samples of a series of minutes."""
TICK_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440)
TICK_CELLS = 16
"""The least between two ticks: a time and some air."""


class TimeAxis(NamedTuple):
    """From `start` in the first cell to `end` in the last of `cells`."""

    start: datetime
    end: datetime
    cells: int

    @property
    def seconds(self) -> float:
        return max(1.0, (self.end - self.start).total_seconds())

    def cell(self, at: datetime) -> int | None:
        """Return the cell of a moment, None outside the stretch."""
        if not self.start <= at <= self.end or self.cells < 1:
            return None
        return min(self.cells - 1, int((at - self.start).total_seconds() / self.seconds * self.cells))

    def moment(self, cell: int) -> datetime:
        """Return the moment in the middle of a cell."""
        return self.start + timedelta(seconds=(cell + 0.5) * self.seconds / max(1, self.cells))

    def sample(self, values: Sequence[float | None], last: datetime) -> list[float | None]:
        """Bring a sample a minute, the last at `last`, to cells by the mean of those in a cell, else the nearest one.

        What is not a number, and what lies outside the series, is None.
        """
        first = (self.start - last).total_seconds() / SAMPLE_SECONDS + len(values) - 0.5
        step = self.seconds / SAMPLE_SECONDS / max(1, self.cells)
        sampled: list[float | None] = []
        for cell in range(self.cells):
            low = math.floor(first + cell * step)
            high = max(low, math.floor(first + (cell + 1) * step) - (cell < self.cells - 1))
            known = [
                value for value in values[max(0, low) : max(0, high + 1)] if value is not None and math.isfinite(value)
            ]
            sampled.append(math.fsum(value / len(known) for value in known) if known else None)
        return sampled

    def ticks(self) -> Iterator[datetime]:
        """Return round moments, as many as there is room for."""
        room = max(1, self.cells // TICK_CELLS)
        minutes = next((one for one in TICK_MINUTES if self.seconds / 60 / one <= room), TICK_MINUTES[-1])
        every = minutes * 60
        at = math.ceil(self.start.timestamp() / every) * every
        while at <= self.end.timestamp():
            yield datetime.fromtimestamp(at, UTC)
            at += every

    def labels(self, marks: Sequence[tuple[datetime, Span]] = (), end: str = "") -> Line:
        """Return the line below: marks at their moments first, then both ends, then ticks where there is room."""
        words = _Words(self.cells)
        for at, (text, role) in marks:
            if (cell := self.cell(at)) is not None:
                words.put(cell, text, role, air=0)
        last = end or short_time(self.end)
        words.put(self.cells - width_of([(last, "")]), last, "quiet")
        words.put(0, short_time(self.start), "quiet")
        for tick in self.ticks():
            if (cell := self.cell(tick)) is not None:
                words.put(cell, short_time(tick), "quiet", air=2)
        return words.spans()


class _Words:
    """A blank line with words in it, which never touch."""

    def __init__(self, cells: int) -> None:
        self._cells = cells
        self._words: list[tuple[int, int, Span]] = []

    def put(self, at: int, text: str, role: str, air: int = 1) -> None:
        """Write from cell `at` if there is room, with so many blank cells to its neighbours."""
        end = at + width_of([(text, role)])
        if (
            at >= 0
            and end <= self._cells
            and all(end + air <= start or stop + air <= at for start, stop, _ in self._words)
        ):
            self._words.append((at, end, (text, role)))

    def spans(self) -> Line:
        line: Line = []
        at = 0
        for start, end, span in sorted(self._words):
            line += [(" " * (start - at), "text"), span]
            at = end
        return [*line, (" " * max(0, self._cells - at), "text")]
