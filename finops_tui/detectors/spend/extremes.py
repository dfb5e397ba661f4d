"""The watch on what is not money: it may fall as well as rise, may be negative, and has no zero to be times of."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from finops_tui.detectors.spend.rules import SpendRules
from finops_tui.detectors.spend.saved import field, numbers, rows
from finops_tui.detectors.spend.verdict import Question, Verdict

HOUR = 3_600
DAY_HOURS = 24
WEEK_HOURS = 7 * DAY_HOURS
RHYTHM_EVERY = 6


class Extremes:
    """Lowest, highest, sum and count of each hour of a week: outside all of them, or outside this time of day, pages.

    Measured by the span of the week. What paged becomes part of the week at once: the same again is no news.
    """

    def __init__(self, rules: SpendRules) -> None:
        self._rules = rules
        self._hours: dict[int, list[float]] = {}
        self._low, self._high = inf, -inf
        """Of the week, up to the hour that is going on."""
        self._hour = -1
        self._rhythm = 1.0
        self._outside = self._since = 0.0
        """Minutes without a pause outside this time of day, and since when."""

    def see(self, ts: float, value: float, step: float) -> Verdict:
        hour = int(ts // HOUR)
        if hour != self._hour:
            self._turn(hour)
        rules = self._rules
        ready = len(self._hours) >= rules.days_needed * DAY_HOURS
        low, high = min(self._low, self._now[0]), max(self._high, self._now[1])
        span = high - low
        far = max(value - high, low - value)
        if (
            ready
            and self._rhythm < rules.rhythm
            and max(value - self._top, self._bottom - value) > rules.span_hour * span
        ):
            self._since = self._since or ts
            self._outside += step / 60
        else:
            self._outside = self._since = 0.0
        now = self._now
        now[0], now[1], now[2], now[3] = min(now[0], value), max(now[1], value), now[2] + value, now[3] + 1
        if not ready:
            return Verdict(False, 0.0, "", None, None, "", 0.0)
        normal = self.normal_at(ts)
        score = max(far / span / rules.span_week if span > 0 else 0.0, self._outside / rules.quiet_minutes)
        if score <= 1:
            return Verdict(False, max(0.0, score), "", None, normal, "", 0.0)
        question = Question.BELOW if value < (low + high) / 2 else Question.ABOVE_WEEK
        why = f"{value:,.1f} where the week had {low:,.1f} to {high:,.1f}."
        return Verdict(True, score, why, self._since or ts, normal, question, abs(value - (normal or 0.0)))

    def normal_at(self, ts: float) -> float | None:
        """Return the mean of this hour on the day before, else of the newest hour that is known."""
        hour = int(ts // HOUR)
        known = self._hours.get(hour - DAY_HOURS) or (self._hours[max(self._hours)] if self._hours else None)
        return known[2] / known[3] if known and known[3] else None

    @property
    def _now(self) -> list[float]:
        return self._hours[self._hour]

    def _turn(self, hour: int) -> None:
        self._hours = {number: seen for number, seen in self._hours.items() if number >= hour - WEEK_HOURS - DAY_HOURS}
        week = [seen for number, seen in self._hours.items() if number >= hour - WEEK_HOURS]
        self._low = min([seen[0] for seen in week], default=inf)
        self._high = max([seen[1] for seen in week], default=-inf)
        around = [
            seen
            for day in range(1, 8)
            for number in range(hour - day * DAY_HOURS - 1, hour - day * DAY_HOURS + 2)
            if (seen := self._hours.get(number))
        ]
        few = len(around) < 3 * self._rules.days_needed
        self._bottom = -inf if few else min(seen[0] for seen in around)
        self._top = inf if few else max(seen[1] for seen in around)
        if hour % RHYTHM_EVERY == 0 or len(self._hours) < DAY_HOURS:
            self._rhythm = self._resemblance(hour)
        self._hours[hour] = [inf, -inf, 0.0, 0.0]
        self._hour = hour

    def _resemblance(self, hour: int) -> float:
        """As `History.rhythm`, from hours."""
        means = {number: seen[2] / seen[3] for number, seen in self._hours.items()}
        near = far = 0.0
        for number in range(hour - WEEK_HOURS, hour):
            four = [means.get(number - back) for back in (0, DAY_HOURS, 6, 12)]
            if None not in four:
                value, day, six, twelve = (mean for mean in four if mean is not None)
                near += abs(value - day)
                far += max(abs(value - six), abs(value - twelve))
        return near / far if far > 0 else 1.0

    def save(self) -> dict[str, object]:
        hours = [[number, *seen] for number, seen in self._hours.items() if seen[3]]
        return {"hours": hours, "figures": [self._outside, self._since, self._rhythm]}

    def load(self, saved: Mapping[str, object]) -> None:
        """Take over what `save` wrote. Raises ValueError for anything else."""
        kept = rows(field(saved, "hours"), 5, WEEK_HOURS + DAY_HOURS + 1)
        if not all(count >= 1 for *_, count in kept):
            raise ValueError("A saved watch has an hour without samples.")
        outside, since, rhythm = numbers(field(saved, "figures"), 3)
        hours = {int(number): seen for number, *seen in kept}
        if hours:
            newest = max(hours)
            going_on = hours.pop(newest)
            self._hours = hours
            self._turn(newest)
            self._hours[newest] = going_on
        self._outside, self._since, self._rhythm = outside, since, rhythm
