"""GKE node pools: planned without a change, resized for each zone, bounded first, followed, and set back."""

from __future__ import annotations

import httpx
import pytest

from finops_tui.engine.guard_case import sizes
from finops_tui.errors import ActionError
from finops_tui.model.money import CapacityType
from finops_tui.model.plan import Outcome, Plan, Risk
from tests.actions.cloud.rest import Handler, breaking, labelled, refused
from tests.actions.gcp.gke import LABEL, LINK, Gke, scaled
from tests.actions.make import Watch, fleet, node, pool_target, snapshot, workload
from tests.samples import NOON

POOL = pool_target("h100")
OF = fleet([labelled(f"n{each}", "h100", LABEL) for each in range(4)])


async def planned(gke: Gke, **parameters: str) -> Plan:
    return await gke.resize().plan(POOL, parameters, snapshot(OF), OF, NOON)


def lines(plan: Plan) -> list[tuple[str, str, str]]:
    return [(each.path, each.before, each.after) for each in plan.changes]


async def test_a_pool_that_nothing_scales_is_given_a_number_and_set_back() -> None:
    gke = Gke([4])
    resize = gke.resize()
    plan = await planned(gke, nodes="1")
    assert gke.served.writes == []
    assert lines(plan) == [("nodeCount", "4", "1")]
    assert plan.changes[0].object == "node-pool/prod-gke/h100"
    assert plan.title == "Resize h100 to 1"
    assert [(before, after) for _, before, after in sizes(plan)] == [(4.0, 1.0)]
    assert (plan.saves_usd_per_hour, plan.nodes, plan.gpus) == (30.0, 3, 24.0)
    assert "only the journal of this machine" in plan.undo
    assert plan.permissions == (f"container.clusters.update on {LINK}",)
    assert plan.reverts == ()
    assert (await resize.apply(plan)).outcome is Outcome.APPLIED
    assert gke.served.writes == [("h100:setSize", {"nodeCount": 1})]
    assert (await resize.verify(plan)).words == "node-pool/prod-gke/h100 has 1 machine."
    back = await resize.undo_plan(plan, snapshot(OF), OF, NOON)
    assert lines(back) == [("nodeCount", "1", "4")]
    assert (await resize.apply(back)).outcome is Outcome.APPLIED
    assert gke.sizes == [4]


async def test_bounds_are_set_first_and_the_size_once_google_is_done_with_them() -> None:
    gke = Gke([8], autoscaling=scaled(2, 10))
    gke.operations = [{"status": "RUNNING"}, {"status": "RUNNING"}, {"status": "DONE"}]
    watch = Watch()
    resize = gke.resize(clock=watch)
    plan = await planned(gke, max="3")
    assert lines(plan) == [("autoscaling.maxNodeCount", "10", "3"), ("nodeCount", "8", "3")]
    assert [each.who for each in plan.reverts] == ["cluster-autoscaler"]
    assert (await resize.apply(plan)).outcome is Outcome.APPLIED
    assert gke.served.writes == [
        ("h100:setAutoscaling", {"autoscaling": {**scaled(2, 10), "maxNodeCount": 3}}),
        ("h100:setSize", {"nodeCount": 3}),
    ]
    assert watch.slept == 6.0
    back = await resize.undo_plan(plan, snapshot(OF), OF, NOON)
    await resize.apply(back)
    assert (gke.sizes, gke.autoscaling) == ([8], scaled(2, 10))


async def test_in_several_zones_all_figures_are_for_all_of_them_and_each_is_sent_its_share() -> None:
    gke = Gke([2, 2, 2], autoscaling=scaled(1, 4))
    plan = await planned(gke, nodes="3", min="0")
    assert lines(plan) == [("autoscaling.minNodeCount", "3", "0"), ("nodeCount", "6", "3")]
    assert "all figures are for its 3 zones together, 1 in each" in plan.touches
    await gke.resize().apply(plan)
    assert gke.sizes == [1, 1, 1]
    assert (gke.autoscaling["minNodeCount"], gke.autoscaling["maxNodeCount"]) == (0, 4)
    for asked, trouble in (({"nodes": "4"}, "nodes=4 cannot be"), ({"max": "7"}, "maxNodeCount cannot be 7")):
        with pytest.raises(ActionError, match=trouble):
            await planned(gke, **asked)


