"""AKS agent pools: all of a pool goes back in one request with what differs, on its etag, with the way back on it."""

from __future__ import annotations

import httpx
import pytest

from finops_tui.engine.guard_case import sizes
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Plan
from tests.actions.azure.aks import LABEL, PATH, Aks
from tests.actions.cloud.rest import labelled
from tests.actions.make import fleet, pool_target, snapshot
from tests.samples import NOON

POOL = pool_target("h100")
OF = fleet([labelled(f"n{each}", "h100", LABEL) for each in range(4)])


async def planned(aks: Aks, **parameters: str) -> Plan:
    return await aks.resize().plan(POOL, parameters, snapshot(OF), OF, NOON)


def lines(plan: Plan) -> list[tuple[str, str, str]]:
    return [(each.path, each.before, each.after) for each in plan.changes]


async def test_a_size_is_set_with_everything_else_as_it_was_and_set_back() -> None:
    aks = Aks(4)
    before = (aks.properties, aks.tags)
    resize = aks.resize()
    plan = await planned(aks, nodes="0")
    assert aks.served.writes == []
    assert lines(plan) == [("count", "4", "0")]
    assert [(was, after) for _, was, after in sizes(plan)] == [(4.0, 0.0)]
    assert (plan.saves_usd_per_hour, plan.nodes, plan.reverts) == (40.0, 4, ())
    assert plan.permissions == (f"Microsoft.ContainerService/managedClusters/agentPools/write on {PATH}",)
    assert (await resize.apply(plan)).outcome is Outcome.APPLIED
    ((_, sent),) = aks.served.writes
    assert sent["properties"]["nodeTaints"] == ["sku=gpu:NoSchedule"]
    assert not {"eTag", "provisioningState", "nodeImageVersion"} & sent["properties"].keys()
    put = aks.served.requests[-1]
    assert (put.headers["If-Match"], put.headers["x-ms-client-request-id"]) == ("etag-1", plan.id)
    assert aks.tags["team"] == "nlp"
    assert "was=off/off/4 set=off/off/0" in aks.tags["finops-tui-undo"]
    assert (await resize.verify(plan)).words == "agent-pool/prod-aks/h100 has 0 machines."
    back = await resize.undo_plan(plan, snapshot(OF), OF, NOON)
    assert (await resize.apply(back)).outcome is Outcome.APPLIED
    assert (aks.properties, aks.tags) == before


async def test_bounds_and_size_go_in_one_request_and_the_tag_alone_takes_them_back() -> None:
    aks = Aks(8, (2, 10))
    plan = await aks.resize("bea").plan(POOL, {"max": "3"}, snapshot(OF), OF, NOON)
    assert lines(plan) == [("maxCount", "10", "3"), ("count", "8", "3")]
    assert [each.who for each in plan.reverts] == ["cluster-autoscaler"]
    await aks.resize("bea").apply(plan)
    assert (aks.sizes, len(aks.served.writes)) == ((2, 3, 3), 1)
    other = aks.resize()
    back = await other.undo_plan(POOL, snapshot(OF), OF, NOON)
    assert "bea did it at 2026-03-10T" in back.undo
    await other.apply(back)
    assert (aks.sizes, aks.tags) == ((2, 10, 8), {"team": "nlp"})


async def test_somebody_who_is_a_moment_faster_is_not_overwritten() -> None:
    aks = Aks(4)
    resize = aks.resize()
    plan = await planned(aks, nodes="1")

    def faster(request: httpx.Request) -> httpx.Response:
        aks.version += request.method == "PUT"
        return aks.answer(request)

    aks.served.handler = faster
    result = await resize.apply(plan)
    assert result.outcome is Outcome.FAILED
    assert "It has changed since it was looked at" in result.words
    assert "Nothing is different" in result.words
    assert aks.sizes == (None, None, 4)


