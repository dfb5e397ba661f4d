from __future__ import annotations

import pytest

from finops_tui.detectors.unowned import Unowned
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.inventory import Placement, Workload
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import Coverage
from tests.detectors.scenes import Stage, evidence, minute, watch, with_coverage
from tests.engine.fleets import node, workload


def stage(*running: Workload) -> Stage:
    told = Stage(node("n1"), node("n2"), usd=80.0)
    told.runs(*running)
    return told


def judged(*running: Workload, until: int = 15) -> list[Signal]:
    return watch(Unowned(), stage(*running), range(until + 1))


def runs(name: str, gpus: float, on: str = "n1", **given: object) -> Workload:
    return workload(name, Placement(on, 1, gpus), **given)


OWNED = runs("owned", 8.0, "n2", labels={"team": "nlp", "model": "bert"})


def test_spend_that_nobody_owns_is_told_with_its_largest_parts() -> None:
    new = runs("judge", 2.0, labels={}, namespace="tmp-eval", created_at=minute(-60))
    (signal,) = judged(OWNED, new, runs("probe", 1.0, labels={"app": "x"}))
    assert (signal.kind, signal.scope, signal.name) == ("unowned", Scope(ScopeKind.TEAM, "(unowned)"), "(unowned)")
    assert signal.since == minute(0)
    assert signal.why == "$30.0/h of $110.0/h has no owner, 73% has: 2 workloads in 2 namespaces."
    assert (signal.usd_per_hour, signal.excess_usd_per_hour) == (30.0, None)
    assert evidence(signal) == {
        "tmp-eval/job/judge": "$20.0/h in prod.",
        "ml/job/probe": "$10.0/h in prod.",
        "What to label": "namespaces prod/tmp-eval, prod/ml: one label there covers all in it.",
    }
    first, second = signal.causes
    assert (first.what, first.fit) == ("no team label on 2 workloads", 0.9)
    assert (second.what, second.fit) == ("tmp-eval/job/judge untagged, new at 11:00Z", 0.5)
    assert signal.related == ("prod/Job/tmp-eval/judge", "prod/Job/ml/probe")


def test_what_has_long_been_there_is_not_called_new() -> None:
    (signal,) = judged(OWNED, runs("judge", 2.0, labels={}, created_at=minute(-26 * 60)))
    assert [cause.what for cause in signal.causes] == ["no team label on 1 workload"]


@pytest.mark.parametrize(("gpus", "severity"), [(2.0, Severity.INFO), (3.0, Severity.TICKET)])
def test_a_quarter_of_the_spend_is_worth_a_ticket(gpus: float, severity: Severity) -> None:
    (signal,) = judged(OWNED, runs("nobodys", gpus, labels={}))
    assert signal.severity is severity


@pytest.mark.parametrize(
    "running",
    [
        pytest.param((OWNED,), id="all is owned; what nobody asks for is not spend of a workload"),
        pytest.param((OWNED, runs("small", 0.4, labels={})), id="four dollars an hour"),
        pytest.param((), id="nothing runs"),
    ],
)
def test_what_needs_no_owner_is_not_told(running: tuple[Workload, ...]) -> None:
    assert judged(*running) == []


def test_labels_may_arrive_late() -> None:
    assert judged(OWNED, runs("late", 8.0, labels={}), until=9) == []
    told, detector = stage(OWNED, runs("late", 8.0, labels={})), Unowned()
    assert len(watch(detector, told, range(15))) == 1
    told.runs(OWNED, runs("late", 8.0), at=15)
    assert watch(detector, told, [15]) == []


def covered(fact: str, workloads: int) -> Coverage:
    return Coverage(
        fact=fact, labels=("team", "squad"), usd_per_hour=80.0, covered_usd_per_hour=10.0 * workloads, workloads=8,
        covered_workloads=workloads,
    )  # fmt: skip


def mapped(*coverage: Coverage) -> list[Signal]:
    detector, told = (
        Unowned(),
        stage(runs("a", 4.0, labels={"org": "nlp", "app": "a"}), runs("b", 4.0, labels={"org": "x"})),
    )
    signals: list[Signal] = []
    for at in range(16):
        signals = detector.judge(with_coverage(told.scene(at), *coverage))
    return signals


def test_a_mapping_that_fits_nothing_is_told_with_the_labels_that_there_are() -> None:
    (signal,) = mapped(covered("team", 0))
    assert (signal.scope, signal.part, signal.name) == (TOTAL, "team", "labels/team")
    assert signal.severity is Severity.TICKET
    assert [(cause.what, cause.fit) for cause in signal.causes] == [("no team label on 8 workloads", 0.9)]
    assert signal.why == (
        "No workload or namespace carries a label that names its team (team, squad); they carry org, app."
    )
    assert evidence(signal) == {
        "Looked for": "team, squad.",
        "org": "on 2 workloads.",
        "app": "on 1 workload.",
        "What to do": "name one of these keys for team in the config.",
    }


def test_a_mapping_that_fits_something_is_a_matter_of_labels() -> None:
    (signal,) = mapped(covered("team", 1), covered("environment", 0))
    assert signal.name == "(unowned)"


def test_a_model_mapping_that_fits_nothing_is_worth_a_line() -> None:
    found = {signal.name: signal.severity for signal in mapped(covered("model", 0))}
    assert found == {"(unowned)": Severity.TICKET, "labels/model": Severity.INFO}