async def test_bounds_for_all_zones_together_stay_such() -> None:
    gke = Gke([3, 2, 2], autoscaling=scaled(1, 9, total=True))
    plan = await planned(gke, max="5")
    assert lines(plan) == [("autoscaling.totalMaxNodeCount", "9", "5"), ("nodeCount", "7", "3")]
    resize = gke.resize()
    await resize.apply(plan)
    assert gke.autoscaling == scaled(1, 5, total=True)
    back = await resize.undo_plan(plan, snapshot(OF), OF, NOON)
    assert lines(back)[1] == ("nodeCount", "3", "9")  # 7 cannot be had again: zones are given as many each
    await resize.apply(back)
    assert (gke.sizes, gke.autoscaling) == ([3, 3, 3], scaled(1, 9, total=True))


async def test_where_its_size_is_refused_after_its_bounds_it_is_done_in_part_and_can_be_taken_back() -> None:
    gke = Gke([8], autoscaling=scaled(2, 10))
    gke.operations = [{"status": "RUNNING"}] * 60
    resize = gke.resize()
    plan = await planned(gke, max="3")
    result = await resize.apply(plan)
    assert result.outcome is Outcome.APPLIED
    assert result.words == "Its bounds are set, its size is not: Google is still busy with the bounds."
    assert gke.sizes == [8]
    gke.operations = []
    seen = await resize.verify(plan)
    assert (seen.outcome, seen.words) == (
        Outcome.FAILED,
        "nodeCount of node-pool/prod-gke/h100 is 8, as it was: that part was not done, or set back.",
    )
    back = await resize.undo_plan(plan, snapshot(OF), OF, NOON)
    assert lines(back) == [("autoscaling.maxNodeCount", "3", "10")]
    assert (await resize.apply(back)).outcome is Outcome.APPLIED
    assert gke.autoscaling == scaled(2, 10)


@pytest.mark.parametrize(
    ("fault", "outcome", "words"),
    [
        (
            refused(403),
            Outcome.APPLIED,
            "Its bounds are set, its size is not. You may not do",
        ),
        (breaking(httpx.ReadTimeout), Outcome.UNKNOWN, "it may have happened"),
    ],
)
async def test_a_second_request_that_fails_after_a_first_that_did_not_is_never_told_as_nothing(
    fault: Handler, outcome: Outcome, words: str
) -> None:
    gke = Gke([8], autoscaling=scaled(2, 10))
    plan = await planned(gke, max="3")
    gke.served.faults["POST"], gke.served.skip["POST"] = fault, 1
    result = await gke.resize().apply(plan)
    assert (result.outcome, gke.autoscaling["maxNodeCount"], gke.sizes) == (outcome, 3, [8])
    assert words in result.words
    assert "Nothing is different" not in result.words


async def test_what_the_autoscaler_does_between_new_bounds_is_as_was_meant_and_stays_when_they_are_taken_back() -> None:
    gke = Gke([8], autoscaling=scaled(2, 10))
    resize = gke.resize()
    plan = await planned(gke, max="4")
    await resize.apply(plan)
    gke.sizes = [3]
    seen = await resize.verify(plan)
    assert (seen.outcome, seen.words) == (Outcome.DONE, "node-pool/prod-gke/h100 has 3 machines.")
    back = await resize.undo_plan(plan, snapshot(OF), OF, NOON)
    assert lines(back) == [("autoscaling.maxNodeCount", "4", "10")]
    raised = await planned(Gke([3], autoscaling=scaled(0, 4)), min="3", max="9")
    gke = Gke([6], autoscaling=scaled(3, 9))  # the autoscaler has made use of it
    back = await gke.resize().undo_plan(raised, snapshot(OF), OF, NOON)
    assert lines(back) == [
        ("autoscaling.minNodeCount", "3", "0"), ("autoscaling.maxNodeCount", "9", "4"), ("nodeCount", "6", "4"),
    ]  # fmt: skip


async def test_bounds_that_google_gives_up_leave_nothing_different() -> None:
    gke = Gke([8], autoscaling=scaled(2, 10))
    gke.operations = [{"status": "DONE", "error": {"message": "no\x1b[31m quota"}}]
    result = await gke.resize().apply(await planned(gke, max="3"))
    assert result.outcome is Outcome.FAILED
    assert result.words.startswith("Google gave its new bounds up. no[31m quota.")
    assert gke.sizes == [8]


