from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from finops_tui.detectors.idle_gpu import IdleGpu, IdleGpuRules
from finops_tui.detectors.waste import WasteRules
from finops_tui.model.finding import Cause, Severity, Signal
from finops_tui.model.gpu import GpuMethod, GpuReading
from finops_tui.model.inventory import Placement, Workload
from finops_tui.model.observations import Observation
from finops_tui.model.scope import Scope, ScopeKind
from tests.detectors.scenes import Stage, by_node, by_workload, evidence, minute, watch, working, xid
from tests.engine.fleets import node, workload

Told = Callable[[float], Iterable[Observation]]


def job(gpus: float = 8.0, /, **given: object) -> Workload:
    return workload("train", Placement("n1", 1, gpus), **({"created_at": minute(-300)} | given))


def stage(*workloads: Workload, usd: float = 80.0, **of_node: object) -> Stage:
    told = Stage(node("n1", gpu_model="H100", **of_node), node("n2", gpu_model="H100"), usd=usd)
    told.runs(*(workloads or (job(),)))
    return told


def says(active: int | None, gpus: int = 8, name: str = "ml/Job/train", **given: object) -> Told:
    return lambda at: [by_workload(at, working(name, gpus, active, **given))]


def judged(told: Stage, what: Told | None, until: int = 40, rules: IdleGpuRules | None = None) -> list[Signal]:
    return watch(IdleGpu(rules), told, range(until + 1), what)


def test_gpus_that_do_nothing_for_a_while_are_idle() -> None:
    (signal,) = judged(stage(), says(2), until=30)
    assert (signal.kind, signal.scope) == ("idle", Scope(ScopeKind.WORKLOAD, "prod/Job/ml/train"))
    assert (signal.name, signal.cluster, signal.owner) == ("ml/job/train", "prod", "nlp")
    assert signal.since == minute(0)
    assert signal.why == "6 of its 8 GPUs have done no work for 30m: $60.0/h of $80.0/h."
    assert (signal.usd_per_hour, signal.normal_usd_per_hour, signal.excess_usd_per_hour) == (80.0, 20.0, 60.0)
    assert signal.burned_usd == pytest.approx(30.0)
    assert signal.severity is Severity.TICKET
    (cause,) = signal.causes
    assert cause == Cause(what="6 GPUs idle from 12:00Z", at=None, fit=0.6, why=cause.why)


def test_nine_minutes_are_not_enough() -> None:
    assert judged(stage(), says(0), until=9) == []
    assert len(judged(stage(), says(0), until=10)) == 1


@pytest.mark.parametrize(
    ("usd", "until", "severity"),
    [
        (5.0, 30, Severity.INFO),
        (15.0, 30, Severity.TICKET),
        (5.0, 20 * 60 + 1, Severity.TICKET),  # $100 burned
        (199.0, 90, Severity.TICKET),
        (200.0, 59, Severity.TICKET),
        (200.0, 60, Severity.PAGE),
    ],
)
def test_severity_goes_by_dollars_and_by_how_long_it_lasts(usd: float, until: int, severity: Severity) -> None:
    steps = range(until + 1) if until < 100 else [*range(0, until, 8), until]
    (signal,) = watch(IdleGpu(), stage(usd=usd), steps, says(0))
    assert signal.severity is severity


@pytest.mark.parametrize(
    ("usd", "until", "severity"),
    [
        (24.0, 130, Severity.INFO),
        (25.0, 130, Severity.TICKET),
        (20.0, 12 * 60, Severity.INFO),
        (20.0, 13 * 60, Severity.TICKET),  # $250 burned
    ],
)
def test_forgotten_notebooks_are_less_urgent_than_what_has_come_to_a_halt(
    usd: float, until: int, severity: Severity
) -> None:
    steps = [*range(0, until, 8), until]
    notebook = stage(job(kind="Notebook"), usd=usd)
    (signal,) = watch(IdleGpu(), notebook, steps, says(0, name="ml/Notebook/train"))
    assert signal.severity is severity


def test_less_than_five_dollars_an_hour_is_not_listed() -> None:
    assert judged(stage(usd=4.99), says(0)) == []
    rules = IdleGpuRules(waste=WasteRules(least_usd_per_hour=0.5))
    assert len(judged(stage(usd=0.99), says(0), rules=rules)) == 1


