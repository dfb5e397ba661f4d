"""Which stretch of time is looked at, and where in it the cursor stands. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SPANS = tuple(timedelta(minutes=minutes) for minutes in (30, 60, 180))
BEFORE_ONSET = timedelta(minutes=30)


class Window:
    """Ends now, unless the cursor is further back than the window reaches. The cursor is a moment, not a cell."""

    def __init__(self) -> None:
        self.newest = datetime.fromtimestamp(0, UTC)
        """What now is."""
        self.onset: datetime | None = None
        """When the finding began that is looked at, if one is."""
        self.at: datetime | None = None
        """The moment under the cursor; None stays at the end."""
        self._chosen: timedelta | None = None

    @property
    def whole(self) -> timedelta:
        """From before the onset until now; without a finding, the longest there is."""
        if self.onset is None:
            return SPANS[-1]
        return max(SPANS[0], self.newest - self.onset + BEFORE_ONSET)

    @property
    def spans(self) -> tuple[timedelta, ...]:
        """The lengths to choose from, the shortest first."""
        return tuple(sorted({*SPANS, self.whole}))

    @property
    def span(self) -> timedelta:
        """The length that is looked at: the whole until another one is chosen."""
        if self._chosen is None:
            return self.whole
        return self._chosen if self._chosen in SPANS else self.whole

    @property
    def start(self) -> datetime:
        return self.end - self.span

    @property
    def end(self) -> datetime:
        if self.at is None or self.at >= self.newest - self.span:
            return self.newest
        return min(self.newest, self.at + self.span / 2)

    @property
    def moment(self) -> datetime:
        """The moment under the cursor."""
        return self.at if self.at is not None else self.newest

    def step(self, cells: int, cell: timedelta) -> None:
        """Move the cursor by so many cells; at the end it stays at the end as time goes on."""
        at = max(self.newest - self.spans[-1], self.moment + cells * cell)
        self.at = at if at <= self.newest - cell / 2 else None

    def zoom(self, steps: int) -> None:
        """Choose a shorter stretch, or with a negative number a longer one."""
        spans = self.spans
        self._chosen = spans[max(0, min(len(spans) - 1, spans.index(self.span) - steps))]