async def test_it_is_followed_by_its_operation_then_by_its_machines() -> None:
    gke = Gke([4])
    resize = gke.resize()
    plan = await planned(gke, nodes="1")
    await resize.apply(plan)
    gke.operations = [{"status": "RUNNING"}]
    assert (await resize.verify(plan)).words == "Google is changing node-pool/prod-gke/h100."
    gke.status = "RECONCILING"
    assert (await gke.resize().verify(plan)).outcome is Outcome.APPLIED  # a later run knows no operation
    gke.status, gke.actions = "RUNNING", {"deleting": 3}
    waiting = await resize.verify(plan)
    assert (waiting.outcome, waiting.words) == (
        Outcome.APPLIED, "Waiting: node-pool/prod-gke/h100 is to have 1 machine; 3 end.",
    )  # fmt: skip
    gke.actions = {}
    assert (await resize.verify(plan)).outcome is Outcome.DONE
    gke.operations = [{"status": "DONE", "error": {"message": "out of capacity"}}]
    gave_up = await resize.verify(plan)
    assert (gave_up.outcome, gave_up.words) == (Outcome.FAILED, "Google gave it up: out of capacity.")


async def test_who_sets_it_otherwise_is_seen_and_their_choice_is_not_taken_back() -> None:
    gke = Gke([4])
    resize = gke.resize()
    plan = await planned(gke, nodes="1")
    await resize.apply(plan)
    gke.sizes = [6]
    assert "was set to 6 by somebody since" in (await resize.verify(plan)).words
    with pytest.raises(ActionError, match="has been changed since"):
        await resize.undo_plan(plan, snapshot(OF), OF, NOON)
    gke.sizes = [4]
    with pytest.raises(ActionError, match="is back already"):
        await resize.undo_plan(plan, snapshot(OF), OF, NOON)


async def test_a_plan_that_is_old_changes_nothing_and_one_that_is_done_is_not_sent_twice() -> None:
    gke = Gke([4])
    resize = gke.resize()
    plan = await planned(gke, nodes="1")
    gke.sizes = [5]
    result = await resize.apply(plan)
    assert (result.outcome, gke.served.writes) == (Outcome.FAILED, [])
    assert "nodeCount 4 → 5" in result.words
    gke.sizes = [1]
    assert "is so already" in (await resize.apply(plan)).words
    assert gke.served.writes == []


async def test_there_is_nothing_on_a_node_pool_to_take_it_back_from() -> None:
    gke = Gke([4])
    with pytest.raises(ActionError, match="nothing to take back") as error:
        await gke.resize().undo_plan(POOL, snapshot(OF), OF, NOON)
    assert "journal of the machine" in str(error.value)
    plan = await planned(gke, nodes="1", until="2026-03-10T18:00:00Z")
    assert (plan.recipe, plan.parameters["until"]) == ({}, "2026-03-10T18:00:00Z")  # the journal keeps it


async def test_reserved_machines_and_auto_provisioning_are_told() -> None:
    reserved = {"config": {"reservationAffinity": {"consumeReservationType": "SPECIFIC_RESERVATION"}}}
    gke = Gke([4], autoscaling={**scaled(0, 8), "autoprovisioned": True}, more=reserved)
    plan = await planned(gke, nodes="1")
    assert plan.saves_usd_per_hour == 0.0
    assert [each.who for each in plan.reverts] == ["cluster-autoscaler", "auto-provisioning"]
    assert gke.autoscaling["autoprovisioned"]


async def test_pods_on_the_busiest_machines_and_the_slo_that_it_serves_are_counted() -> None:
    nodes = [labelled(f"n{each}", "h100", LABEL) for each in range(4)]
    of = fleet([*nodes, node("x", "other", CapacityType.SPOT)], [workload("Job", "nlp", "train", ["n0", "n1"])])
    plan = await Gke([4]).resize().plan(POOL, {"nodes": "3"}, snapshot(of), of, NOON)
    assert (plan.pods, plan.slo_risk) == (1, Risk.NONE)
    assert "Google chooses the machines" in plan.loses


@pytest.mark.parametrize(
    ("gke", "asked", "trouble"),
    [
        (Gke([4], status="STOPPING"), {"nodes": "1"}, "cannot be changed now"),
        (Gke([4], more={"locations": ["a", "b"]}), {"nodes": "1"}, "cannot be changed now"),
        (Gke([4]), {"max": "1"}, "max has no meaning"),
        (Gke([4]), {}, "is missing"),
        (Gke([4]), {"nodes": "4"}, "that size already"),
        (Gke([4], autoscaling=scaled(0, 8)), {"max": "0"}, "too small"),
        (Gke([4], more={"instanceGroupUrls": ["https://elsewhere.example/x"]}), {"nodes": "1"}, "makes no sense"),
        (Gke([4], more={"instanceGroupUrls": None}), {"nodes": "1"}, "cannot be changed now"),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_is_sent(gke: Gke, asked: dict[str, str], trouble: str) -> None:
    with pytest.raises(ActionError, match=trouble):
        await planned(gke, **asked)
    assert gke.served.writes == []
