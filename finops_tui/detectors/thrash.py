"""Autoscalers that go up and down, and pay for what is started only to be stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from finops_tui.detectors.base import Scene
from finops_tui.detectors.quantities import hours, known, positive
from finops_tui.detectors.relaunches import JOB_KINDS
from finops_tui.detectors.standing import GOES_ON
from finops_tui.detectors.swing import Swing
from finops_tui.detectors.waste import WasteRules, grade, split, would_do
from finops_tui.model.change import ChangeKind
from finops_tui.model.finding import Cause, Evidence, Signal
from finops_tui.model.inventory import Workload
from finops_tui.model.observations import ChangeSeen
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow
from finops_tui.phrases import clock, counted, number, rate

BY_SCHEDULE = JOB_KINDS | {"CronJob", "DaemonSet"}
"""Kinds whose pods come and go with their work, or with the nodes."""
TURNS = (ChangeKind.SCALE, ChangeKind.NODE)
"""Changes by which a size goes up and down."""
SCALERS = frozenset({"HorizontalPodAutoscaler", "ScaledObject"})
"""Kinds whose events tell of the workload of the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrashRules:
    turns: int = 3
    """Up, down, up and down again: once is a peak, twice may be two."""
    pool_turns: int = 5
    """The same for pools, whose nodes also come and go with jobs."""
    minutes: float = 120.0
    share_ratio: float = 0.2
    """Smaller moves are what an autoscaler is for."""
    waste: WasteRules = field(default_factory=lambda: WasteRules(least_usd_per_hour=2.0, ticket_usd_per_hour=5.0))
    """Milder waste than elsewhere is told: what swings costs more than dollars."""