LOOK_ALIKES: dict[str, tuple[Workload, Told]] = {
    "it works": (job(), says(8)),
    "it works now and then": (job(), lambda at: says(8 if at % 15 == 0 else 0)(at)),
    "nothing reports": (job(), lambda _: []),
    "the readings say nothing": (job(), says(None, utilization=None)),
    "it began ten minutes ago": (job(created_at=minute(30)), says(0)),
    "it waits for the rest of its pods": (job(pods_pending=1), says(0)),
    "it is finished": (job(finished_at=minute(-5)), says(0)),
    "it crashes": (job(failing={"CrashLoopBackOff": 1}), says(0)),
    "it has no GPUs": (workload("train", Placement("n1", 1, 0.0, 4.0)), says(0)),
    "its memory is empty but it works": (job(), says(8, memory_used=0.0)),
}


@pytest.mark.parametrize("case", LOOK_ALIKES)
def test_what_only_looks_idle_is_not(case: str) -> None:
    running, told = LOOK_ALIKES[case]
    assert judged(stage(running), told) == []


def test_memory_that_is_full_is_no_sign_of_work() -> None:
    (signal,) = judged(stage(), says(0, memory_used=0.9))
    assert evidence(signal)["Memory"] == (
        "90% used; memory use is no sign of work: what a server sets aside stays set aside."
    )


def test_readings_that_stop_begin_nothing() -> None:
    assert judged(stage(), lambda at: says(0)(at) if at <= 5 else []) == []


def test_what_is_idle_stays_so_while_nobody_hears_of_it_but_burns_nothing_and_not_for_ever() -> None:
    def told(at: float) -> Iterable[Observation]:
        return says(0)(at) if at <= 30 else []

    (signal,) = judged(stage(), told, until=80)
    assert signal.since == minute(0)
    assert signal.burned_usd == pytest.approx(80.0 * 34 / 60)  # readings of up to four minutes ago still count
    assert evidence(signal)["Telemetry"] == "50m old."
    assert judged(stage(), told, until=120) == []


def test_it_ends_as_soon_as_they_work_and_begins_anew_afterwards() -> None:
    detector, told = IdleGpu(), stage()
    assert len(watch(detector, told, range(31), says(0))) == 1
    assert watch(detector, told, [31], says(8)) == []
    assert watch(detector, told, range(32, 42), says(0)) == []
    (again,) = watch(detector, told, range(42, 60), says(0))
    assert again.since == minute(32)


def test_the_onset_stays_while_more_gpus_fall_idle() -> None:
    (signal,) = judged(stage(), lambda at: says(6 if at < 60 else 0)(at), until=90)
    assert signal.since == minute(0)
    assert signal.excess_usd_per_hour == 80.0
    assert signal.causes[0].what == "8 GPUs idle from 13:00Z"
    assert signal.why == "All its 8 GPUs have done no work for 30m, some for 1h30m: $80.0/h of $80.0/h."


def test_only_what_was_idle_all_the_while_counts() -> None:
    (signal,) = judged(stage(), lambda at: says(int(at) % 6)(at))
    assert signal.excess_usd_per_hour == pytest.approx(30.0)
    assert signal.why.startswith("3 of its 8 GPUs ")


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "StatefulSet", "labels": {"app": "jupyterhub"}},
        {"kind": "Deployment", "labels": {"notebook-name": "mei"}},
        {"kind": "Notebook"},
    ],
)
def test_a_notebook_is_told_in_its_own_words_and_once(given: dict[str, object]) -> None:
    (signal,) = judged(stage(job(**given)), says(0, name=f"ml/{given['kind']}/train"), until=120)
    assert signal.kind == "idle"
    assert signal.why == (
        "Leaked notebook. All its 8 GPUs have done no work for 2h00m: $80.0/h of $80.0/h where nobody computes."
    )


@pytest.mark.parametrize("given", [{"kind": "Job", "labels": {"app": "notebook"}}, {"labels": {"app": "notebooklm"}}])
def test_what_only_sounds_like_a_notebook_is_none(given: dict[str, object]) -> None:
    (signal,) = judged(stage(job(**given)), says(0), until=20)
    assert "notebook" not in signal.why.lower()


