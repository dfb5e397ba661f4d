from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.detectors.relaunches import stem
from finops_tui.detectors.restart_loop import RestartLoop
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.inventory import Placement, Workload
from finops_tui.model.scope import Scope, ScopeKind
from tests.detectors.scenes import Stage, change, minute, watch
from tests.engine.fleets import node, workload


def job(name: str = "train", restarts: int = 0, pods: int = 2, /, **given: object) -> Workload:
    return workload(name, Placement("n1", pods, 8.0), restarts=restarts, **({"uid": name} | given))


def stage(*running: Workload, usd: float = 16.0) -> Stage:
    told = Stage(node("n1"), usd=usd)
    told.runs(*running)
    return told


def restarted(*counts: int, pods: int = 2, usd: float = 16.0, **given: object) -> list[Signal]:
    """Judge a job of which every ten minutes another number of restarts is known."""
    told, detector = stage(usd=usd), RestartLoop()
    signals: list[Signal] = []
    for step, count in enumerate(counts):
        told.runs(job("train", count, pods, **given), at=step * 10)
        signals = watch(detector, told, [step * 10, step * 10 + 5])
    return signals


def test_pods_that_restart_again_and_again_are_told() -> None:
    (signal,) = restarted(1, 3, 5, 7)
    assert (signal.kind, signal.key) == ("restarts", "restarts/workload/prod/Job/ml/train")
    assert signal.since == minute(10)
    assert signal.why == "Its pods restarted 6 times since 12:10Z, 2 run: $16.0/h for work that is begun anew."
    assert (signal.usd_per_hour, signal.normal_usd_per_hour, signal.excess_usd_per_hour) == (16.0, 0.0, 16.0)
    assert signal.burned_usd == pytest.approx(16.0 * 25 / 60)
    assert signal.severity is Severity.TICKET
    assert signal.causes[0].what == "restarted ×6 from 12:10Z"


def test_a_loop_that_is_older_than_what_is_counted_says_when_it_began() -> None:
    (signal,) = restarted(*range(0, 40, 4))
    assert signal.since == minute(10)
    assert signal.why.startswith("Its pods have restarted since 12:10Z, 24 times since 12:40Z alone, 2 run:")
    assert signal.causes[0].what == "restarted ×24 from 12:40Z"


@pytest.mark.parametrize(
    ("counts", "given"),
    [
        pytest.param((90, 90, 90), {}, id="it restarted before anybody looked"),
        pytest.param((0, 3), {}, id="three restarts may be bad luck"),
        pytest.param((0, 6), {"pods": 8}, id="less than one a pod is a node that died"),
        pytest.param((0, 2, 4, *[4] * 6), {}, id="it was more than an hour ago"),
        pytest.param((9, 0, 9, 0), {"pods": 16}, id="the count falls with the pods that go"),
        pytest.param((0, 3, 6), {"usd": 0.9}, id="it costs nothing"),
        pytest.param((0, 3, 6), {"failing": {"CrashLoopBackOff": 1}}, id="a crash loop is a zombie's finding"),
    ],
)
def test_what_only_looks_like_a_loop_is_none(counts: tuple[int, ...], given: dict[str, object]) -> None:
    assert restarted(*counts, **given) == []  # type: ignore[arg-type]  # test data by name


