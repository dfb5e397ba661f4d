"""Every detector there is: one line each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from finops_tui.detectors.base import Detector
from finops_tui.detectors.budget import BudgetRules, BudgetWatch
from finops_tui.detectors.burn_rules import BurnAlertRules
from finops_tui.detectors.fixed_rules import FixedRules, FixedRuleSet
from finops_tui.detectors.gpu_errors import GpuErrorRules, GpuErrors
from finops_tui.detectors.growth import Growth, GrowthRules
from finops_tui.detectors.idle_gpu import IdleGpu, IdleGpuRules
from finops_tui.detectors.queue_backlog import QueueBacklog, QueueBacklogRules
from finops_tui.detectors.restart_loop import RestartLoop, RestartLoopRules
from finops_tui.detectors.slo_burn import BurnAlert
from finops_tui.detectors.spend_anomaly import SpendAnomaly, SpendAnomalyRules
from finops_tui.detectors.spot_bursts import StormRules
from finops_tui.detectors.spot_fallback import FallbackRules, SpotFallback
from finops_tui.detectors.spot_storm import SpotStorm
from finops_tui.detectors.thrash import Thrash, ThrashRules
from finops_tui.detectors.unallocated import Unallocated, UnallocatedRules
from finops_tui.detectors.unowned import Unowned, UnownedRules
from finops_tui.detectors.zombie import Zombie, ZombieRules


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionRules:
    spend: SpendAnomalyRules = field(default_factory=SpendAnomalyRules)
    slo: BurnAlertRules = field(default_factory=BurnAlertRules)
    spot_storm: StormRules = field(default_factory=StormRules)
    spot: FallbackRules = field(default_factory=FallbackRules)
    idle: IdleGpuRules = field(default_factory=IdleGpuRules)
    unallocated: UnallocatedRules = field(default_factory=UnallocatedRules)
    zombie: ZombieRules = field(default_factory=ZombieRules)
    queue: QueueBacklogRules = field(default_factory=QueueBacklogRules)
    restarts: RestartLoopRules = field(default_factory=RestartLoopRules)
    thrash: ThrashRules = field(default_factory=ThrashRules)
    xid: GpuErrorRules = field(default_factory=GpuErrorRules)
    unowned: UnownedRules = field(default_factory=UnownedRules)
    growth: GrowthRules = field(default_factory=GrowthRules)
    budget: BudgetRules = field(default_factory=BudgetRules)
    rule: FixedRuleSet = field(default_factory=FixedRuleSet)
    without: frozenset[str] = frozenset()
    """Ids of detectors that are not wanted."""


def ids() -> tuple[str, ...]:
    """Return the id of every detector."""
    return tuple(detector.id for detector in Detectors(DetectionRules()).every)


def place_of(detector_id: str) -> str:
    """Return the field of `DetectionRules` that holds a detector's rules."""
    return detector_id.replace("-", "_")


class Detectors:
    """One of each kind, made anew for each run of the engine."""

    def __init__(self, rules: DetectionRules) -> None:
        self.spend = SpendAnomaly(rules.spend, rules.spot)
        self.growth = Growth(rules.growth)
        self._fixed = FixedRules(rules.rule)
        self.every: tuple[Detector, ...] = (
            self.spend,
            BurnAlert(rules.slo),
            SpotStorm(rules.spot_storm),
            SpotFallback(rules.spot, rules.spot_storm),
            IdleGpu(rules.idle),
            Unallocated(rules.unallocated),
            Zombie(rules.zombie),
            QueueBacklog(rules.queue),
            RestartLoop(rules.restarts),
            Thrash(rules.thrash),
            GpuErrors(rules.xid),
            Unowned(rules.unowned),
            self.growth,
            BudgetWatch(rules.budget),
            self._fixed,
        )
        self.wanted = tuple(detector for detector in self.every if detector.id not in rules.without)

    def state(self) -> dict[str, object]:
        """Return what those that learn have learned, by id."""
        return {learner.id: learner.state() for learner in (self.spend, self.growth, self._fixed)}

    def restore(self, state: Mapping[str, object]) -> None:
        for learner in (self.spend, self.growth, self._fixed):
            learned = state.get(learner.id)
            if isinstance(learned, Mapping):
                learner.restore(learned)
