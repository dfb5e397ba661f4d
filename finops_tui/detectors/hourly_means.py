"""A week of hourly means of what some scopes spend."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from datetime import datetime
from math import isfinite, nan
from statistics import fmean, pstdev
from typing import NamedTuple

from finops_tui.detectors.quantities import LIMIT

HOURS = 7 * 24
WATCHED_MOST = 1_000
"""Scopes that are watched, the first to be seen."""


class Week(NamedTuple):
    """Mean and standard deviation of the full hours of a week."""

    mean: float
    deviation: float
    hours: int


class _Ring:
    __slots__ = ("_week", "count", "hour", "means", "present")

    def __init__(self) -> None:
        self.hour = -1
        """The present one, counted from the epoch."""
        self.present = 0.0
        """Its mean so far."""
        self.count = 0
        self.means = array("d", [nan]) * HOURS
        self._week: Week | None = None

    def add(self, hour: int, usd: float) -> None:
        if hour > self.hour:
            self._turn(hour)
        self.count += 1
        self.present += (usd - self.present) / self.count

    def _turn(self, hour: int) -> None:
        """Close the present hour and begin another; those in between are gaps."""
        closed = self.present if self.count else nan
        for number in range(max(self.hour, hour - HOURS), hour):
            self.means[number % HOURS] = closed if number == self.hour else nan
        self.hour, self.present, self.count = hour, 0.0, 0
        self._week = None

    def week(self) -> Week:
        """Return mean and deviation; worked out once an hour."""
        if self._week is None:
            seen = [mean for mean in self.means if isfinite(mean)]
            self._week = Week(fmean(seen), pstdev(seen), len(seen)) if seen else Week(0.0, 0.0, 0)
        return self._week


class HourlyMeans:
    def __init__(self) -> None:
        self._rings: dict[str, _Ring] = {}

    def add(self, key: str, usd: float, now: datetime) -> None:
        """Take one sample of $/h. What is older than the last one of its scope counts to the present hour."""
        ring = self._rings.get(key)
        if ring is None:
            if len(self._rings) >= WATCHED_MOST:
                self._forget(now)
            if len(self._rings) >= WATCHED_MOST:
                return
            ring = self._rings[key] = _Ring()
        ring.add(int(now.timestamp() // 3_600), usd)

    def week(self, key: str) -> Week | None:
        """Return what a scope spent in the full hours of the last week; None where it was never seen."""
        ring = self._rings.get(key)
        return ring.week() if ring is not None else None

    def state(self) -> dict[str, object]:
        """Return the full hours, as JSON can hold them: a gap is None."""
        return {
            key: {"hour": ring.hour, "means": [mean if isfinite(mean) else None for mean in ring.means]}
            for key, ring in self._rings.items()
        }

    def restore(self, state: Mapping[str, object]) -> None:
        """Go on from an earlier `state`; what of it cannot be read is left out."""
        for key, told in list(state.items())[:WATCHED_MOST]:
            ring = _read(told)
            if ring is not None:
                self._rings[key] = ring

    def _forget(self, now: datetime) -> None:
        limit = int(now.timestamp() // 3_600) - HOURS
        self._rings = {key: ring for key, ring in self._rings.items() if ring.hour >= limit}


def _read(told: object) -> _Ring | None:
    if not isinstance(told, Mapping):
        return None
    hour, means = told.get("hour"), told.get("means")
    if not isinstance(hour, int) or not isinstance(means, list) or len(means) != HOURS:
        return None
    ring = _Ring()
    ring.hour = hour
    ring.means = array(
        "d", [float(mean) if isinstance(mean, int | float) and 0 <= mean <= LIMIT else nan for mean in means]
    )
    return ring
