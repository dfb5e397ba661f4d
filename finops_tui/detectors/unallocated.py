"""GPUs that are paid for and that nobody asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import ClassVar

from finops_tui.detectors.base import Scene
from finops_tui.detectors.kept import Kept
from finops_tui.detectors.packing import EPSILON, Packing, packing
from finops_tui.detectors.quantities import known, positive
from finops_tui.detectors.standing import Stand, Standing
from finops_tui.detectors.waste import WasteRules, grade, split, would_do
from finops_tui.model.finding import Cause, Evidence, Severity, Signal
from finops_tui.model.fleet import Cluster
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import PoolRow
from finops_tui.phrases import clock, counted, lasting, number, percent, rate


@dataclass(frozen=True, slots=True, kw_only=True)
class UnallocatedRules:
    minutes: float = 30.0
    """Autoscalers need some ten minutes to see that a node is not needed, and some more to take it away."""
    headroom_ratio: float = 0.1
    """Part of a pool's spend that may stand free, for what comes next."""
    headroom_nodes: float = 1.0
    """Nodes that may stand free in any pool, however small: whoever comes next does not wait ten minutes for one."""
    quiet_minutes: float = 30.0
    """For so long it must be next to nothing until it is over: autoscalers and jobs come and go."""
    waste: WasteRules = field(default_factory=lambda: WasteRules(least_usd_per_hour=10.0))


class Unallocated:
    """One finding for each pool: what it has too much, and how many nodes fewer would do."""

    id: ClassVar[str] = "unallocated"
    title: ClassVar[str] = "Unallocated GPUs"
    about: ClassVar[str] = "A pool has more GPUs than anybody asks for, beyond its headroom."

    def __init__(self, rules: UnallocatedRules | None = None) -> None:
        self._rules = rules or UnallocatedRules()
        self._standing = Standing(
            timedelta(minutes=self._rules.minutes),
            self._rules.waste.least_usd_per_hour,
            timedelta(minutes=self._rules.quiet_minutes),
        )
        self._packings: Kept[Packing] = Kept()

    def judge(self, scene: Scene) -> list[Signal]:
        rates: dict[str, float] = {}
        unsure: set[str] = set()
        for row in scene.snapshot.pools:
            if row.stale or row.allocated is None:
                unsure.add(row.key)
            else:
                rates[row.key] = positive(row.unallocated_usd_per_hour) - self._headroom(row)
        return [
            self._signal(pool, stand, scene)
            for key, stand in self._standing.update(rates, scene.now, unsure=unsure).items()
            if (pool := scene.pool_rows.get(key)) is not None
        ]

    def _headroom(self, row: PoolRow) -> float:
        rules = self._rules
        return max(rules.headroom_ratio * positive(row.usd_per_hour), rules.headroom_nodes * _node_usd(row))

    def _signal(self, row: PoolRow, stand: Stand, scene: Scene) -> Signal:
        now, excess = scene.now, stand.usd_per_hour
        spend = scene.rows.get(Scope(ScopeKind.POOL, row.key))
        free = max(0.0, row.gpus - positive(row.allocated))
        normal, too_much = split(row.usd_per_hour, excess)
        verb = "is" if round(free, 1) == 1 else "are"
        lasted = lasting(stand.level_since, stand.since, now)
        if stand.low_since is not None:
            lasted = f"from {clock(stand.low_since, now)}, {rate(stand.before_usd_per_hour)} before"
        why = (
            f"{number(free)} of {counted(row.gpus, 'GPU')} {verb} asked for by nobody: "
            f"{rate(positive(row.unallocated_usd_per_hour))}, {rate(too_much)} more than its headroom {lasted}."
        )
        found = self._packings.of(row.key, now, lambda: _packing(row, scene))
        spare = self._spare(found, row)
        severity = grade(excess, now - stand.since, stand.burned_usd, self._rules.waste)
        if not spare and free * found.nodes < row.gpus:
            severity = Severity.INFO  # less than a node in pieces: nobody can take it away
        return Signal(
            kind=self.id,
            severity=severity,
            scope=Scope(ScopeKind.POOL, row.key),
            name=f"pool/{row.name}",
            since=stand.since,
            why=f"{why} {spare}" if spare else why,
            cluster=row.cluster,
            owner=spend.owner if spend is not None else "",
            usd_per_hour=known(row.usd_per_hour),
            normal_usd_per_hour=normal,
            excess_usd_per_hour=too_much,
            burned_usd=stand.burned_usd,
            evidence=(*self._evidence(row, found), would_do(row.usd_per_hour, excess)),
            causes=(
                Cause(
                    what=f"{counted(free, 'GPU')} unallocated from {clock(stand.level_since, now)}",
                    at=None,
                    fit=0.6,
                    why="What nobody asks for burns by itself.",
                ),
            ),
        )

    def _spare(self, found: Packing, row: PoolRow) -> str:
        """Say how many nodes fewer would do with the headroom that the pool may have; nothing where none."""
        rules = self._rules
        kept = ceil(max(rules.headroom_nodes, rules.headroom_ratio * found.nodes) - EPSILON)
        spare = found.spare - kept
        if spare <= 0 or not row.nodes > 0:
            return ""
        saved = min(positive(row.unallocated_usd_per_hour), positive(row.usd_per_hour) / row.nodes * spare)
        empty = min(found.empty, spare)
        moved = spare - empty
        parts = ((empty, f"{empty} empty"), (moved, f"{moved} once pods move together"))
        how = ", ".join(words for count, words in parts if count)
        beside = f", with {kept} spare" if kept > 0 else ""
        return f"{counted(spare, 'node')} fewer would do ({how}){beside}: {rate(saved)}."

    def _evidence(self, row: PoolRow, found: Packing) -> list[Evidence]:
        rules = self._rules
        headroom = f"{percent(rules.headroom_ratio)} of its spend, at least {counted(rules.headroom_nodes, 'node')}"
        facts = [
            Evidence(label="Headroom", words=f"{rate(self._headroom(row))}: {headroom}."),
            Evidence(
                label="Nodes",
                words=f"{counted(found.nodes, 'node')}, {found.empty} of them empty; "
                f"{counted(found.needed, 'node')} would do by GPUs alone.",
            ),
        ]
        if found.closed:
            facts.append(
                Evidence(label="Cordoned", words=f"{counted(found.closed, 'node')} cost and take nothing new.")
            )
        return facts


def _node_usd(row: PoolRow) -> float:
    """Return the mean $/h of a node of the pool; 0 where none has a price."""
    priced = row.nodes - row.unpriced_nodes
    return positive(row.usd_per_hour) / priced if priced > 0 else 0.0


def _packing(row: PoolRow, scene: Scene) -> Packing:
    keys = scene.workloads_of_pools.get(row.key, ())
    workloads = [workload for key in keys if (workload := scene.workload(key)) is not None]
    return packing(scene.fleet.clusters.get(row.cluster) or Cluster(row.cluster), row.name, workloads)
