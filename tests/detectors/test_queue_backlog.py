from __future__ import annotations

from collections.abc import Sequence

import pytest

from finops_tui.detectors.queue_backlog import QueueBacklog
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.inventory import Node, Placement, Workload
from finops_tui.model.scope import Scope, ScopeKind
from tests.detectors.scenes import Stage, by_node, evidence, minute, watch, working
from tests.engine.fleets import node, workload

WAITING = workload("big", pods_pending=2, gpus_pending=16.0)
H100 = [node(f"n{number}", gpu_model="H100") for number in range(4)]


def judged(nodes: Sequence[Node], *running: Workload, until: int = 20, busy: int | None = None) -> list[Signal]:
    told = Stage(*nodes, usd=8.0)
    told.runs(*running)
    rows = [working(each.name, each.gpus, busy) for each in nodes] if busy is not None else []
    return watch(QueueBacklog(), told, range(until + 1), lambda at: [by_node(at, *rows)] if rows else [])


def holds(gpus: float, *nodes: Node) -> Workload:
    return workload("train", *(Placement(each.name, 1, gpus) for each in nodes))


def test_a_queue_beside_blocks_that_are_too_small_is_fragmentation() -> None:
    (signal,) = judged(H100, WAITING, holds(4.0, *H100))
    assert (signal.kind, signal.scope, signal.part) == ("queue", Scope(ScopeKind.CLUSTER, "prod"), "any GPU")
    assert signal.why == (
        "Pods have waited 20m for 16 GPUs, with 16 GPUs idle beside them (16 free): $16.0/h. "
        "Likely fragmentation: pending pods ask for 8 GPUs each, the largest free block is 4."
    )
    assert signal.since == minute(0)
    assert signal.severity is Severity.TICKET
    assert (signal.usd_per_hour, signal.excess_usd_per_hour) == (None, None)
    assert evidence(signal) == {"Waiting": "ml/big.", "Pool gpu": "32 GPUs, 16 unallocated, 0 allocated but idle."}
    assert signal.related == ("prod/gpu", "prod/Job/ml/big")


def test_where_there_is_room_by_gpus_something_else_keeps_pods_out() -> None:
    (signal,) = judged(H100, WAITING, holds(8.0, *H100[:2]))
    assert signal.why.endswith(
        "Likely taints, node selectors, a quota or the wait for a whole gang: by GPUs alone there is room."
    )


def test_cordoned_nodes_are_the_reason_where_they_have_all_that_is_free() -> None:
    nodes = [*H100[:2], *(node(f"c{number}", gpu_model="H100", schedulable=False) for number in range(2))]
    (signal,) = judged(nodes, WAITING, holds(8.0, *H100[:2]))
    assert "(16 on nodes that take no pods)" in signal.why
    assert signal.why.endswith("Likely cordons: all free GPUs are on nodes that take no pods.")


def test_gpus_that_are_held_without_work_are_named_where_nothing_is_free() -> None:
    (signal,) = judged(H100, WAITING, holds(8.0, *H100), busy=5)
    assert "(12 allocated but idle): $12.0/h." in signal.why
    assert signal.why.endswith("Nothing is free; 12 GPUs would be if those who hold them without work let them go.")


def test_the_rest_of_a_gang_wants_what_its_first_pods_have() -> None:
    a10 = [node(f"a{number}", pool="small", gpu_model="A10") for number in range(3)]
    gang = workload("gang", Placement("n0", 1, 8.0), pods_pending=1, gpus_pending=8.0)
    assert judged([H100[0], *a10], gang) == []
    (signal,) = judged([*H100[:2], *a10], gang)
    assert (signal.part, signal.name) == ("H100", "queue/H100")
    assert "with 8 GPUs idle beside them (8 free)" in signal.why


@pytest.mark.parametrize(
    ("running", "busy"),
    [
        pytest.param([holds(8.0, *H100[:2])], None, id="nobody waits"),
        pytest.param([WAITING, holds(8.0, *H100)], 8, id="all GPUs work"),
        pytest.param([WAITING, holds(8.0, *H100)], None, id="nobody knows whether they work"),
        pytest.param([workload("cpu", pods_pending=3)], None, id="what waits wants no GPUs"),
        pytest.param([workload("off", pods_pending=3, gpus_pending=8.0, suspended=True)], None, id="it is paused"),
    ],
)
def test_what_only_looks_like_a_backlog_is_none(running: list[Workload], busy: int | None) -> None:
    assert judged(H100, *running, busy=busy) == []


def test_a_new_node_may_take_a_quarter_of_an_hour() -> None:
    assert judged(H100, WAITING, until=14) == []
    assert len(judged(H100, WAITING, until=15)) == 1


def test_it_never_pages_and_ends_when_nobody_waits() -> None:
    told, detector = Stage(*H100, usd=4_000.0), QueueBacklog()
    told.runs(WAITING)
    (signal,) = watch(detector, told, range(0, 300, 5))
    assert signal.severity is Severity.TICKET
    told.runs(holds(8.0, *H100[:2]), at=300)
    assert watch(detector, told, [300]) == []
