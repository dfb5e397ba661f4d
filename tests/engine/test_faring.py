from __future__ import annotations

from finops_tui.clock import SimulatedClock
from finops_tui.engine.faring import Faring
from finops_tui.model.health import HealthState
from finops_tui.model.observations import Observation, SourceHealth
from tests.samples import NOON


def test_trouble_is_told_once_and_its_end_too() -> None:
    told: list[Observation] = []
    faring = Faring("memory", SimulatedClock(NOON, monotonic=lambda: 0.0), short="memory")
    faring.tell("", "", told.append)
    assert told == [], "that nothing is wrong is no news"
    faring.tell("the disk is full", "Free it.", told.append)
    faring.tell("the disk is full", "Free it.", told.append)
    faring.tell("", "Free it.", told.append)
    words = [(each.state, each.reason, each.hint) for each in told if isinstance(each, SourceHealth)]
    assert words == [(HealthState.PARTIAL, "the disk is full", "Free it."), (HealthState.LIVE, "", "")]
