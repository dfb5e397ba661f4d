from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from finops_tui.analysis.cluster_costs import ClusterCosts
from finops_tui.analysis.idle import IdleRules
from finops_tui.analysis.ownership import Owners, OwnershipRules
from finops_tui.analysis.pools import pools_of
from finops_tui.analysis.pricing import PriceBook
from finops_tui.analysis.spot import SpotWatch, interrupted
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Node, Placement, Workload
from finops_tui.model.money import CapacityType
from finops_tui.model.observations import PodEvicted, SpotInterrupted
from finops_tui.model.snapshot import InterruptionRow, SpotRow
from finops_tui.model.spot import Eviction, Interruption
from tests.engine.fleets import list_price, node, nodes_seen, workload, workloads_seen
from tests.samples import NOON

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BOOK = PriceBook({("prices", ""): (list_price(spot_discount=0.75),)})
"""$80/h on demand, $20/h as spot."""
OLD = NOON - 10 * HOUR


def spot(name: str, **given: object) -> Node:
    fields: dict[str, object] = {"capacity_type": CapacityType.SPOT, "created_at": OLD, "gpu_model": "A100"}
    return node(name, **(fields | given))


def taken(name: str, at: datetime = NOON, notice: float | None = 120.0, pool: str = "gpu") -> SpotInterrupted:
    interruption = Interruption(id=f"{name}@{at}", node=name, pool=pool, reason="reclaimed", notice_seconds=notice)
    return SpotInterrupted(at=at, source="k", cluster="prod", interruption=interruption)


def job(name: str, on: str = "", gpus: float = 8, **given: object) -> Workload:
    return workload(name, *((Placement(on, 1, gpus),) if on else ()), **given)


class Cloud:
    """One cluster, watched."""

    def __init__(self) -> None:
        self.fleet = Fleet()
        self.watch = SpotWatch()
        owners = Owners(OwnershipRules())
        self.costs = ClusterCosts(owners, IdleRules())
        self.owners = owners
        self.spot: tuple[SpotRow, ...] = ()

    def look(
        self,
        now: datetime,
        nodes: Iterable[Node] | None = None,
        workloads: Iterable[Workload] | None = None,
        *events: SpotInterrupted | PodEvicted,
    ) -> list[InterruptionRow]:
        if nodes is not None:
            self.fleet.fold(nodes_seen(*nodes, at=now))
        if workloads is not None:
            self.fleet.fold(workloads_seen(*workloads, at=now))
        for event in events:
            self.fleet.fold(event)
        self.costs.update(self.fleet.cluster("prod"), BOOK)
        pools = pools_of(self.costs.nodes.values(), {}, self.owners)
        rows = self.watch.interruptions(self.fleet, pools, BOOK, now)
        lost = interrupted(self.fleet.interruptions.values())
        self.spot = self.watch.rows(pools, lost, BOOK, now, {"prod": (now, False)})
        return list(rows)


def leaving(name: str) -> Node:
    return spot(name, leaving="spot interruption")


def test_it_counts_down_while_the_node_is_there() -> None:
    cloud = Cloud()
    cloud.look(NOON - MINUTE, [spot("a", zone="z1")], [])
    (row,) = cloud.look(NOON, [leaving("a")], [], taken("a"))
    assert row.leaves_at == NOON + 2 * MINUTE
    (row,) = cloud.look(NOON + 3 * MINUTE, [], [])
    assert row.leaves_at is None
    assert (row.pool, row.node, row.gpus, row.reason) == ("gpu", "a", 8, "reclaimed")


def test_without_a_notice_it_does_not_count_down() -> None:
    cloud = Cloud()
    (row,) = cloud.look(NOON, [leaving("a")], [], taken("a", notice=None))
    assert row.leaves_at is None


