from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from finops_tui.model.cloud import BudgetsSeen
from finops_tui.model.health import HealthState
from finops_tui.sources.azure.access import Desk, service
from finops_tui.sources.azure.cost_query import ACTUAL, WHOLE, ask, months
from finops_tui.sources.azure.settings import AzureScope, AzureSettings
from finops_tui.sources.azure.source import Azure
from finops_tui.sources.billing.calls import Calls
from tests.sources.azure.answers import NEXT, OTHER, SUBSCRIPTION, CostManagement, Fixed
from tests.sources.billing.following import NOW, Following, billed, charged, following, hurried, ledger_at
from tests.sources.billing.test_calls import Noted
from tests.sources.gcp.answers import Asked, answering

ACCOUNT = SUBSCRIPTION.partition("/")[2]
VMS = "Virtual Machines"


def settings(*scopes: str, **more: Any) -> AzureSettings:
    chosen = tuple(AzureScope(scope=scope) for scope in scopes or (SUBSCRIPTION,))
    rest = {"budgets": False, "recommendations": False, "groups": False}
    return AzureSettings(**{"scopes": chosen, "history_days": 14, **rest, **more})


@asynccontextmanager
async def asking(
    folder: Path, monkeypatch: pytest.MonkeyPatch, azure: CostManagement, *scopes: str, **more: Any
) -> AsyncIterator[tuple[Following, Asked]]:
    asked = answering(monkeypatch, azure)
    async with following(Azure(settings(*scopes, **more), ledger_at(folder), hurried(), Fixed())) as one:
        yield one, asked


async def test_actual_cost_is_billed_and_amortised_cost_effective(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure = CostManagement(
        actual=[
            [10.25, 20261119, VMS, "Usage", "USD"],
            [500, 20261110, VMS, "Purchase", "USD"],
            [-3.5, 20261119, VMS, "Refund", "USD"],
            [7, 20261119, "Storage", "Usage", "EUR"],
        ],
        amortized=[
            [30.25, 20261119, VMS, "Usage", "USD"],
            [2, 20261119, VMS, "UnusedReservation", "USD"],
            [-3.5, 20261119, VMS, "Refund", "USD"],
            [7, 20261119, "Storage", "Usage", "EUR"],
        ],
    )
    async with asking(tmp_path, monkeypatch, azure) as (one, asked):
        await one.answered()
        assert one.state is HealthState.POLLED
        vms, storage = charged(tmp_path, "service")[VMS,], charged(tmp_path, "service")["Storage",]
        assert (vms.usage, vms.purchases, vms.credits) == (Decimal("10.25"), Decimal(500), Decimal("-3.5"))
        assert (vms.effective_usage, vms.effective) == (Decimal("32.25"), Decimal("28.75"))
        assert (storage.currency, storage.billed) == ("EUR", Decimal(7))
        assert set(charged(tmp_path, "account")) == {(ACCOUNT,)}
        first = asked.requests[0]
        assert first.headers["authorization"] == "Bearer eyJ.open-sesame"
        assert first.headers["clienttype"] == "finops-tui"
        assert first.url.path == f"/{SUBSCRIPTION}/providers/Microsoft.CostManagement/query"
        assert [(body["type"], body["timePeriod"]["from"][:10]) for body in asked.bodies()] == [
            ("ActualCost", "2026-11-07"), ("AmortizedCost", "2026-11-07"),
        ]  # fmt: skip
        assert asked.bodies()[0]["timePeriod"]["to"] == "2026-11-20T00:00:00Z", (
            "not in the future: Azure would shift it"
        )
        assert one.bills is not None
        assert not any(day.final for day in one.bills.days)


async def test_a_scope_is_asked_four_times_a_minute_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, CostManagement(actual=[[1, 20261119, VMS, "Usage", "USD"]]))
    clock, chosen = Noted(), settings()
    calls = Calls(service(chosen, chosen.scopes[0], Fixed()), clock)
    desk = Desk(settings=chosen, scope=chosen.scopes[0], calls=calls)
    span = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
    for _ in range(5):
        await ask(desk, WHOLE, ACTUAL, span)
    await calls.close()
    assert sum(clock.waited[:4]) > 60, "the fifth question is in the next minute"


