from __future__ import annotations

import random
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.analysis.cluster_costs import ClusterCosts
from finops_tui.analysis.idle import IdleRules
from finops_tui.analysis.ownership import Owners, OwnershipRules
from finops_tui.analysis.pricing import PriceBook
from finops_tui.model.fleet import Cluster, Fleet
from finops_tui.model.gpu import GpuReading, GpuScope
from finops_tui.model.inventory import Node, Placement
from finops_tui.model.observations import NodesSeen, WorkloadsSeen
from tests.engine.fleets import (
    GIB,
    fleet,
    list_price,
    node,
    nodes_seen,
    readings,
    workload,
    workloads_seen,
)
from tests.samples import NOON

BOOK = PriceBook({("prices", ""): (list_price(), list_price("small", 10.0))})


def new_costs() -> ClusterCosts:
    return ClusterCosts(Owners(OwnershipRules()), IdleRules())


def worked_out(known: Fleet) -> ClusterCosts:
    accounts = new_costs()
    accounts.update(known.cluster("prod"), BOOK)
    return accounts


def usd(accounts: ClusterCosts) -> dict[str, float | None]:
    return {account.workload.name: account.usd for account in accounts.workloads.values()}


def test_gpu_share_first() -> None:
    accounts = worked_out(
        fleet(
            nodes_seen(node("n1")),
            workloads_seen(
                workload("a", Placement("n1", 1, 6)),
                workload("cpu", Placement("n1", 3, 0, cpu_cores=60, memory_bytes=400 * GIB)),
            ),
        )
    )
    assert usd(accounts) == {"a": 60.0, "cpu": 0.0}
    assert accounts.nodes["n1"].unallocated_usd == 20.0


def test_parts_of_a_gpu_cost_parts_of_it() -> None:
    accounts = worked_out(fleet(nodes_seen(node("n1")), workloads_seen(workload("mig", Placement("n1", 2, 2 / 7)))))
    assert usd(accounts)["mig"] == pytest.approx(80 / 8 * 2 / 7)


def test_a_node_without_gpus_by_the_mean_of_cpu_and_memory() -> None:
    plain = node("c1", instance_type="small", gpus=0, cpu_cores=10, memory_bytes=100)
    accounts = worked_out(
        fleet(
            nodes_seen(plain),
            workloads_seen(workload("web", Placement("c1", 1, 0, cpu_cores=5, memory_bytes=10))),
        )
    )
    assert usd(accounts)["web"] == pytest.approx(10 * (0.5 + 0.1) / 2)


def test_one_known_dimension_has_to_do() -> None:
    plain = node("c1", instance_type="small", gpus=0, cpu_cores=0, memory_bytes=100)
    accounts = worked_out(
        fleet(nodes_seen(plain), workloads_seen(workload("web", Placement("c1", 1, 0, memory_bytes=25))))
    )
    assert usd(accounts)["web"] == pytest.approx(2.5)


def test_more_requested_than_there_is_scales_the_shares() -> None:
    accounts = worked_out(
        fleet(
            nodes_seen(node("n1")),
            workloads_seen(workload("a", Placement("n1", 1, 12)), workload("b", Placement("n1", 1, 4))),
        )
    )
    assert usd(accounts) == {"a": 60.0, "b": 20.0}
    assert accounts.nodes["n1"].unallocated_usd == 0.0
    assert accounts.nodes["n1"].allocated_gpus == 8


def test_without_a_price_a_workload_has_no_cost_and_a_reason() -> None:
    accounts = worked_out(
        fleet(
            nodes_seen(node("n1", instance_type="rare"), node("n2")),
            workloads_seen(
                workload("all", Placement("n1", 1, 4)), workload("half", Placement("n1", 1, 4), Placement("n2", 1, 4))
            ),
        )
    )
    by_name = {account.workload.name: account for account in accounts.workloads.values()}
    assert by_name["all"].usd is None
    assert by_name["all"].missing == "1 of its 1 nodes not counted: no price known for rare in here"
    assert by_name["half"].usd == 40.0
    assert by_name["half"].missing == "1 of its 2 nodes not counted: no price known for rare in here"


def test_what_waits_costs_nothing() -> None:
    accounts = worked_out(fleet(nodes_seen(node("n1")), workloads_seen(workload("waits", gpus_pending=8.0))))
    assert usd(accounts)["waits"] == 0.0


