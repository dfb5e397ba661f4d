"""What is normal, and what is let into it: an incident that became normal would hide the next one for a week."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from statistics import median_high

from finops_tui.detectors.spend.history import BUCKET, DAY, HOUR, NOTHING, WEEK, History
from finops_tui.detectors.spend.levels import Level, fitted
from finops_tui.detectors.spend.rules import SpendRules
from finops_tui.detectors.spend.saved import field, number, numbers, rows

RHYTHM_EVERY = 6 * HOUR
"""Quarter-hours between two looks at whether days resemble each other."""
SEEN = 32
"""Quarter-hours whose bare height is remembered: twice as long as an excess takes to be accepted."""
HELD = 2 * DAY
"""Quarter-hours that may wait to be judged."""
LEVELS = 16


class Normal:
    """The history, what waits to be let into it, and the figures that the next sample is held against."""

    def __init__(self, rules: SpendRules) -> None:
        self._rules = rules
        self._window = round(rules.window_hours * HOUR)
        self._history = History()
        self._bucket = -1
        self._samples: list[float] = []
        """Of the quarter-hour that is going on."""
        self._held: list[tuple[int, float]] = []
        """Quarter-hours that are not let into the history yet."""
        self._seen = array("d")
        """The newest quarter-hours, each followed by its bare height: there are as many of these as scopes."""
        self._levels: list[Level] = []
        """Excesses that were taken for the new normal within the week, and may prove to be visits."""
        self._back = 0
        """Quarter-hours in a row that were nearer to what was normal before the newest level."""
        self._rhythm, self._rhythm_at = 1.0, 0
        self.reach = NOTHING
        """The highest of the past week, $/h; `NOTHING` while unknown, as the next two."""
        self.reach_at_hour = NOTHING
        """The highest that this time of day had; what is above it says something only with a `rhythm`."""
        self.usual = NOTHING

    @property
    def known(self) -> bool:
        """Enough days have been seen."""
        return self._history.days >= self._rules.days_needed

    @property
    def rhythm(self) -> bool:
        """Days resemble each other."""
        return self._rhythm < self._rules.rhythm

    @property
    def lasting(self) -> Level | None:
        """The newest excess that was taken for the new normal, while it lasts."""
        return self._levels[-1] if self._levels and not self._back else None

    def usual_at(self, ts: float) -> float:
        return self._usual(int(ts // BUCKET))

    def height_before(self, ts: float) -> tuple[float, float]:
        """Return what was spent an hour before `ts`, and what had been reached at that time; `NOTHING` if unknown."""
        bucket = int(ts // BUCKET) - HOUR
        return next((value for at, value in self._heights() if at == bucket), NOTHING), self._reached(bucket)

    def see(self, ts: float, value: float, step: float, *, paged: bool) -> None:
        """Take a sample that stands for `step` seconds. While it is `paged` nothing is let in or taken back."""
        bucket = int(ts // BUCKET)
        if bucket != self._bucket:
            self._turn(bucket, paged=paged)
        if step > BUCKET:  # it is a mean over all of that time
            count = min(int(step // BUCKET), DAY)
            self._held += [(number, value) for number in range(bucket - count + 1, bucket)]
        self._samples.append(value)

    def let_in(self) -> None:
        """Take what is held for normal: it was nothing special."""
        for bucket, value in self._held:
            self._history.put(bucket, value)
        self._held = []

    def let_in_little(self) -> None:
        """Take what is held for a visit, which teaches as much as one may: it paged and went away."""
        rules = self._rules
        if self._history.days < rules.days_compared:
            self.let_in()
        for bucket, value in self._held:
            if self.rhythm:
                self._history.put(bucket, min(value, max(0.0, self._reached(bucket)) * rules.lesson))
            else:
                self._history.set_aside(bucket, value, self._window, rules.habit_days)
        self._held = []

    def accept(self, since: float) -> None:
        """Take what is held and began at `since` for the new normal: what was normal before becomes as much higher."""
        first = int(since // BUCKET)
        samples = [(value, self._compared(bucket)) for bucket, value in self._held if bucket >= first]
        if level := fitted(since, samples):
            self._history.change(level.factor, level.more, first)
            self._levels = [*self._levels[1 - LEVELS :], level]
            self._back = 0
        self.let_in()
        self._look_up()

    def _turn(self, bucket: int, *, paged: bool) -> None:
        """Close the quarter-hour that went by and look up what the next one is held against."""
        if self._samples:
            value = median_high(self._samples)
            self._samples = []
            self._seen.extend((self._bucket, value))
            del self._seen[: -2 * SEEN]
            self._held.append((self._bucket, value))
            if not paged:
                if len(self._held) > self._rules.accept_hours * HOUR:
                    self.let_in()
                self._look_back(value)
            del self._held[:-HELD]
        self._bucket = bucket
        self._history.advance(bucket)
        if bucket - self._rhythm_at >= RHYTHM_EVERY:
            self._rhythm, self._rhythm_at = self._history.rhythm(), bucket
        self._look_up()

    def _look_up(self) -> None:
        self.reach = self._history.reach(self._rules.days_compared, round(self._rules.lag_hours * HOUR))
        self.reach_at_hour = self._reached(self._bucket)
        self.usual = self._usual(self._bucket)

    def _look_back(self, value: float) -> None:
        """Take the newest level back when spend has stayed nearer to what was normal before it."""
        if not self._levels:
            return
        rules, level = self._rules, self._levels[-1]
        first = int(level.since // BUCKET)
        if self._bucket - first > WEEK * DAY:  # it is all that the week knows
            self._levels.pop()
            return
        normal = self._compared(self._bucket)
        self._back = self._back + 1 if normal >= 0 and value < (normal + level.before(normal)) / 2 else 0
        if self._back < rules.back_hours * HOUR:
            return
        self._levels.pop()
        self._back = 0
        visit = self._history.take(first)
        self._history.change(1 / level.factor, -level.more / level.factor, first)
        self._held = []
        if self._bucket - first <= rules.visit_hours * HOUR:
            self._held = visit[: -round(rules.back_hours * HOUR)]
            self.let_in_little()

    def _compared(self, bucket: int) -> float:
        """Return what tells a new level from the old one: the usual at that time, or what the week reached."""
        return self._history.typical(bucket) if self.rhythm else self.reach

    def _usual(self, bucket: int) -> float:
        return self._history.typical(bucket) if self.rhythm else self._history.recent()

    def _reached(self, bucket: int) -> float:
        high, days = self._history.reach_at(bucket, self._rules.days_compared, self._window)
        return high if days >= self._rules.days_needed else NOTHING

    def _heights(self) -> Iterator[tuple[int, float]]:
        return zip(map(int, self._seen[::2]), self._seen[1::2], strict=True)

    def save(self) -> dict[str, object]:
        return {
            "history": self._history.save(),
            "samples": list(self._samples),
            "held": [list(row) for row in self._held],
            "seen": [list(row) for row in self._heights()],
            "levels": [[level.since, level.factor, level.more] for level in self._levels],
            "figures": [
                self._bucket, self._back, self._rhythm, self._rhythm_at, self.reach, self.reach_at_hour, self.usual,
            ],
        }  # fmt: skip

    def load(self, saved: Mapping[str, object]) -> None:
        """Take over what `save` wrote. Raises ValueError for anything else."""
        history = field(saved, "history")
        if not isinstance(history, list) or len(history) != 2:  # noqa: PLR2004 - what save() writes
            raise ValueError("A saved spend watch has no legible history.")
        self._history.load(number(history[0]), history[1])
        self._samples = numbers(field(saved, "samples"))
        self._held = [(int(bucket), value) for bucket, value in rows(field(saved, "held"), 2, HELD + DAY)]
        self._seen = array("d", [each for row in rows(field(saved, "seen"), 2, SEEN) for each in row])
        self._levels = [Level(*row) for row in rows(field(saved, "levels"), 3, LEVELS)]
        if not all(level.factor > 0 for level in self._levels):
            raise ValueError("A saved spend watch has a level that is so many times nothing.")
        bucket, back, self._rhythm, at, self.reach, self.reach_at_hour, self.usual = numbers(field(saved, "figures"), 7)
        self._bucket, self._back, self._rhythm_at = int(bucket), int(back), int(at)
