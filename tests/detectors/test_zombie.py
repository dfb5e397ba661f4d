from __future__ import annotations

import pytest

from finops_tui.detectors.zombie import Zombie
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.inventory import Placement, Workload
from tests.detectors.scenes import Stage, by_workload, evidence, minute, watch, working
from tests.engine.fleets import node, workload


def job(*placements: Placement, **given: object) -> Workload:
    return workload("train", *(placements or (Placement("n1", 2, 8.0),)), **given)


def stage(running: Workload, usd: float = 16.0) -> Stage:
    told = Stage(node("n1"), node("n2"), usd=usd)
    told.runs(running)
    return told


def judged(running: Workload, until: int = 30, usd: float = 16.0) -> list[Signal]:
    return watch(Zombie(), stage(running, usd), range(until + 1))


def test_a_finished_job_that_holds_gpus_is_told_at_once_with_what_it_has_burned() -> None:
    (signal,) = judged(job(finished_at=minute(-90)), until=0)
    assert signal.key == "zombie/workload/prod/Job/ml/train/finished"
    assert signal.name == "ml/job/train"
    assert signal.since == minute(-90)
    assert signal.why == "Finished at 10:30Z and still holds 8 GPUs on 1 node: $16.0/h."
    assert (signal.excess_usd_per_hour, signal.normal_usd_per_hour, signal.burned_usd) == (16.0, 0.0, 24.0)
    assert signal.severity is Severity.TICKET
    assert signal.causes[0].what == "finished from 10:30Z"


def test_a_paused_workload_whose_pods_stay_is_told() -> None:
    (signal,) = judged(job(suspended=True))
    assert signal.why == "Paused, but since 12:00Z its pods still hold 8 GPUs on 1 node: $16.0/h."


def test_pods_that_crash_waste_their_part() -> None:
    (signal,) = judged(job(failing={"CrashLoopBackOff": 1}))
    assert signal.why == "1 of 2 pods does not run since 12:00Z (CrashLoopBackOff); it holds 8 GPUs on 1 node: $8.0/h."
    assert (signal.excess_usd_per_hour, signal.normal_usd_per_hour) == (8.0, 8.0)
    assert signal.burned_usd == pytest.approx(4.0)


def test_a_crash_loop_lasts_through_the_moments_in_which_its_pods_run() -> None:
    told, detector = stage(job()), Zombie()
    for at in range(30):
        told.runs(job(failing={"CrashLoopBackOff": 2} if at % 5 else {}), at=at)
        signals = list(detector.judge(told.scene(at)))
        assert len(signals) == (1 if at >= 11 else 0)
    assert signals[0].since == minute(1)
    told.runs(job(), at=30)
    assert watch(detector, told, range(30, 37)) == []


def test_a_gang_that_waits_wastes_what_idles_meanwhile() -> None:
    told = stage(job(pods_pending=1, gpus_pending=8.0))
    detector = Zombie()
    reading = working("ml/Job/train", 8, 2)
    assert watch(detector, told, range(20), lambda at: [by_workload(at, reading)]) == []
    (signal,) = watch(detector, told, range(20, 31), lambda at: [by_workload(at, reading)])
    assert signal.why == (
        "Waits since 12:00Z for 1 pod with 8 GPUs to get a node and holds 8 GPUs on 1 node, idle meanwhile: $12.0/h."
    )
    assert signal.key.endswith("/waiting")


LOOK_ALIKES: dict[str, Workload] = {
    "it runs": job(),
    "it finished and holds nothing": workload("train", finished_at=minute(-90)),
    "it is paused and holds nothing": workload("train", suspended=True),
    "its pods wait, and nobody knows whether the others work": job(pods_pending=1, gpus_pending=8.0),
    "it has pods that cannot be placed only": job(failing={"Unschedulable": 2}),
}


@pytest.mark.parametrize("case", LOOK_ALIKES)
def test_what_only_looks_dead_is_not(case: str) -> None:
    assert judged(LOOK_ALIKES[case]) == []


def test_what_starts_or_ends_may_take_some_minutes() -> None:
    assert judged(job(finished_at=minute(-5)), until=4) == []
    assert judged(job(failing={"ImagePullBackOff": 1}), until=9) == []


def test_cheap_zombies_are_not_told() -> None:
    assert judged(job(finished_at=minute(-90)), usd=0.9) == []


def test_it_ends_when_its_pods_go() -> None:
    told, detector = stage(job(finished_at=minute(-90))), Zombie()
    assert len(watch(detector, told, range(5))) == 1
    told.runs(workload("train", finished_at=minute(-90)), at=5)
    assert watch(detector, told, [5]) == []


def test_it_says_what_speaks_for_and_against_a_pause() -> None:
    (signal,) = judged(job(finished_at=minute(-90), priority_class="batch-low"), until=0)
    assert evidence(signal)["Priority"] == "batch-low."