def test_a_job_loses_the_work_since_its_last_checkpoint_until_its_pod_goes() -> None:
    cloud = Cloud()
    saved = NOON - 30 * MINUTE
    cloud.look(NOON - MINUTE, [spot("a")], [job("train", "a", checkpoint_at=saved)])
    (row,) = cloud.look(NOON, [leaving("a")], None, taken("a"))
    assert row.hit == ("prod/Job/ml/train",)
    assert row.lost_work_usd == pytest.approx(20 * 0.5)
    (row,) = cloud.look(NOON + 2 * MINUTE, [], [job("train", "b", checkpoint_at=saved)])
    at_its_end = row.lost_work_usd
    assert at_its_end == pytest.approx(20 * 32 / 60)
    (row,) = cloud.look(NOON + 20 * MINUTE, [], [job("train", "b", checkpoint_at=NOON + 10 * MINUTE)])
    assert row.lost_work_usd == at_its_end


def test_a_checkpoint_written_during_the_notice_saves_the_work() -> None:
    cloud = Cloud()
    cloud.look(NOON, [leaving("a")], [job("train", "a", checkpoint_at=NOON - 5 * HOUR)], taken("a"))
    cloud.look(NOON + MINUTE, None, [job("train", "a", checkpoint_at=NOON + MINUTE)])
    (row,) = cloud.look(NOON + 2 * MINUTE, [], [job("train")])
    assert row.lost_work_usd == pytest.approx(20 / 60)


def test_jobs_that_share_a_node_lose_their_shares() -> None:
    cloud = Cloud()
    two = [job("one", "a", 2, checkpoint_at=NOON - HOUR), job("two", "a", 4, checkpoint_at=NOON - 2 * HOUR)]
    (row,) = cloud.look(NOON, [leaving("a")], two, taken("a"))
    assert row.lost_work_usd == pytest.approx(20 * 2 / 8 + 20 * 4 / 8 * 2)


def test_a_job_without_checkpoints_loses_all_that_it_did_on_the_node() -> None:
    cloud = Cloud()
    (row,) = cloud.look(NOON, [leaving("a")], [job("train", "a", created_at=NOON - 3 * HOUR)], taken("a"))
    assert row.lost_work_usd == pytest.approx(60)
    cloud = Cloud()
    (row,) = cloud.look(NOON, [leaving("a")], [job("train", "a", created_at=NOON - 90 * HOUR)], taken("a"))
    assert row.lost_work_usd == pytest.approx(200), "not more than since the node is there"


@pytest.mark.parametrize(("kind", "usd"), [("Deployment", 0.0), ("CronJob", None), ("Pod", None), ("PyTorchJob", 20.0)])
def test_what_is_lost_depends_on_what_ran(kind: str, usd: float | None) -> None:
    cloud = Cloud()
    (row,) = cloud.look(NOON, [leaving("a")], [job("x", "a", kind=kind, created_at=NOON - HOUR)], taken("a"))
    assert row.hit == (f"prod/{kind}/ml/x",)
    assert row.lost_work_usd == (usd if usd is None else pytest.approx(usd))


def test_nobody_is_hit_by_what_was_empty_or_runs_everywhere() -> None:
    cloud = Cloud()
    others = [job("agent", "a", 0), job("plugin", "a", 1, kind="DaemonSet"), job("done", "a", finished_at=NOON)]
    (row,) = cloud.look(NOON, [leaving("a")], others, taken("a"))
    assert (row.hit, row.lost_work_usd) == ((), 0.0)


def test_an_interruption_that_is_reported_after_the_node_has_gone_still_finds_its_jobs() -> None:
    cloud = Cloud()
    cloud.look(NOON - MINUTE, [spot("a")], [job("train", "a", checkpoint_at=NOON - HOUR)])
    cloud.look(NOON, [], [job("train", "b", checkpoint_at=NOON - HOUR)])
    (row,) = cloud.look(NOON + MINUTE, None, None, taken("a", NOON - MINUTE / 2))
    assert row.hit == ("prod/Job/ml/train",)
    assert row.lost_work_usd == pytest.approx(20)