def test_idle_by_the_workloads_own_reading_first() -> None:
    accounts = worked_out(
        fleet(
            nodes_seen(node("n1")),
            workloads_seen(workload("a", Placement("n1", 1, 4)), workload("b", Placement("n1", 1, 4))),
            readings(GpuScope.WORKLOAD, GpuReading(name="ml/Job/a", gpus=4, active=1, utilization=0.2)),
            readings(GpuScope.NODE, GpuReading(name="n1", gpus=8, active=6)),
        )
    )
    by_name = {account.workload.name: account for account in accounts.workloads.values()}
    assert by_name["a"].idle_usd == pytest.approx(30.0)
    assert by_name["b"].idle_usd == pytest.approx(40.0 * 2 / 8)
    assert accounts.nodes["n1"].idle_usd == pytest.approx(40.0)


def test_idle_by_utilization_where_devices_are_not_counted() -> None:
    def idle(utilization: float) -> float | None:
        accounts = worked_out(
            fleet(
                nodes_seen(node("n1")),
                workloads_seen(workload("a", Placement("n1", 1, 4))),
                readings(GpuScope.WORKLOAD, GpuReading(name="ml/Job/a", gpus=4, utilization=utilization)),
            )
        )
        return next(iter(accounts.workloads.values())).idle_usd

    assert idle(0.04) == 40.0
    assert idle(0.05) == 0.0
    assert idle(nan) is None


def test_idle_is_not_known_without_telemetry() -> None:
    accounts = worked_out(fleet(nodes_seen(node("n1")), workloads_seen(workload("a", Placement("n1", 1, 4)))))
    assert next(iter(accounts.workloads.values())).idle_usd is None
    assert accounts.nodes["n1"].idle_usd is None


def test_work_on_gpus_that_nobody_requested_is_not_counted_against_anyone() -> None:
    accounts = worked_out(
        fleet(
            nodes_seen(node("n1")),
            workloads_seen(workload("a", Placement("n1", 1, 2))),
            readings(GpuScope.NODE, GpuReading(name="n1", gpus=8, active=5)),
        )
    )
    assert next(iter(accounts.workloads.values())).idle_usd == 0.0


def test_the_same_node_twice_in_one_workload_counts_once_for_each() -> None:
    accounts = worked_out(
        fleet(nodes_seen(node("n1")), workloads_seen(workload("a", Placement("n1", 1, 2), Placement("n1", 1, 2))))
    )
    assert usd(accounts)["a"] == 40.0


def test_nothing_changed_is_no_work() -> None:
    known = fleet(nodes_seen(node("n1")), workloads_seen(workload("a", Placement("n1", 1, 2))))
    accounts = new_costs()
    assert accounts.update(known.cluster("prod"), BOOK)
    assert not accounts.update(known.cluster("prod"), BOOK)


def test_workloads_may_be_seen_before_their_nodes() -> None:
    known = fleet(workloads_seen(workload("a", Placement("n1", 1, 2))))
    accounts = worked_out(known)
    assert usd(accounts)["a"] is None
    known.fold(nodes_seen(node("n1")))
    accounts.update(known.cluster("prod"), BOOK)
    assert usd(accounts)["a"] == 20.0
    known.fold(NodesSeen(at=NOON, source="k", cluster="prod", gone=("n1",)))
    accounts.update(known.cluster("prod"), BOOK)
    assert usd(accounts)["a"] is None


hostile = st.sampled_from([0.0, 0.25, 1.0, 3.0, 8.0, 16.0, -1.0, nan, inf, -inf, 1e308])
machines = st.lists(
    st.builds(
        node,
        st.sampled_from(["n0", "n1", "n2", "n3"]),
        gpus=st.sampled_from([0, 0, 1, 8, -3]),
        instance_type=st.sampled_from(["big", "small", "rare"]),
        cpu_cores=hostile,
        memory_bytes=st.sampled_from([0, 100, -5, 10**30]),
    ),
    max_size=4,
    unique_by=lambda made: made.name,
)
requests = st.builds(
    Placement,
    st.sampled_from(["n0", "n1", "n2", "n3", "gone"]),
    st.integers(0, 3),
    hostile,
    hostile,
    st.sampled_from([0, 10, 1000, -1]),
)
works = st.lists(
    st.tuples(st.sampled_from("abcde"), st.lists(requests, max_size=3)), max_size=5, unique_by=lambda made: made[0]
)
telemetry = st.lists(
    st.builds(
        GpuReading,
        name=st.sampled_from(["n0", "n1", "ml/Job/a", "ml/Job/b"]),
        gpus=st.sampled_from([8, 1, 0, -2]),
        active=st.sampled_from([None, 0, 3, 8, 99, -1]),
        utilization=st.one_of(st.none(), hostile),
    ),
    max_size=4,
)


