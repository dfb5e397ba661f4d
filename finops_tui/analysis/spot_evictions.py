"""How many pods were removed against their will, pool by pool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from finops_tui.analysis.spot_news import News
from finops_tui.model.observations import PodEvicted

COUNTED_FOR = timedelta(hours=1)


class Evictions:
    """Those of the last hour. A node's pool may become known later than what happened on it."""

    def __init__(self) -> None:
        self._news: News[PodEvicted] = News()
        self._recent: dict[str, tuple[PodEvicted, str]] = {}
        """With the key of the pool, empty while it is not known."""

    def update(self, events: dict[str, PodEvicted], pool_of: Callable[[str, str], str], now: datetime) -> Counter[str]:
        """Take in what happened; return how many by pool. `pool_of`: key of a node's pool, empty where not known."""
        for key, seen in self._news.of(events):
            self._recent.setdefault(key, (seen, ""))
        self._recent = {
            key: (seen, pool or pool_of(seen.cluster, seen.eviction.node))
            for key, (seen, pool) in self._recent.items()
            if now - seen.at <= COUNTED_FOR
        }
        return Counter(pool for _, pool in self._recent.values() if pool)
