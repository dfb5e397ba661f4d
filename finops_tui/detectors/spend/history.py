"""Two weeks of quarter-hours, without what turned out to be an incident.

In quarter-hours whatever the sampling is, so that memory and CPU do not depend on it. What is set aside (came, paged,
went) is kept in the same ring as a negative number, so that `max` passes over it.
"""

from __future__ import annotations

import sys
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable
from statistics import median

BUCKET = 900
"""Seconds of a quarter-hour."""
HOUR = 4
"""Quarter-hours of an hour."""
DAY = 96
DAYS = 15
"""Today and two weeks before it."""
SIZE = DAY * DAYS
WEEK = 7
NOTHING = -1.0
ASIDE = -2.0
"""Set aside is a value v as `ASIDE - v`."""
MOST = 1e18
"""No spend comes near it; sums and products of what is below it stay finite."""
BLANK_DAY = array("f", [NOTHING]) * DAY
ENOUGH = 3
"""Quarter-hours that make a median."""


class History:
    __slots__ = ("_counts", "_highs", "_ring", "newest")

    def __init__(self) -> None:
        self.newest = -1
        """Number of the newest quarter-hour since the epoch; -1 before the first."""
        self._ring = array("f", [NOTHING]) * SIZE
        self._highs = array("f", [NOTHING]) * DAYS
        self._counts = [0] * DAYS

    @property
    def days(self) -> float:
        """Days that are known, gaps left out."""
        return sum(self._counts) / DAY

    def advance(self, bucket: int) -> None:
        """Make room up to `bucket`, forgetting what is two weeks older."""
        first = max(self.newest + 1, bucket - SIZE + 1) if self.newest >= 0 else bucket
        for number in range(first, bucket + 1):
            self._ring[number % SIZE] = NOTHING
            if number % DAY == 0:
                day = number // DAY % DAYS
                self._ring[day * DAY : (day + 1) * DAY] = BLANK_DAY
                self._highs[day], self._counts[day] = NOTHING, 0
        self.newest = bucket

    def put(self, bucket: int, value: float) -> None:
        """Take a quarter-hour, $/h, for what is normal."""
        if not self._holds(bucket):
            return
        day = bucket // DAY % DAYS
        if self._ring[bucket % SIZE] < 0:
            self._counts[day] += 1
        self._ring[bucket % SIZE] = value
        self._highs[day] = max(self._highs[day], self._ring[bucket % SIZE])  # as it is kept: in single precision

    def set_aside(self, bucket: int, value: float, window: int, habit_days: int) -> None:
        """Keep out what came and went, until it came near this time on so many days: then it is a habit."""
        if not self._holds(bucket):
            return
        seen = [value]
        for day in range(1, WEEK + 1):
            middle = bucket - day * DAY
            lowest = min(self._ring[number % SIZE] for number in range(middle - window, middle + window + 1))
            if lowest <= ASIDE:
                seen.append(ASIDE - lowest)
        if len(seen) >= habit_days:
            self.put(bucket, min(seen))
        else:
            self._ring[bucket % SIZE] = ASIDE - value

    def take(self, since: int) -> list[tuple[int, float]]:
        """Remove and return what is known from the quarter-hour `since` on."""
        taken = []
        for number in range(max(since, self.newest - SIZE + 1), self.newest + 1):
            value = self._ring[number % SIZE]
            if value >= 0:
                taken.append((number, value))
            self._ring[number % SIZE] = NOTHING
        self._recount()
        return taken

    def change(self, factor: float, more: float, until: int) -> None:
        """Make everything before the quarter-hour `until` so many times, and so much more, than it was."""
        for number in range(self.newest - SIZE + 1, until):
            value = self._ring[number % SIZE]
            if value >= 0:
                self._ring[number % SIZE] = min(MOST, max(0.0, value * factor + more))
        self._recount()

    def reach(self, days: int, lag: int) -> float:
        """Return the highest of the last so many days that are known, up to `lag` ago; `NOTHING` without any."""
        until = self.newest - lag
        today = until // DAY
        high = max(self._ring[today * DAY % SIZE : until % SIZE], default=NOTHING)
        known = 0
        for back in range(1, DAYS):
            day = (today - back) % DAYS
            high = max(high, self._highs[day])
            known += self._counts[day]
            if known >= days * DAY:
                break
        return max(high, NOTHING)

    def reach_at(self, bucket: int, days: int, window: int) -> tuple[float, int]:
        """Return the highest near this time on the last so many days that are known, and how many those are."""
        ring = self._ring
        high, known = NOTHING, 0
        for back in range(1, DAYS):
            start = max(bucket - back * DAY - window, bucket - SIZE + 1) % SIZE
            end = start + 2 * window + 1
            top = max(ring[start:end]) if end <= SIZE else max(*ring[start:], *ring[: end - SIZE])
            if top >= 0:
                high = max(high, top)
                known += 1
                if known == days:
                    break
        return high, known

    def rhythm(self) -> float:
        """Return how far a quarter-hour is from the day before, as a share of how far from six or twelve hours before.

        Near 0 where each day is like the last, 1 and more where the time of day says nothing; over the past week.
        """
        if sum(map(bool, self._counts)) <= 1:  # nothing has a day before it
            return 1.0
        line = self._newest((WEEK + 1) * DAY).tolist()  # of these floats each is made once
        begins = next((place for place, value in enumerate(line) if value >= 0), 0)
        line = line[begins : len(line) - (line[-1] < 0)]  # what is going on waits to be let in
        fours: Iterable[tuple[float, ...]] = zip(
            line[DAY:], line, line[DAY - 6 * HOUR :], line[DAY - 12 * HOUR :], strict=False
        )
        if min(line) < 0:
            fours = [four for four in fours if min(four) >= 0]
        near = far = 0.0
        for value, day, six, twelve in fours:
            near += value - day if value > day else day - value  # abs() and max() would take half of the time
            from_six = value - six if value > six else six - value
            from_twelve = value - twelve if value > twelve else twelve - value
            far += from_six if from_six > from_twelve else from_twelve  # noqa: FURB136 - as above
        return near / far if far > 0 else 1.0

    def typical(self, bucket: int) -> float:
        """Return the median around this time: of the week before, else two weeks before, else of the days before."""
        for days in ((WEEK,), (2 * WEEK,), range(1, WEEK)):
            found = [value for day in days for value in self._around(bucket - day * DAY, HOUR // 2)]
            if len(found) >= ENOUGH:
                return median(found)
        return NOTHING

    def recent(self) -> float:
        """Return the median of the newest day's worth of quarter-hours that are known."""
        if not any(self._counts):
            return NOTHING
        for count in (DAY + 2 * HOUR, 2 * DAY, 4 * DAY, SIZE):  # the very newest wait to be let in
            found = [value for value in self._newest(count) if value >= 0]
            if len(found) >= DAY:
                break
        found = found[-DAY:]
        return median(found) if found else NOTHING

    def save(self) -> list[object]:
        ring = array("f", self._ring)
        if sys.byteorder == "big":
            ring.byteswap()
        return [self.newest, b64encode(ring.tobytes()).decode()]

    def load(self, newest: float, ring: object) -> None:
        """Take over what `save` wrote. Raises ValueError for anything else."""
        read = array("f")
        try:
            read.frombytes(b64decode(ring if isinstance(ring, str) else "", validate=True))
        except ValueError as error:
            raise ValueError("A saved spend watch has no legible history.") from error
        if sys.byteorder == "big":
            read.byteswap()
        if len(read) != SIZE or not all(-2 * MOST <= value <= MOST for value in read) or not -1 <= newest <= MOST:
            raise ValueError(f"A saved spend watch has a history of {len(read)} quarter-hours instead of {SIZE}.")
        self.newest, self._ring = int(newest), read
        self._recount()

    def _newest(self, count: int) -> array[float]:
        """Return the newest quarter-hours, the one that is going on included, whatever stands in them."""
        end = self.newest % SIZE + 1
        start = end - count
        return self._ring[start:end] if start >= 0 else self._ring[start:] + self._ring[:end]

    def _holds(self, bucket: int) -> bool:
        return self.newest - SIZE < bucket <= self.newest

    def _around(self, bucket: int, window: int) -> list[float]:
        first, last = max(bucket - window, self.newest - SIZE + 1), min(bucket + window, self.newest)
        if first > last:
            return []
        start, end = first % SIZE, last % SIZE + 1
        part = self._ring[start:end] if start < end else self._ring[start:] + self._ring[:end]
        return [value for value in part if value >= 0]

    def _recount(self) -> None:
        for day in range(DAYS):
            part = self._ring[day * DAY : (day + 1) * DAY]
            self._highs[day] = max(NOTHING, *part)
            self._counts[day] = sum([1 for value in part if value >= 0])