def test_who_left_before_the_interruption_is_not_hit() -> None:
    cloud = Cloud()
    cloud.look(NOON - 5 * MINUTE, [spot("a")], [job("train", "a", checkpoint_at=OLD)])
    cloud.look(NOON - 4 * MINUTE, None, [job("train", "b", checkpoint_at=OLD)])
    (row,) = cloud.look(NOON, [leaving("a")], None, taken("a"))
    assert (row.hit, row.lost_work_usd) == ((), 0.0)


def test_of_what_happened_before_the_start_only_the_event_is_known() -> None:
    (row,) = Cloud().look(NOON, [spot("b")], [], taken("a", NOON - 5 * HOUR))
    assert (row.hit, row.lost_work_usd, row.replaced_after_seconds, row.leaves_at) == ((), None, None, None)


def test_the_first_node_that_joins_takes_the_place() -> None:
    cloud = Cloud()
    cloud.look(NOON, [leaving("a"), spot("other")], [], taken("a"))
    new = node("new", created_at=NOON + 3 * MINUTE, gpu_model="A100")
    (row,) = cloud.look(NOON + 4 * MINUTE, [spot("other"), new], [])
    assert (row.replaced_after_seconds, row.replaced_by) == (180.0, "new, on-demand")
    assert row.surcharge_usd_per_hour == pytest.approx(60)


def test_a_node_that_is_seen_before_it_is_ready_replaces_when_it_is_ready() -> None:
    cloud = Cloud()
    cloud.look(NOON, [leaving("a")], [], taken("a"))
    early = spot("new", created_at=NOON + MINUTE, ready=False)
    (row,) = cloud.look(NOON + 2 * MINUTE, [early], [])
    assert row.replaced_after_seconds is None
    (row,) = cloud.look(NOON + 5 * MINUTE, [spot("new", created_at=NOON + MINUTE)], [])
    assert (row.replaced_after_seconds, row.surcharge_usd_per_hour) == (300.0, 0.0)


def test_on_demand_that_joins_after_spot_took_the_place_is_no_surcharge() -> None:
    cloud = Cloud()
    cloud.look(NOON, [leaving("a"), leaving("b")], [], taken("a"), taken("b"))
    cloud.look(NOON + 5 * MINUTE, [spot("c", created_at=NOON + 2 * MINUTE)], [])
    nodes = [spot("c", created_at=NOON + 2 * MINUTE), *(node(x, created_at=NOON + 9 * MINUTE) for x in "xyz")]
    cloud.look(NOON + 10 * MINUTE, nodes, [])
    assert cloud.spot[0].lost_usd_per_hour == pytest.approx(60), "one of two was made good"


def test_each_node_takes_the_place_of_one() -> None:
    cloud = Cloud()
    cloud.look(NOON, [leaving("a"), leaving("b")], [], taken("a"), taken("b", NOON + MINUTE))
    rows = cloud.look(NOON + 5 * MINUTE, [spot("c", created_at=NOON + 4 * MINUTE)], [])
    assert [(row.node, row.replaced_by) for row in rows] == [("b", ""), ("a", "c, spot")]


def test_a_pool_with_the_same_gpus_may_stand_in_but_its_own_comes_first() -> None:
    cloud = Cloud()
    cloud.look(NOON, [leaving("a"), leaving("b")], [], taken("a"), taken("b"))
    sibling = node("s", pool="fallback", gpu_model="A100", created_at=NOON + MINUTE)
    other = node("o", pool="other", gpu_model="T4", created_at=NOON + MINUTE)
    own = spot("c", created_at=NOON + 2 * MINUTE)
    rows = cloud.look(NOON + 5 * MINUTE, [sibling, other, own], [])
    assert {row.node: row.replaced_by for row in rows} == {"a": "c, spot", "b": "s of fallback, on-demand"}


def test_a_smaller_node_counts_for_as_many_gpus_as_were_taken() -> None:
    cloud = Cloud()
    cloud.look(NOON, [leaving("a")], [], taken("a"))
    (row,) = cloud.look(NOON + MINUTE, [node("half", gpus=4, created_at=NOON + MINUTE / 2)], [])
    assert row.surcharge_usd_per_hour == pytest.approx(2 * 80 - 20)


