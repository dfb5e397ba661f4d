"""Who spends what, now and lately: one table for each kind of scope, and the money line.

Rows are kept until a figure in them changes. What changes all of them at once (a sample is due, their source went
stale) makes all of them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec.structs import replace

from finops_tui.analysis.capacity import Capacity, not_counted, not_told, together, unpriced
from finops_tui.analysis.cluster_costs import NO_READINGS, ClusterCosts
from finops_tui.analysis.freshness import is_overdue, is_stale, known_at
from finops_tui.analysis.ownership import Owners
from finops_tui.analysis.pools import Pool, pools_of
from finops_tui.analysis.pricing import PriceBook, in_words
from finops_tui.engine.history import SAMPLE_STEP, ScopeHistory, SpendHistory
from finops_tui.engine.settings import EngineSettings
from finops_tui.engine.spend_rows import Age, Members, Tables, groups_of, merged_age, note, workload_row
from finops_tui.model.fleet import Cluster, Fleet
from finops_tui.model.gpu import GpuScope
from finops_tui.model.observations import SourceHealth
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow, Unpriced


class ClusterSpend:
    """One cluster's share of the tables."""

    def __init__(self, name: str, settings: EngineSettings) -> None:
        self.name = name
        self._owners = Owners(settings.ownership)
        self.costs = ClusterCosts(self._owners, settings.idle)
        self.age = Age(None, stale=False)
        self.pools: list[Pool] = []
        self.figures = Capacity()
        self.words: list[str] = []
        """How each node with a price is priced."""
        self.unpriced: tuple[Unpriced, ...] = ()
        self.untold = ""
        """Why it is not known what of its nodes is requested; empty where it is."""
        self.groups: dict[tuple[ScopeKind, str], Members] = {}
        self.pending: int | None = None
        """Pods that wait for a node; None where nobody tells of pods."""
        self.rows: dict[str, SpendRow] = {}
        self._pasts: dict[str, ScopeHistory] = {}
        self._shown: tuple[int, Age] | None = None

    def update(
        self, cluster: Cluster, book: PriceBook, age: Age, history: SpendHistory, at: float, *, record: bool
    ) -> bool:
        """Bring figures, history and workload rows up to date; return whether anything did change."""
        changed = self.costs.update(cluster, book) or self._shown is None
        if changed:
            held = cluster.gpu.get(GpuScope.NODE)
            accounts = list(self.costs.nodes.values())
            self.pools = pools_of(accounts, held.value if held is not None else NO_READINGS, self._owners)
            self.figures = together([pool.figures for pool in self.pools])
            self.words = [account.price.words for account in accounts if account.usd is not None]
            self.unpriced = unpriced(accounts) if self.figures.unpriced else ()
            self.untold = not_told(self.figures, self.name)
            self.groups = groups_of(self.name, self.costs.workloads.values())
            waiting = sum(account.workload.pods_pending for account in self.costs.workloads.values())
            self.pending = None if self.untold else waiting
        self.age = age
        shown = (int(at // SAMPLE_STEP), age)
        if changed:
            self._pasts = {key: self._pasts.get(key) or _past(history, key) for key in self.costs.workloads}
        if record:
            for key, account in self.costs.workloads.items():
                note(self._pasts[key], at, account.usd, stale=age.stale)
        if changed or shown != self._shown:
            everything = shown != self._shown
            self._shown = shown
            self._rows(at, everything=everything)
            return True
        return False

    def retell(self) -> None:
        """Make every row again at the next update: the past is another one now."""
        self._shown = None

    def _rows(self, at: float, *, everything: bool) -> None:
        old, rows = self.rows, {}
        for key, account in self.costs.workloads.items():
            row = old.get(key)
            if row is None or everything or account.changed:
                row = workload_row(account, self.age, self._pasts[key], at)
                account.changed = False
            rows[key] = row
        self.rows = rows


class Spend:
    """Everything that is spent, kept from one snapshot to the next."""

    def __init__(self, settings: EngineSettings, history: SpendHistory) -> None:
        self._settings = settings
        self._history = history
        self.clusters: dict[str, ClusterSpend] = {}
        self.tables: dict[ScopeKind, tuple[SpendRow, ...]] = {}
        self.figures = Capacity()
        self.unpriced: tuple[Unpriced, ...] = ()
        self.missing = ""
        self.untold = ""
        """In which cluster it is not known what of its nodes is requested, and why."""
        self._step: int | None = None

    def update(self, fleet: Fleet, book: PriceBook, now: datetime) -> None:
        at = now.timestamp()
        step = int(at // SAMPLE_STEP)
        record, self._step = step != self._step, step
        names = known_clusters(fleet)
        changed = self.clusters.keys() != set(names)
        self.clusters = {name: self.clusters.get(name) or ClusterSpend(name, self._settings) for name in names}
        for name, spend in self.clusters.items():
            cluster = fleet.clusters.get(name) or Cluster(name)
            age = _age(cluster, fleet.health, now)
            changed |= spend.update(cluster, book, age, self._history, at, record=record)
        if changed or record:
            self._sum_up(at, record=record)
        unsure = any(spend.age.stale or spend.age.waiting for spend in self.clusters.values())
        self._history.record_total(at, None if unsure else self.figures.usd)
        self._history.sweep(at)

    def retell(self) -> None:
        """Make every row again at the next update: the past is another one now."""
        for spend in self.clusters.values():
            spend.retell()

    def _sum_up(self, at: float, *, record: bool) -> None:
        clusters = list(self.clusters.values())
        seen = [spend for spend in clusters if not spend.age.missing]
        self.figures = together([spend.figures for spend in seen]) if seen else Capacity()
        self.unpriced = _merged([spend.unpriced for spend in seen])
        absent = [f"{spend.name} is not counted: {spend.age.missing}" for spend in clusters if spend.age.missing]
        self.missing = "; ".join(absent) or not_counted(self.figures, self.unpriced)
        self.untold = " ".join(spend.untold for spend in seen if spend.untold)
        if not clusters:
            self.missing = "Waiting for the first answer."
        table = Tables(self._history, at, record=record)
        words = in_words(word for spend in seen for word in spend.words)
        pending = [spend.pending for spend in seen if spend.pending is not None]
        table.add(
            TOTAL, TOTAL.name, merged_age(clusters), self.figures, pending=None if self.untold else sum(pending),
            priced_by=words, missing=self.missing or self.untold,
        )  # fmt: skip
        for spend in clusters:
            table.add(
                Scope(ScopeKind.CLUSTER, spend.name), spend.name, spend.age, spend.figures,
                cluster=spend.name, pending=spend.pending, priced_by=in_words(spend.words),
                missing=spend.age.missing or not_counted(spend.figures, spend.unpriced) or spend.untold,
            )  # fmt: skip
            for pool in spend.pools:
                table.add(
                    Scope(ScopeKind.POOL, pool.key), f"pool/{pool.name}", spend.age, pool.figures,
                    cluster=spend.name, owner=pool.owner, priced_by=pool.priced_by,
                    missing=pool.missing or spend.untold,
                )  # fmt: skip
        table.groups(clusters)
        table.unallocated(clusters, self.figures)
        table.untold(clusters)
        workloads = [row for spend in clusters for row in spend.rows.values()]
        self.tables = table.finish(workloads)


def known_clusters(fleet: Fleet) -> tuple[str, ...]:
    """Return every cluster that was seen or that a source speaks for, by name."""
    return tuple(sorted({*fleet.clusters, *(health.cluster for health in fleet.health.values() if health.cluster)}))


def _past(history: SpendHistory, key: str) -> ScopeHistory:
    return history.scope(Scope(ScopeKind.WORKLOAD, key))


def _age(cluster: Cluster, health: Mapping[str, SourceHealth], now: datetime) -> Age:
    if cluster.inventory_at is None:
        own = [seen for seen in health.values() if seen.cluster == cluster.name]
        whys = ((seen.source, seen.reason or seen.without_nodes) for seen in own)
        reason = next((f"{source}: {why}" for source, why in whys if why), "")
        return Age(None, stale=False, missing=reason or "no nodes have been seen yet", waiting=not reason)
    source = health.get(cluster.inventory_source)
    at = known_at(health, cluster.inventory_source, cluster.inventory_at)
    lost = any(is_stale(health.get(name), now) for name in cluster.workload_sources)
    return Age(at, stale=is_stale(source, now) or is_overdue(source, at, now) or lost)


def _merged(parts: Iterable[tuple[Unpriced, ...]]) -> tuple[Unpriced, ...]:
    """Count the same reason in several clusters once."""
    merged: dict[str, Unpriced] = {}
    for entry in (entry for part in parts for entry in part):
        before = merged.get(entry.reason)
        merged[entry.reason] = entry if before is None else replace(before, nodes=before.nodes + entry.nodes)
    return tuple(sorted(merged.values(), key=lambda entry: (-entry.nodes, entry.reason)))
