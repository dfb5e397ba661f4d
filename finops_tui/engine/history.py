"""What was spent, hour by hour and minute by minute: the strip, the trends, today's sum and what is normal.

Everything is bounded: three hours of samples, a day of minutes for the total alone, two weeks of hours for normal.
What was recorded here stands; what sources tell of the time before (`HistorySeen`) fills in below it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import fsum, isnan, nan

from finops_tui.analysis.baseline import BaselineRules, Normal, normal_at
from finops_tui.model.scope import TOTAL, Scope
from finops_tui.model.snapshot import TREND_CELLS

MINUTE = 60
HOUR = 3_600
DAY = 86_400
WEEK_HOURS = 168
TREND_STEP = 450
SAMPLE_STEP = 150
"""Seconds between two samples of every scope but the total: three for each cell of a trend."""
SAMPLES_KEPT = TREND_CELLS * TREND_STEP // SAMPLE_STEP
STRIP_CELLS = 180
MINUTES_KEPT = DAY // MINUTE + STRIP_CELLS
GONE_AFTER = 3 * HOUR
BRIDGED = 60
"""Minutes of a gap that today's sum may bridge by the figures on both sides."""
LATE_START = 5
"""Minutes after midnight by which history must have begun for today's sum to be one."""

Points = Sequence[tuple[float, float]]
"""(unix seconds, value), in time order."""


