"""Detectors and signals for tests of what keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from msgspec.structs import replace

from finops_tui.analysis.baseline import BaselineRules
from finops_tui.analysis.ownership import OwnershipRules
from finops_tui.detectors.base import Scene
from finops_tui.engine.history import SpendHistory
from finops_tui.engine.watch import Sight, Watch, WatchRules
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.fleet import Fleet
from finops_tui.model.scope import Scope, ScopeKind
from tests.samples import NOON, empty_snapshot

JOB = Scope(ScopeKind.WORKLOAD, "prod/Job/ml/train")


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def signal(**given: Any) -> Signal:
    fields: dict[str, Any] = {
        "kind": "spend",
        "severity": Severity.TICKET,
        "scope": JOB,
        "name": "ml/job/train",
        "since": NOON,
        "why": "3.0× normal.",
        "cluster": "prod",
        "namespace": "ml",
        "usd_per_hour": 90.0,
        "normal_usd_per_hour": 30.0,
        "excess_usd_per_hour": 60.0,
    }
    return Signal(**(fields | given))


class Said:
    """A detector that says what it is told to."""

    id: ClassVar[str] = "said"
    title: ClassVar[str] = "Said"
    about: ClassVar[str] = "Whatever the test says."

    def __init__(self) -> None:
        self.signals: tuple[Signal, ...] = ()
        self.asked = 0
        self.error: Exception | None = None

    def judge(self, scene: Scene) -> Iterable[Signal]:
        assert not scene.snapshot.findings
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.signals


class Watching:
    """A watch with one detector and a fleet, asked at whole minutes after noon."""

    def __init__(self, **rules: Any) -> None:
        self.said = Said()
        self.fleet = Fleet()
        self.watch = Watch((self.said,), WatchRules(**rules), SpendHistory(BaselineRules()), OwnershipRules())

    def look(self, minute: float, *signals: Signal) -> Sight:
        self.said.signals = signals
        now = minutes(minute)
        return self.watch.look(replace(empty_snapshot(), at=now), self.fleet, now)
