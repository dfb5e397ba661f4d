"""What goes up and down: turns, and the height between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime

MOST = 256
"""Changes kept of one size; more within a window are told from the newest of them."""


class Swing:
    """The recent sizes of one thing. It turns when it goes back by a share (ratio) of the height it had reached."""

    __slots__ = ("_changes", "_extreme", "_rising", "_share", "_turns", "since")

    def __init__(self, size: float, at: datetime, share: float) -> None:
        self._changes: deque[tuple[datetime, float]] = deque([(at, size)], maxlen=MOST)
        self._extreme = size
        self._rising: bool | None = None
        """None until it has moved for the first time."""
        self._share = share
        self._turns: deque[datetime] = deque(maxlen=MOST)
        self.since: datetime | None = None
        """When it began to be too much; the owner's to set."""

    def take(self, size: float, at: datetime) -> None:
        """Take in what size it has now, when that is another."""
        if size == self._changes[-1][1]:
            return
        self._changes.append((at, size))
        back = self._share * max(self._extreme, size)
        if self._rising is None:
            if abs(size - self._extreme) >= back:
                self._rising, self._extreme = size > self._extreme, size
        elif (size >= self._extreme) is self._rising:
            self._extreme = size
        elif abs(size - self._extreme) >= back:
            self._rising, self._extreme = not self._rising, size
            self._turns.append(at)

    def forget(self, before: datetime) -> None:
        while self._turns and self._turns[0] < before:
            self._turns.popleft()
        while len(self._changes) > 1 and self._changes[1][0] <= before:
            self._changes.popleft()

    @property
    def still(self) -> bool:
        """It has not changed for as long as anything is kept."""
        return len(self._changes) == 1

    @property
    def turns(self) -> Sequence[datetime]:
        return self._turns

    @property
    def began(self) -> datetime:
        """Return when it left the size it had first."""
        return self._changes[1][0] if len(self._changes) > 1 else self._changes[0][0]

    @property
    def low(self) -> float:
        return min(size for _, size in self._changes)

    @property
    def high(self) -> float:
        return max(size for _, size in self._changes)

    def mean(self, since: datetime, now: datetime) -> float:
        """Return its mean size over time."""
        spans = [
            (size, max(0.0, (until - max(at, since)).total_seconds()))
            for (at, size), until in zip(self._changes, [*(at for at, _ in self._changes), now][1:], strict=True)
        ]
        seconds = sum(length for _, length in spans)
        return sum(size * length for size, length in spans) / seconds if seconds else self._changes[-1][1]