async def test_tags_are_views_of_the_same_money(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[list[Any]] = [[10, 20261119, "nlp", "Usage", "USD"], [5, 20261119, None, "Usage", "USD"]]
    azure = CostManagement(actual=rows)
    async with asking(tmp_path, monkeypatch, azure, tags=("team",)) as (one, asked):
        await one.answered()
        assert billed(tmp_path, "team") == {("",): Decimal(5), ("nlp",): Decimal(10)}
        assert billed(tmp_path) == {(): Decimal(15)}
        groups = [[group["name"] for group in body["dataset"]["grouping"]] for body in asked.bodies()]
        assert groups == [["ServiceName", "ChargeType"]] * 2 + [["team", "ChargeType"]] * 2


async def test_budgets_for_a_team_are_held_against_its_tag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[list[Any]] = [[10, 20261119, "nlp", "Usage", "USD"], [5, 20261119, "chat", "Usage", "USD"]]
    answering(monkeypatch, CostManagement(actual=rows))
    scopes = (("team", "nlp"),)
    for tags, told in (((), []), (("team",), [("nlp", ACCOUNT, Decimal(10))])):
        source = Azure(settings(tags=tags), ledger_at(tmp_path), hurried(), Fixed(), scopes=scopes)
        async with following(source) as one:
            await one.answered()
            assert one.bills is not None
            assert [(each.name, each.account, each.effective) for each in one.bills.scoped] == told


async def test_history_is_asked_by_month_and_later_only_what_may_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [[1, 20261003, VMS, "Usage", "USD"], [1, 20261119, VMS, "Usage", "USD"]]
    async with asking(tmp_path, monkeypatch, CostManagement(actual=rows), history_days=50) as (
        one,
        asked,
    ):
        await one.answered()
        spans = [(body["timePeriod"]["from"][:10], body["timePeriod"]["to"][:10]) for body in asked.bodies()[::2]]
        assert spans == [("2026-10-02", "2026-10-31"), ("2026-11-01", "2026-11-20")]
        assert billed(tmp_path) == {(): Decimal(2)}
        asked.requests.clear()
        rows[1][0] = 4
        await one.source.refresh()
        await one.until(lambda: billed(tmp_path) == {(): Decimal(5)})
        assert {body["timePeriod"]["from"][:10] for body in asked.bodies()} == {"2026-11-01"}


async def test_days_while_nobody_looked_are_asked_for_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with asking(tmp_path, monkeypatch, CostManagement(actual=[[1, 20261119, VMS, "Usage", "USD"]])) as (one, _):
        await one.answered()
    asked = answering(monkeypatch, CostManagement(actual=[[1, 20270101, VMS, "Usage", "USD"]]))
    later = hurried(NOW + timedelta(days=90))
    async with following(Azure(settings(), ledger_at(tmp_path), later, Fixed())) as one:
        await one.answered()
        starts = [body["timePeriod"]["from"][:7] for body in asked.bodies()[::2]]
        assert starts == ["2026-11", "2026-12", "2027-01", "2027-02"]


async def test_all_pages_are_read_with_the_same_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[10, 20261119, VMS, "Usage", "USD"]]
    async with asking(tmp_path, monkeypatch, CostManagement(actual=rows, links=[NEXT])) as (one, asked):
        await one.answered()
        assert billed(tmp_path, "service") == {("Later",): Decimal(1), (VMS,): Decimal(10)}
        first, second = asked.bodies()[:2]
        assert first == second
        assert str(asked.requests[1].url) == NEXT


async def test_the_login_goes_to_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[10, 20261119, VMS, "Usage", "USD"]]
    azure = CostManagement(actual=rows, links=["https://elsewhere.example/next"])
    async with asking(tmp_path, monkeypatch, azure) as (one, asked):
        health = await one.answered()
        assert health.reason == "its next page is at another host"
        assert {request.url.host for request in asked.requests} == {"management.azure.com"}


async def test_no_data_is_not_no_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    azure = CostManagement(actual=[[10, 20261119, VMS, "Usage", "USD"]])
    async with asking(tmp_path, monkeypatch, azure) as (one, _):
        await one.answered()
        assert billed(tmp_path) == {(): Decimal(10)}
        azure.actual = []
        await one.source.refresh()
        await one.until(lambda: one.health.warnings)
        assert one.health.warnings == (f"{SUBSCRIPTION}: Azure tells no charges since 2026-11-01",)
        assert billed(tmp_path) == {(): Decimal(10)}


async def test_half_an_answer_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    azure = CostManagement(actual=[[10, 20261119, VMS, "Usage", "USD"]], amortized=[])
    async with asking(tmp_path, monkeypatch, azure) as (one, _):
        health = await one.answered()
        assert health.warnings == (f"{SUBSCRIPTION}: only one of actual and amortised cost is told; it is left out",)
        assert not billed(tmp_path)


