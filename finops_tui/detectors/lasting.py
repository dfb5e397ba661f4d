"""Since when something has been so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta


class Lasting:
    """Remembers, by key, since when a condition has held without a longer break than `grace`."""

    def __init__(self, grace: timedelta = timedelta(0)) -> None:
        self._grace = grace
        self._since: dict[str, datetime] = {}
        self._seen: dict[str, datetime] = {}

    def update(self, keys: Iterable[str], now: datetime) -> Mapping[str, datetime]:
        """Take in for which keys it holds at this moment; return since when it has, for those and those in grace."""
        for key in keys:
            self._since.setdefault(key, now)
            self._seen[key] = now
        for key in [key for key, seen in self._seen.items() if now - seen > self._grace]:
            del self._since[key], self._seen[key]
        return self._since
