"""What a detector is given and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import ClassVar, Protocol

from finops_tui.model.finding import Signal
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Workload
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import PoolRow, Snapshot, SpendRow

SAMPLE_SECONDS = 150
"""Between two samples of what `Scene.past` returns."""
PAST_SECONDS = 10_800
"""How far back that reaches."""


def _nothing_past(_scope: Scope) -> tuple[float | None, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything there is to judge at one moment: the figures as they are shown, and the state they are made of."""

    snapshot: Snapshot
    """Without findings: those are what comes of it."""
    fleet: Fleet
    now: datetime
    past: Callable[[Scope], tuple[float | None, ...]] = _nothing_past
    """$/h of a scope over the last three hours, a sample each `SAMPLE_SECONDS`, oldest first; None is a gap."""

    @cached_property
    def rows(self) -> Mapping[Scope, SpendRow]:
        """Every scope that spends."""
        tables = self.snapshot.spend
        return {Scope(kind, row.key): row for kind, rows in tables.items() for row in rows}

    @cached_property
    def workloads_of_pools(self) -> Mapping[str, tuple[str, ...]]:
        """Keys of the workloads that run on each pool, by `cluster/pool`."""
        pools: dict[str, dict[str, None]] = {}
        for cluster in self.fleet.clusters.values():
            for workload in cluster.workloads.values():
                for placement in workload.placements:
                    node = cluster.nodes.get(placement.node)
                    if node is not None:
                        pools.setdefault(node.pool_key, {})[workload.key] = None
        return {pool: tuple(keys) for pool, keys in pools.items()}

    @cached_property
    def workload_rows(self) -> Mapping[str, SpendRow]:
        """Rows of single workloads by `cluster/Kind/namespace/name`."""
        return {row.key: row for row in self.snapshot.spend.get(ScopeKind.WORKLOAD, ())}

    @cached_property
    def pool_rows(self) -> Mapping[str, PoolRow]:
        """Rows of pools by `cluster/pool`."""
        return {row.key: row for row in self.snapshot.pools}

    def workload(self, key: str) -> Workload | None:
        cluster = self.fleet.clusters.get(key.partition("/")[0])
        return cluster.workloads.get(key) if cluster is not None else None


class Detector(Protocol):
    """One kind of judgement. It may remember, but only what it was given: the same scenes give the same signals."""

    id: ClassVar[str]
    """One word, the `kind` of its signals: `idle`, `spend`."""
    title: ClassVar[str]
    """Two or three words, for lists."""
    about: ClassVar[str]
    """One sentence: what it looks for."""

    def judge(self, scene: Scene) -> Iterable[Signal]:
        """Return everything that is wrong now. Called every few seconds of the clock, in order of time.

        It never raises, whatever the figures are: NaN, negative, missing, out of order.
        """
        ...
