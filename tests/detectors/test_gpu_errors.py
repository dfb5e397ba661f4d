from __future__ import annotations

import pytest

from finops_tui.detectors.gpu_errors import GpuErrors
from finops_tui.detectors.xids import XIDS, Impact, meaning
from finops_tui.model.finding import Cause, Severity, Signal
from finops_tui.model.inventory import Placement
from finops_tui.model.observations import GpuErrorsSeen
from finops_tui.model.scope import Scope, ScopeKind
from tests.detectors.scenes import Stage, evidence, minute, watch, xid
from tests.engine.fleets import node, nodes_seen, workload

TRAIN = workload("train", Placement("n1", 1, 8.0))


def stage(usd: float = 40.0, **of_node: object) -> Stage:
    told = Stage(node("n1", **of_node), node("n2", **of_node), usd=usd)
    told.runs(TRAIN)
    return told


def judged(*errors: GpuErrorsSeen, told: Stage | None = None, until: int = 10) -> list[Signal]:
    stage_ = told or stage()
    stage_.tell(*errors)
    return watch(GpuErrors(), stage_, range(until + 1))


def test_a_gpu_that_has_fallen_off_the_bus_costs_its_node() -> None:
    (signal,) = judged(xid(-30, "n1", 79, "3"))
    assert (signal.kind, signal.scope, signal.part) == ("xid", Scope(ScopeKind.POOL, "prod/gpu"), "n1")
    assert (signal.name, signal.since) == ("node/n1", minute(-30))
    assert signal.why == "XID 79, fallen off the bus, on 1 GPU of 8. 1 workload still pays for it: $40.0/h."
    assert (signal.usd_per_hour, signal.normal_usd_per_hour, signal.excess_usd_per_hour) == (40.0, 0.0, 40.0)
    assert signal.severity is Severity.TICKET
    assert signal.causes == (Cause(what="XID 79 on n1", at=minute(-30), fit=1.0),)
    assert evidence(signal) == {
        "GPU 3": "XID 79, fallen off the bus.",
        "What to do": "drain the node and restart the machine.",
        "Node": "8 GPUs in prod/gpu, takes new pods.",
        "On it": "Job/ml/train.",
    }
    assert signal.related == ("prod/gpu", "prod/Job/ml/train")


def test_one_node_is_one_finding_whatever_fails_on_it() -> None:
    (signal,) = judged(xid(-5, "n1", 95, "1"), xid(-30, "n1", 79, "3"), xid(-1, "n1", 31, "2"))
    assert signal.since == minute(-30)
    assert signal.why.startswith("XID 79, fallen off the bus, XID 95, uncontained ECC error, on 2 GPUs of 8. ")


def test_a_broken_node_that_nobody_uses_is_worth_a_line() -> None:
    (signal,) = judged(xid(-30, "n2", 48))
    assert signal.severity is Severity.INFO
    assert signal.why == "XID 48, double-bit ECC error, on 1 GPU of 8. Nobody uses it: $40.0/h."


@pytest.mark.parametrize(
    ("usd", "at", "severity"),
    [(0.5, -30, Severity.TICKET), (250.0, -30, Severity.TICKET), (250.0, -90, Severity.PAGE)],
)
def test_work_on_a_broken_gpu_is_looked_at_in_this_shift_whatever_it_costs(
    usd: float, at: float, severity: Severity
) -> None:
    (signal,) = judged(xid(at, "n1", 79), told=stage(usd=usd))
    assert signal.severity is severity


@pytest.mark.parametrize(
    ("error", "of_node"),
    [
        pytest.param(xid(-30, "n1", 31), {}, id="a program's page fault"),
        pytest.param(xid(-30, "n1", 43), {}, id="a program that stopped"),
        pytest.param(xid(-24 * 60 - 11, "n1", 79), {}, id="more than a day ago"),
        pytest.param(xid(-30, "n1", 79), {"created_at": minute(-10)}, id="of the node before, of the same name"),
        pytest.param(xid(-30, "n1", 79), {"leaving": "repair"}, id="of a node that is going"),
        pytest.param(xid(-30, "elsewhere", 79), {}, id="of a node that is gone"),
    ],
)
def test_what_does_no_harm_any_more_is_not_told(error: GpuErrorsSeen, of_node: dict[str, object]) -> None:
    assert judged(error, told=stage(**of_node)) == []  # type: ignore[arg-type]  # test data by name


@pytest.mark.parametrize("number", [63, 92, 94, 999])
def test_what_wears_out_is_worth_a_line_for_an_hour(number: int) -> None:
    (signal,) = judged(xid(-30, "n1", number, message="odd"))
    assert signal.severity is Severity.INFO
    assert signal.excess_usd_per_hour is None
    assert signal.why.startswith(f"XID {number}, {XIDS[number].meaning if number in XIDS else 'odd'}, on 1 GPU of 8.")
    assert judged(xid(-80, "n1", number)) == []


def test_harmless_errors_are_worth_a_line_when_there_are_many() -> None:
    four = [xid(-number, "n1", 31, str(number)) for number in (4, 3, 2, 1)]
    assert judged(*four) == []
    (signal,) = judged(*four, xid(0, "n1", 13, "0"))
    assert (signal.severity, signal.since) == (Severity.INFO, minute(-4))
    assert signal.why == (
        "5 harmless XID errors since 11:56Z, the last XID 13, graphics engine exception: "
        "a program's fault, not the GPU's."
    )
    assert judged(*four, xid(0, "n1", 13, "0"), until=61) == []


def test_it_ends_when_the_node_is_replaced() -> None:
    told, detector = stage(), GpuErrors()
    told.tell(xid(0, "n1", 79))
    assert len(watch(detector, told, range(10))) == 1
    told.tell(nodes_seen(node("n1", created_at=minute(10)), node("n2"), at=minute(10)))
    assert watch(detector, told, [10]) == []


def test_every_listed_error_says_what_to_do() -> None:
    assert all(each.meaning and each.advice for each in XIDS.values())
    fatal = {number for number, each in XIDS.items() if each.impact is Impact.FATAL}
    assert {48, 64, 74, 79, 95, 119, 120, 140, 143} <= fatal
    assert not fatal & {13, 31, 43, 45, 63, 92, 94}
    assert meaning(12_345).impact is Impact.WATCH
