"""Nine days of hourly means of what each namespace pays for traffic and for volumes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from math import isnan, nan
from statistics import median

from finops_tui.detectors.quantities import LIMIT

HOUR = 3_600
DAY = 24
WEEK = 7 * DAY
HOURS = 9 * DAY
"""A week, the day to compare, and the hour beside it."""
RECENT = 3
"""Hours before now that never count as normal, so that an incident does not become its own."""
WATCHED_MOST = 2_000
"""Namespaces that are watched, the first to be seen."""


class HourlyPast:
    """One figure in $/h, by the hour. Hours are counted from the epoch; NaN was not seen."""

    __slots__ = ("_count", "_means", "newest")

    def __init__(self) -> None:
        self.newest = -1
        self._means = array("d", [nan]) * HOURS
        self._count = 0

    def add(self, hour: int, usd: float) -> None:
        """Take one sample; what is older than the present hour counts to it."""
        if hour > self.newest:
            for number in range(max(self.newest + 1, hour - HOURS + 1), hour + 1):
                self._means[number % HOURS] = nan
            self.newest, self._count = hour, 0
        place = self.newest % HOURS
        self._count += 1
        mean = self._means[place]
        self._means[place] = usd if isnan(mean) else mean + (usd - mean) / self._count

    def fill(self, hours: Mapping[int, float], now: int) -> None:
        """Take what was told of the hours before `now`; what was seen here stands."""
        if now > self.newest:
            seen = {hour: self.at(hour) for hour in range(self.newest - HOURS + 1, self.newest + 1)}
            self._means = array("d", [nan]) * HOURS
            self.newest, self._count = now, 0
            for hour, mean in seen.items():
                if mean is not None and hour > now - HOURS:
                    self._means[hour % HOURS] = mean
        for hour, usd in hours.items():
            if self.newest - HOURS < hour < self.newest and self.at(hour) is None:
                self._means[hour % HOURS] = usd

    def at(self, hour: int) -> float | None:
        """Return the mean of one hour; None where it was not seen."""
        if not self.newest - HOURS < hour <= self.newest:
            return None
        mean = self._means[hour % HOURS]
        return None if isnan(mean) else mean

    def near(self, hour: int) -> list[float]:
        """Return what the same hour of each day before was at most, an hour more or less; the newest day first."""
        days = (self.known(hour - back * DAY + beside for beside in (-1, 0, 1)) for back in range(1, 9))
        return [max(seen) for seen in days if seen]

    def known(self, hours: Iterable[int]) -> list[float]:
        return [mean for hour in hours if (mean := self.at(hour)) is not None]

    def before(self, hour: int) -> list[float]:
        """Return every hour that was seen, up to `RECENT` before one."""
        return self.known(range(self.newest - HOURS + 1, hour - RECENT + 1))

    def level(self, hour: int) -> float | None:
        """Return the median of the six hours up to one; None where none was seen."""
        seen = self.known(range(hour - 5, hour + 1))
        return median(seen) if seen else None

    def oldest(self) -> int | None:
        """Return the first hour that was seen."""
        return next(
            (hour for hour in range(self.newest - HOURS + 1, self.newest + 1) if self.at(hour) is not None), None
        )

    def state(self) -> list[object]:
        means = [self.at(hour) for hour in range(self.newest - HOURS + 1, self.newest + 1)]
        return [self.newest, means]

    @classmethod
    def read(cls, told: object) -> HourlyPast | None:
        """Return what `state` told; None where it cannot be read."""
        if not isinstance(told, list | tuple) or len(told) != 2:  # noqa: PLR2004 - the hour and the means
            return None
        newest, means = told
        if not isinstance(newest, int) or not isinstance(means, list | tuple) or len(means) != HOURS:
            return None
        past = cls()
        past.newest = newest
        for hour, mean in zip(range(newest - HOURS + 1, newest + 1), means, strict=True):
            if isinstance(mean, int | float) and 0 <= mean <= LIMIT:
                past._means[hour % HOURS] = mean
        return past


class GrowthMemory:
    """The past of many figures by key."""

    def __init__(self) -> None:
        self._pasts: dict[str, HourlyPast] = {}

    def take(self, key: str, hour: int, usd: float) -> HourlyPast | None:
        """Take a sample and return the past that it belongs to; None where too many are watched."""
        past = self._of(key, hour)
        if past is not None:
            past.add(hour, usd)
        return past

    def prime(self, key: str, points: Iterable[tuple[float, float]], now: int) -> None:
        """Take what was told of the past: (unix seconds, $/h)."""
        hours: dict[int, list[float]] = {}
        for at, usd in points:
            if 0 <= usd <= LIMIT and at >= (now - HOURS) * HOUR:
                hours.setdefault(int(at // HOUR), []).append(usd)
        past = self._of(key, now)
        if past is not None and hours:
            past.fill({hour: sum(seen) / len(seen) for hour, seen in hours.items()}, now)

    def state(self) -> dict[str, object]:
        return {key: past.state() for key, past in self._pasts.items()}

    def restore(self, state: Mapping[str, object]) -> None:
        for key, told in list(state.items())[:WATCHED_MOST]:
            past = HourlyPast.read(told)
            if past is not None:
                self._pasts[key] = past

    def _of(self, key: str, hour: int) -> HourlyPast | None:
        past = self._pasts.get(key)
        if past is None:
            if len(self._pasts) >= WATCHED_MOST:
                self._pasts = {each: one for each, one in self._pasts.items() if one.newest > hour - HOURS}
            if len(self._pasts) >= WATCHED_MOST:
                return None
            past = self._pasts[key] = HourlyPast()
        return past
