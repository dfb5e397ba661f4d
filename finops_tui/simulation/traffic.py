"""How much is asked of the fleet at any moment: days, weekends, and the restlessness on top of them."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from finops_tui.simulation.randomness import Noise
from finops_tui.simulation.tenants import NotebookPlan, ServicePlan

HOUR = 3600.0
DAY = 24 * HOUR
BUSIEST_HOUR = 14.5


def week_hours(now: float, utc_offset_hours: int) -> float:
    """Return local hours since Monday 00:00, in [0, 168)."""
    return ((now + utc_offset_hours * HOUR) / HOUR + 72.0) % 168.0  # the epoch began on a Thursday


def weekend_weight(week_hour: float) -> float:
    """Return 1 on Saturday and Sunday, 0 on working days, with six hours from one to the other."""
    into = min(max((week_hour - 117.0) / 6.0, 0.0), 1.0)
    out = min(max((week_hour - 165.0) / 6.0, 0.0), 1.0)
    early = min(max((3.0 - week_hour) / 6.0, 0.0), 1.0)
    return max(into - out, early)


class _Hour(NamedTuple):
    """What a moment is to everybody at one place."""

    of_week: float
    day: float
    """How much of a day's difference between night and the busiest hour it has, 0-1."""
    weekend: float


@lru_cache(maxsize=128)  # services are asked one after another, each about the same moments of a day
def _hour(now: float, utc_offset_hours: int) -> _Hour:
    hour = week_hours(now, utc_offset_hours)
    day = math.pow(0.5 + 0.5 * math.cos((hour - BUSIEST_HOUR) * (math.pi / 12.0)), 0.8)
    return _Hour(hour, day, weekend_weight(hour))


class Traffic:
    """Requests per second to one service, at any time. A usual week repeats; noise of a few percent does not."""

    __slots__ = ("_night", "_noise", "_offset", "_peak", "_weekend")

    def __init__(self, seed: int, plan: ServicePlan, utc_offset_hours: int) -> None:
        self._noise = Noise(seed, f"traffic/{plan.cluster}/{plan.namespace}/{plan.name}")
        self._offset = utc_offset_hours
        self._peak = plan.peak
        self._night = plan.night
        self._weekend = plan.weekend

    def usual(self, now: float) -> float:
        """Return what the hour of the week lets expect."""
        _, day, weekend = _hour(now, self._offset)
        shape = self._night + (1.0 - self._night) * day
        return self._peak * shape * (1.0 + (self._weekend - 1.0) * weekend)

    def rate(self, now: float) -> float:
        noise = self._noise
        wander = 0.03 * noise.smooth(now, 6 * HOUR) + 0.03 * noise.smooth(now, 1500.0) + 0.02 * noise.smooth(now, 110.0)
        return self.usual(now) * (1.0 + wander)


class Sessions:
    """How many notebooks are open, and which of them compute."""

    __slots__ = ("_noise", "_offset", "_plan")

    def __init__(self, seed: int, plan: NotebookPlan, utc_offset_hours: int) -> None:
        self._noise = Noise(seed, f"sessions/{plan.namespace}/{plan.name}")
        self._offset = utc_offset_hours
        self._plan = plan

    @property
    def most(self) -> int:
        """How many are open in office hours."""
        return self._plan.day

    def presence(self, now: float) -> float:
        """Return the share of people at their desks."""
        hour = _hour(now, self._offset)
        of_day = hour.of_week % 24.0
        rise = min(max((of_day - 7.5) / 2.5, 0.0), 1.0)
        fall = min(max((of_day - 17.0) / 4.0, 0.0), 1.0)
        return (rise - fall) * (1.0 - 0.85 * hour.weekend)

    def open(self, now: float) -> int:
        plan = self._plan
        presence = self.presence(now) * (1.0 + 0.12 * self._noise.smooth(now, 2 * HOUR))
        return round(plan.night + (plan.day - plan.night) * min(presence, 1.1))

    def busy(self, session: int, now: float) -> bool:
        """Say whether this session computes something in the present quarter of an hour."""
        chance = self._plan.busy * (0.06 + 0.94 * self.presence(now))
        return self._noise.at(int(now // 900) * 1009 + session) < chance
