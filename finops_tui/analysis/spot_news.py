"""What has been added to the events since the last look."""

from __future__ import annotations

from itertools import takewhile
from typing import Generic, TypeVar

Event = TypeVar("Event")


class News(Generic[Event]):
    """Events are only ever added at the end, so everything behind the last one that was seen is new.

    When that one has been dropped, all count as new.
    """

    def __init__(self) -> None:
        self._last: str | None = None

    def of(self, events: dict[str, Event]) -> list[tuple[str, Event]]:
        """Return what is new, in the order of its being reported."""
        newest = next(reversed(events), None)
        if newest == self._last:
            return []
        fresh = list(takewhile(lambda entry: entry[0] != self._last, reversed(events.items())))
        self._last = newest
        return fresh[::-1]
