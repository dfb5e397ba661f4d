"""How spot capacity fares, pool by pool."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.analysis.cluster_costs import NodeAccount
from finops_tui.analysis.figures import total
from finops_tui.analysis.pools import Pool
from finops_tui.analysis.pricing import PriceBook
from finops_tui.analysis.spot_evictions import Evictions
from finops_tui.analysis.spot_exposure import Exposure
from finops_tui.analysis.spot_fates import FOLLOWED_FOR
from finops_tui.analysis.spot_interruptions import Interruptions
from finops_tui.model.fleet import Fleet
from finops_tui.model.money import CapacityType
from finops_tui.model.observations import SpotInterrupted
from finops_tui.model.snapshot import InterruptionRow, SpotRow

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)


class Extra(NamedTuple):
    usd_per_hour: float | None
    missing: str


class _Seen(NamedTuple):
    """One pool as it stands."""

    key: str
    nodes: int
    spot: int
    leaving: int
    times: Sequence[datetime]
    """When it lost nodes, oldest first."""


class _Losses(NamedTuple):
    """What interruptions did to one pool."""

    rate_1h: float | None
    rate_24h: float | None
    evicted_1h: int
    work_usd: float | None


def interrupted(events: Iterable[SpotInterrupted]) -> dict[str, list[datetime]]:
    """Return when each pool (by key) lost nodes, oldest first."""
    lost: defaultdict[str, list[datetime]] = defaultdict(list)
    for event in events:
        lost[f"{event.cluster}/{event.interruption.pool}"].append(event.at)
    for times in lost.values():
        times.sort()
    return dict(lost)


def extra_cost(accounts: Iterable[NodeAccount], lost: Sequence[datetime], book: PriceBook) -> Extra:
    """Return what replacing lost spot nodes costs more, now.

    Replacements are on-demand nodes that joined the pool within an hour of a loss, one for each, the first for the
    first. Each costs more by its price less the price of the same node as spot capacity.
    """
    if not lost:
        return Extra(0.0, "")
    joined = [
        (account.node.created_at, account.node.name, account)
        for account in accounts
        if account.node.capacity_type is CapacityType.ON_DEMAND
        and account.node.created_at is not None
        and account.node.created_at > lost[0]
    ]
    joined.sort(key=lambda entry: entry[:2])
    waiting = deque(lost)
    extra = 0.0
    for at, _, account in joined:
        while waiting and at - waiting[0] > FOLLOWED_FOR:
            waiting.popleft()
        if not waiting or waiting[0] >= at:
            continue
        waiting.popleft()
        as_spot = book.price(account.node, CapacityType.SPOT)
        if account.usd is None:
            return Extra(None, account.price.words)
        if as_spot.usd_per_hour is None:
            return Extra(None, as_spot.words)
        extra += max(0.0, account.usd - as_spot.usd_per_hour)
    return Extra(extra, "")


class SpotWatch:
    """Remembers for a day which pools had spot nodes and how many, and what became of those that were taken."""

    def __init__(self) -> None:
        self._had: dict[str, datetime] = {}
        self._exposed: dict[str, Exposure] = {}
        self._began: float | None = None
        self._interruptions = Interruptions()
        self._evictions = Evictions()
        self._evicted: Counter[str] = Counter()
        """Pods removed in the last hour, by pool."""
        self._work: dict[str, float | None] = {}
        """Dollars of work lost, by pool."""

    def interruptions(
        self, fleet: Fleet, pools: Sequence[Pool], book: PriceBook, now: datetime
    ) -> tuple[InterruptionRow, ...]:
        """Take in this moment; return the interruptions of the last 24 hours with their fates, newest first.

        To be called before `rows`, which sums them up.
        """
        before = self._interruptions.rows
        made = self._interruptions.update(fleet, pools, book, now)
        if made is not before:
            self._work = _work_by_pool(made)
        self._evicted = self._evictions.update(
            fleet.evictions, lambda cluster, node: self._interruptions.pool_of(fleet, cluster, node), now
        )
        return made

    def rows(
        self,
        pools: Iterable[Pool],
        lost: Mapping[str, Sequence[datetime]],
        book: PriceBook,
        now: datetime,
        ages: Mapping[str, tuple[datetime | None, bool]],
    ) -> tuple[SpotRow, ...]:
        """Return a row for every pool that has spot nodes, had some, or lost some. `ages`: (at, stale) by cluster."""
        rows: list[SpotRow] = []
        shown: set[str] = set()
        known_since = self._known_since(lost, now)
        made_good = self._interruptions.replaced_by_spot()
        for pool in pools:
            spot = [account for account in pool.accounts if account.node.capacity_type is CapacityType.SPOT]
            if spot:
                self._had[pool.key] = now
            times = lost.get(pool.key, ())
            if not spot and not times and pool.key not in self._had:
                continue
            shown.add(pool.key)
            leaving = sum(1 for account in spot if account.node.leaving)
            seen = _Seen(pool.key, len(pool.accounts), len(spot), leaving, times)
            extra = extra_cost(pool.accounts, _without(pool.key, recent(times, now, DAY), made_good), book)
            rows.append(_row(seen, extra, self._losses(seen, known_since, now), now, ages.get(pool.cluster)))
        for key in sorted({*lost, *self._had} - shown):
            seen = _Seen(key, 0, 0, 0, lost.get(key, ()))
            if recent(seen.times, now, DAY) or key in self._had:
                losses = self._losses(seen, known_since, now)
                rows.append(_row(seen, Extra(0.0, ""), losses, now, ages.get(key.split("/", 1)[0])))
        self._had = {key: at for key, at in self._had.items() if now - at <= DAY}
        self._exposed = {key: exposure for key, exposure in self._exposed.items() if key in self._had}
        return tuple(rows)

    def _known_since(self, lost: Mapping[str, Sequence[datetime]], now: datetime) -> float:
        """Return the time (unix seconds) from which interruptions are known: those before it were told by nobody."""
        if self._began is None:
            self._began = now.timestamp()
        told = min((times[0].timestamp() for times in lost.values() if times), default=self._began)
        return min(told, self._began - HOUR.total_seconds())  # events are kept for an hour before they are read

    def _losses(self, seen: _Seen, known_since: float, now: datetime) -> _Losses:
        at = now.timestamp()
        exposure = self._exposed.setdefault(seen.key, Exposure(at, seen.spot))
        exposure.add(at, seen.spot)

        def rate(span: timedelta) -> float | None:
            hours = exposure.hours(max(known_since, at - span.total_seconds()))
            return len(recent(seen.times, now, span)) / hours if hours > 0 else None

        work = self._work.get(seen.key) if recent(seen.times, now, DAY) else 0.0
        return _Losses(rate(HOUR), rate(DAY), self._evicted[seen.key], work)


def recent(times: Sequence[datetime], now: datetime, span: timedelta) -> Sequence[datetime]:
    """Return those of some ordered times that lie within a span before now."""
    return times[bisect_left(times, now - span) :]


def _without(pool: str, times: Sequence[datetime], made_good: Counter[tuple[str, datetime]]) -> Sequence[datetime]:
    """Leave out losses in whose place spot came: on-demand nodes that joined then did so for another reason."""
    rest = [at for at in times if not made_good[pool, at]]
    for at in {at for at in times if made_good[pool, at]}:  # several at once, not all of them made good
        rest += [at] * max(0, times.count(at) - made_good[pool, at])
    return sorted(rest)


def _work_by_pool(rows: Iterable[InterruptionRow]) -> dict[str, float | None]:
    parts: defaultdict[str, list[float | None]] = defaultdict(list)
    for row in rows:
        parts[f"{row.cluster}/{row.pool}"].append(row.lost_work_usd)
    return {key: total(values) for key, values in parts.items()}


def _row(
    seen: _Seen, extra: Extra, losses: _Losses, now: datetime, age: tuple[datetime | None, bool] | None
) -> SpotRow:
    cluster, _, name = seen.key.partition("/")
    at, stale = age or (None, False)
    return SpotRow(
        key=seen.key,
        name=name,
        cluster=cluster,
        nodes=seen.nodes,
        spot_nodes=seen.spot,
        lost_1h=len(recent(seen.times, now, HOUR)),
        lost_24h=len(recent(seen.times, now, DAY)),
        lost_usd_per_hour=extra.usd_per_hour,
        last_lost_at=seen.times[-1] if seen.times else None,
        leaving=seen.leaving,
        rate_1h=losses.rate_1h,
        rate_24h=losses.rate_24h,
        evicted_1h=losses.evicted_1h,
        lost_work_usd=losses.work_usd,
        at=at,
        stale=stale,
        missing=extra.missing,
    )
