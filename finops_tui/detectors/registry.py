"""Every detector there is: one line each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from finops_tui.detectors.base import Detector
from finops_tui.detectors.budget import BudgetRules, BudgetWatch
from finops_tui.detectors.burn_rules import BurnAlertRules
from finops_tui.detectors.fixed_rules import FixedRules, FixedRuleSet
from finops_tui.detectors.slo_burn import BurnAlert
from finops_tui.detectors.spend_anomaly import SpendAnomaly, SpendAnomalyRules
from finops_tui.detectors.spot_fallback import FallbackRules, SpotFallback
from finops_tui.detectors.spot_storm import SpotStorm, StormRules


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionRules:
    spend: SpendAnomalyRules = field(default_factory=SpendAnomalyRules)
    slo: BurnAlertRules = field(default_factory=BurnAlertRules)
    spot_storm: StormRules = field(default_factory=StormRules)
    spot: FallbackRules = field(default_factory=FallbackRules)
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
        self.spend = SpendAnomaly(rules.spend)
        self._fixed = FixedRules(rules.rule)
        self.every: tuple[Detector, ...] = (
            self.spend,
            BurnAlert(rules.slo),
            SpotStorm(rules.spot_storm),
            SpotFallback(rules.spot, rules.spot_storm),
            BudgetWatch(rules.budget),
            self._fixed,
        )
        self.wanted = tuple(detector for detector in self.every if detector.id not in rules.without)

    def state(self) -> dict[str, object]:
        """Return what those that learn have learned, by id."""
        return {self.spend.id: self.spend.state(), self._fixed.id: self._fixed.state()}

    def restore(self, state: Mapping[str, object]) -> None:
        for learner in (self.spend, self._fixed):
            learned = state.get(learner.id)
            if isinstance(learned, Mapping):
                learner.restore(learned)
