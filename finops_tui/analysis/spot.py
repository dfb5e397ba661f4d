"""How spot capacity fares, pool by pool."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.analysis.ledger import NodeAccount
from finops_tui.analysis.pools import Pool
from finops_tui.analysis.pricing import PriceBook
from finops_tui.model.money import CapacityType
from finops_tui.model.observations import SpotInterrupted
from finops_tui.model.snapshot import SpotRow

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)


class Extra(NamedTuple):
    usd_per_hour: float | None
    missing: str


class _Nodes(NamedTuple):
    all: int
    spot: int
    leaving: int


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

    Replacements are the on-demand nodes that joined the pool after the first loss, the earliest first, at most as many
    as were lost. Each costs more by its price less the price of the same node as spot capacity.
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
    extra = 0.0
    for _, _, account in joined[: len(lost)]:
        as_spot = book.price(account.node, CapacityType.SPOT)
        if account.usd is None:
            return Extra(None, account.price.words)
        if as_spot.usd_per_hour is None:
            return Extra(None, as_spot.words)
        extra += max(0.0, account.usd - as_spot.usd_per_hour)
    return Extra(extra, "")


class SpotWatch:
    """Remembers for a day which pools had spot nodes, so that a pool that lost all of them stays in sight."""

    def __init__(self) -> None:
        self._had: dict[str, datetime] = {}

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
        for pool in pools:
            spot = [account for account in pool.accounts if account.node.capacity_type is CapacityType.SPOT]
            if spot:
                self._had[pool.key] = now
            times = lost.get(pool.key, ())
            if not spot and not times and pool.key not in self._had:
                continue
            shown.add(pool.key)
            leaving = sum(1 for account in spot if account.node.leaving)
            extra = extra_cost(pool.accounts, recent(times, now, DAY), book)
            nodes = _Nodes(len(pool.accounts), len(spot), leaving)
            rows.append(_row(pool.key, nodes, times, extra, now, age=ages.get(pool.cluster)))
        for key in sorted({*lost, *self._had} - shown):
            if recent(lost.get(key, ()), now, DAY) or key in self._had:
                age = ages.get(key.split("/", 1)[0])
                rows.append(_row(key, _Nodes(0, 0, 0), lost.get(key, ()), Extra(0.0, ""), now, age=age))
        self._had = {key: at for key, at in self._had.items() if now - at <= DAY}
        return tuple(rows)


def recent(times: Sequence[datetime], now: datetime, span: timedelta) -> Sequence[datetime]:
    """Return those of some ordered times that lie within a span before now."""
    return times[bisect_left(times, now - span) :]


def _row(
    key: str,
    nodes: _Nodes,
    times: Sequence[datetime],
    extra: Extra,
    now: datetime,
    *,
    age: tuple[datetime | None, bool] | None,
) -> SpotRow:
    cluster, _, name = key.partition("/")
    at, stale = age or (None, False)
    return SpotRow(
        key=key,
        name=name,
        cluster=cluster,
        nodes=nodes.all,
        spot_nodes=nodes.spot,
        lost_1h=len(recent(times, now, HOUR)),
        lost_24h=len(recent(times, now, DAY)),
        lost_usd_per_hour=extra.usd_per_hour,
        last_lost_at=times[-1] if times else None,
        leaving=nodes.leaving,
        at=at,
        stale=stale,
        missing=extra.missing,
    )
