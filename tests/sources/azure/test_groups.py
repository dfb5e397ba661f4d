from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from finops_tui.model.cloud import MachineGroup, MachineGroupsSeen
from finops_tui.model.health import HealthState
from finops_tui.sources.azure.groups import Holder
from finops_tui.sources.azure.settings import AzureScope
from finops_tui.sources.azure.source import Azure
from finops_tui.sources.billing.beside import Told
from tests.sources.azure.answers import SUBSCRIPTION, CostManagement, Fixed
from tests.sources.azure.machines import CLUSTERS, SCALE_SETS, Subscription, cluster, pool, scale_set
from tests.sources.azure.test_azure import ACCOUNT, VMS, settings
from tests.sources.billing.following import Following, following, hurried, ledger_at
from tests.sources.billing.test_calls import Noted
from tests.sources.gcp.answers import Asked, answering

ROWS: list[list[Any]] = [[10, 20261119, VMS, "Usage", "USD"]]
FORBIDDEN = httpx.Response(403, json={"error": {"code": "AuthorizationFailed", "message": "It may not."}})
READ_CLUSTERS, READ_SCALE_SETS = (
    "Microsoft.ContainerService/managedClusters/read", "Microsoft.Compute/virtualMachineScaleSets/read",
)  # fmt: skip


def azure(*clusters: dict[str, Any], scale_sets: tuple[dict[str, Any], ...] = (), **more: Any) -> Subscription:
    return Subscription(
        CostManagement(actual=ROWS), {CLUSTERS: [list(clusters)], SCALE_SETS: [list(scale_sets)]}, **more
    )


def holder(answers: Subscription, monkeypatch: pytest.MonkeyPatch, scope: str = SUBSCRIPTION) -> tuple[Holder, Asked]:
    asked = answering(monkeypatch, answers)
    return Holder(settings(), Fixed(), Noted(), "azure acme", AzureScope(scope=scope)), asked


def groups(told: Told) -> dict[str, MachineGroup]:
    words = [each for each in told.observations if isinstance(each, MachineGroupsSeen)]
    assert all(each.region == one.region for one in words for each in one.groups)
    return {each.name: each for one in words for each in one.groups}


def seen(one: Following) -> list[MachineGroupsSeen]:
    return [each for each in one.seen if isinstance(each, MachineGroupsSeen)]


async def test_an_agent_pool_is_told_with_its_size_and_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    scaled = pool("h100", enableAutoScaling=True, minCount=1, maxCount=8)
    fixed = pool("cpu", vmSize="Standard_D8s_v5", minCount=None, maxCount=None, scaleSetPriority="Spot")
    answers = azure()
    answers.listed[CLUSTERS] = [[cluster(scaled, fixed)], [cluster(pool("h200"), name="serve")]]
    one, asked = holder(answers, monkeypatch)
    told = await one.look()
    assert not told.faults
    found = groups(told)
    h100 = found["h100"]
    assert (h100.kind, h100.account, h100.region, h100.cluster) == ("aks-agentpool", ACCOUNT, "westeurope", "train")
    assert (h100.minimum, h100.maximum, h100.desired, h100.running) == (1, 8, 3, None)
    assert (h100.instance_types, h100.spot, h100.state) == (("Standard_ND96isr_H100_v5",), False, "Succeeded")
    assert (found["cpu"].minimum, found["cpu"].maximum, found["cpu"].spot) == (None, None, True)
    assert found["h200"].cluster == "serve"
    first = asked.requests[0]
    assert first.url.path == f"/{SUBSCRIPTION}/providers/Microsoft.ContainerService/managedClusters"
    assert first.url.params["api-version"] == "2025-10-01"
    assert first.headers["authorization"] == "Bearer eyJ.open-sesame"
    assert len(asked.requests) == 3, "two pages of clusters, one of scale sets"


async def test_what_is_stopped_runs_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = pool("one", powerState={"code": "Stopped"})
    one, _ = holder(azure(cluster(stopped), cluster(pool("two"), name="idle", power="Stopped")), monkeypatch)
    found = groups(await one.look())
    assert [(found[name].running, found[name].desired, found[name].state) for name in ("one", "two")] == [
        (0, 3, "Stopped"), (0, 3, "Stopped"),
    ]  # fmt: skip


async def test_a_pool_of_several_sizes_is_told_with_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = [{"size": "Standard_D4s_v5", "count": 2}, {"size": "Standard_D8s_v5", "count": 1}]
    mixed = pool("mixed", count=0, vmSize="", virtualMachineNodesStatus=nodes)
    one, _ = holder(azure(cluster(mixed)), monkeypatch)
    (told,) = groups(await one.look()).values()
    assert (told.instance_types, told.desired) == (("Standard_D4s_v5", "Standard_D8s_v5"), 3)


