from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.actions.effects import View, fenced, growing, shrinking, unknown
from finops_tui.actions.emptied import emptied_by
from finops_tui.actions.releases import NEVER, parsed_duration
from finops_tui.model.inventory import Placement, Workload
from finops_tui.model.money import CapacityType
from finops_tui.model.plan import Risk
from tests.actions.make import CLUSTER, fleet, later, node, node_target, slo, snapshot, target, workload
from tests.samples import NOON

NODES = [node(f"n{number}") for number in range(9)]
NAMES = [each.name for each in NODES]
MINUTES = {"h100": timedelta(minutes=7)}


def train(**more: object) -> Workload:
    return workload("Job", "nlp", "train", NAMES, **more)


def view(*workloads: Workload, slos: tuple[object, ...] = (), utilization: float | None = 0.6) -> View:
    known = fleet(NODES, workloads)
    return View(snapshot(known, slos, utilization), known, NOON)  # type: ignore[arg-type]


def test_a_pause_frees_the_nodes_and_says_when_they_go() -> None:
    effects = shrinking(train(), 0.0, view(train()), delays=MINUTES)
    assert effects.touches == "1 job, 9 pods, 72 GPUs, 9 nodes"
    assert effects.saving.usd_per_hour == 90.0
    assert effects.saving.when == "once 9 h100 nodes are gone, about 12:07Z"
    assert effects.saving.at == later(7)
    assert effects.saving.until_then == "freed pods do not stop the bill, removed nodes do"


def test_when_an_autoscaler_does_not_say_it_is_not_known() -> None:
    saving = shrinking(train(), 0.0, view(train()), delays={}).saving
    assert saving.at is None
    assert saving.when == "once 9 h100 nodes are gone; when their autoscaler removes them is not known"


def test_nodes_that_others_use_save_nothing() -> None:
    other = workload("Job", "nlp", "other", NAMES)
    saving = shrinking(train(), 0.0, view(train(), other), delays=MINUTES).saving
    assert (saving.usd_per_hour, saving.when) == (0.0, "no node becomes empty")
    daemons = workload("DaemonSet", "kube-system", "exporter", NAMES)
    assert shrinking(train(), 0.0, view(train(), daemons), delays=MINUTES).saving.usd_per_hour == 90.0


def test_reserved_nodes_save_nothing_and_say_so() -> None:
    reserved = [replace(each, capacity_type=CapacityType.RESERVED) for each in NODES]
    known = fleet(reserved, [train()])
    saving = shrinking(train(), 0.0, View(snapshot(known), known, NOON), delays=MINUTES).saving
    assert (saving.usd_per_hour, saving.until_then) == (0.0, "reserved nodes are paid for either way")
    mixed = fleet([*reserved[:4], *NODES[4:]], [train()])
    saving = shrinking(train(), 0.0, View(snapshot(mixed), mixed, NOON), delays=MINUTES).saving
    assert saving.usd_per_hour == 50.0
    assert saving.until_then.endswith("; 4 h100 nodes, reserved, cost the same either way")


def test_nodes_that_karpenter_keeps_save_nothing() -> None:
    saving = shrinking(train(), 0.0, view(train()), delays={"h100": NEVER}).saving
    assert (saving.usd_per_hour, saving.until_then) == (0.0, "Karpenter keeps empty nodes of h100")


def test_a_pool_without_a_price_saves_what_nobody_knows() -> None:
    known = view(train())
    (pool,) = known.snapshot.pools
    unpriced = replace(known.snapshot, pools=(replace(pool, unpriced_nodes=9, usd_per_hour=None),))
    assert shrinking(train(), 0.0, known._replace(snapshot=unpriced), delays=MINUTES).saving.usd_per_hour is None