async def test_days_before_the_first_that_is_told_are_not_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure = CostManagement(actual=[[10, 20261110, VMS, "Usage", "USD"], [10, 20261119, VMS, "Usage", "USD"]])
    async with asking(tmp_path, monkeypatch, azure) as (one, _):
        await one.answered()
        azure.actual = [[4, 20261119, VMS, "Usage", "USD"]]  # as Azure does now and then: the last day alone
        await one.source.refresh()
        await one.until(lambda: billed(tmp_path) == {(): Decimal(14)})


async def test_what_makes_no_sense_is_left_out_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = [10, 20261119, VMS, "Usage", "USD"]
    half = [3, 20261119, "Half", "Usage", "USD"]
    azure = CostManagement(
        actual=[
            good,
            half,
            [1, "soon", VMS, "Usage", "USD"],
            [1, "20250101", VMS, "Usage", "USD"],
            [1, 20261119, VMS, "Usage", "$"],
        ],
        amortized=[good, ["much", *half[1:]]],
    )
    async with asking(tmp_path, monkeypatch, azure) as (one, _):
        health = await one.answered()
        assert health.warnings == (f"{SUBSCRIPTION}: 4 rows left out: no usable figure, or of other days",)
        assert billed(tmp_path, "service") == {(VMS,): Decimal(10)}, "half known is not known: it is no zero either"


@pytest.mark.parametrize(
    ("status", "code", "hint"),
    [
        (400, "BadRequest", "`tags`"),
        (401, "InvalidAuthenticationToken", "az login"),
        (403, "AuthorizationFailed", f"role Cost Management Reader) on {SUBSCRIPTION}."),
        (404, "SubscriptionNotFound", SUBSCRIPTION),
    ],
)
async def test_a_refusal_names_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, code: str, hint: str
) -> None:
    refusal = httpx.Response(status, json={"error": {"code": code, "message": f"{code}!"}})
    async with asking(tmp_path, monkeypatch, CostManagement(refused={SUBSCRIPTION: refusal})) as (one, _):
        health = await one.answered()
        assert health.state is HealthState.DOWN
        assert health.reason.endswith(f"{code}!")
        assert hint in health.hint
        assert one.bills is None


async def test_a_token_that_azure_takes_back_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[10, 20261119, VMS, "Usage", "USD"]]
    azure = CostManagement(actual=rows, refusals=[httpx.Response(401, json={})])
    async with asking(tmp_path, monkeypatch, azure) as (one, asked):
        assert (await one.answered()).state is HealthState.POLLED
        tokens = [each.headers["authorization"].removeprefix("Bearer eyJ.open-sesame") for each in asked.requests]
        assert tokens == ["", "-again", "-again"]


async def test_one_scope_that_refuses_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[10, 20261119, VMS, "Usage", "USD"]]
    azure = CostManagement(actual=rows, refused={OTHER: httpx.Response(403, json={})})
    async with asking(tmp_path, monkeypatch, azure, OTHER, SUBSCRIPTION) as (one, _):
        health = await one.answered()
        assert health.state is HealthState.PARTIAL
        assert health.missing == (f"{OTHER}: 403 Forbidden",)
        assert billed(tmp_path, "account") == {(ACCOUNT,): Decimal(10)}


async def test_the_longest_of_azures_waits_is_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = "x-ms-ratelimit-microsoft.costmanagement-"
    short = {f"{prefix}qpu-retry-after": "5", f"{prefix}entity-retry-after": "40", f"{prefix}qpu-remaining": "9999"}
    rows = [[10, 20261119, VMS, "Usage", "USD"]]
    azure = CostManagement(actual=rows, refusals=[httpx.Response(429, headers=short)])
    async with asking(tmp_path, monkeypatch, azure) as (one, asked):
        health = await one.answered()
        assert health.state is HealthState.POLLED
        started = one.seen[0].at
        assert health.at - started >= timedelta(seconds=40)
        assert len(asked.requests) == 3


async def test_a_long_wait_holds_back_even_who_asks_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = httpx.Response(429, headers={"x-ms-ratelimit-microsoft.costmanagement-tenant-retry-after": "3600"})
    async with asking(tmp_path, monkeypatch, CostManagement(refusals=[long])) as (one, asked):
        told = (await one.answered()).at
        assert len(asked.requests) == 1
        await one.source.refresh()
        await one.until(lambda: len(asked.requests) > 1)
        await one.until(lambda: one.health.at > told)
        assert one.health.at - told >= timedelta(hours=1)