class Thrash:
    """Keeps sizes over time only of what moves. What is above the lowest size is the price of it."""

    id: ClassVar[str] = "thrash"
    title: ClassVar[str] = "Autoscaler thrash"
    about: ClassVar[str] = "A pool's nodes or a workload's replicas go up and down again and again."

    def __init__(self, rules: ThrashRules | None = None) -> None:
        self._rules = rules or ThrashRules()
        self._window = timedelta(minutes=self._rules.minutes)
        self._sizes: dict[Scope, float] = {}
        self._seen: dict[str, Workload] = {}
        self._swings: dict[Scope, Swing] = {}
        self._units: dict[Scope, float] = {}
        """$/h of one node or replica, of what swings."""

    def judge(self, scene: Scene) -> list[Signal]:
        for row in scene.snapshot.pools:
            if not row.stale:
                self._take(Scope(ScopeKind.POOL, row.key), row.nodes, scene.now)
        self._look(scene)
        return list(self._judge(scene))

    def _look(self, scene: Scene) -> None:
        """Take in the workloads that differ from how they were last seen."""
        count = 0
        for cluster in scene.fleet.clusters.values():
            count += len(cluster.workloads)
            for key, workload in cluster.workloads.items():
                if self._seen.get(key) is not workload:
                    self._seen[key] = workload
                    if workload.kind not in BY_SCHEDULE:
                        self._take(Scope(ScopeKind.WORKLOAD, key), _size(workload), scene.now)
        if len(self._seen) > count:
            for key in [key for key in self._seen if scene.workload(key) is None]:
                del self._seen[key]
                self._sizes.pop(Scope(ScopeKind.WORKLOAD, key), None)

    def _take(self, scope: Scope, size: float, now: datetime) -> None:
        before = self._sizes.get(scope)
        self._sizes[scope] = size
        if before is None or before == size:
            return
        if scope not in self._swings:
            self._swings[scope] = Swing(before, now, self._rules.share_ratio)
        self._swings[scope].take(size, now)

    def _judge(self, scene: Scene) -> Iterator[Signal]:
        start = scene.now - self._window
        for scope, swing in list(self._swings.items()):
            swing.forget(start)
            row = scene.rows.get(scope)
            if swing.still or row is None:
                del self._swings[scope]
                self._units.pop(scope, None)
                continue
            size = self._sizes.get(scope, 0.0)
            if size > 0 and positive(row.usd_per_hour):
                self._units[scope] = positive(row.usd_per_hour) / size
            excess = (swing.mean(start, scene.now) - swing.low) * self._units.get(scope, 0.0)
            turns = self._rules.pool_turns if scope.kind is ScopeKind.POOL else self._rules.turns
            often = len(swing.turns) >= turns and not self._taken(scope, scene)
            least = self._rules.waste.least_usd_per_hour * (1.0 if swing.since is None else GOES_ON)
            if not often or excess < least:
                swing.since = None
                continue
            swing.since = swing.since or swing.began
            yield self._signal(row, scope, swing, excess, scene)

    def _taken(self, scope: Scope, scene: Scene) -> bool:
        """Tell whether the cloud took the nodes: then no autoscaler is to blame."""
        if scope.kind is not ScopeKind.POOL:
            return False
        start = scene.now - self._window
        losses = sum(
            1
            for seen in scene.fleet.interruptions.values()
            if seen.at >= start and f"{seen.cluster}/{seen.interruption.pool}" == scope.name
        )
        return losses >= self._rules.turns

    def _signal(self, row: SpendRow, scope: Scope, swing: Swing, excess: float, scene: Scene) -> Signal:
        now, since = scene.now, swing.since or scene.now
        unit, usd = self._units.get(scope, 0.0), positive(row.usd_per_hour)
        noun = "node" if scope.kind is ScopeKind.POOL else "replica"
        burned = excess * hours(now - since)
        start = now - self._window
        changes = _changes(scope, scene, start)
        normal, too_much = split(row.usd_per_hour, excess)
        capped = f"; now it spends {rate(usd)} in all" if too_much < excess else ""
        return Signal(
            kind=self.id,
            severity=grade(excess, now - since, burned, self._rules.waste),
            scope=scope,
            name=row.name,
            since=since,
            why=f"Between {number(swing.low)} and {counted(swing.high, noun)}, turning {len(swing.turns)} times since "
            f"{clock(max(since, start), now)}: on average {rate(excess)} above its lowest{capped}.",
            cluster=row.cluster,
            owner=row.owner,
            namespace=row.namespace,
            model=row.model,
            usd_per_hour=known(row.usd_per_hour),
            normal_usd_per_hour=normal,
            excess_usd_per_hour=too_much,
            burned_usd=burned,
            evidence=(
                Evidence(label="Turns", words=f"at {', '.join(clock(at, now) for at in [*swing.turns][-6:])}."),
                Evidence(label="Swing", words=f"{rate((swing.high - swing.low) * unit)} between lowest and highest."),
                would_do(row.usd_per_hour, excess),
            ),
            causes=(_cause(changes),) if changes else (),
        )


def _size(workload: Workload) -> float:
    return workload.replicas if workload.replicas is not None else workload.pods + workload.pods_pending


def _changes(scope: Scope, scene: Scene, start: datetime) -> list[ChangeSeen]:
    """Return what was reported to have been done to it."""
    cluster, _, rest = scope.name.partition("/")
    name = rest.partition("/")[2] if scope.kind is ScopeKind.WORKLOAD else ""
    scalers = {f"{cluster}/{kind}/{name}" for kind in SCALERS} if name else set()
    return [
        seen
        for seen in scene.fleet.changes.values()
        if seen.change.kind in TURNS
        and seen.at >= start
        and (seen.change.subject == scope.name or seen.change.subject in scalers)
    ]


def _cause(changes: list[ChangeSeen]) -> Cause:
    who, times = Counter(seen.change.who for seen in changes).most_common(1)[0]
    last = max((seen for seen in changes if seen.change.who == who), key=lambda seen: seen.at)
    return Cause(
        what=f"{who} scaled it {counted(times, 'time')}",
        at=last.at,
        who=who,
        fit=0.6,  # who turns it; what made them is a better cause
        why=f"It turned with each of these changes, last {last.change.what}.",
        change_id=last.change.id,
    )