def test_a_smaller_size_promises_what_is_certain() -> None:
    effects = shrinking(train(), 1 / 3, view(train()), delays=MINUTES)
    assert (effects.pods, effects.gpus, effects.saving.usd_per_hour) == (6, 48.0, 60.0)
    packed = replace(train(), placements=tuple(Placement(name, 4, 8.0) for name in NAMES[:2]))
    assert shrinking(packed, 0.5, view(packed), delays=MINUTES).saving.usd_per_hour == 0.0, "4 may stay on either"
    assert shrinking(packed, 1 / 8, view(packed), delays=MINUTES).saving.usd_per_hour == 10.0


@given(pods=st.lists(st.integers(1, 5), min_size=1, max_size=9), data=st.data())
def test_no_way_of_taking_pods_empties_fewer_nodes_than_promised(pods: list[int], data: st.DataObject) -> None:
    placed = tuple(Placement(name, count, 1.0) for name, count in zip(NAMES, pods, strict=False))
    some = replace(train(), placements=placed)
    left = data.draw(st.integers(0, sum(pods)))
    promised = len(emptied_by(fleet(NODES, [some]).cluster(CLUSTER), some, left))
    everyone = [name for name, count in zip(NAMES, pods, strict=False) for _ in range(count)]
    stay = data.draw(st.permutations(everyone))[:left]
    assert len(pods) - len(set(stay)) >= promised


def test_work_since_the_checkpoint_is_lost_and_has_a_price() -> None:
    saved = train(checkpoint_at=later(-7))
    assert shrinking(saved, 0.0, view(saved), delays={}).loses == (
        "7m of work since checkpoint 11:53Z (≈$10.5 of GPU time)"
    )
    begun = train(created_at=later(-289))
    assert shrinking(begun, 0.0, view(begun), delays={}).loses == (
        "up to 4h49m of work since 07:11Z (≈$434 of GPU time): no checkpoint is known"
    )
    assert shrinking(train(), 0.0, view(train()), delays={}).loses == "all its work: no checkpoint is known"
    assert "resuming begins anew" in shrinking(saved, 0.0, view(saved), delays={}, keeps_work=False).loses


def test_what_was_lost_by_an_earlier_pause_or_stood_still_is_not_lost_again() -> None:
    resumed = train(checkpoint_at=later(-90), running_since=later(-20))
    assert shrinking(resumed, 0.0, view(resumed), delays={}).loses == (
        "20m of work since it went on at 11:40Z from checkpoint 10:30Z (≈$30.0 of GPU time)"
    )
    saved_since = train(checkpoint_at=later(-5), running_since=later(-20))
    assert "5m of work since checkpoint 11:55Z" in shrinking(saved_since, 0.0, view(saved_since), delays={}).loses
    blind = train(created_at=later(-300), running_since=later(-20))
    assert "up to 20m of work since 11:40Z" in shrinking(blind, 0.0, view(blind), delays={}).loses
    starts = train(checkpoint_at=later(-90), running_since=later(1))
    assert "0s of work" in shrinking(starts, 0.0, view(starts), delays={}).loses, "it begins only now"


def test_a_service_loses_no_work() -> None:
    web = workload("Deployment", "search", "rerank", NAMES)
    assert shrinking(web, 0.0, view(web), delays={}).loses == "nothing"


@pytest.mark.parametrize(
    ("share_left", "utilization", "burn", "risk", "words"),
    [
        (0.0, 0.6, 0.4, Risk.HIGH, "latency: nothing is left to serve it, burn 0.4× → >99×"),
        (0.5, 0.2, 0.4, Risk.LOW, "latency: utilization 20% → 40%, burn 0.4× → 0.4×"),
        (0.5, 0.45, 0.4, Risk.HIGH, "latency: utilization 45% → 90%, burn 0.4× → 0.4×"),
        (0.5, 0.625, 0.4, Risk.HIGH, "latency: utilization 62% → 125%, burn 0.4× → >99×"),
        (0.5, 0.2, 3.0, Risk.HIGH, "latency: utilization 20% → 40%, burn 3.0× → 3.0×"),
        (0.5, None, 0.4, Risk.UNKNOWN, "latency: its utilization is not known, burn 0.4× now"),
    ],
)
def test_what_serves_an_objective_is_judged_by_what_is_left(
    share_left: float, utilization: float | None, burn: float, risk: Risk, words: str
) -> None:  # fmt: skip
    web = workload("Deployment", "search", "rerank", NAMES[:4])
    served = slo("latency", "Deployment/rerank", burn=burn)
    danger = shrinking(web, share_left, view(web, slos=(served,), utilization=utilization), delays={}).danger
    assert (danger.risk, danger.words) == (risk, words)
    assert danger.slos == ("prod/latency",)


