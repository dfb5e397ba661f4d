"""What is normal at this hour, from the hours seen so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

HOURS_A_DAY = 24
HOURS_A_WEEK = 168
ENOUGH = 3
"""Comparable hours that make a median."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineRules:
    days_needed: int = 2
    """Days of hours that must have been seen before anything is called normal."""
    hours_kept: int = 14 * HOURS_A_DAY
    recent_hours_ignored: int = 3
    """An incident that has just begun must not become the normal it is held against."""


class Normal(NamedTuple):
    usd_per_hour: float | None
    missing: str
    """Why it is not known; empty when it is."""


def normal_at(hour: int, hours: Sequence[float], first_hour: int, rules: BaselineRules) -> Normal:
    """Return the median of comparable hours.

    `hours` are hourly means from `first_hour` on (hours since the epoch), NaN where nothing was seen. Comparable are,
    in this order, as soon as there are enough: the same hour of the week, the same hour of the day, any hour. Each
    takes its two neighbours along, so that one odd hour decides nothing.
    """
    seen = sum([1 for value in hours if value == value])  # noqa: PLR0124 - NaN is not equal to itself
    needed = rules.days_needed * HOURS_A_DAY
    if seen < needed:
        days = seen // HOURS_A_DAY
        return Normal(None, f"Normal is not known yet: {days} of {rules.days_needed} days seen.")
    until = hour - rules.recent_hours_ignored - first_hour
    for period in (HOURS_A_WEEK, HOURS_A_DAY):
        comparable = [
            hours[index]
            for middle in range(hour - first_hour - period, -2, -period)
            for index in (middle - 1, middle, middle + 1)
            if 0 <= index < min(until, len(hours)) and hours[index] == hours[index]
        ]
        if len(comparable) >= ENOUGH:
            return Normal(median(comparable), "")
    recent = [value for value in hours[: max(0, until)] if value == value]  # noqa: PLR0124 - as above
    return Normal(median(recent), "") if recent else Normal(None, "Normal is not known yet: no comparable hours seen.")
