"""What was estimated on each UTC day, from what was watched and from what sources told of the past.

Time is cut into slots. A slot counts once, whoever saw it first and in whatever order; what sources told stands for the
slots that nobody watched.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from math import fsum, isfinite
from typing import Any

from finops_tui.analysis.known_days import Watched
from finops_tui.engine.history import DAY, HOUR, SAMPLE_STEP, Points

DAYS_KEPT = 40
SLOTS = DAY // SAMPLE_STEP
_IN_AN_HOUR = HOUR // SAMPLE_STEP
HELD_SLOTS = 6
"""For so many slots (15 minutes) a rate stands without being seen again."""
KEYS_KEPT = 500
_EPOCH = date(1970, 1, 1)
_HOUR_MASK = (1 << _IN_AN_HOUR) - 1


class _Day:
    """One key's day."""

    __slots__ = ("slots", "usd")

    def __init__(self, usd: float = 0.0, slots: int = 0) -> None:
        self.usd = usd
        self.slots = slots
        """A bit for each slot that counts."""


class Tally:
    """Days by key: `cluster/prod-us`, `team/nlp`."""

    def __init__(self) -> None:
        self._days: dict[str, dict[int, _Day]] = {}
        self._told: dict[str, dict[int, float]] = {}
        """$/h by key and hour since the epoch, as sources tell."""
        self._last: tuple[int, dict[str, float]] = (0, {})
        """Slot of the last look, and what it saw."""
        self.version = 0
        """Raised when what is known of days that are over has changed."""

    def due(self, at: float) -> bool:
        """Tell whether a new slot has begun."""
        return int(at // SAMPLE_STEP) != self._last[0]

    def note(self, at: float, usd_per_hour: Mapping[str, float | None]) -> None:
        """Take the rates at a moment (unix seconds): those before stood until then. None is a gap."""
        slot, (before, rates) = int(at // SAMPLE_STEP), self._last
        if before < slot <= before + HELD_SLOTS:
            for key, usd in rates.items():
                for each in range(before, slot):
                    self._count(key, each, usd)
        if slot != before:
            sound = {key: usd for key, usd in usd_per_hour.items() if usd is not None and isfinite(usd) and usd >= 0}
            self._last = (slot, sound)

    def tell(self, key: str, points: Points) -> None:
        """Take what sources tell of the past of a key; it replaces what they told before."""
        hours: dict[int, list[float]] = {}
        for at, usd in points:
            hours.setdefault(int(at // HOUR), []).append(usd)
        self._told[key] = {hour: fsum(seen) / len(seen) for hour, seen in hours.items()}
        self.version += 1

    def days(self, key: str, now: float) -> dict[date, Watched]:
        """Return what is known of each day up to now."""
        numbers = {*self._days.get(key, ()), *(hour // 24 for hour in self._told.get(key, ()))}
        today = int(now // DAY)
        return {_EPOCH + timedelta(days=day): self._day(key, day, now) for day in sorted(numbers) if day <= today}

    def state(self) -> dict[str, object]:
        """Return what was watched, for the next start."""
        return {
            key: [[day, kept.usd, kept.slots.to_bytes(SLOTS // 8, "little")] for day, kept in days.items()]
            for key, days in self._days.items()
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` returned; what makes no sense is passed over."""
        for key, rows in list(state.items())[:KEYS_KEPT]:
            for row in rows if isinstance(rows, list) else ():
                match row:
                    case [int(day), float(usd), bytes(slots)] if (
                        isfinite(usd) and usd >= 0 and len(slots) == SLOTS // 8
                    ):
                        self._days.setdefault(key, {})[day] = _Day(usd, int.from_bytes(slots, "little"))
            self._trim(key)
        self.version += 1

    def _count(self, key: str, slot: int, usd_per_hour: float) -> None:
        number, place = divmod(slot, SLOTS)
        if key not in self._days and len(self._days) >= KEYS_KEPT:
            del self._days[min(self._days, key=lambda held: max(self._days[held], default=0))]
        days = self._days.setdefault(key, {})
        day = days.get(number)
        if day is None:
            day = days[number] = _Day()
            self._trim(key)
        bit = 1 << place
        if not day.slots & bit:
            day.slots |= bit
            day.usd += usd_per_hour * SAMPLE_STEP / HOUR

    def _day(self, key: str, day: int, now: float) -> Watched:
        kept = self._days.get(key, {}).get(day)
        usd, slots = (kept.usd, kept.slots) if kept is not None else (0.0, 0)
        count = slots.bit_count()
        told, over = self._told.get(key, {}), int(now // SAMPLE_STEP)
        parts = [usd]
        if count < SLOTS:
            for hour in range(24):
                rate = told.get(day * 24 + hour)
                if rate is None:
                    continue
                ended = min(max(over - day * SLOTS - hour * _IN_AN_HOUR, 0), _IN_AN_HOUR)
                watched = (slots >> (hour * _IN_AN_HOUR)) & _HOUR_MASK & ((1 << ended) - 1)
                unseen = ended - watched.bit_count()
                parts.append(rate * unseen / _IN_AN_HOUR)
                count += unseen
        return Watched(fsum(parts), min(1.0, count / SLOTS))

    def _trim(self, key: str) -> None:
        days = self._days.get(key, {})
        while len(days) > DAYS_KEPT:
            del days[min(days)]