def test_power_is_held_against_what_idle_gpus_of_the_model_draw() -> None:
    def told(watts: float) -> Told:
        return lambda at: [*says(0, power_watts=watts)(at), by_node(at, working("n2", 8, 0, power_watts=560.0))]

    (idle,) = judged(stage(), told(496.0))
    assert evidence(idle)["Power"] == "62 W a GPU, as idle ones draw: 70 W on 1 node without work."
    (odd,) = judged(stage(), told(2_400.0))
    assert evidence(odd)["Power"] == "300 W a GPU, more than idle ones draw: 70 W on 1 node without work."
    (alone,) = judged(stage(), says(0, power_watts=496.0))
    assert evidence(alone)["Power"] == "62 W a GPU."


def test_a_fallback_is_named() -> None:
    (signal,) = judged(stage(), says(0, method=GpuMethod.KERNEL_RUNNING))
    assert evidence(signal)["Engine"] == "0 of 8 GPUs worked in the last five minutes (kernel running)."


def test_its_nodes_speak_for_a_workload_that_reports_nothing() -> None:
    (signal,) = judged(stage(), lambda at: [by_node(at, working("n1", 8, 2))])
    assert signal.excess_usd_per_hour == 60.0
    assert evidence(signal)["Telemetry"] == "of its nodes, it reports nothing itself; 0s old."


def test_parts_of_gpus_are_counted_as_parts() -> None:
    (sliced,) = judged(stage(job(0.5)), says(0, gpus=1, power_watts=60.0))
    assert sliced.why == "Its 0.5 GPUs have done no work for 40m: $5.0/h of $5.0/h."
    assert "Power" not in evidence(sliced)
    assert evidence(sliced)["Sharing"] == "It holds parts of GPUs (MIG); power is known of whole ones only."
    (shared,) = judged(stage(job(2.0), gpu_replicas=4), says(0, gpus=2))
    assert evidence(shared)["Sharing"].startswith("Up to 4 pods share a device;")


def test_pods_on_nodes_without_gpus_do_not_make_more_gpus_idle() -> None:
    told = Stage(node("n1"), node("cpu", gpus=0))
    told.runs(workload("train", Placement("n1", 1, 8.0), Placement("cpu", 1, 0.0, 64.0), created_at=minute(-60)))
    (signal,) = judged(told, says(2))
    assert signal.why.startswith("6 of its 8 GPUs have")


def test_readings_of_one_device_count_for_what_they_are() -> None:
    reading = GpuReading(name="ml/Job/train", gpus=8, utilization=0.01)
    (signal,) = judged(stage(), lambda at: [by_workload(at, reading)])
    assert evidence(signal)["Engine"] == "1% busy in the mean of 8 GPUs (engine active)."


def test_what_is_normal_of_waste_is_said_to_be_what_would_do() -> None:
    (signal,) = judged(stage(), says(2))
    assert evidence(signal)["Normal"] == "$20.0/h would do, $80.0/h less $60.0/h; it is not what is usual."


def test_figures_fit_while_a_workload_shrinks_unseen() -> None:
    told, detector = stage(), IdleGpu()
    watch(detector, told, range(31), says(0))
    told.runs(job(4.0), at=31)
    (signal,) = watch(detector, told, [36])
    assert (signal.usd_per_hour, signal.excess_usd_per_hour, signal.normal_usd_per_hour) == (40.0, 40.0, 0.0)


def test_a_device_error_on_its_node_is_why_it_came_to_a_halt() -> None:
    told = stage()
    told.tell(xid(-20, "n1", 31, "1"), xid(-5, "n1", 43, "3"), xid(-4, "n2", 79))
    (signal,) = judged(told, says(0))
    assert evidence(signal)["XID"] == "XID 43, GPU stopped processing, on n1 at 11:55Z."
    cause = signal.causes[0]
    assert (cause.what, cause.at, cause.fit) == ("XID 43 on n1", minute(-5), 0.8)


def test_a_device_error_long_before_or_elsewhere_explains_nothing() -> None:
    told = stage()
    told.tell(xid(-16, "n1", 43), xid(-4, "n2", 79))
    (signal,) = judged(told, says(0))
    assert "XID" not in evidence(signal)
    assert len(signal.causes) == 1


def test_what_was_five_dollars_for_a_moment_is_not_listed_for_less() -> None:
    assert judged(stage(usd=8.0), lambda at: says(0 if at == 0 else 4)(at), until=60) == []