async def test_a_plan_that_is_old_changes_nothing_and_one_that_is_done_is_not_sent_twice() -> None:
    aks = Aks(4)
    resize = aks.resize()
    plan = await planned(aks, nodes="1")
    aks.properties["count"] = 6
    assert "count 4 → 6" in (await resize.apply(plan)).words
    aks.properties["count"] = 1
    assert "is so already" in (await resize.apply(plan)).words
    assert aks.served.writes == []


async def test_an_autoscaler_that_was_switched_on_since_is_a_change() -> None:
    aks = Aks(4)
    plan = await planned(aks, nodes="1")
    aks.properties |= {"enableAutoScaling": True, "minCount": 1, "maxCount": 9}
    assert "minCount off → 1" in (await aks.resize().apply(plan)).words
    assert aks.served.writes == []


async def test_it_is_followed_while_azure_changes_it_and_why_it_was_given_up_is_told() -> None:
    aks = Aks(4)
    resize = aks.resize()
    plan = await planned(aks, nodes="9")
    await resize.apply(plan)
    aks.state = "Scaling"
    waiting = await resize.verify(plan)
    assert (waiting.outcome, waiting.words) == (
        Outcome.APPLIED, "Azure is changing agent-pool/prod-aks/h100: Scaling.",
    )  # fmt: skip
    aks.state, aks.operation = "Failed", {"status": "Failed", "error": {"message": "no\x1b[31m quota"}}
    gave_up = await resize.verify(plan)
    assert gave_up.outcome is Outcome.FAILED
    assert gave_up.words.endswith("as Failed: no[31m quota.")
    assert (await aks.resize().verify(plan)).words.endswith("as Failed: it says no more.")  # a later run


async def test_the_login_is_sent_to_no_other_host() -> None:
    aks = Aks(4, operation_url="https://elsewhere.example/operations/op-1")
    resize = aks.resize()
    plan = await planned(aks, nodes="9")
    await resize.apply(plan)
    aks.state = "Failed"
    assert (await resize.verify(plan)).words.endswith("as Failed: it says no more.")
    assert {request.url.host for request in aks.served.requests} == {"management.azure.com"}


async def test_machines_that_are_deallocated_or_reserved_are_told() -> None:
    kept = await planned(Aks(4, more={"scaleDownMode": "Deallocate"}), nodes="1")
    assert "their disks stay, and cost" in kept.until_then
    reserved = await planned(Aks(4, more={"capacityReservationGroupID": "/subscriptions/s/crg"}), nodes="1")
    assert reserved.saves_usd_per_hour == 0.0


async def test_a_system_pool_keeps_a_machine() -> None:
    aks = Aks(3, (1, 5), {"mode": "System"})
    plan = await planned(aks, nodes="1")
    assert "a system pool" in plan.touches
    for asked in ({"nodes": "0"}, {"min": "0"}):
        with pytest.raises(ActionError, match="cannot be empty"):
            await planned(aks, **asked)


@pytest.mark.parametrize(
    ("aks", "asked", "trouble"),
    [
        (Aks(4, state="Upgrading"), {"nodes": "1"}, "cannot be changed now"),
        (Aks(4, more={"powerState": {"code": "Stopped"}}), {"nodes": "1"}, "is stopped"),
        (Aks(4, more={"virtualMachinesProfile": {"scale": {}}}), {"nodes": "1"}, "not sized by one number"),
        (Aks(4, more={"count": None, "virtualMachinesProfile": {"scale": {}}}), {"nodes": "1"}, "not sized by one"),
        (Aks(4), {"nodes": "1001"}, "1,000 machines at most"),
        (Aks(4), {"min": "1"}, "min has no meaning"),
        (Aks(4, (0, 8)), {"max": "0"}, "too small"),
        (Aks(4, (0, 8), {"minCount": None}), {"nodes": "1"}, "makes no sense"),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_is_sent(aks: Aks, asked: dict[str, str], trouble: str) -> None:
    with pytest.raises(ActionError, match=trouble):
        await planned(aks, **asked)
    assert aks.served.writes == []