def test_what_serves_nothing_endangers_nothing() -> None:
    served = slo("latency", "Deployment/rerank")
    danger = shrinking(train(), 0.0, view(train(), slos=(served,)), delays={}).danger
    assert (danger.risk, danger.words) == (Risk.NONE, "no SLO reads from this workload")
    web = workload("Deployment", "search", "rerank", NAMES)
    assert shrinking(web, 0.0, view(web), delays={}).danger.risk is Risk.UNKNOWN, "where no objective is known at all"


def test_another_clusters_objective_is_not_served_from_here() -> None:
    web = workload("Deployment", "search", "rerank", NAMES)
    elsewhere = replace(slo("latency", "Deployment/rerank"), cluster="prod-eu")
    assert shrinking(web, 0.0, view(web, slos=(elsewhere,)), delays={}).danger.risk is Risk.NONE


def test_more_replicas_cost_what_those_that_run_cost() -> None:
    web = workload("Deployment", "search", "rerank", NAMES[:2])
    effects = growing(web, 3, view(web).snapshot)
    assert (effects.saving.usd_per_hour, effects.gpus) == (-30.0, 24.0)
    assert effects.saving.when == "adds about $30.0/h once its pods have nodes"
    paused = workload("Job", "nlp", "train")
    assert growing(paused, 9, view(paused).snapshot).saving.usd_per_hour is None
    assert growing(paused, 9, view(paused).snapshot, usd=412.0).saving.usd_per_hour == -412.0


def test_a_cordon_saves_nothing_and_says_what_it_keeps_away() -> None:
    served = slo("latency", "Deployment/rerank", pool="a10, h100")
    known = view(slos=(served,))
    effects = fenced(NODES[0], node_target("n0"), known.snapshot, closed=True)
    assert effects.saving.usd_per_hour == 0.0
    assert (effects.danger.risk, effects.danger.slos) == (Risk.LOW, ("prod/latency",))
    assert effects.touches == "1 node, 8 GPUs; pods that run on it stay"


def test_what_the_inventory_does_not_hold_is_not_known() -> None:
    effects = unknown(target("Job", "nlp", "gone"))
    assert (effects.saving.usd_per_hour, effects.danger.risk) == (None, Risk.UNKNOWN)


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("30s", timedelta(seconds=30)),
        ("1h30m", timedelta(minutes=90)),
        ("0s", timedelta()),
        ("1.5h", timedelta(minutes=90)),
        ("Never", NEVER),
        ("", None),
        ("soon", None),
        ("5 m", None),
    ],
)
def test_durations_as_go_writes_them(written: str, length: timedelta | None) -> None:
    assert parsed_duration(written) == length


def test_what_is_worked_out_rather_than_seen_is_marked_as_an_estimate() -> None:
    whole = shrinking(train(), 0.0, view(train()), delays={})
    assert whole.touches == "1 job, 9 pods, 72 GPUs, 9 nodes", "all of its pods: as the inventory shows them"
    some = shrinking(train(), 1 / 3, view(train()), delays={})
    assert some.touches == "1 job, ≈6 pods, ≈48 GPUs, up to 6 nodes", "which of them go is its controller's choice"
    more = growing(train(), 3, view(train()).snapshot)
    assert more.touches == "1 job, ≈3 pods, ≈24 GPUs", "as large as those that run now"
