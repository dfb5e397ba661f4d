"""Moving back and forth: the turns of the last hours, and the most there were on each of the last days."""

from __future__ import annotations

from finops_tui.detectors.spend.rules import SpendRules
from finops_tui.detectors.spend.saved import numbers

DAY = 86_400
MOST = 24
"""Turns that are remembered; more than that is not worse."""


class Swings:
    """A turn is when spend has come back by a share of where it was, so that noise is none whatever the rate."""

    __slots__ = ("_days", "_edge", "_rising", "_rules", "_turns")

    def __init__(self, rules: SpendRules) -> None:
        self._rules = rules
        self._edge = -1.0
        """The highest while it rises, the lowest while it falls."""
        self._rising = True
        self._turns: list[float] = []
        self._days: dict[int, int] = {}
        """The most turns that were normal on each of the last days, by the day's number."""

    def see(self, ts: float, value: float) -> int:
        """Take a sample; return how many turns there were within the last hours."""
        rules = self._rules
        if self._edge < 0 or (value >= self._edge if self._rising else value <= self._edge):
            self._edge = value
        elif abs(value - self._edge) >= max(rules.usd_per_hour, rules.turn * max(value, self._edge)):
            self._edge = value
            self._rising = not self._rising
            self._turns = [*self._turns[1 - MOST :], ts]
        while self._turns and self._turns[0] < ts - rules.turns_hours * 3_600:
            del self._turns[0]
        return len(self._turns)

    @property
    def since(self) -> float:
        """Unix seconds of the first turn that counts."""
        return self._turns[0]

    def remember(self, ts: float) -> None:
        """Take the turns of now for normal."""
        day, turns = int(ts // DAY), len(self._turns)
        if turns > self._days.get(day, -1):
            self._days[day] = turns
            self._forget()

    def most(self) -> int:
        """Return the most turns that were normal on any of the last days."""
        return max(self._days.values(), default=0)

    def save(self) -> list[object]:
        return [
            self._edge,
            int(self._rising),
            list(self._turns),
            [number for day in self._days.items() for number in day],
        ]

    def load(self, saved: object) -> None:
        if not isinstance(saved, list) or len(saved) != 4:  # noqa: PLR2004 - what save() writes
            raise ValueError("A saved spend watch has no legible swings.")
        self._edge, rising = numbers(saved[:2], 2)
        self._rising = bool(rising)
        self._turns = numbers(saved[2])[-MOST:]
        days = [int(number) for number in numbers(saved[3])]
        self._days = dict(zip(days[::2], days[1::2], strict=True))
        self._forget()

    def _forget(self) -> None:
        while len(self._days) > self._rules.days_compared + 1:
            del self._days[next(iter(self._days))]
