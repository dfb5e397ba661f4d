"""How much there was that could be lost: node-hours."""

from __future__ import annotations

from bisect import bisect_right
from math import inf

HOUR = 3_600
DAY = 24 * HOUR
MARK_SECONDS = 300
"""Sums are kept for moments so far apart; between two of them nodes are taken to be spread evenly."""


class Exposure:
    """Node-hours of one pool, over spans of up to a day. Before the first look there were as many nodes as then."""

    __slots__ = ("_at", "_first", "_marks", "_nodes", "_sum")

    def __init__(self, at: float, nodes: int) -> None:
        """Begin at a moment (unix seconds)."""
        self._at = at
        self._nodes = self._first = nodes
        self._sum = 0.0
        """Node-seconds since the beginning."""
        self._marks = [(at, 0.0)]
        """Moments and the sums until then."""

    def add(self, at: float, nodes: int) -> None:
        """Take in how many nodes there are, no earlier than the last time."""
        self._sum += self._nodes * max(0.0, at - self._at)
        self._at, self._nodes = max(at, self._at), nodes
        if self._at - self._marks[-1][0] >= MARK_SECONDS:
            self._marks.append((self._at, self._sum))
            del self._marks[: max(0, bisect_right(self._marks, (self._at - DAY,)) - 1)]

    def hours(self, since: float) -> float:
        """Return node-hours from a moment on, up to the last look."""
        marks = self._marks
        place = bisect_right(marks, (since, inf))
        if place == 0:
            return (self._sum - marks[0][1] + self._first * (marks[0][0] - since)) / HOUR
        before = marks[place - 1]
        after = marks[place] if place < len(marks) else (self._at, self._sum)
        part = (since - before[0]) / (after[0] - before[0]) if after[0] > before[0] else 1.0
        return (self._sum - before[1] - min(part, 1.0) * (after[1] - before[1])) / HOUR
