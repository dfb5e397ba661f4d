"""One scope's spend, watched one sample at a time. docs/detection.md tells how it decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from finops_tui.detectors.spend.extremes import Extremes
from finops_tui.detectors.spend.history import MOST
from finops_tui.detectors.spend.rules import DEFAULT, SpendRules
from finops_tui.detectors.spend.saved import field, number, numbers, text
from finops_tui.detectors.spend.verdict import QUESTIONS, QUIET, Verdict
from finops_tui.detectors.spend.watch import Watch

__all__ = ["DEFAULT", "SpendDetector", "SpendRules", "Verdict"]

FORMAT = 1
"""Raised when a saved state changes its meaning."""
LATEST = 253_402_300_800
"""Year 10000 in unix seconds: no clock shows it."""
MINUTE = 60


class SpendDetector:
    """Learns what is normal and says when spend has left the rails.

    Time is the time of the samples: a detector fed two weeks of hourly means and then one sample a minute is one that
    has watched for two weeks. One sample a minute is looked at, however many come.
    """

    __slots__ = ("_gap", "_minute", "_money", "_rules", "_ts", "_verdict", "_watch")

    def __init__(self, *, interval_seconds: float, money: bool = True, rules: SpendRules = DEFAULT) -> None:
        """`interval_seconds` is the usual distance of samples, a guess until two have come."""
        self._money = money
        self._rules = rules
        self._gap = interval_seconds
        self._ts = 0.0
        self._minute = -1
        self._verdict = QUIET
        self._watch: Watch | Extremes = Watch(rules) if money else Extremes(rules)

    def update(self, ts: float, value: float) -> Verdict:
        """Take a sample: unix seconds and $/h. Never raises.

        What is not finite, negative (of money), absurd or not newer than the last sample changes nothing: the answer
        is the last one.
        """
        lowest = 0 if self._money else -MOST
        if not (self._ts < ts < LATEST and lowest <= value <= MOST) or ts // MINUTE == self._minute:
            return self._verdict
        gap = ts - self._ts
        step, self._gap = min(gap, self._gap), gap  # the first sample after a gap does not stand for the gap
        self._ts, self._minute = ts, int(ts // MINUTE)
        self._verdict = self._watch.see(ts, value, step)
        return self._verdict

    def normal(self, ts: float) -> float | None:
        """Return the $/h expected at that time, by hour of the week where known; None while too little is known."""
        return self._watch.normal_at(ts) if 0 < ts < LATEST else None

    def state(self) -> dict[str, object]:
        """Return all it knows, ready for JSON."""
        return {
            "format": FORMAT,
            "money": self._money,
            "clock": [self._ts, self._minute, self._gap],
            "verdict": list(self._verdict),
            "watch": self._watch.save(),
        }

    @classmethod
    def restore(cls, state: object, *, rules: SpendRules = DEFAULT) -> Self:
        """Return a detector that goes on where the saved one was. Raises ValueError for what is no saved state."""
        if not isinstance(state, Mapping):
            raise ValueError("This is not a saved spend watch.")  # noqa: TRY004 - one kind of error for the caller
        if field(state, "format") != FORMAT:
            raise ValueError(f"The saved spend watch has format {state['format']!r:.20}, this program reads {FORMAT}.")
        watch = field(state, "watch")
        if not isinstance(watch, Mapping):
            raise ValueError("A saved spend watch has nothing that it watched.")  # noqa: TRY004 - as above
        ts, minute, gap = numbers(field(state, "clock"), 3)
        detector = cls(interval_seconds=gap, money=field(state, "money") is True, rules=rules)
        detector._ts, detector._minute = ts, int(minute)
        detector._verdict = _verdict(field(state, "verdict"))
        detector._watch.load(watch)
        return detector


def _verdict(saved: object) -> Verdict:
    if not isinstance(saved, list) or len(saved) != len(Verdict._fields):
        raise ValueError("A saved spend watch has no legible verdict.")
    page, score, reason, since, normal, question, excess = saved
    return Verdict(
        page=page is True,
        score=number(score),
        reason=reason if isinstance(reason, str) else "",
        since=None if since is None else number(since),
        normal=None if normal is None else number(normal),
        question=text(question, QUESTIONS),
        excess=number(excess),
    )
