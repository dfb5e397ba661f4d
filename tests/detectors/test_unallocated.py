from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.detectors.packing import nodes_needed
from finops_tui.detectors.unallocated import Unallocated, UnallocatedRules
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.health import HealthState
from finops_tui.model.inventory import Placement
from finops_tui.model.scope import Scope, ScopeKind
from tests.detectors.scenes import Stage, evidence, minute, watch
from tests.engine.fleets import health, node, workload


def stage(*gpus: float, nodes: int = 5, usd: float = 10.0, **of_node: object) -> Stage:
    """Nodes of 8 GPUs, on the first of which so many are asked for, four by each pod."""
    told = Stage(*(node(f"n{number}", **of_node) for number in range(nodes)), usd=usd)
    placements = [Placement(f"n{number}", max(1, int(asked / 4)), asked) for number, asked in enumerate(gpus) if asked]
    told.runs(workload("train", *placements))
    return told


def judged(told: Stage, until: int = 45, rules: UnallocatedRules | None = None) -> list[Signal]:
    return watch(Unallocated(rules), told, range(until + 1))


def test_a_pool_that_nobody_asks_for_is_told_with_the_nodes_that_would_do() -> None:
    (signal,) = judged(stage(8.0, 4.0, 4.0))
    assert (signal.kind, signal.scope, signal.name) == ("unallocated", Scope(ScopeKind.POOL, "prod/gpu"), "pool/gpu")
    assert signal.since == minute(0)
    assert signal.why == (
        "24 of 40 GPUs are asked for by nobody: $30.0/h, $20.0/h more than its headroom for 45m. "
        "2 nodes fewer would do (2 empty), with 1 spare: $20.0/h."
    )
    assert (signal.usd_per_hour, signal.normal_usd_per_hour, signal.excess_usd_per_hour) == (50.0, 30.0, 20.0)
    assert signal.burned_usd == pytest.approx(20.0 * 0.75)
    assert signal.severity is Severity.TICKET
    assert signal.causes[0].what == "24 GPUs unallocated from 12:00Z"
    assert evidence(signal) == {
        "Headroom": "$10.0/h: 10% of its spend, at least 1 node.",
        "Nodes": "5 nodes, 2 of them empty; 2 nodes would do by GPUs alone.",
        "Normal": "$30.0/h would do, $50.0/h less $20.0/h; it is not what is usual.",
    }


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(stage(8.0, 8.0, 8.0, 8.0, usd=90.0), id="one spare node"),
        pytest.param(stage(gpus=0, nodes=1, usd=90.0), id="a pool whose least is one node"),
        pytest.param(stage(0.0, nodes=1, usd=90.0), id="the only node"),
        pytest.param(stage(*[8.0] * 27, nodes=30, usd=90.0), id="a tenth of the pool"),
        pytest.param(stage(8.0, 8.0, 8.0, usd=9.0), id="a second node that costs less than ten dollars"),
        pytest.param(stage(8.0, 8.0, 8.0, 8.0, 8.0), id="all is asked for"),
        pytest.param(stage(gpus=0), id="there are no GPUs"),
    ],
)
def test_what_a_pool_may_have_free_is_not_told(told: Stage) -> None:
    assert judged(told) == []


def test_pods_that_move_together_free_nodes() -> None:
    (signal,) = judged(stage(2.0, 2.0, 2.0, 2.0))
    assert signal.why.endswith(" 3 nodes fewer would do (1 empty, 2 once pods move together), with 1 spare: $30.0/h.")


def test_a_large_pool_keeps_a_tenth_of_its_nodes() -> None:
    (signal,) = judged(stage(*[8.0] * 25, nodes=40))
    assert signal.excess_usd_per_hour == pytest.approx(110.0)
    assert signal.why.endswith(" 11 nodes fewer would do (11 empty), with 4 spare: $110.0/h.")


def test_less_than_a_node_in_pieces_is_worth_a_line() -> None:
    none_spare = UnallocatedRules(headroom_nodes=0)
    (pieces,) = judged(stage(8.0, 4.0, nodes=2, usd=40.0), rules=none_spare)
    assert (pieces.excess_usd_per_hour, pieces.severity) == (12.0, Severity.INFO)
    (whole,) = judged(stage(8.0, 0.0, nodes=2, usd=40.0), rules=none_spare)
    assert (whole.excess_usd_per_hour, whole.severity) == (32.0, Severity.TICKET)