class Buckets:
    """Means over equally long spans of time, oldest first; NaN is a gap."""

    __slots__ = ("_count", "_held", "_hold", "_live", "_size", "_step", "first", "means")

    def __init__(self, step_seconds: int, size: int, hold: int = 0) -> None:
        """Keep the newest `size` spans. A value is held for up to `hold` spans without a sample."""
        self._step = step_seconds
        self._size = size
        self._hold = hold
        self._count = 0
        self._held = nan
        self._live: int | None = None
        self.first = 0
        """Number of the first span, counted from the epoch."""
        self.means = array("d")

    def add(self, at: float, value: float) -> None:
        """Take one sample, no older than the last."""
        index = int(at // self._step)
        if self._live is None:
            self._live = index
        if not self.means:
            self.first = index
        offset = index - self.first
        missing = offset + 1 - len(self.means)
        if missing > 0:
            held = self._held if missing - 1 <= self._hold else nan
            self._extend(missing - 1, held)
            self.means.append(value)
            self._count = 1
            self._trim()
        elif missing == 0:
            self._count += 1
            mean = self.means[-1]
            self.means[-1] = value if isnan(mean) else mean + (value - mean) / self._count
        self._held = value

    def gap(self) -> None:
        """Let what follows be a gap: the last value must not be held."""
        self._held = nan

    def prime(self, points: Points, step_seconds: float, now: float) -> None:
        """Fill in the time before the first sample; each point stands for `step_seconds` from its time on."""
        own, end = array("d"), int(now // self._step)
        if self._live is not None:
            own = self.means[max(0, self._live - self.first) :]
            end = max(self._live, self.first)
        first = int(points[0][0] // self._step) if points else end
        start = min(end, max(first, end + len(own) - self._size))
        sums, counts = [0.0] * (end - start), [0] * (end - start)
        for at, value in points:
            begins, ends = int(at // self._step), int((at + step_seconds - 1) // self._step)
            for index in range(max(begins, start) - start, min(ends + 1, end) - start):
                sums[index] += value
                counts[index] += 1
        self.first = start
        self.means = array("d", [total / count if count else nan for total, count in zip(sums, counts, strict=True)])
        self.means.extend(own)

    def window(self, at: float, cells: int) -> tuple[float | None, ...]:
        """Return the newest `cells` spans up to `at`, oldest first; None is a gap."""
        offset = int(at // self._step) + 1 - cells - self.first
        if not self.means or offset <= -cells:
            return (None,) * cells
        inside = self.means[max(0, offset) : offset + cells]
        before = max(0, -offset)
        values = [None if value != value else value for value in inside]  # noqa: PLR0124 - NaN only
        return (*[None] * before, *values, *[None] * (cells - before - len(values)))

    def at(self, index: int) -> float | None:
        """Return the mean of one span, counted from the epoch; None when nothing was seen in it."""
        place = index - self.first
        value = self.means[place] if 0 <= place < len(self.means) else nan
        return None if isnan(value) else value

    def between(self, first: int, last: int) -> Sequence[float] | None:
        """Return the means of some spans, both ends included; None when nothing was seen in one of them."""
        start, end = first - self.first, last + 1 - self.first
        if start >= end:
            return ()
        inside = self.means[start:end] if start >= 0 else ()
        return None if len(inside) < end - start or any(map(isnan, inside)) else inside

    def _extend(self, spans: int, value: float) -> None:
        if spans > self._size:  # a long pause: nothing of what is kept would stay
            self.first += len(self.means) + spans - self._size
            self.means = array("d", [nan]) * self._size
        else:
            self.means.extend([value] * spans)

    def _trim(self) -> None:
        excess = len(self.means) - self._size
        if excess > 0:
            del self.means[:excess]
            self.first += excess


class ScopeHistory:
    """The past of one scope's $/h."""

    __slots__ = (
        "_hours", "_normal", "_normal_hour", "_rules", "_samples", "_shown", "_shown_at", "_shown_step", "_trend",
        "seen_at",
    )  # fmt: skip

    def __init__(self, rules: BaselineRules) -> None:
        self._rules = rules
        self._trend = Buckets(TREND_STEP, TREND_CELLS, hold=1)
        self._samples = Buckets(SAMPLE_STEP, SAMPLES_KEPT, hold=3)
        self._hours = Buckets(HOUR, rules.hours_kept)
        self._normal = Normal(None, "")
        self._normal_hour: int | None = None
        self._shown: tuple[float | None, ...] = ()
        self._shown_at = -1.0
        self._shown_step = 0
        """Number of the newest span of what was shown last, counted from the epoch."""
        self.seen_at = 0.0

    def record(self, at: float, usd_per_hour: float) -> None:
        self._trend.add(at, usd_per_hour)
        self._samples.add(at, usd_per_hour)
        self._hours.add(at, usd_per_hour)
        self.seen_at, self._shown_at = at, -1.0

    def gap(self, at: float) -> None:
        self._trend.gap()
        self._samples.gap()
        self.seen_at = at

    def prime(self, points: Points, step_seconds: float, now: float) -> None:
        recent = now - TREND_STEP * TREND_CELLS - step_seconds
        lately = [point for point in points if point[0] >= recent]
        self._trend.prime(lately, step_seconds, now)
        self._samples.prime(lately, step_seconds, now)
        self._hours.prime(points, step_seconds, now)
        self._normal_hour = None
        self._shown, self._shown_at = (), -1.0

    def trend(self, at: float) -> tuple[float | None, ...]:
        """Return $/h over the last three hours, as of the last sample; before the first one up to `at`."""
        until = self.seen_at or at
        if self._shown_at != until:
            self._shown_at = until
            self._move_on(until)
        return self._shown

    def _move_on(self, at: float) -> None:
        """Bring what is shown up to date: of what stood there the figures stay the same objects.

        Hundreds of scopes move on each second; to make all of their figures anew takes half a MiB.
        """
        steps = int(at // TREND_STEP) - self._shown_step
        if 0 <= steps <= 1 and self._shown:
            self._shown = self._shown[steps:-1] + self._trend.window(at, steps + 1)
        else:
            self._shown = self._trend.window(at, TREND_CELLS)
        self._shown_step += steps

    def samples(self, at: float) -> tuple[float | None, ...]:
        """Return $/h over the last three hours, a sample each `SAMPLE_STEP` seconds, oldest first; None is a gap."""
        return self._samples.window(at, SAMPLES_KEPT)

    def normal(self, at: float) -> Normal:
        """Return what is normal in the hour of `at`; worked out once an hour."""
        hour = int(at // HOUR)
        if hour != self._normal_hour:
            self._normal_hour = hour
            self._normal = normal_at(hour, self._hours.means, self._hours.first, self._rules)
        return self._normal

    def week_ago(self, at: float) -> float | None:
        """Return the mean $/h of the same hour a week ago."""
        return self._hours.at(int(at // HOUR) - WEEK_HOURS)

    def today(self, at: float, since: float | None) -> float | None:
        """Return dollars since midnight UTC, by hourly means; None when some of those hours were not seen.

        `since` says when the scope came to be, where that is known: what was not there cost nothing.
        """
        hour = int(at // HOUR)
        midnight = int(at // DAY) * DAY // HOUR
        begun = max(midnight, int(since // HOUR)) if since is not None else midnight
        hours = self._hours.between(begun, hour)
        if hours is None:
            return None
        return fsum(hours) - hours[-1] * (1 - at % HOUR / HOUR) if hours else 0.0

    def normal_in(self, hours: Iterable[int]) -> dict[int, float | None]:
        """Return what is normal in each of some hours (since the epoch)."""
        means, first = self._hours.means, self._hours.first
        return {hour: normal_at(hour, means, first, self._rules).usd_per_hour for hour in hours}


class SpendHistory:
    """The past of every scope, and the total's minutes."""

    def __init__(self, rules: BaselineRules) -> None:
        self._rules = rules
        self._scopes: dict[Scope, ScopeHistory] = {}
        self._past: Mapping[Scope, tuple[Points, float]] = {}
        self._primed_at = 0.0
        self._minutes = Buckets(MINUTE, MINUTES_KEPT, hold=10)
        self._burn = Buckets(MINUTE, STRIP_CELLS, hold=10)
        self._swept_at = 0.0

    def scope(self, scope: Scope) -> ScopeHistory:
        """Return the past of one scope, with what sources told of it."""
        history = self._scopes.get(scope)
        if history is None:
            history = self._scopes[scope] = ScopeHistory(self._rules)
            past = self._past.get(scope)
            if past is not None:
                history.prime(*past, self._primed_at)
        return history

    def prime(self, past: Mapping[Scope, tuple[Points, float]], now: float) -> None:
        """Take in what sources told, by scope: points of $/h and their step in seconds."""
        self._past, self._primed_at = past, now
        for scope, history in self._scopes.items():
            if scope in past:
                history.prime(*past[scope], now)
        if TOTAL in past:
            points, step = past[TOTAL]
            recent = now - MINUTES_KEPT * MINUTE - step
            self._minutes.prime([point for point in points if point[0] >= recent], step, now)

    def record_total(self, at: float, usd_per_hour: float | None) -> None:
        """Take the total at this moment; None is a gap."""
        if usd_per_hour is None:
            self._minutes.gap()
        else:
            self._minutes.add(at, usd_per_hour)

    def record_burn(self, at: float, worst: float | None) -> None:
        """Take the worst burn rate at this moment; None is a gap."""
        if worst is None:
            self._burn.gap()
        else:
            self._burn.add(at, worst)

    def strip_burn(self, at: float) -> tuple[float | None, ...]:
        """Return the worst burn rate of the last three hours, a sample a minute."""
        return self._burn.window(at, STRIP_CELLS)

    def strip(self, at: float) -> tuple[float | None, ...]:
        """Return the total's last three hours, a sample a minute."""
        return self._minutes.window(at, STRIP_CELLS)

    def strip_normal(self, at: float) -> tuple[float | None, ...]:
        """Return what was normal in each minute of the strip."""
        last = int(at // MINUTE)
        minutes = range(last - STRIP_CELLS + 1, last + 1)
        normal = self.scope(TOTAL).normal_in({minute // 60 for minute in minutes})
        return tuple(normal[minute // 60] for minute in minutes)

    def today(self, at: float) -> tuple[float | None, str]:
        """Return dollars since midnight UTC, or None and the reason."""
        midnight = int(at // DAY) * DAY
        cells = int(at // MINUTE) - midnight // MINUTE + 1
        minutes = self._minutes.window(at, cells)
        begun = next((index for index, value in enumerate(minutes) if value is not None), None)
        if begun is None:
            return None, "Nothing has been recorded today."
        if begun > LATE_START:
            since = datetime.fromtimestamp(midnight + begun * MINUTE, UTC)
            return None, f"History begins at {since:%H:%M}Z; the sum since midnight is not known."
        usd: list[float] = []
        held = next(value for value in minutes if value is not None)
        pending = 0
        for value in minutes:
            if value is None:
                pending += 1
                continue
            if pending > BRIDGED:
                return None, f"{pending} minutes of today were not recorded."
            usd.append(pending * (held + value) / 2 / 60)
            usd.append(value / 60)
            held, pending = value, 0
        if pending > BRIDGED:
            return None, f"The last {pending} minutes were not recorded."
        part = at % MINUTE / MINUTE  # the present minute is not over
        return fsum(usd) + pending * held / 60 - (1 - part) * held / 60, ""

    def sweep(self, at: float) -> None:
        """Forget scopes that have been gone for long; at most once a minute."""
        if at - self._swept_at < MINUTE:
            return
        self._swept_at = at
        for scope in [scope for scope, history in self._scopes.items() if at - history.seen_at > GONE_AFTER]:
            del self._scopes[scope]
