"""What a month of looking costs: requests counted where they arrive, over the month's simulated time."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from finops_tui.model.health import HealthState
from finops_tui.model.observations import Observation, SourceHealth
from finops_tui.sources.aws.calls import CALLS
from tests.sources.aws.double import Asked, Double, Fault
from tests.sources.aws.test_commitments import COVERED, USED
from tests.sources.aws.world import HandClock, bucket, costs, group, health, of, source, until

PAID = {call.operation for call in CALLS if call.micro_usd}
OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
MONTH = timedelta(days=31)
PRICE = 0.01


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two questions a month is an empty wait."""
    monkeypatch.setattr("finops_tui.sources.aws.source.LONGEST_PAUSE_SECONDS", 3600.0)


@pytest.fixture
def billed(aws: Double) -> Double:
    """An account with bills, a forecast and no anomalies."""
    aws.answers["GetCostAndUsage"] = costs(bucket("2026-09-30", group("a", "b")))
    aws.answers["GetAnomalies"] = {"Anomalies": []}
    day = {"TimePeriod": {"Start": "2026-10-01", "End": "2026-10-02"}, "MeanValue": "5"}
    aws.answers["GetCostForecast"] = {"Total": {"Amount": "5", "Unit": "USD"}, "ForecastResultsByTime": [day]}
    aws.answers["GetSavingsPlansCoverage"] = {"SavingsPlansCoverages": [COVERED]}
    aws.answers["GetSavingsPlansUtilization"] = {"SavingsPlansUtilizationsByTime": [], "Total": USED}
    return aws


def paid(aws: Double) -> int:
    return sum(count for operation, count in aws.counts.items() if operation in PAID)


async def a_month(folder: Path, clock: HandClock, **more: object) -> tuple[SourceHealth, str]:
    """Watch until the month is nearly over; return the last word on health, and what it says it has cost."""
    watched = source(folder, clock, bills=True, **more)
    last = OCTOBER + MONTH - timedelta(hours=2)
    seen = await until(watched, lambda seen: seen[-1].at >= last or clock.now() >= last)
    return health(seen), watched.request_cost


async def test_a_month_of_what_is_asked_by_default_costs_less_than_four_dollars(billed: Double, tmp_path: Path) -> None:
    said, cost = await a_month(tmp_path, HandClock(OCTOBER), savings_plans=True)
    assert paid(billed) == 31 * 12 + 5 * 2
    assert cost == "$3.82 of $4 this month"
    assert said.state is HealthState.POLLED
    assert said.warnings == ()
    assert billed.counts["GetCostForecast"] == 31
    assert billed.counts["GetAnomalies"] == 31 * 3
    assert billed.counts["GetCostAndUsage"] == 31 * (4 + 3 + 1)
    assert billed.counts["GetSavingsPlansCoverage"] == billed.counts["GetSavingsPlansUtilization"] == 5


async def test_with_tags_and_models_it_slows_down_and_lasts_the_month(billed: Double, tmp_path: Path) -> None:
    clock = HandClock(OCTOBER)
    said, _ = await a_month(tmp_path, clock, tags=["team", "project"], models=True, hourly=True)
    assert 3.8 <= paid(billed) * PRICE <= 4.0
    assert said.answered_at is not None
    assert clock.now() - said.answered_at < timedelta(hours=12), "on the last day the bill is still asked for"


async def test_when_money_is_short_cost_by_service_goes_first(billed: Double, tmp_path: Path) -> None:
    await a_month(tmp_path, HandClock(OCTOBER), tags=["team", "project"], models=True, requests_usd_per_month=1.5)
    by_service = [
        asked
        for asked in billed.of("GetCostAndUsage")
        if [by["Key"] for by in asked.params["GroupBy"]] == ["SERVICE", "RECORD_TYPE"]
    ]
    assert paid(billed) <= 150
    assert len(by_service) >= 0.9 * 31 * 4, "nearly as often as with all the money in the world"


async def test_answers_of_many_pages_stay_under_the_cap(billed: Double, tmp_path: Path) -> None:
    def pages(asked: Asked) -> dict[str, object]:
        at = int(asked.params.get("NextPageToken", "0"))
        return dict(costs(bucket("2026-09-30", group("a", str(at))), token=str(at + 1) if at < 4 else ""))

    billed.answers["GetCostAndUsage"] = pages
    await a_month(tmp_path, HandClock(OCTOBER))
    assert 3.8 <= paid(billed) * PRICE <= 4.0


async def test_a_cost_explorer_that_always_fails_cannot_cost_more_than_the_cap(billed: Double, tmp_path: Path) -> None:
    for operation in PAID:
        billed.answers[operation] = Fault("InternalServerException", status=500)
    said, _ = await a_month(tmp_path, HandClock(OCTOBER))
    assert 0 < paid(billed) * PRICE <= 4.0
    assert said.state is HealthState.DOWN


async def test_a_cap_of_nothing_sends_nothing_that_costs(billed: Double, tmp_path: Path) -> None:
    clock = HandClock(OCTOBER)
    watched = source(tmp_path, clock, bills=True, requests_usd_per_month=0)
    said = health(await until(watched, lambda seen: len(of(seen, SourceHealth)) == 3))
    assert paid(billed) == 0
    assert said.missing[0].startswith("cost by service: request budget: $0.00 of $0 this month, next request 01 Nov")
    assert said.hint == "Raise `requests_usd_per_month` to ask more often."


async def test_two_programs_share_answers_and_their_cost(billed: Double, tmp_path: Path) -> None:
    for _ in range(2):
        watched = source(tmp_path, HandClock(OCTOBER), bills=True)
        await until(watched, lambda seen: len(of(seen, SourceHealth)) == 2)
    assert paid(billed) == 5
    assert watched.request_cost == "$0.05 of $4 this month"


async def test_looking_again_by_hand_costs_nothing(billed: Double, tmp_path: Path) -> None:
    watched = source(tmp_path, HandClock(OCTOBER), bills=True, budgets=True)
    billed.answers["DescribeBudgets"] = {"Budgets": []}
    looks = 0
    async with aclosing(cast("AsyncGenerator[Observation, None]", watched.observe())) as stream:
        async for observation in stream:
            looks += isinstance(observation, SourceHealth)
            await watched.refresh()
            if looks == 20:
                break
    assert paid(billed) == 5


@pytest.mark.usefixtures("billed")
async def test_the_next_month_begins_with_all_its_money(tmp_path: Path) -> None:
    clock = HandClock(OCTOBER + MONTH - timedelta(days=1))
    watched = source(tmp_path, clock, bills=True, requests_usd_per_month=1)
    seen = await until(watched, lambda _: clock.now() > OCTOBER + MONTH + timedelta(hours=1))
    assert health(seen).state in {HealthState.POLLED, HealthState.PARTIAL}
    assert watched.request_cost.endswith("of $1 this month")
    assert watched.request_cost < "$0.11"