def test_the_onset_stays_while_it_goes_on_and_it_ends_an_hour_after_the_last() -> None:
    told, detector = stage(), RestartLoop()
    for at in range(0, 200, 5):
        told.runs(job("train", at // 5), at=at)
        signals = watch(detector, told, [at])
    assert [signal.since for signal in signals] == [minute(5)]
    assert watch(detector, told, range(200, 260, 5)) == []


def test_a_new_workload_of_the_same_name_begins_at_nothing() -> None:
    told, detector = stage(job()), RestartLoop()
    watch(detector, told, [0])
    told.runs(job("train", 9, uid="another"), at=5)
    assert watch(detector, told, [5]) == []


def launches(*names: str, minutes: int = 10, until: int = 5) -> list[Signal]:
    """Judge jobs each of which comes when the one before has gone."""
    told, detector = stage(), RestartLoop()
    signals: list[Signal] = []
    for step, name in enumerate(names):
        at = step * minutes
        told.runs(job(name, uid=f"{name}-{step}", created_at=minute(at)), at=at)
        signals = watch(detector, told, [at, at + until])
    return signals


def test_a_job_that_is_launched_again_and_again_is_told_under_one_name() -> None:
    (signal,) = launches("retrain-v7-1", "retrain-v7-2", "retrain-v7-3", "retrain-v7-4")
    assert signal.scope == Scope(ScopeKind.NAMESPACE, "prod/ml")
    assert (signal.part, signal.name, signal.related) == (
        "retrain-v7",
        "ml/job/retrain-v7",
        ("prod/Job/ml/retrain-v7-4",),
    )
    assert signal.since == minute(0)
    assert signal.why == ("Launched 4 times since 12:00Z, each after the one before had gone: $16.0/h while one runs.")
    assert signal.causes[0].what == "launched ×4 from 12:00Z"


def test_the_next_launch_is_the_same_trouble() -> None:
    four = launches(*(f"a-{number}" for number in range(4)))
    six = launches(*(f"a-{number}" for number in range(6)))
    assert (four[0].key, four[0].since) == (six[0].key, six[0].since)


def test_a_job_of_the_same_name_that_is_made_anew_counts() -> None:
    (signal,) = launches("eval", "eval", "eval", "eval")
    assert signal.name == "ml/job/eval"


@pytest.mark.parametrize(
    ("names", "minutes"),
    [
        pytest.param(("a-1", "a-2", "a-3"), 10, id="three tries are no loop"),
        pytest.param(("a-1", "a-2", "a-3", "a-4", "a-5"), 60, id="one an hour is a schedule"),
        pytest.param(("prep", "train", "evaluate", "export"), 10, id="steps of a pipeline"),
        pytest.param(("bert-v1", "bert-v2", "bert-v3", "bert-v4"), 10, id="versions are other jobs"),
    ],
)
def test_what_only_looks_launched_again_is_not(names: tuple[str, ...], minutes: int) -> None:
    assert launches(*names, minutes=minutes) == []


def test_jobs_side_by_side_are_a_sweep() -> None:
    told, detector = stage(), RestartLoop()
    for step in range(8):
        told.runs(*(job(f"sweep-{number}", 0, 1) for number in range(step + 1)), at=step)
        assert watch(detector, told, [step]) == []


def test_jobs_that_complete_one_after_the_other_are_a_queue() -> None:
    told, detector = stage(), RestartLoop()
    for step in range(8):
        told.runs(job(f"shard-{step}"), at=step * 5)
        assert watch(detector, told, [step * 5]) == []
        told.tell(change(step * 5 + 4, "kubernetes", f"prod/Job/ml/shard-{step}", f"job shard-{step} completed"))


@pytest.mark.parametrize(
    ("name", "without"),
    [
        ("retrain-v7-3", "retrain-v7"),
        ("retrain-v7", "retrain-v7"),
        ("eval-h100-1712000400", "eval-h100"),
        ("etl-retry-2", "etl"),
        ("etl_attempt3", "etl"),
        ("nightly-x7k2p", "nightly"),
        ("llama-70b", "llama-70b"),
        ("42", "42"),
    ],
)
def test_a_launch_is_told_from_a_version(name: str, without: str) -> None:
    assert stem(name) == without


@given(name=st.text(alphabet="abv-_.0123456789", min_size=1, max_size=12))
def test_a_stem_has_none_itself(name: str) -> None:
    assert name.startswith(stem(name))
    assert stem(stem(name)) == stem(name)
    assert stem(name)
