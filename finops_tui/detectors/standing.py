"""What has burned money for a while, and how much of it all the while."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.detectors.quantities import hours

GOES_ON = 0.5
"""What began at the least rate goes on until it is below this part of it, so that it does not come and go."""
RISE = 1.1
"""A level that is higher by less than this factor is the same level: prices move a little."""
BRIDGED = timedelta(hours=1)
"""The longest time without a look that counts as burned, and that something unseen is taken to go on."""
LINGERS = timedelta(hours=1)
"""How long what goes on may be less than the least."""


class Stand(NamedTuple):
    since: datetime
    usd_per_hour: float
    """The least that was seen during the window: what goes up and down does not stand. While it is low, what it is."""
    level_since: datetime
    """Since when it has been that much."""
    burned_usd: float
    low_since: datetime | None = None
    """Since when it has been next to nothing, which ends it unless it comes back."""
    before_usd_per_hour: float = 0.0
    """What it was before that."""


class _Spell:
    __slots__ = (
        "at", "burned", "enough_at", "floor", "level", "level_since", "low", "low_since", "lows", "seen", "since",
    )  # fmt: skip

    def __init__(self, since: datetime, now: datetime, rate: float) -> None:
        self.since = self.level_since = since
        self.at = self.seen = now
        self.burned = rate * hours(now - since)
        self.level = self.floor = rate
        """`level` is the floor that `level_since` speaks of."""
        self.enough_at = now
        """When it last was as much as the least."""
        self.low = 0.0
        self.low_since: datetime | None = None
        self.lows: deque[tuple[datetime, float]] = deque()
        """Rising rates, each the least since its time: the first is the least of the window."""

    def take(self, rate: float, now: datetime, window: timedelta) -> None:
        self.burned += self.floor * hours(min(now - self.at, BRIDGED))
        self.at = self.seen = now
        self.low_since = None
        while self.lows and self.lows[-1][1] >= rate:
            self.lows.pop()
        self.lows.append((now, rate))
        while now - self.lows[0][0] > window:
            self.lows.popleft()
        self.floor = self.lows[0][1]
        if self.floor > self.level * RISE:
            self.level, self.level_since = self.floor, max(self.since, now - window)
        self.level = min(self.level, self.floor)

    def dip(self, rate: float, now: datetime) -> None:
        """Take in that it is next to nothing: it burns nothing meanwhile, and what stood may come back."""
        self.at = self.seen = now
        self.low, self.low_since = max(0.0, rate), self.low_since or now

    def stand(self) -> Stand:
        usd = self.floor if self.low_since is None else min(self.low, self.floor)
        return Stand(self.since, usd, self.level_since, self.burned, self.low_since, self.floor)


class Standing:
    """Remembers, by key, since when something has burned without a break, and its least rate over a window."""

    def __init__(self, window: timedelta, least_usd_per_hour: float, grace: timedelta = timedelta(0)) -> None:
        """Take the limits; what falls below half of the least is over once it has been so for longer than `grace`."""
        self._window = window
        self._least = least_usd_per_hour
        self._grace = grace
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
            if spell is None and rate >= self._least:
                spell = self._spells[key] = _Spell(min(begun.get(key, now), now), now, rate)
            if spell is not None:
                self._take(spell, rate, now)
        for key, spell in list(self._spells.items()):
            if key in unsure and now - spell.seen <= BRIDGED:
                spell.at = now
            elif spell.seen != now:
                del self._spells[key]
        return {key: spell.stand() for key, spell in self._spells.items() if self._stands(spell)}

    def _take(self, spell: _Spell, rate: float, now: datetime) -> None:
        """Take in a rate, unless it ends the spell: only what stands already may be less than the least."""
        if rate >= self._least:
            spell.enough_at = now
        elif not self._stands(spell) or now - spell.enough_at > LINGERS:
            return
        if rate >= self._least * GOES_ON:
            spell.take(rate, now, self._window)
        elif self._grace and now - (spell.low_since or now) <= self._grace:
            spell.dip(rate, now)

    def _stands(self, spell: _Spell) -> bool:
        return spell.seen - spell.since >= self._window