def made(nodes: list[Node], work: list[tuple[str, list[Placement]]], spoken: list[GpuReading]) -> Fleet:
    return fleet(
        nodes_seen(*nodes),
        workloads_seen(*(workload(name, *placements) for name, placements in work)),
        readings(GpuScope.NODE, *spoken),
        readings(GpuScope.WORKLOAD, *spoken),
    )


@given(machines, works, telemetry)
def test_law_workloads_and_unallocated_are_what_priced_nodes_cost(
    nodes: list[Node], work: list[tuple[str, list[Placement]]], spoken: list[GpuReading]
) -> None:
    accounts = worked_out(made(nodes, work, spoken))
    paid = sum(account.usd for account in accounts.nodes.values() if account.usd is not None)
    taken = sum(account.usd or 0.0 for account in accounts.workloads.values())
    left = sum(account.unallocated_usd or 0.0 for account in accounts.nodes.values())
    assert taken + left == pytest.approx(paid)
    for workload_account in accounts.workloads.values():
        assert workload_account.usd is None or workload_account.usd >= 0
        if workload_account.idle_usd is not None:
            assert workload_account.usd is not None
            assert -1e-9 <= workload_account.idle_usd <= workload_account.usd + 1e-9
    idle_by_node = sum(account.idle_usd or 0.0 for account in accounts.nodes.values())
    idle_by_work = sum(account.idle_usd or 0.0 for account in accounts.workloads.values())
    assert idle_by_node == pytest.approx(idle_by_work)


@given(st.lists(st.tuples(machines, works, telemetry), min_size=1, max_size=5), st.integers(0, 99))
def test_law_step_by_step_is_the_same_as_from_scratch(
    steps: list[tuple[list[Node], list[tuple[str, list[Placement]]], list[GpuReading]]], seed: int
) -> None:
    accounts, known = new_costs(), Fleet()
    for nodes, work, spoken in steps:
        kept = made(nodes, work, spoken)
        order = list(kept.clusters["prod"].workloads.values())
        random.Random(seed).shuffle(order)
        known.fold(WorkloadsSeen(at=NOON, source="k", cluster="prod", workloads=tuple(order), complete=True))
        known.fold(NodesSeen(at=NOON, source="k", cluster="prod", nodes=tuple(map(replace, nodes)), complete=True))
        known.clusters["prod"].gpu = kept.clusters["prod"].gpu
        accounts.update(known.clusters["prod"], BOOK)
    afresh = worked_out(known)
    assert told(accounts) == told(afresh)


def told(accounts: ClusterCosts) -> object:
    return (
        {name: (a.usd, a.rate, a.requested, a.pods, a.unallocated_usd) for name, a in accounts.nodes.items()},
        {key: (a.usd, a.missing, a.utilization, a.gpus, rounded(a.idle_usd)) for key, a in accounts.workloads.items()},
        {name: rounded(a.idle_usd) for name, a in accounts.nodes.items()},
    )


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 9)


def test_what_is_gone_is_a_change_even_if_it_touched_nothing() -> None:
    known = fleet(nodes_seen(node("n1")), workloads_seen(workload("waits")))
    accounts = worked_out(known)
    known.fold(nodes_seen())
    assert accounts.update(known.clusters["prod"], BOOK)
    known.fold(workloads_seen())
    assert accounts.update(known.clusters["prod"], BOOK)
    assert not accounts.update(known.clusters["prod"], BOOK)


def test_cluster_without_anything() -> None:
    accounts = new_costs()
    assert not accounts.update(Cluster("prod"), BOOK)


def test_what_is_free_is_not_known_until_somebody_tells_of_workloads() -> None:
    accounts, known = new_costs(), fleet(nodes_seen(node("n1")))
    accounts.update(known.cluster("prod"), BOOK)
    (account,) = accounts.nodes.values()
    assert (account.usd, account.pods, account.allocated_gpus, account.unallocated_usd) == (80.0, None, None, None)

    known.fold(workloads_seen())
    assert accounts.update(known.cluster("prod"), BOOK)
    assert (account.pods, account.allocated_gpus, account.unallocated_usd) == (0, 0.0, 80.0)