async def test_budgets_are_told_with_what_is_spent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[10, 20261119, VMS, "Usage", "USD"]]
    azure = CostManagement(actual=rows)
    async with asking(tmp_path, monkeypatch, azure, budgets=True) as (one, _):
        await one.answered()
        (seen,) = [each for each in one.seen if isinstance(each, BudgetsSeen)]
        ml, bare = seen.budgets
        assert (ml.limit, ml.actual, ml.forecast, ml.unit) == (
            Decimal("100.65"), Decimal("80.89"), Decimal("115.5"), "EUR",
        )  # fmt: skip
        assert ml.about == "ResourceGroup: gpu, cpu and team: nlp"
        assert (bare.limit, bare.actual, bare.forecast, bare.unit) == (Decimal(5), None, None, "")


async def test_without_the_budgets_there_is_still_the_bill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[10, 20261119, VMS, "Usage", "USD"]]
    azure = CostManagement(actual=rows, budgets=httpx.Response(403, json={}))
    async with asking(tmp_path, monkeypatch, azure, budgets=True) as (one, _):
        health = await one.answered()
        assert health.state is HealthState.PARTIAL
        assert health.missing == (f"budgets of {SUBSCRIPTION}: 403 Forbidden",)
        assert billed(tmp_path) == {(): Decimal(10)}


async def test_the_doctor_says_for_each_scope_who_is_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    azure = CostManagement(actual=[[10, 20261119, VMS, "Usage", "USD"]], refused={OTHER: httpx.Response(403, json={})})
    answering(monkeypatch, azure)
    checks = await Azure(settings(SUBSCRIPTION, OTHER), ledger_at(tmp_path), hurried(), Fixed()).diagnose()
    assert [(check.subject, check.state) for check in checks] == [(SUBSCRIPTION, "ok"), (OTHER, "fail")]
    assert "Cost Management Reader" in checks[1].hint
    assert not billed(tmp_path)


@given(st.integers(0, 5_000), st.integers(1, 400))
def test_months_cover_every_day_once_and_none_is_longer_than_azure_allows(first: int, days: int) -> None:
    since = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=first)
    until = since + timedelta(days=days)
    spans = list(months(since, until))
    assert spans[0][0] == since
    assert spans[-1][1] == until
    assert all(end == start for (_, end), (start, _) in pairwise(spans))
    assert all(timedelta(0) < end - start <= timedelta(days=31) for start, end in spans)


@pytest.mark.parametrize(
    ("scope", "account"),
    [
        (f"/{SUBSCRIPTION}/", ACCOUNT),
        (f"{SUBSCRIPTION}/resourceGroups/gpu", f"{ACCOUNT}/resourceGroups/gpu"),
        ("providers/Microsoft.Management/managementGroups/ml", "ml"),
        ("providers/Microsoft.Billing/billingAccounts/1:2_2019/departments/4", "1:2_2019/departments/4"),
    ],
)
def test_an_account_is_what_the_bill_goes_by(scope: str, account: str) -> None:
    assert AzureScope(scope=scope).account == account


async def test_two_groups_of_one_subscription_are_two_bills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    azure = CostManagement(actual=[[10, 20261119, VMS, "Usage", "USD"]])
    groups = (f"{SUBSCRIPTION}/resourceGroups/gpu", f"{SUBSCRIPTION}/resourceGroups/web")
    async with asking(tmp_path, monkeypatch, azure, *groups, budgets=True) as (one, _):
        await one.answered()
        assert billed(tmp_path) == {(): Decimal(20)}
        told = [each for each in one.seen if isinstance(each, BudgetsSeen)]
        assert len({each.account for each in told}) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": ()},
        {"scopes": ({"scope": "subscriptions/not-a-uuid"},)},
        {"scopes": ({"scope": f"{SUBSCRIPTION}?x=1"},)},
        {
            "scopes": (
                {"scope": SUBSCRIPTION},
                {"scope": SUBSCRIPTION.upper().replace("SUBSCRIPTIONS", "subscriptions")},
            )
        },
        {"scopes": ({"scope": SUBSCRIPTION}, {"scope": f"{SUBSCRIPTION}/resourceGroups/gpu"})},
        {"scopes": ({"scope": SUBSCRIPTION},), "every_hours": 1},
        {"scopes": ({"scope": SUBSCRIPTION},), "endpoint": "https://x/path"},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AzureSettings(**wrong)
