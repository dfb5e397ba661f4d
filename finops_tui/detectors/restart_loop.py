"""Work that is begun again and again, and paid for every time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from finops_tui.detectors import pausing
from finops_tui.detectors.base import Scene
from finops_tui.detectors.plight import failing_pods
from finops_tui.detectors.quantities import hours, known, positive
from finops_tui.detectors.relaunches import Relaunched, Relaunches, stem
from finops_tui.detectors.waste import WasteRules, grade, of_workload, would_do
from finops_tui.model.finding import Cause, Signal
from finops_tui.model.fleet import Cluster
from finops_tui.model.inventory import Workload
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow
from finops_tui.phrases import clock, rate

MOST = 256
"""Moments kept at which one workload restarted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartLoopRules:
    restarts: int = 4
    """Restarts within the hour, and at least one a pod: nodes die, loops go on."""
    minutes: float = 60.0
    launches: int = 4
    """Launches of one job within `launch_minutes`: somebody, or something, tries again."""
    launch_minutes: float = 120.0
    crash_minutes: float = 15.0
    """Who was seen crashing within this time is a zombie's finding, not this one's."""
    waste: WasteRules = field(default_factory=WasteRules)


class _Restarts:
    __slots__ = ("at", "crashed_at", "since")

    def __init__(self) -> None:
        self.at: deque[tuple[datetime, int]] = deque(maxlen=MOST)
        """When, and how many pods."""
        self.since: datetime | None = None
        self.crashed_at: datetime | None = None


class RestartLoop:
    """Restarts are counted from what changes: nothing is known of the time before a workload was first seen."""

    id: ClassVar[str] = "restarts"
    title: ClassVar[str] = "Restart loop"
    about: ClassVar[str] = "A workload's pods restart, or a job is launched again, many times within an hour or two."

    def __init__(self, rules: RestartLoopRules | None = None) -> None:
        self._rules = rules or RestartLoopRules()
        self._window = timedelta(minutes=self._rules.minutes)
        self._seen: dict[str, Workload] = {}
        self._restarts: dict[str, _Restarts] = {}
        """Of those that did restart."""
        self._relaunches = Relaunches(timedelta(minutes=self._rules.launch_minutes))

    def judge(self, scene: Scene) -> list[Signal]:
        self._look(scene)
        return [*self._looping(scene), *self._relaunched(scene)]

    def _look(self, scene: Scene) -> None:
        """Take in the workloads that differ from how they were last seen."""
        count = 0
        for cluster in scene.fleet.clusters.values():
            count += len(cluster.workloads)
            for key, workload in cluster.workloads.items():
                before = self._seen.get(key)
                if before is not workload:
                    self._seen[key] = workload
                    self._compare(before, workload, cluster, scene)
        if len(self._seen) > count:
            self._seen = {key: workload for key, workload in self._seen.items() if scene.workload(key) is not None}

    def _compare(self, before: Workload | None, workload: Workload, cluster: Cluster, scene: Scene) -> None:
        if before is None or before.uid != workload.uid:
            completed = _completed(self._relaunches.before(workload), scene)
            self._relaunches.saw(workload, cluster.workloads, completed, scene.now)
        failing = bool(workload.failing) and bool(failing_pods(workload))
        more = workload.restarts - before.restarts if before is not None and before.uid == workload.uid else 0
        if more > 0 or failing:
            noted = self._restarts.setdefault(workload.key, _Restarts())
            if more > 0:
                noted.at.append((scene.now, more))
            if failing:
                noted.crashed_at = scene.now

    def _looping(self, scene: Scene) -> Iterator[Signal]:
        now = scene.now
        for key, noted in list(self._restarts.items()):
            row, workload = scene.workload_rows.get(key), scene.workload(key)
            while noted.at and now - noted.at[0][0] > self._window:
                noted.at.popleft()
            crashing = noted.crashed_at is not None and now - noted.crashed_at <= self._crash
            if row is None or workload is None or not (noted.at or crashing):
                del self._restarts[key]
                continue
            times = sum(pods for _, pods in noted.at)
            usd = positive(row.usd_per_hour)
            often = times >= max(self._rules.restarts, workload.pods) and not crashing
            if not often or usd < self._rules.waste.least_usd_per_hour:
                noted.since = None
                continue
            since = noted.since = noted.since or noted.at[0][0]
            burned = usd * hours(now - since)
            yield of_workload(
                self.id,
                row,
                severity=grade(usd, now - since, burned, self._rules.waste),
                since=since,
                why=f"Its pods {_how_often(times, noted.at[0][0], since, now)}, {workload.pods} run: "
                f"{rate(usd)} for work that is begun anew.",
                excess=usd,
                burned=burned,
                evidence=pausing.evidence(workload, row, scene),
                causes=(Cause(what=f"restarted ×{times} from {clock(noted.at[0][0], now)}", at=None, fit=0.6),),
            )

    @property
    def _crash(self) -> timedelta:
        return timedelta(minutes=self._rules.crash_minutes)

    def _relaunched(self, scene: Scene) -> Iterator[Signal]:
        for found in self._relaunches.often(self._rules.launches, scene.now):
            row, workload = scene.workload_rows.get(found.key), scene.workload(found.key)
            if row is not None and workload is not None:
                usd = positive(row.usd_per_hour)
                if usd >= self._rules.waste.least_usd_per_hour:
                    yield self._again(found, row, workload, usd, scene)

    def _again(self, found: Relaunched, row: SpendRow, workload: Workload, usd: float, scene: Scene) -> Signal:
        """Tell of a job under its namespace: the name of the workload is another each time."""
        now, lasted = scene.now, scene.now - found.since
        return Signal(
            kind=self.id,
            severity=grade(usd, lasted, usd * hours(lasted), self._rules.waste),
            scope=Scope(ScopeKind.NAMESPACE, f"{row.cluster}/{row.namespace}"),
            part=found.name,
            name=stem(row.name),
            since=found.since,
            why=f"Launched {found.times} times since {clock(found.since, now)}, each after the one before had gone: "
            f"{rate(usd)} while one runs.",
            cluster=row.cluster,
            owner=row.owner,
            namespace=row.namespace,
            model=row.model,
            usd_per_hour=known(row.usd_per_hour),
            normal_usd_per_hour=0.0,
            excess_usd_per_hour=usd,
            evidence=(*pausing.evidence(workload, row, scene), would_do(row.usd_per_hour, usd)),
            causes=(Cause(what=f"launched ×{found.times} from {clock(found.since, now)}", at=None, fit=0.6),),
            related=(row.key,),
        )


def _how_often(times: int, counted_since: datetime, since: datetime, now: datetime) -> str:
    """Say how often, and since when where that is longer ago than what is counted."""
    counted = f"{times} times since {clock(counted_since, now)}"
    if since >= counted_since:
        return f"restarted {counted}"
    return f"have restarted since {clock(since, now)}, {counted} alone"


def _completed(key: str, scene: Scene) -> bool:
    """Tell whether a job was reported to have ended well."""
    return bool(key) and any(
        seen.change.subject == key and seen.change.what.endswith("completed") for seen in scene.fleet.changes.values()
    )
