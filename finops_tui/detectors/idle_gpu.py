"""GPUs that somebody holds and nobody uses, forgotten notebooks among them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar

from finops_tui.detectors import pausing
from finops_tui.detectors.base import Scene
from finops_tui.detectors.gpu_errors import errors_about
from finops_tui.detectors.gpu_evidence import Instruments
from finops_tui.detectors.notebooks import NotebookRules, is_notebook
from finops_tui.detectors.plight import plight
from finops_tui.detectors.quantities import positive
from finops_tui.detectors.standing import Stand, Standing
from finops_tui.detectors.waste import WasteRules, grade, of_workload
from finops_tui.model.finding import Cause, Signal
from finops_tui.model.gpu import GpuScope
from finops_tui.model.inventory import Workload
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import SpendRow
from finops_tui.phrases import clock, counted, lasting, number, rate


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleGpuRules:
    minutes: float = 10.0
    """Without work for so long is idle: a job loads its data, a notebook's user thinks, an evaluation runs on CPUs."""
    notebook_minutes: float = 120.0
    """The same for notebooks: whoever uses one thinks, meets others and has lunch."""
    notebook_ticket_usd_per_hour: float = 25.0
    """From here on somebody should look at notebooks in this shift: some are always forgotten, and nothing broke."""
    notebook_ticket_burned_usd: float = 250.0
    """So should they at fewer that stay forgotten."""
    telemetry_minutes: float = 4.0
    """Readings older than this begin no finding; exporters collect every half minute."""
    notebooks: NotebookRules = field(default_factory=NotebookRules)
    waste: WasteRules = field(default_factory=WasteRules)

    @property
    def notebook_waste(self) -> WasteRules:
        """Return how urgent idle notebooks are."""
        return replace(
            self.waste,
            ticket_usd_per_hour=self.notebook_ticket_usd_per_hour,
            ticket_burned_usd=self.notebook_ticket_burned_usd,
        )


class IdleGpu:
    """Counts what was idle throughout: a GPU that works now and then is not, however little it works."""

    id: ClassVar[str] = "idle"
    title: ClassVar[str] = "Idle GPUs"
    about: ClassVar[str] = "A workload or a notebook holds GPUs that have done no work for a while."

    def __init__(self, rules: IdleGpuRules | None = None) -> None:
        self._rules = rules or IdleGpuRules()
        self._window = timedelta(minutes=self._rules.minutes)
        least = self._rules.waste.least_usd_per_hour
        self._standing = Standing(self._window, least)
        self._notebooks = Standing(timedelta(minutes=self._rules.notebook_minutes), least)

    def judge(self, scene: Scene) -> list[Signal]:
        blind = self._blind(scene)
        rates: dict[str, float] = {}
        notebooks: dict[str, float] = {}
        unsure: set[str] = set()
        for row in scene.snapshot.spend.get(ScopeKind.WORKLOAD, ()):
            usd = positive(row.idle_usd_per_hour)
            if row.stale or row.cluster in blind:
                if positive(row.gpus):
                    unsure.add(row.key)
            elif usd and (workload := self._may_be_idle(row.key, usd, scene)) is not None:
                (notebooks if is_notebook(workload, self._rules.notebooks) else rates)[row.key] = usd
        instruments = Instruments(scene)
        stands = {
            **self._standing.update(rates, scene.now, unsure=unsure),
            **self._notebooks.update(notebooks, scene.now, unsure=unsure),
        }
        return [
            self._signal(seen, workload, stand, instruments, scene)
            for key, stand in stands.items()
            if (seen := scene.workload_rows.get(key)) is not None and (workload := scene.workload(key)) is not None
        ]

    def _blind(self, scene: Scene) -> set[str]:
        """Return the clusters whose GPUs have not been heard of for too long."""
        oldest = scene.now - timedelta(minutes=self._rules.telemetry_minutes)
        blind = set()
        for name, cluster in scene.fleet.clusters.items():
            held = [cluster.gpu[scope].at for scope in (GpuScope.WORKLOAD, GpuScope.NODE) if scope in cluster.gpu]
            if held and max(held) < oldest:
                blind.add(name)
        return blind

    def _may_be_idle(self, key: str, usd: float, scene: Scene) -> Workload | None:
        """Return the workload, unless it has just begun, or gets nowhere: that is another finding."""
        if usd < self._rules.waste.least_usd_per_hour and key not in self._standing and key not in self._notebooks:
            return None
        workload = scene.workload(key)
        if workload is None or plight(workload) is not None:
            return None
        begun = workload.created_at is None or scene.now - workload.created_at >= self._window
        return workload if begun else None

    def _signal(
        self, row: SpendRow, workload: Workload, stand: Stand, instruments: Instruments, scene: Scene
    ) -> Signal:
        gpus, now = idle_gpus(row, workload, stand.usd_per_hour, instruments), scene.now
        evidence, causes = errors_about(workload, stand.since, scene)
        idle = f"{counted(gpus, 'GPU')} idle from {clock(stand.level_since, now)}"
        waste = self._rules.notebook_waste if is_notebook(workload, self._rules.notebooks) else self._rules.waste
        return of_workload(
            self.id,
            row,
            severity=grade(stand.usd_per_hour, now - stand.since, stand.burned_usd, waste),
            since=stand.since,
            why=self._why(row, workload, stand, gpus, now),
            excess=stand.usd_per_hour,
            burned=stand.burned_usd,
            evidence=(*evidence, *instruments.evidence(workload), *pausing.evidence(workload, row, scene)),
            causes=(*causes, Cause(what=idle, at=None, fit=0.6, why="What is idle burns by itself.")),
        )

    def _why(self, row: SpendRow, workload: Workload, stand: Stand, gpus: float, now: datetime) -> str:
        verb = "has" if round(gpus, 1) == 1 else "have"
        spent = f"{rate(stand.usd_per_hour)} of {rate(positive(row.usd_per_hour))}"
        how_long = lasting(stand.level_since, stand.since, now)
        done = f"{_part(gpus, positive(row.gpus))} {verb} done no work {how_long}: {spent}"
        if is_notebook(workload, self._rules.notebooks):
            return f"Leaked notebook. {done} where nobody computes."
        return f"{done}."


def _part(gpus: float, of: float) -> str:
    if round(gpus, 1) < round(of, 1):
        return f"{number(gpus)} of its {counted(of, 'GPU')}"
    return f"{'Its' if round(of, 1) <= 1 else 'All its'} {counted(of, 'GPU')}"


def idle_gpus(row: SpendRow, workload: Workload, usd_per_hour: float, instruments: Instruments) -> float:
    """Return how many of its GPUs an idle rate ($/h) stands for.

    By devices that worked, where they are counted: a workload pays for nodes without GPUs as well.
    """
    idle_now, usd = positive(row.idle_usd_per_hour), positive(row.usd_per_hour)
    reported = instruments.reported(workload)
    share = min(1.0, idle_now / usd) if usd else 0.0
    if reported.own and reported.active is not None:
        share = max(0.0, 1 - reported.active / reported.gpus)
    return positive(row.gpus) * share * (min(1.0, usd_per_hour / idle_now) if idle_now else 1.0)
