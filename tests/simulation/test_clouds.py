"""What the simulated clouds say of themselves, as the demo shows it, against the world and the bills."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import inf

import pytest

from finops_tui.clock import SimulatedClock, VirtualTimeLoop
from finops_tui.model.bill import ChargeCategory
from finops_tui.model.cloud import (
    AnomaliesSeen,
    BudgetsSeen,
    CommitmentsSeen,
    ForecastSeen,
    MachineGroupsSeen,
    MachinesSeen,
    RecommendationsSeen,
)
from finops_tui.model.observations import CloudWord, Observation
from finops_tui.model.snapshot import Snapshot
from finops_tui.output import writer
from finops_tui.simulation.billing import SimulatedBilling
from finops_tui.simulation.bills import CONTRACTS, SimulatedBills
from finops_tui.simulation.clouds import SimulatedClouds
from finops_tui.simulation.clouds_groups import KINDS
from finops_tui.simulation.managed import BOX_ACCOUNT, BOXES
from finops_tui.simulation.other_bills import OtherBills
from finops_tui.simulation.source import SimulatedCloud
from finops_tui.sources.base import Source
from finops_tui.wiring import headless

SEED = 7
START = datetime(2026, 3, 10, 14, tzinfo=UTC)
AWS = next(contract for contract in CONTRACTS if contract.provider == "AWS")


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return headless.demo_snapshot(seed=SEED, seconds=1_800, speed=inf)


def test_the_demo_shows_everything_that_a_cloud_says_of_itself(snapshot: Snapshot) -> None:
    told = json.loads(writer("json")(snapshot))["cloud"]
    accounts = {contract.account for contract in CONTRACTS}
    assert {each["account"] for each in told["recommendations"]} == {*accounts, BOX_ACCOUNT}
    assert {each["by"] for each in told["recommendations"]} == {
        "Cost Optimization Hub", "Compute Optimizer", "Recommender", "Azure Advisor",
    }  # fmt: skip
    assert len({each["account"] for each in told["budgets"]}) == len(accounts) + 1
    assert told["anomalies"]
    assert all(each["causes"] for each in told["anomalies"])
    assert {each["kind"] for each in told["groups"]} == {*KINDS.values(), "sagemaker-endpoint", "batch-environment"}
    assert told["jobs"]
    assert told["queues"]


def test_what_the_cloud_says_is_spent_of_a_budget_is_on_its_bill(snapshot: Snapshot) -> None:
    at = datetime(2026, 3, 10, 12, tzinfo=UTC)
    first = date(2026, 3, 1)
    bills = SimulatedBills(SEED).rows(first, at, "truth")
    others = OtherBills(SEED).rows(first, at, "truth", at.date())
    spent = Decimal(0)
    for row in (*bills, *others):
        if row.sub_account_id == AWS.account and row.charge_category is not ChargeCategory.PURCHASE:
            spent += row.effective_cost
    budget = next(each for each in snapshot.cloud.budgets if each.name == AWS.account_name)
    assert budget.actual == spent.quantize(Decimal("0.01"))
    assert budget.forecast is not None
    assert budget.limit is not None
    assert float(budget.forecast) == pytest.approx(float(budget.limit), rel=0.1), (
        "a budget is what a month usually costs, and a bit"
    )


def observed(
    seconds: float, act: Callable[[SimulatedCloud], None] | None = None, *, billed: bool = True
) -> list[Observation]:
    """Return what the clouds say in so much simulated time; `act` is done after half of it.

    `billed`: whether there are bills.
    """
    found: list[Observation] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        clock = SimulatedClock(START, 1.0, loop.time)
        cloud = SimulatedCloud(SEED, clock, 300.0)
        billing = SimulatedBilling(SEED, clock)
        clouds = SimulatedClouds(SEED, clock, cloud, billing)

        async def listen(source: Source, take: Callable[[Observation], None]) -> None:
            async for observation in source.observe():
                take(observation)

        tasks = [
            asyncio.create_task(listen(source, lambda _: None)) for source in ((cloud, billing) if billed else (cloud,))
        ]
        tasks.append(asyncio.create_task(listen(clouds, found.append)))
        await clock.sleep(seconds / 2)
        if act is not None:
            act(cloud)
        await clock.sleep(seconds / 2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())
    return found


LIMITED = "prod-us/l40s-infer"


def limited(cloud: SimulatedCloud) -> None:
    cloud.world.limit_pool(LIMITED, 2, 6)


@pytest.fixture(scope="module")
def told() -> list[Observation]:
    return observed(3_600, limited)


def last(told: list[Observation], kind: type[CloudWord], account: str, **more: object) -> CloudWord:
    return next(
        each
        for each in reversed(told)
        if isinstance(each, kind)
        and all(getattr(each, name) == value for name, value in {"account": account, **more}.items())
    )


def test_the_same_seed_says_the_same(told: list[Observation]) -> None:
    assert observed(3_600, limited) == told


def test_nothing_is_told_of_a_bill_before_there_is_one(told: list[Observation]) -> None:
    without = observed(60, billed=False)
    of_bills = BudgetsSeen | RecommendationsSeen | ForecastSeen
    assert not any(isinstance(each, of_bills) for each in without)
    assert any(isinstance(each, MachineGroupsSeen) for each in without), "what needs no bill does not wait for one"
    assert any(isinstance(each, of_bills) for each in told)


def test_a_group_is_as_large_as_its_pool_and_obeys_what_is_done_to_it(told: list[Observation]) -> None:
    kinds = (KINDS["aws"],)
    words = [
        each
        for each in told
        if isinstance(each, MachineGroupsSeen) and each.kinds == kinds and each.account == AWS.account
    ]
    sizes = [next(group for group in word.groups if group.name == "l40s-infer") for word in words]
    assert sizes[0].maximum == 24
    assert sizes[0].running == sizes[0].desired
    assert sizes[0].running is not None
    assert sizes[0].running > 6
    assert sizes[-1].maximum == sizes[-1].running == 6


def test_a_forecast_reaches_to_the_end_of_the_month_with_an_interval(told: list[Observation]) -> None:
    seen = last(told, ForecastSeen, AWS.account)
    assert isinstance(seen, ForecastSeen)
    assert [each.day for each in seen.days] == [date(2026, 3, day) for day in range(10, 32)]
    assert all(each.low < each.mean < each.high for each in seen.days)


def test_anomalies_are_odd_days_of_the_last_weeks_with_what_grew_first(told: list[Observation]) -> None:
    seen = last(told, AnomaliesSeen, AWS.account)
    assert isinstance(seen, AnomaliesSeen)
    assert seen.anomalies
    for each in seen.anomalies:
        assert each.actual is not None
        assert each.expected is not None
        assert each.impact == pytest.approx(each.actual - each.expected, abs=Decimal("0.02"))
        assert each.start >= (START - timedelta(days=31)).date()
        assert each.causes[0].contribution == max(cause.contribution or 0 for cause in each.causes)


def test_a_pool_is_recommended_to_shrink_by_what_nobody_used_of_it(told: list[Observation]) -> None:
    seen = last(told, RecommendationsSeen, AWS.account)
    assert isinstance(seen, RecommendationsSeen)
    found = {each.resource: each for each in seen.recommendations}
    unused, days = Decimal(0), 14
    until = datetime(2026, 3, 10, tzinfo=UTC)
    first = (until - timedelta(days=days)).date()
    for row in SimulatedBills(SEED).rows(first, until + timedelta(days=1), "truth", until.date() - timedelta(days=1)):
        if row.resource_id == "a100-batch":
            unused += row.effective_cost
    assert float(found["a100-batch"].monthly_savings or 0) == pytest.approx(float(unused) / days * 365 / 12, rel=1e-6)
    assert "h100-train" not in found, "all of it is used"
    assert found["ComputeSavingsPlans"].can_be_undone is False


def test_a_commitment_covers_what_was_agreed_and_saves_its_discount(told: list[Observation]) -> None:
    seen = last(told, CommitmentsSeen, AWS.account)
    assert isinstance(seen, CommitmentsSeen)
    (found,) = seen.commitments
    assert found.coverage == pytest.approx(float(AWS.committed))
    assert found.saved is not None
    assert float(found.saved / found.covered) == pytest.approx(float(AWS.committed_discount))
    assert (found.last - found.first).days == 13


def test_a_machine_that_nobody_uses_is_recommended_to_be_stopped_with_its_owner(told: list[Observation]) -> None:
    machines = last(told, MachinesSeen, BOX_ACCOUNT)
    advice = last(told, RecommendationsSeen, BOX_ACCOUNT)
    assert isinstance(machines, MachinesSeen)
    assert isinstance(advice, RecommendationsSeen)
    (idle,) = advice.recommendations
    (box,) = (box for box in BOXES if not box.used)
    assert (idle.resource, idle.owner, idle.action) == (box.id, box.team, "Stop")
    assert idle.resource in {each.id for each in machines.machines if each.state == "running"}
