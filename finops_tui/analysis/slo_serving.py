"""What serves an objective: its workload, its model, its pool, and what that costs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from finops_tui.analysis.figures import total
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Workload
from finops_tui.model.slo import Slo
from finops_tui.model.snapshot import SpendRow

Spend = Mapping[str, Mapping[str, SpendRow]]
"""Rows of single workloads: by cluster, then by key. A cluster's mapping is replaced when a row in it changes."""

NO_ROWS: Mapping[str, SpendRow] = {}

BATCH = frozenset({"CronJob", "JobSet", "SparkApplication", "Workflow"})
"""Kinds that train and never serve, besides all whose name ends in `Job`."""


class Served(NamedTuple):
    """Empty or None where it is not known."""

    workload: str = ""
    """`Kind/name`."""
    model: str = ""
    pool: str = ""
    usd: float | None = None


class Servers:
    """Finds what serves each objective; names are looked up again only when a cluster's rows are others."""

    def __init__(self) -> None:
        self._found: dict[str, _Names] = {}
        """By cluster."""
        self._pools: dict[str, tuple[Workload, datetime | None, Counter[str]]] = {}
        """By workload, what it was made of and the pools of its pods."""

    def of(self, slos: Collection[Slo], fleet: Fleet, spend: Spend) -> dict[str, Served]:
        """Return what serves each objective by its id."""
        words: defaultdict[str, set[str]] = defaultdict(set)
        for slo in slos:
            words[slo.cluster].add(_word(slo))
        for cluster, wanted in words.items():
            table, found = spend.get(cluster, NO_ROWS), self._found.get(cluster)
            if found is None or found.rows is not table or found.wanted != wanted:
                self._found[cluster] = _Names.among(table, wanted)
        served: dict[str, Served] = {}
        used: set[str] = set()
        for slo in slos:
            rows = self._found[slo.cluster].serving(slo)
            used.update(row.key for row in rows)
            served[slo.id] = Served(
                workload=_kind_and_name(rows[0]) if len(rows) == 1 else slo.workload,
                model=_only(row.model for row in rows),
                pool=self._pool(fleet, rows),
                usd=total([row.usd_per_hour for row in rows]),
            )
        self._pools = {key: pools for key, pools in self._pools.items() if key in used}
        return served

    def _pool(self, fleet: Fleet, rows: Iterable[SpendRow]) -> str:
        """Name the pools that their pods are on, the one with most of them first."""
        pods: Counter[str] = Counter()
        for row in rows:
            cluster = fleet.clusters.get(row.cluster)
            workload = cluster.workloads.get(row.key) if cluster is not None else None
            if cluster is None or workload is None:
                continue
            known = self._pools.get(row.key)
            if known is None or known[0] is not workload or known[1] != cluster.inventory_at:
                own: Counter[str] = Counter()
                for placement in workload.placements:
                    node = cluster.nodes.get(placement.node)
                    if node is not None and node.pool:
                        own[node.pool] += placement.pods
                known = self._pools[row.key] = (workload, cluster.inventory_at, own)
            pods += known[2]
        return ", ".join(sorted(pods, key=lambda pool: (-pods[pool], pool)))


class _Names(NamedTuple):
    """One cluster's workloads under the names that objectives mention."""

    rows: Mapping[str, SpendRow]
    wanted: set[str]
    by_name: Mapping[str, list[SpendRow]]
    by_model: Mapping[str, list[SpendRow]]

    @classmethod
    def among(cls, rows: Mapping[str, SpendRow], wanted: set[str]) -> _Names:
        by_name: defaultdict[str, list[SpendRow]] = defaultdict(list)
        by_model: defaultdict[str, list[SpendRow]] = defaultdict(list)
        for key, row in rows.items():
            name = key.rpartition("/")[2]
            if name in wanted:
                by_name[name].append(row)
            if row.model in wanted:
                by_model[row.model].append(row)
        return cls(rows, wanted, by_name, by_model)

    def serving(self, slo: Slo) -> list[SpendRow]:
        """Return the workload that the objective names, else the one called as its service, else its model's."""
        word = _word(slo)
        called = [row for row in self.by_name.get(word, ()) if slo.namespace in {"", row.namespace}]
        if slo.workload:
            kind = slo.workload.partition("/")[0].casefold()
            called = [row for row in called if _kind(row).casefold() == kind]
            return called if len(called) == 1 else []
        called = [row for row in called if _serves(row)]
        if called:
            return called if len(called) == 1 else []
        return [row for row in self.by_model.get(word, ()) if slo.namespace in {"", row.namespace} and _serves(row)]


def _word(slo: Slo) -> str:
    return slo.workload.rpartition("/")[2] or slo.service


def _kind(row: SpendRow) -> str:
    return row.key.removeprefix(f"{row.cluster}/").partition("/")[0]


def _kind_and_name(row: SpendRow) -> str:
    return f"{_kind(row)}/{row.key.rpartition('/')[2]}"


def _serves(row: SpendRow) -> bool:
    kind = _kind(row)
    return not kind.endswith("Job") and kind not in BATCH


def _only(names: Iterable[str]) -> str:
    different = set(names)
    return different.pop() if len(different) == 1 else ""
