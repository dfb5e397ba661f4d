"""Workloads that get nowhere and hold machines all the same: finished, paused, failing, or waiting for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from finops_tui.detectors import pausing
from finops_tui.detectors.base import Scene
from finops_tui.detectors.lasting import Lasting
from finops_tui.detectors.plight import Plight, failing_pods, plight
from finops_tui.detectors.quantities import positive
from finops_tui.detectors.standing import GOES_ON, Stand, Standing
from finops_tui.detectors.waste import WasteRules, grade, of_workload
from finops_tui.model.finding import Cause, Signal
from finops_tui.model.inventory import Workload
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import SpendRow
from finops_tui.phrases import clock, counted, listed, rate


@dataclass(frozen=True, slots=True, kw_only=True)
class ZombieRules:
    minutes: float = 10.0
    """A finished job's pods go within seconds, an image is pulled within minutes."""
    waiting_minutes: float = 20.0
    """A new node takes some ten minutes; until all of a gang stand, the first ones idle."""
    restart_minutes: float = 6.0
    """A pod that crashes runs for a moment between two pauses of at most five minutes: it fails all the while."""
    waste: WasteRules = field(default_factory=WasteRules)


class Zombie:
    """One finding for each workload and plight; what a finished one holds is lost at once, a failing one's later."""

    id: ClassVar[str] = "zombie"
    title: ClassVar[str] = "Zombies"
    about: ClassVar[str] = "A workload is finished, paused, failing or waiting, and holds GPUs or nodes meanwhile."

    def __init__(self, rules: ZombieRules | None = None) -> None:
        self._rules = rules or ZombieRules()
        least = self._rules.waste.least_usd_per_hour
        self._standing = Standing(timedelta(minutes=self._rules.minutes), least)
        self._waiting = Standing(timedelta(minutes=self._rules.waiting_minutes), least)
        self._crashing = Lasting(timedelta(minutes=self._rules.restart_minutes))
        self._reasons: dict[str, Mapping[str, int]] = {}
        """Of workloads that fail or did a moment ago, how many pods by reason."""

    def judge(self, scene: Scene) -> list[Signal]:
        self._note_failing(scene)
        holding: dict[str, float] = {}
        waiting: dict[str, float] = {}
        begun: dict[str, datetime] = {}
        unsure: set[str] = set()
        for row in scene.snapshot.spend.get(ScopeKind.WORKLOAD, ()):
            if positive(row.usd_per_hour) < self._rules.waste.least_usd_per_hour * GOES_ON:
                continue
            workload = scene.workload(row.key)
            found = self._plight(workload, row.key) if workload is not None else None
            if workload is None or found is None:
                continue
            key = f"{found.value}/{row.key}"
            if row.stale:
                unsure.add(key)
            else:
                rates = waiting if found is Plight.WAITING else holding
                rates[key] = self._wasted(found, workload, row)
            if workload.finished_at is not None:
                begun[key] = workload.finished_at
        stands = self._standing.update(holding, scene.now, unsure=unsure, begun=begun)
        stands |= self._waiting.update(waiting, scene.now, unsure=unsure)
        return [signal for key, stand in stands.items() if (signal := self._signal(key, stand, scene)) is not None]

    def _note_failing(self, scene: Scene) -> None:
        """Remember who fails now; `Lasting` says who still counts as failing."""
        failing = {
            key: reasons
            for cluster in scene.fleet.clusters.values()
            for key, workload in cluster.workloads.items()
            if workload.failing and (reasons := failing_pods(workload))
        }
        known = self._reasons | failing
        self._reasons = {key: known[key] for key in self._crashing.update(failing, scene.now)}

    def _plight(self, workload: Workload, key: str) -> Plight | None:
        found = plight(workload)
        if key in self._reasons and found in (None, Plight.WAITING) and workload.placements:
            return Plight.FAILING
        return found

    def _wasted(self, found: Plight, workload: Workload, row: SpendRow) -> float:
        """Return $/h spent for nothing: all of it, or the part of pods that fail, or what idles."""
        usd, idle = positive(row.usd_per_hour), positive(row.idle_usd_per_hour)
        if found is Plight.WAITING:
            return idle
        if found is Plight.FAILING:
            failing = sum(self._reasons.get(workload.key, {}).values())
            return max(usd * min(1.0, failing / max(1, workload.pods)), min(idle, usd))
        return usd

    def _signal(self, key: str, stand: Stand, scene: Scene) -> Signal | None:
        name, _, workload_key = key.partition("/")
        row, workload = scene.workload_rows.get(workload_key), scene.workload(workload_key)
        if row is None or workload is None:
            return None
        found, now = Plight(name), scene.now
        return of_workload(
            self.id,
            row,
            part=found.value,
            severity=grade(stand.usd_per_hour, now - stand.since, stand.burned_usd, self._rules.waste),
            since=stand.since,
            why=f"{self._why(found, workload, row, stand, now)}: {rate(stand.usd_per_hour)}.",
            excess=stand.usd_per_hour,
            burned=stand.burned_usd,
            evidence=pausing.evidence(workload, row, scene),
            causes=(Cause(what=f"{found.value} from {clock(stand.since, now)}", at=None, fit=0.6),),
        )

    def _why(self, found: Plight, workload: Workload, row: SpendRow, stand: Stand, now: datetime) -> str:
        gpus, since = positive(row.gpus), clock(stand.since, now)
        nodes = counted(len(workload.placements), "node")
        holds = f"{counted(gpus, 'GPU')} on {nodes}" if gpus else nodes
        if found is Plight.FINISHED:
            return f"Finished at {since} and still holds {holds}"
        if found is Plight.PAUSED:
            return f"Paused, but since {since} its pods still hold {holds}"
        if found is Plight.FAILING:
            reasons = self._reasons.get(workload.key, {})
            pods = sum(reasons.values())
            verb = "does" if pods == 1 else "do"
            of = f"{pods} of {counted(max(pods, workload.pods), 'pod')}"
            return f"{of} {verb} not run since {since} ({listed(sorted(reasons))}); it holds {holds}"
        lacking = counted(workload.pods_pending, "pod")
        asked = f" with {counted(workload.gpus_pending, 'GPU')}" if positive(workload.gpus_pending) else ""
        return f"Waits since {since} for {lacking}{asked} to get a node and holds {holds}, idle meanwhile"