async def test_a_scale_set_is_told_unless_aks_made_it(monkeypatch: pytest.MonkeyPatch) -> None:
    by_aks = scale_set("aks-h100-123-vmss", group="MC_gpu") | {"tags": {"aks-managed-poolName": "h100"}}
    spot = scale_set("spot", virtualMachineProfile={"priority": "Spot"})
    split = scale_set("split", priorityMixPolicy={"regularPriorityPercentageAboveBase": 50})
    several = scale_set("several", skuProfile={"vmSizes": [{"name": "Standard_D4s_v5"}, {"name": "Standard_D8s_v5"}]})
    several["sku"] = {"name": "Mix", "capacity": 2}
    loose = scale_set("loose", virtualMachineProfile=None) | {"sku": None, "tags": None}
    sets = (scale_set("plain"), scale_set("plain", group="web", capacity=0), by_aks, spot, split, several, loose)
    one, asked = holder(azure(scale_sets=sets), monkeypatch)
    found = groups(await one.look())
    assert set(found) == {"GPU/plain", "web/plain", "GPU/spot", "GPU/split", "GPU/several", "GPU/loose"}
    plain = found["GPU/plain"]
    assert (plain.kind, plain.region, plain.cluster, plain.state) == ("vmss", "westeurope", "", "Succeeded")
    assert (plain.instance_types, plain.desired, plain.running) == (("Standard_NC24ads_A100_v4",), 4, None)
    assert plain.since == datetime(2026, 11, 1, 12, 0, 0, 123456, UTC)
    assert found["web/plain"].desired == 0
    assert [found[f"GPU/{name}"].spot for name in ("plain", "spot", "split", "loose")] == [False, True, None, None]
    assert found["GPU/several"].instance_types == ("Standard_D4s_v5", "Standard_D8s_v5")
    assert (found["GPU/loose"].instance_types, found["GPU/loose"].desired) == ((), None), "unknown is not zero"
    assert asked.requests[1].url.params["api-version"] == "2024-11-01"


async def test_a_resource_group_is_asked_for_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    scope = f"{SUBSCRIPTION}/resourceGroups/gpu"
    one, asked = holder(azure(cluster(pool("h100"))), monkeypatch, scope)
    (told,) = groups(await one.look()).values()
    assert told.account == f"{ACCOUNT}/resourceGroups/gpu"
    assert {each.url.path.partition("/providers/")[0] for each in asked.requests} == {f"/{scope}"}


@pytest.mark.parametrize(
    ("refused", "missing", "permission", "left"),
    [
        (CLUSTERS, "AKS agent pools", READ_CLUSTERS, {"GPU/plain"}),
        (SCALE_SETS, "scale sets", READ_SCALE_SETS, {"h100"}),
    ],
)
async def test_a_missing_right_costs_its_own_part_alone_and_is_named(
    monkeypatch: pytest.MonkeyPatch, refused: str, missing: str, permission: str, left: set[str]
) -> None:
    answers = azure(cluster(pool("h100")), scale_sets=(scale_set("plain"),), refused={refused: [FORBIDDEN]})
    one, _ = holder(answers, monkeypatch)
    told = await one.look()
    assert set(groups(told)) == left
    ((what, error),) = told.faults.items()
    assert (what, error.title) == (f"{missing} of {SUBSCRIPTION}", "403 Forbidden: It may not.")
    assert error.hint == f"Needs: {permission} (role Reader; or leave `groups` out) on {SUBSCRIPTION}."


async def test_a_service_that_was_never_used_lacks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    words = "The subscription is not registered to use namespace 'Microsoft.ContainerService'."
    never = httpx.Response(409, json={"error": {"code": "MissingSubscriptionRegistration", "message": words}})
    one, _ = holder(azure(scale_sets=(scale_set("plain"),), refused={CLUSTERS: [never]}), monkeypatch)
    told = await one.look()
    assert (dict(told.faults), set(groups(told))) == ({}, {"GPU/plain"})


async def test_whoever_is_busy_is_asked_again_when_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = httpx.Response(429, headers={"retry-after": "17"})
    answers = azure(refused={CLUSTERS: [busy, httpx.Response(200, json={"value": [cluster(pool("h100"))]})]})
    answering(monkeypatch, answers)
    clock = Noted()
    one = Holder(settings(), Fixed(), clock, "azure acme", AzureScope(scope=SUBSCRIPTION))
    assert set(groups(await one.look())) == {"h100"}
    assert clock.waited == [17.0]


