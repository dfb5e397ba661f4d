"""What became of every spot node that was taken in the last 24 hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from finops_tui.analysis.cluster_costs import NodeAccount
from finops_tui.analysis.pools import Pool
from finops_tui.analysis.pricing import PriceBook
from finops_tui.analysis.spot_fates import Fate
from finops_tui.analysis.spot_news import News
from finops_tui.analysis.spot_replacements import Replacements
from finops_tui.analysis.spot_tenants import LEFT_KEPT_FOR, Tenant, Tenants
from finops_tui.model.fleet import Fleet
from finops_tui.model.money import CapacityType
from finops_tui.model.observations import SpotInterrupted
from finops_tui.model.snapshot import InterruptionRow

DAY = timedelta(hours=24)
NOBODY: Mapping[str, Tenant] = {}

Name = tuple[str, str]
"""Of a node: its cluster's and its own."""


class Interruptions:
    """Follows each node that is taken; once nothing more comes of it, only its row is kept."""

    def __init__(self) -> None:
        self._news: News[SpotInterrupted] = News()
        self._tenants: dict[str, Tenants] = {}
        self._spot: dict[Name, NodeAccount] = {}
        self._gone: dict[Name, tuple[NodeAccount, datetime]] = {}
        """Spot nodes that are no more, and since when."""
        self._fates: dict[str, Fate] = {}
        """Those that are still followed."""
        self._replacements = Replacements()
        self._kept: dict[str, InterruptionRow] = {}
        self._by_spot: dict[str, tuple[str, datetime]] = {}
        """Losses in whose place spot nodes came: `cluster/pool` and when."""
        self.rows: tuple[InterruptionRow, ...] = ()
        """Newest first."""

    def update(
        self, fleet: Fleet, pools: Sequence[Pool], book: PriceBook, now: datetime
    ) -> tuple[InterruptionRow, ...]:
        """Take in this moment; return the rows of the last 24 hours, newest first."""
        self._look(pools, now)
        self._follow_tenants(fleet, now)
        self._begin(fleet, now)
        moved = self._follow(pools, book, now) if self._fates else ()
        if moved or (self.rows and now - self.rows[-1].at > DAY):
            self._kept |= {fate.key: fate.row() for fate in moved}
            self._kept = {key: row for key, row in self._kept.items() if now - row.at <= DAY}
            self._by_spot = {key: loss for key, loss in self._by_spot.items() if key in self._kept}
            self.rows = tuple(sorted(self._kept.values(), key=lambda row: (row.at, row.key), reverse=True))
        self._fates = {key: fate for key, fate in self._fates.items() if not fate.over(now)}
        return self.rows

    def replaced_by_spot(self) -> Counter[tuple[str, datetime]]:
        """Return the losses in whose place spot nodes came: `cluster/pool` and when."""
        return Counter(self._by_spot.values())

    def pool_of(self, fleet: Fleet, cluster: str, node: str) -> str:
        """Return the key of a node's pool, also when the node is gone; empty where nobody knows."""
        seen = fleet.clusters.get(cluster)
        known = seen.nodes.get(node) if seen is not None else None
        if known is not None:
            return known.pool_key
        gone = self._gone.get((cluster, node))
        return gone[0].node.pool_key if gone is not None else ""

    def _look(self, pools: Iterable[Pool], now: datetime) -> None:
        before, spot = self._spot, CapacityType.SPOT
        self._spot = {
            (pool.cluster, account.node.name): account
            for pool in pools
            for account in pool.accounts
            if account.node.capacity_type is spot
        }
        for name, account in before.items():
            after = self._spot.get(name)
            if after is not account and (after is None or after.node.uid != account.node.uid):
                self._gone[name] = (account, now)
        if self._gone:
            self._gone = {name: entry for name, entry in self._gone.items() if now - entry[1] <= LEFT_KEPT_FOR}

    def _follow_tenants(self, fleet: Fleet, now: datetime) -> None:
        for name in self._tenants.keys() | {cluster for cluster, _ in self._spot}:
            cluster = fleet.clusters.get(name)
            if cluster is not None:
                self._tenants.setdefault(name, Tenants()).update(cluster, now)

    def _begin(self, fleet: Fleet, now: datetime) -> None:
        for key, event in self._news.of(fleet.interruptions):
            if now - event.at <= DAY and key not in self._kept:
                self._fates[key] = Fate(key, event)

    def _follow(self, pools: Iterable[Pool], book: PriceBook, now: datetime) -> list[Fate]:
        """Bring all fates up to date; return those whose rows may have changed."""
        moved = [fate for fate in self._fates.values() if not fate.gone]
        for fate in moved:
            account, here = self._account(fate)
            tenants = self._tenants.get(fate.cluster)
            on = tenants.of(fate.told.node, fate.at) if tenants is not None else NOBODY
            fate.follow(account, on, now, here=here)
        open_fates = [fate for fate in self._fates.values() if not fate.over(now)]
        accounts = (account for pool in pools for account in pool.accounts)
        for fate, account, ready_at in self._replacements.update(open_fates, accounts, now):
            as_spot = book.price(account.node, CapacityType.SPOT).usd_per_hour
            fate.replace(account, ready_at, as_spot)
            moved.append(fate)
            if account.node.capacity_type is CapacityType.SPOT:
                self._by_spot[fate.key] = (f"{fate.cluster}/{fate.told.pool}", fate.at)
        return moved

    def _account(self, fate: Fate) -> tuple[NodeAccount | None, bool]:
        """Return the taken node's account, and whether it is still there."""
        name = (fate.cluster, fate.told.node)
        account = self._spot.get(name)
        if account is not None and fate.is_of(account.node):
            return account, True
        gone = self._gone.get(name)
        return (gone[0], False) if gone is not None and fate.is_of(gone[0].node) else (None, False)
