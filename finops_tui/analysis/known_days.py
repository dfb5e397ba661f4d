"""What each day cost, as far as it is known: billed where bills reach, estimated from there on, no hour in both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import fsum
from typing import NamedTuple

WHOLE = 0.5
"""Share of a day (0-1) that must have been watched for its estimate to stand for all of it."""
BEGUN = 15 / (24 * 60)
"""Share of a day (0-1) after midnight, in which what is not counted yet of today is next to nothing."""
CARRIED_DAYS = 7
"""What no estimate covers goes on as in so many billed days, and …"""
CARRIED_FOR = 35
"""… for so many: some bills come once a month."""


class Watched(NamedTuple):
    usd: float
    """For the part of the day that was watched."""
    covered: float
    """That part, 0-1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Money that is billed together, estimated together, or both."""

    billed: Mapping[date, float] = field(default_factory=dict)
    since: date | None = None
    """First day that bills tell of; None where there are none."""
    through: date | None = None
    """First day that is not billed as a whole yet."""
    estimated: Mapping[date, Watched] | None = None
    """Corrected; None where nothing estimates it."""

    def day(self, day: date) -> Part | None:
        """Return what a day that is over cost; None where it is not known."""
        if self.since is not None and self.through is not None and self.since <= day < self.through:
            return Part(billed=self.billed.get(day, 0.0))
        if self.estimated is not None:
            watched = self.estimated.get(day)
            if watched is None or watched.covered < WHOLE:
                return None
            return Part(estimated=watched.usd / watched.covered)
        return self._carried(day)

    def today(self, today: date, elapsed: float) -> Part | None:
        """Return what today has cost so far; None where it was not watched, which just after midnight nobody knows."""
        if self.estimated is None:
            carried = self._carried(today)
            return None if carried is None else Part(carried=carried.carried * elapsed)
        watched = self.estimated.get(today)
        if watched is None or watched.covered < WHOLE * elapsed or watched.covered <= 0:
            return Part() if elapsed <= BEGUN else None
        return Part(estimated=watched.usd / watched.covered * elapsed)

    def _carried(self, day: date) -> Part | None:
        if self.since is None or self.through is None or not self.through <= day:
            return None
        if (day - self.through).days >= CARRIED_FOR:
            return None
        back = [self.through - timedelta(days=offset + 1) for offset in range(CARRIED_DAYS)]
        lately = [self.billed.get(each, 0.0) for each in back if each >= self.since]
        return Part(carried=fsum(lately) / len(lately)) if lately else None


class Part(NamedTuple):
    """What one day cost, by how that is known."""

    billed: float = 0.0
    estimated: float = 0.0
    carried: float = 0.0

    @property
    def usd(self) -> float:
        return self.billed + self.estimated + self.carried


class KnownDays(NamedTuple):
    days: Mapping[date, Part]
    """Those before today of which all is known."""
    today: Part | None
    billed_through: date | None
    """First day of which not everything is billed that ever is; None where nothing is."""

    @property
    def usd(self) -> dict[date, float]:
        return {day: part.usd for day, part in self.days.items()}


def known_days(streams: Iterable[Stream], first: date, today: date, elapsed: float) -> KnownDays:
    """Return the days from `first` on; `elapsed` is the share of today (0-1) that is over."""
    streams = tuple(streams)
    days: dict[date, Part] = {}
    if streams:
        for offset in range((today - first).days):
            day = first + timedelta(days=offset)
            whole = _all(stream.day(day) for stream in streams)
            if whole is not None:
                days[day] = whole
    through = [stream.through for stream in streams if stream.through is not None]
    return KnownDays(
        days, _all(stream.today(today, elapsed) for stream in streams) if streams else None, min(through, default=None)
    )


def _all(parts: Iterable[Part | None]) -> Part | None:
    billed, estimated, carried = [], [], []
    for part in parts:
        if part is None:
            return None
        billed.append(part.billed)
        estimated.append(part.estimated)
        carried.append(part.carried)
    return Part(fsum(billed), fsum(estimated), fsum(carried))
