"""What has burned money for a while, and how much of it all the while."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.detectors.phrases import hours

GOES_ON = 0.5
"""What began at the least rate goes on until it is below this part of it, so that it does not come and go."""
RISE = 1.1
"""A level that is higher by less than this factor is the same level: prices move a little."""
BRIDGED = timedelta(hours=1)
"""The longest time without a look that counts as burned, and that something unseen is taken to go on."""


class Stand(NamedTuple):
    since: datetime
    usd_per_hour: float
    """The least that was seen during the window: what goes up and down does not stand."""
    level_since: datetime
    """Since when it has been that much."""
    burned_usd: float


class _Spell:
    __slots__ = ("at", "burned", "floor", "level", "level_since", "lows", "seen", "since")

    def __init__(self, since: datetime, now: datetime, rate: float) -> None:
        self.since = self.level_since = since
        self.at = self.seen = now
        self.burned = rate * hours(now - since)
        self.level = self.floor = rate
        """`level` is the floor that `level_since` speaks of."""
        self.lows: deque[tuple[datetime, float]] = deque()
        """Rising rates, each the least since its time: the first is the least of the window."""

    def take(self, rate: float, now: datetime, window: timedelta) -> None:
        self.burned += self.floor * hours(min(now - self.at, BRIDGED))
        self.at = self.seen = now
        while self.lows and self.lows[-1][1] >= rate:
            self.lows.pop()
        self.lows.append((now, rate))
        while now - self.lows[0][0] > window:
            self.lows.popleft()
        self.floor = self.lows[0][1]
        if self.floor > self.level * RISE:
            self.level, self.level_since = self.floor, max(self.since, now - window)
        self.level = min(self.level, self.floor)


class Standing:
    """Remembers, by key, since when something has burned without a break, and its least rate over a window."""

    def __init__(self, window: timedelta, least_usd_per_hour: float) -> None:
        self._window = window
        self._least = least_usd_per_hour
        self._spells: dict[str, _Spell] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._spells

    def update(
        self,
        rates: Mapping[str, float],
        now: datetime,
        *,
        unsure: Collection[str] = (),
        begun: Mapping[str, datetime] | None = None,
    ) -> dict[str, Stand]:
        """Take in what burns at this moment ($/h) and return what has for as long as the window.

        `unsure` are keys of which nothing is known now: what stands goes on, for an hour, and burns nothing meanwhile.
        `begun` says of some when they began, where that was before they were seen.
        """
        begun = begun or {}
        for key, rate in rates.items():
            spell = self._spells.get(key)
            if rate < self._least * (1.0 if spell is None else GOES_ON):
                continue
            if spell is None:
                spell = self._spells[key] = _Spell(min(begun.get(key, now), now), now, rate)
            spell.take(rate, now, self._window)
        for key, spell in list(self._spells.items()):
            if key in unsure and now - spell.seen <= BRIDGED:
                spell.at = now
            elif spell.seen != now:
                del self._spells[key]
        return {
            key: Stand(spell.since, spell.floor, spell.level_since, spell.burned)
            for key, spell in self._spells.items()
            if spell.seen - spell.since >= self._window
        }
