"""How much there was that could be lost: node-hours."""

from __future__ import annotations

from array import array
from bisect import bisect_right

HOUR = 3_600
DAY = 24 * HOUR
MARK_SECONDS = 300
"""Sums are kept for moments so far apart; between two of them nodes are taken to be spread evenly."""


class Exposure:
    """Node-hours of one pool, over spans of up to a day. Before the first look there were as many nodes as then."""

    __slots__ = ("_at", "_first", "_moments", "_nodes", "_sum", "_sums")

    def __init__(self, at: float, nodes: int) -> None:
        """Begin at a moment (unix seconds)."""
        self._at = at
        self._nodes = self._first = nodes
        self._sum = 0.0
        """Node-seconds since the beginning."""
        self._moments, self._sums = array("d", [at]), array("d", [0.0])
        """Moments and the sums until then: a day of them, so each stands as a bare number."""

    def add(self, at: float, nodes: int) -> None:
        """Take in how many nodes there are, no earlier than the last time."""
        self._sum += self._nodes * max(0.0, at - self._at)
        self._at, self._nodes = max(at, self._at), nodes
        if self._at - self._moments[-1] >= MARK_SECONDS:
            self._moments.append(self._at)
            self._sums.append(self._sum)
            old = max(0, bisect_right(self._moments, self._at - DAY) - 1)
            del self._moments[:old], self._sums[:old]

    def hours(self, since: float) -> float:
        """Return node-hours from a moment on, up to the last look."""
        moments, sums = self._moments, self._sums
        place = bisect_right(moments, since)
        if place == 0:
            return (self._sum - sums[0] + self._first * (moments[0] - since)) / HOUR
        before = moments[place - 1], sums[place - 1]
        after = (moments[place], sums[place]) if place < len(moments) else (self._at, self._sum)
        part = (since - before[0]) / (after[0] - before[0]) if after[0] > before[0] else 1.0
        return (self._sum - before[1] - min(part, 1.0) * (after[1] - before[1])) / HOUR
