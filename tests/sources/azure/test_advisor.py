from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from finops_tui.model.cloud import Recommendation, RecommendationsSeen
from finops_tui.model.health import HealthState
from finops_tui.sources.azure.source import Azure
from tests.sources.azure.answers import SUBSCRIPTION, CostManagement, Fixed, advised
from tests.sources.azure.test_azure import ACCOUNT, VMS, asking, settings
from tests.sources.billing.following import Following, billed, hurried, ledger_at
from tests.sources.gcp.answers import answering

ROWS: list[list[Any]] = [[10, 20261119, VMS, "Usage", "USD"]]
ADVISOR = "/Microsoft.Advisor/recommendations"


def told(one: Following) -> dict[str, Recommendation]:
    (seen,) = [each for each in one.seen if isinstance(each, RecommendationsSeen)]
    assert seen.by == "Azure Advisor"
    return {each.id: each for each in seen.recommendations}


async def test_what_is_open_about_cost_is_told_by_the_month_with_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    untagged = advised("two", "web", extendedProperties={"savingsAmount": "7", "savingsCurrency": "USD"})
    shelved = [
        advised("a", category="Security"), advised("b", suppressionIds=["1"]),
        advised("c", recommendationStatus="Dismissed"), advised("d", recommendationStatus="Postponed"),
    ]  # fmt: skip
    silent = advised("three", recommendationStatus="New", extendedProperties={"savingsAmount": "7"})
    azure = CostManagement(actual=ROWS, advice=[[advised("one"), *shelved], [untagged, silent]])
    async with asking(tmp_path, monkeypatch, azure, recommendations=True) as (one, asked):
        assert (await one.answered()).state is HealthState.POLLED
        found = told(one)
        first = next(each for each in asked.requests if each.url.path.endswith(ADVISOR))
    assert first.url.path == f"/{SUBSCRIPTION}/providers{ADVISOR}"
    assert first.url.params["$filter"] == "Category eq 'Cost'"
    assert set(found) == {"one", "two", "three"}
    shrink = found["one"]
    assert (shrink.account, shrink.region, shrink.resource) == (ACCOUNT, "westeurope", "vm-1")
    assert (shrink.action, shrink.now, shrink.then) == (
        "Right-size or shutdown it", "Standard_D8s_v5", "Standard_D4s_v5",
    )  # fmt: skip
    assert (shrink.monthly_savings, shrink.currency, shrink.owner) == (Decimal("100.5"), "EUR", "nlp")
    assert (found["two"].monthly_savings, found["two"].owner) == (Decimal(7), "")
    assert found["three"].monthly_savings is None, "without a currency it is no amount"


async def test_a_resource_group_is_told_its_own_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    azure = CostManagement(actual=ROWS)
    scope = f"{SUBSCRIPTION}/resourceGroups/gpu"
    async with asking(tmp_path, monkeypatch, azure, scope, recommendations=True) as (one, asked):
        await one.answered()
        assert told(one) == {}
        (request,) = [each for each in asked.requests if each.url.path.endswith(ADVISOR)]
        assert request.url.params["$filter"] == "Category eq 'Cost' and ResourceGroup eq 'gpu'"
        assert not any("resourcegroups" in each.url.path for each in asked.requests), "nobody is asked for in vain"


async def test_advisor_is_not_asked_where_it_has_no_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    azure = CostManagement(actual=ROWS, advice=[[advised("one")]])
    scope = "providers/Microsoft.Management/managementGroups/ml"
    async with asking(tmp_path, monkeypatch, azure, scope, recommendations=True) as (one, asked):
        assert (await one.answered()).state is HealthState.POLLED
        assert not any(each.url.path.endswith(ADVISOR) for each in asked.requests)


async def test_without_tags_there_is_still_advice_and_without_advice_the_bill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure = CostManagement(actual=ROWS, advice=[[advised("one")]], groups=httpx.Response(403, json={}))
    async with asking(tmp_path, monkeypatch, azure, recommendations=True) as (one, _):
        assert (await one.answered()).state is HealthState.POLLED
        assert told(one)["one"].owner == ""
    azure.refused = {ADVISOR: httpx.Response(403, json={})}
    async with asking(tmp_path, monkeypatch, azure, recommendations=True) as (one, _):
        health = await one.answered()
        assert health.missing == (f"recommendations of {SUBSCRIPTION}: 403 Forbidden",)
        assert "Microsoft.Advisor/recommendations/read" in health.hint
        assert billed(tmp_path) == {(): Decimal(10)}


async def test_the_doctor_says_whether_advice_may_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    azure = CostManagement(actual=ROWS, advice=[[advised("one")]])
    answering(monkeypatch, azure)
    source = Azure(settings(recommendations=True), ledger_at(tmp_path), hurried(), Fixed())
    assert [(check.state, check.detail) for check in await source.diagnose()] == [
        ("ok", "1 charge yesterday"), ("ok", "1 recommendation"),
    ]  # fmt: skip
    azure.refused = {ADVISOR: httpx.Response(403, json={})}
    _, refused = await source.diagnose()
    assert (refused.subject, refused.state) == (f"recommendations of {SUBSCRIPTION}", "warn")
