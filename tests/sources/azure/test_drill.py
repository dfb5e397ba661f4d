"""A drill-down by Azure's own query: what is asked, what it cannot tell, and how it is throttled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from finops_tui.clock import SimulatedClock
from finops_tui.errors import SourceError, UsageError
from finops_tui.ledger.drill import Drill
from finops_tui.sources.azure.drill import AzureExport
from finops_tui.sources.azure.settings import AzureSettings
from tests.ledger.charges import SCOPES
from tests.sources.azure.answers import NEXT, OTHER, SUBSCRIPTION, Fixed
from tests.sources.billing.following import NOW, hurried, ledger_at
from tests.sources.gcp.answers import answering

ID = SUBSCRIPTION.partition("/")[2]
SPAN: dict[str, Any] = {"since": datetime(2026, 11, 17, 6, tzinfo=UTC), "until": datetime(2026, 11, 20, 6, tzinfo=UTC)}
QUESTION = Drill(**SPAN, by=("resource",), where={"service": frozenset({"Virtual Machines"})})
VM = "/subscriptions/1/vm-1"


def page(*rows: list[Any], by: str = "ResourceId", link: str | None = None) -> dict[str, Any]:
    columns = [{"name": name} for name in ("Cost", *by.split(), "Currency")]
    return {"properties": {"nextLink": link, "columns": columns, "rows": list(rows)}}


def answers(*pages: dict[str, Any]) -> Callable[[httpx.Request], httpx.Response]:
    left = list(pages)
    return lambda _: httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0])


def asker(folder: Path, clock: SimulatedClock | None = None, *scopes: str) -> AzureExport:
    given = AzureSettings.model_validate({"scopes": [{"scope": each} for each in scopes or (SUBSCRIPTION,)]})
    return AzureExport(given, ledger_at(folder), clock or hurried(), SCOPES, Fixed())


async def test_billed_is_actual_cost_and_effective_is_amortised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = answering(monkeypatch, answers(page([10.5, VM, "EUR"], [2, "vm-2", "EUR"]), page([7.25, VM, "EUR"])))
    plan = await asker(tmp_path).expect(QUESTION)
    assert plan.usd == 0
    found = await asker(tmp_path).ask(replace(QUESTION, top=1))
    (row,), (rest,) = found.rows, found.others
    assert (row.key, row.billed, row.effective) == ((VM,), Decimal("10.5"), Decimal("7.25"))
    assert (rest.parts, rest.billed, rest.effective) == (1, Decimal(2), Decimal(0))
    actual, amortized = asked.bodies()
    assert (actual["type"], amortized["type"]) == ("ActualCost", "AmortizedCost")
    assert actual["timePeriod"] == {"from": "2026-11-17T00:00:00Z", "to": "2026-11-20T23:59:59Z"}
    assert actual["dataset"]["granularity"] == "None"
    assert actual["dataset"]["grouping"] == [{"type": "Dimension", "name": "ResourceId"}]
    chosen = {"name": "ServiceName", "operator": "In", "values": ["Virtual Machines"]}
    assert actual["dataset"]["filter"] == {"dimensions": chosen}


async def test_pages_are_added_up_and_an_answer_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = answering(monkeypatch, answers(page([1, VM, "USD"], link=NEXT), page([2, VM, "USD"]), page([3, VM, "USD"])))
    clock = SimulatedClock(NOW, 20_000.0)
    found = await asker(tmp_path, clock).ask(QUESTION)
    assert [(row.billed, row.effective) for row in found.rows] == [(Decimal(3), Decimal(3))]
    again = await asker(tmp_path, SimulatedClock(found.at, monotonic=lambda: 0.0)).ask(QUESTION)
    assert (again.kept, again.rows) == (True, found.rows)
    assert len(asked.requests) == 3


async def test_teams_tags_days_and_several_filters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows = page([1, 20261118, "team", "nlp", "USD"], by="UsageDate TagKey TagValue")
    asked = answering(monkeypatch, answers(rows))
    where = {"team": frozenset({"nlp"}), "region": frozenset({"westeurope"}), "account": frozenset({ID})}
    found = await asker(tmp_path).ask(Drill(**SPAN, by=("day", "team"), where=where))
    assert [row.key for row in found.rows] == [("2026-11-18", "nlp")]
    dataset = asked.bodies()[0]["dataset"]
    assert (dataset["granularity"], dataset["grouping"]) == ("Daily", [{"type": "TagKey", "name": "team"}])
    region, team = dataset["filter"]["and"]
    assert region["dimensions"]["name"] == "ResourceLocation"
    assert [each["tags"]["name"] for each in team["or"]] == list(SCOPES["team"])


async def test_nothing_told_is_an_answer_without_rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answering(monkeypatch, lambda _: httpx.Response(204))
    assert (await asker(tmp_path).ask(QUESTION)).rows == ()


async def test_azures_wish_to_wait_is_heeded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    header = {"x-ms-ratelimit-microsoft.costmanagement-entity-retry-after": "30"}
    left = [httpx.Response(429, headers=header, json={})]

    def script(_: httpx.Request) -> httpx.Response:
        return left.pop() if left else httpx.Response(200, json=page([1, VM, "USD"]))

    asked = answering(monkeypatch, script)
    clock = hurried()
    assert (await asker(tmp_path, clock).ask(QUESTION)).rows
    assert len(asked.requests) == 3
    assert (clock.now() - NOW).total_seconds() >= 30 + 16, "it waits as asked, and between its two requests"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"by": ("service", "region", "resource")}, "two things at most"),
        ({"by": ("team", "tag:env")}, "two things at most"),
        ({"by": ("day",), "since": datetime(2026, 9, 1, tzinfo=UTC)}, "31 days at most"),
        ({"where": {"team": frozenset({""})}}, "what has no value"),
        ({"where": {"instance": frozenset({"x"})}}, "cannot choose by instance"),
        ({"where": {"account": frozenset({"another"})}}, "One scope of Azure is asked at a time"),
    ],
)
async def test_what_azure_cannot_answer_is_said_before_it_is_asked(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        await asker(tmp_path).expect(replace(QUESTION, **change))


async def test_of_several_scopes_one_is_asked_and_only_subscriptions_know_resources(tmp_path: Path) -> None:
    group = "providers/Microsoft.Management/managementGroups/ml"
    several = asker(tmp_path, hurried(), SUBSCRIPTION, OTHER)
    with pytest.raises(UsageError, match="One scope"):
        await several.expect(QUESTION)
    assert (await several.expect(replace(QUESTION, where={"account": frozenset({ID})}))).usd == 0
    with pytest.raises(UsageError, match="tells no resources"):
        await asker(tmp_path, hurried(), group).expect(QUESTION)


@pytest.mark.parametrize("row", [["x", VM, "USD"], [1, VM, "Dollars"]])
async def test_an_answer_that_lacks_a_part_of_the_sum_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, row: list[Any]
) -> None:
    answering(monkeypatch, answers(page([1, VM, "USD"], row)))
    with pytest.raises(SourceError, match="a sum of the answer makes no sense"):
        await asker(tmp_path).ask(QUESTION)


async def test_a_missing_permission_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answering(monkeypatch, lambda _: httpx.Response(403, json={"error": {"message": "no"}}))
    with pytest.raises(SourceError) as refused:
        await asker(tmp_path).ask(QUESTION)
    assert "Microsoft.CostManagement/query/read" in str(refused.value)