async def test_a_login_that_is_refused_is_made_anew_and_then_told(monkeypatch: pytest.MonkeyPatch) -> None:
    token = Fixed()
    answering(monkeypatch, azure(refused={CLUSTERS: [httpx.Response(401)]}))
    told = await Holder(settings(), token, Noted(), "azure acme", AzureScope(scope=SUBSCRIPTION)).look()
    assert token.forgotten == 1
    assert "az login" in told.faults[f"AKS agent pools of {SUBSCRIPTION}"].hint


@pytest.mark.parametrize(
    "body",
    [
        b'{"value": [{"name": "x"',
        b'{"value": 7}',
        b'{"value": ["x"]}',
        b'{"value": [{"name": "a", "location": "b", "properties": {"agentPoolProfiles": [{"count": 3}]}}]}',
        b'{"value": [{"name": "a", "properties": {"agentPoolProfiles": [{"powerState": 1}]}}]}',
        b'{"value": [], "nextLink": "https://attacker.example/next"}',
        b"<html>sign in</html>",
    ],
)
async def test_an_answer_of_another_shape_costs_its_own_part_alone(
    monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    answers = azure(scale_sets=(scale_set("plain"),), refused={CLUSTERS: [httpx.Response(200, content=body)]})
    one, asked = holder(answers, monkeypatch)
    told = await one.look()
    assert set(told.faults) == {f"AKS agent pools of {SUBSCRIPTION}"}
    assert set(groups(told)) == {"GPU/plain"}
    assert {each.url.host for each in asked.requests} == {"management.azure.com"}, "no token goes elsewhere"


async def test_figures_that_make_no_sense_are_not_known_and_text_is_made_harmless(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = (
        b'{"value": [{"name": "a\\u001b[31mb\\n", "location": "westeurope", "properties": {"agentPoolProfiles": ['
        b'{"name": "x\\u202ey", "count": 1e999999999, "enableAutoScaling": true, "minCount": -1, '
        b'"maxCount": "many"}]}}]}'
    )
    one, _ = holder(azure(refused={CLUSTERS: [httpx.Response(200, content=body)]}), monkeypatch)
    (told,) = groups(await one.look()).values()
    assert (told.name, told.cluster) == ("xy", "ab")
    assert (told.desired, told.minimum, told.maximum) == (None, None, None)


async def test_groups_are_told_beside_the_bill_and_again_at_their_own_pace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, azure(cluster(pool("h100"))))
    scopes = (SUBSCRIPTION, "providers/Microsoft.Management/managementGroups/ml")
    source = Azure(settings(*scopes, groups=True), ledger_at(tmp_path), hurried(), Fixed())
    async with following(source) as one:
        await one.answered()
        await one.until(lambda: len(seen(one)) > 1)
        first, second = seen(one)[:2]
        assert one.state is HealthState.POLLED
    assert (first.source, first.account, first.kinds) == (source.name, ACCOUNT, ("aks-agentpool",))
    assert second.at - first.at >= timedelta(minutes=15)
    listed = [each.url.path for each in asked.requests if each.url.path.endswith((CLUSTERS, SCALE_SETS))]
    assert not any("managementGroups" in path for path in listed), "a management group has no list of its own"


async def test_without_the_groups_there_is_still_the_bill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, azure(refused={CLUSTERS: [FORBIDDEN], SCALE_SETS: [FORBIDDEN]}))
    async with following(Azure(settings(groups=True), ledger_at(tmp_path), hurried(), Fixed())) as one:
        await one.until(lambda: one.state is HealthState.PARTIAL)
        assert one.bills is not None
        assert one.health.missing == (
            f"AKS agent pools of {SUBSCRIPTION}: 403 Forbidden: It may not.",
            f"scale sets of {SUBSCRIPTION}: 403 Forbidden: It may not.",
        )
        assert READ_CLUSTERS in one.health.hint


async def test_the_doctor_says_what_may_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = azure(cluster(pool("h100")), scale_sets=(scale_set("plain"),))
    answering(monkeypatch, answers)
    source = Azure(settings(groups=True), ledger_at(tmp_path), hurried(), Fixed())
    _, found = await source.diagnose()
    assert (found.subject, found.state, found.detail) == (f"groups of machines of {SUBSCRIPTION}", "ok", "2 groups")
    answers.refused = {SCALE_SETS: [FORBIDDEN]}
    _, refused = await source.diagnose()
    assert (refused.subject, refused.state) == (f"scale sets of {SUBSCRIPTION}", "warn")
    assert READ_SCALE_SETS in refused.hint


def test_nobody_is_asked_more_than_once_a_minute() -> None:
    with pytest.raises(ValidationError):
        settings(interval_seconds=59)