def test_half_an_hour_is_what_an_autoscaler_may_take() -> None:
    told = stage(8.0)
    detector = Unallocated()
    assert watch(detector, told, range(30)) == []
    assert len(watch(detector, told, [30])) == 1


def test_a_pool_that_is_asked_for_now_and_then_is_told_of_what_it_never_needs() -> None:
    told, detector = stage(8.0, usd=20.0), Unallocated()
    for at in range(60):
        many = [Placement(f"n{number}", 2, 8.0) for number in range(3 if at % 10 else 1)]
        told.runs(workload("train", *many), at=at)
        assert list(detector.judge(told.scene(at))) == [] or at >= 30
    (signal,) = detector.judge(told.scene(59))
    assert signal.excess_usd_per_hour == 20.0  # two nodes of five are never needed; one may stand free


def test_it_ends_when_it_is_asked_for() -> None:
    told, detector = stage(8.0), Unallocated()
    assert len(watch(detector, told, range(45))) == 1
    told.runs(workload("train", *(Placement(f"n{number}", 1, 8.0) for number in range(5))), at=45)
    (still,) = watch(detector, told, range(45, 76))
    assert still.since == minute(0)
    assert (still.usd_per_hour, still.normal_usd_per_hour, still.excess_usd_per_hour) == (50.0, 50.0, 0.0)
    assert still.why == (
        "0 of 40 GPUs are asked for by nobody: $0.0/h, $0.0/h more than its headroom from 12:45Z, $30.0/h before."
    )
    assert watch(detector, told, [76]) == []


def test_what_comes_and_goes_within_half_an_hour_is_one_finding() -> None:
    told, detector = stage(8.0), Unallocated()
    watch(detector, told, range(31))
    for at in range(31, 300):
        nodes = 5 if at % 40 < 25 else 1
        told.runs(workload("train", *(Placement(f"n{number}", 1, 8.0) for number in range(nodes))), at=at)
        (signal,) = detector.judge(told.scene(at))
        assert signal.since == minute(0)


def test_more_than_before_is_said_beside_since_when_there_was_any() -> None:
    told, detector = stage(8.0, 8.0), Unallocated()
    watch(detector, told, range(60))
    told.runs(workload("train", Placement("n0", 1, 8.0)), at=60)
    (signal,) = watch(detector, told, range(60, 121))
    assert "more than its headroom for 1h00m, some for 2h00m." in signal.why


def test_figures_of_a_dead_source_begin_nothing_and_end_nothing() -> None:
    told, detector = stage(8.0), Unallocated()
    told.tell(health(state=HealthState.DOWN))
    assert watch(detector, told, range(45)) == []
    told, detector = stage(8.0), Unallocated()
    (before,) = watch(detector, told, range(45))
    told.tell(health(state=HealthState.DOWN, at=minute(45)))
    (after,) = watch(detector, told, range(45, 60))
    assert (after.since, after.burned_usd) == (before.since, before.burned_usd)


def test_cordoned_nodes_are_named() -> None:
    (signal,) = judged(stage(8.0, schedulable=False))
    assert evidence(signal)["Cordoned"] == "5 nodes cost and take nothing new."


def test_no_fewer_nodes_are_promised_where_pods_do_not_fit_together() -> None:
    told = Stage(*(node(f"n{number}") for number in range(4)), usd=40.0)
    told.runs(workload("train", *(Placement(f"n{number}", 1, 5.0) for number in range(4))))
    (signal,) = judged(told)
    assert signal.why == "12 of 32 GPUs are asked for by nobody: $60.0/h, $20.0/h more than its headroom for 45m."


SIZES = st.sampled_from((0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 8.0))


@given(pods=st.lists(SIZES, max_size=40), nodes=st.integers(min_value=0, max_value=40))
def test_packing_takes_no_fewer_nodes_than_the_gpus_need_and_no_more_than_pods(pods: list[float], nodes: int) -> None:
    needed = nodes_needed(Counter(pods), [8.0] * nodes)
    if needed is None:
        assert nodes < len(pods)
    else:
        assert sum(pods) / 8 <= needed <= min(nodes, len(pods))
        assert nodes_needed(Counter(pods), [8.0] * needed) == needed


def test_pods_that_no_node_holds_are_not_packed() -> None:
    assert nodes_needed({16.0: 1}, [8.0, 8.0]) is None


def test_a_pool_of_which_nobody_tells_who_asks_for_it_is_not_judged() -> None:
    told = Stage(*(node(f"n{number}") for number in range(5)), usd=10.0)
    assert judged(told) == []
