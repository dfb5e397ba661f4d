"""What a detector is given and what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import ClassVar, Protocol

from finops_tui.model.finding import Signal
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Workload
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import PoolRow, Snapshot, SpendRow


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything there is to judge at one moment: the figures as they are shown, and the state they are made of."""

    snapshot: Snapshot
    """Without findings: those are what comes of it."""
    fleet: Fleet
    now: datetime

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