def test_a_new_node_of_the_same_name_is_a_replacement_not_the_old_one() -> None:
    cloud = Cloud()
    cloud.look(NOON, [leaving("a")], [job("train", "a", checkpoint_at=NOON)], taken("a"))
    again = spot("a", uid="a2", created_at=NOON + MINUTE)
    (row,) = cloud.look(NOON + 2 * MINUTE, [again], [job("train")])
    assert (row.leaves_at, row.replaced_by) == (None, "a, spot")


def test_what_joins_hours_later_is_no_replacement() -> None:
    cloud = Cloud()
    cloud.look(NOON, [leaving("a")], [], taken("a"))
    (row,) = cloud.look(NOON + 3 * HOUR, [spot("b", created_at=NOON + 2 * HOUR)], [])
    assert row.replaced_by == ""


def test_rows_are_newest_first_and_gone_after_a_day() -> None:
    cloud = Cloud()
    rows = cloud.look(NOON, [], [], taken("a", NOON - HOUR), taken("b", NOON - 2 * HOUR), taken("c", NOON - 30 * HOUR))
    assert [row.node for row in rows] == ["a", "b"]
    assert [row.node for row in cloud.look(NOON + 22 * HOUR + MINUTE)] == ["a"]
    assert cloud.look(NOON + 24 * HOUR) == []


def test_nothing_is_made_again_once_all_is_settled() -> None:
    cloud = Cloud()
    cloud.look(NOON, [leaving("a")], [], taken("a"))
    cloud.look(NOON + 2 * HOUR, [], [])
    before = cloud.watch._interruptions.rows
    cloud.look(NOON + 3 * HOUR)
    assert cloud.watch._interruptions.rows is before


def test_a_pool_without_a_name_is_its_nodes_pool() -> None:
    cloud = Cloud()
    (row,) = cloud.look(NOON, [leaving("a")], [], taken("a", pool=""))
    assert row.pool == "gpu"


def test_a_pools_rates_work_and_churn() -> None:
    cloud = Cloud()
    evicted = [
        PodEvicted(
            at=NOON - ago,
            source="k",
            cluster="prod",
            eviction=Eviction(id=f"e{ago}", namespace="ml", pod="p", workload="Job/train", node=name, reason="taken"),
        )
        for ago, name in ((MINUTE, "a"), (2 * MINUTE, "b"), (2 * HOUR, "a"), (3 * MINUTE, "nowhere"))
    ]
    nodes = [leaving("a"), *(spot(name) for name in "bcd")]
    cloud.look(NOON, nodes, [job("train", "a", checkpoint_at=NOON - HOUR)], taken("a"), *evicted)
    (row,) = cloud.spot
    assert row.evicted_1h == 2
    assert row.lost_work_usd == pytest.approx(20)
    assert row.rate_1h == pytest.approx(1 / 4)
    assert row.rate_24h == pytest.approx(1 / 4), "only an hour of the day is known"
    cloud.look(NOON + 23 * HOUR, [spot(name) for name in "bcd"], [])
    (row,) = cloud.spot
    assert (row.rate_1h, row.evicted_1h) == (0.0, 0)
    assert row.rate_24h == pytest.approx(1 / (24 * 4), rel=0.01), "between two looks there were as many as at the first"


def test_a_pool_that_lost_nothing_lost_no_work() -> None:
    cloud = Cloud()
    cloud.look(NOON, [spot("a")], [])
    (row,) = cloud.spot
    assert (row.lost_work_usd, row.rate_24h) == (0.0, 0.0)


def test_the_memory_of_who_left_is_bounded() -> None:
    cloud = Cloud()
    for step in range(30):
        cloud.look(NOON + step * MINUTE, [spot("a")], [job(f"j{step}", "a")])
    tenants = cloud.watch._interruptions._tenants["prod"]
    assert len(tenants._leaving) <= 11
    assert len(tenants._seen) == 1
