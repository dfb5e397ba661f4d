"""What days to come will cost, and between which bounds.

Days differ by weekday: each weekday has a factor, its median share of the days around it. What is left without it is a
level, in which newer days count more. The days to come are level times factor. What came over what had been expected,
as many days ahead and on the days that are known, straightens the forecast and gives the interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor, fsum, sqrt
from statistics import median

WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRules:
    history_days: int = 70
    """How far back days are looked at."""
    half_life_days: float = 10.0
    """After how many days a day counts half in the level."""
    weeks_needed: int = 2
    """Before that all weekdays are taken as alike."""
    confidence: float = 0.8
    """Share of forecasts (0-1) that should come true within the interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What days to come are expected to cost together."""

    each: tuple[float, ...]
    """Day by day."""
    low: float
    high: float

    @property
    def expected(self) -> float:
        return fsum(self.each)


def coming(days: Mapping[date, float], through: date, count: int, rules: ForecastRules | None = None) -> Coming | None:
    """Return what the `count` days after `through` will cost; None when no day of the last weeks is known."""
    rules = rules or ForecastRules()
    known = _window(days, through, rules)
    if not known:
        return None
    each = _each_ahead(known, through, count, rules)
    low, middle, high = _came_true(known, through, count, rules)
    return Coming(each=tuple(usd * middle for usd in each), low=fsum(each) * low, high=fsum(each) * high)


def _window(days: Mapping[date, float], through: date, rules: ForecastRules) -> dict[date, float]:
    oldest = through - timedelta(days=rules.history_days)
    return {day: days[day] for day in sorted(days) if oldest < day <= through}


def _ahead(known: Mapping[date, float], through: date, count: int, rules: ForecastRules) -> float:
    """Return what the `count` days after `through` are expected to cost."""
    return fsum(_each_ahead(known, through, count, rules))


def _each_ahead(known: Mapping[date, float], through: date, count: int, rules: ForecastRules) -> list[float]:
    factors = _weekdays(known, rules)
    weights = fsum(0.5 ** ((through - day).days / rules.half_life_days) for day in known)
    level = fsum(
        0.5 ** ((through - day).days / rules.half_life_days) * usd / factors[day.weekday()]
        for day, usd in known.items()
    )
    return [level / weights * factors[(through.weekday() + 1 + offset) % WEEK] for offset in range(count)]


def _weekdays(known: Mapping[date, float], rules: ForecastRules) -> Sequence[float]:
    """Return the factor of each weekday, Monday first; 1 where too little is known."""
    shares: list[list[float]] = [[] for _ in range(WEEK)]
    for day in known:
        around = [known.get(day + timedelta(days=offset)) for offset in range(-3, 4)]
        whole = [usd for usd in around if usd is not None]
        if len(whole) == WEEK and (mean := fsum(whole) / WEEK) > 0:
            shares[day.weekday()].append(known[day] / mean)
    if min(map(len, shares)) < rules.weeks_needed:
        return (1.0,) * WEEK
    factors = [max(0.05, median(each)) for each in shares]
    return [factor * WEEK / fsum(factors) for factor in factors]


def _came_true(known: Mapping[date, float], through: date, count: int, rules: ForecastRules) -> tuple[float, ...]:
    """Return low, middle and high of what came over what was expected (ratio), `count` days ahead, on days before."""
    if not count:
        return 1.0, 1.0, 1.0
    ratios = []
    for back in range(count, len(known)):
        then = through - timedelta(days=back)
        before = {day: usd for day, usd in known.items() if day <= then}
        came = [known.get(then + timedelta(days=offset)) for offset in range(1, count + 1)]
        whole = [usd for usd in came if usd is not None]
        if len(before) < WEEK * rules.weeks_needed or len(whole) < count:
            continue
        expected = _ahead(before, then, count, rules)
        if expected > 0:
            ratios.append(fsum(whole) / expected)
    if len(ratios) < WEEK:
        error = _unproven(known, count)
        return 1 - error, 1.0, 1 + error
    ratios.sort()
    outside = (1 - rules.confidence) / 2 * (len(ratios) + 1)
    place = max(0, floor(outside) - 1)
    return ratios[place], median(ratios), ratios[-1 - place]


def _unproven(known: Mapping[date, float], count: int) -> float:
    """Return a wide bound from the scatter of the days, where no forecast can be held against what came."""
    values = list(known.values())
    mean = fsum(values) / len(values)
    if len(values) < WEEK or mean <= 0:
        return 0.5
    deviation = sqrt(fsum((value - mean) ** 2 for value in values) / (len(values) - 1)) / mean
    return min(1.0, 1.28 * deviation * sqrt(1 / len(values) + 1 / count) + 0.05)
