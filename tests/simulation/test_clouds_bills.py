"""What the simulated clouds make of a bill, held against bills that are made up for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.ledger.query import CostRow
from finops_tui.model.bill import BilledDay
from finops_tui.model.cloud import Anomaly
from finops_tui.simulation.clouds_advice import Used, recommendations
from finops_tui.simulation.clouds_anomalies import anomalies
from finops_tui.simulation.clouds_money import Plans, Spent
from finops_tui.simulation.managed import BOX_ACCOUNT, BOXES

FIRST = datetime(2026, 2, 1, tzinfo=UTC)
ACCOUNT, SERVICE = "111111111111", "Amazon Bedrock"
NAMES = {ACCOUNT: "ml-prod"}


def row(key: tuple[str, ...], usd: float, start: datetime | None = None) -> CostRow:
    cost = Decimal(str(usd))
    nothing = Decimal(0)
    return CostRow(
        key=key, start=start, currency="USD", usage=cost, purchases=nothing, credits=nothing, taxes=nothing,
        adjustments=nothing, effective_usage=cost, effective=cost, list=cost, contracted=cost, final=False,
    )  # fmt: skip


def days(*usd: float, sku: str = "model, input") -> Iterator[CostRow]:
    for number, each in enumerate(usd):
        yield row(("us-east-1", "", sku), each, FIRST + timedelta(days=number))


def anomalies_of(rows: Iterable[CostRow], account: str = ACCOUNT) -> list[Anomaly]:
    lines = list(rows)
    billed = [
        BilledDay(
            provider="AWS", account=account, service=SERVICE, day=each.start.date(), currency="USD",
            effective=each.effective_usage,
        )
        for each in lines
        if each.start is not None
    ]  # fmt: skip

    def lines_of(asked: str, service: str) -> list[CostRow]:
        assert (asked, service) == (account, SERVICE)
        return lines

    return list(anomalies(billed, lines_of, 7, NAMES))


def test_days_far_above_those_before_are_one_anomaly_with_what_grew() -> None:
    (odd,) = anomalies_of([*days(*[300.0] * 8, 900.0, 800.0, 300.0), *days(*[50.0] * 11, sku="other")])
    assert (odd.start, odd.end) == (date(2026, 2, 9), date(2026, 2, 10))
    assert (odd.actual, odd.expected, odd.impact) == (Decimal("1800.00"), Decimal("700.00"), Decimal("1100.00"))
    assert [(cause.usage_type, cause.contribution) for cause in odd.causes] == [("model, input", Decimal("1100.00"))]
    assert odd.causes[0].account == "ml-prod"


def test_an_anomaly_of_the_last_day_goes_on() -> None:
    (odd,) = anomalies_of(days(*[300.0] * 8, 900.0))
    assert odd.end is None


@pytest.mark.parametrize(
    "usd",
    [
        [300.0] * 4 + [900.0],
        [300.0, 300.0, 300.0, 880.0, 300.0, 300.0, 300.0, 900.0],
        [30.0] * 8 + [90.0],
        [300.0 + 10 * day for day in range(20)],
    ],
    ids=["too little is known", "it was as high before", "too little money", "it grows slowly"],
)
def test_nobody_is_told_of(usd: list[float]) -> None:
    assert anomalies_of(days(*usd)) == []


def test_accounts_of_others_are_not_looked_at() -> None:
    assert anomalies_of(days(*[300.0] * 8, 900.0), account="wrkspc_assist") == []


@given(st.lists(st.floats(0, 10_000), min_size=1, max_size=40))
def test_what_is_odd_is_always_above_and_never_twice(usd: list[float]) -> None:
    found = anomalies_of(days(*usd))
    assert all(each.impact >= 100 for each in found)
    for one, next_one in pairwise(found):
        assert one.end is not None
        assert one.end < next_one.start


def test_a_month_is_expected_to_end_as_it_has_gone() -> None:
    told = [
        BilledDay(
            provider="AWS", account=ACCOUNT, service=SERVICE, day=FIRST.date() + timedelta(days=number), currency="USD",
            usage=Decimal(100), effective=Decimal(100), purchases=Decimal(7_000), credits=Decimal(-10),
        )
        for number in range(10)
    ]  # fmt: skip
    spent = Spent(told, FIRST + timedelta(days=9, hours=12), date(2026, 2, 10))
    assert spent.so_far((ACCOUNT, SERVICE)) == 900, "what is paid in advance is spread over what uses it"
    assert spent.expected((ACCOUNT, "")) == 28 * 90
    assert [float(day.mean) for day in spent.forecast(ACCOUNT)] == [90.0] * 19


def test_too_little_is_known_for_a_forecast() -> None:
    day = BilledDay(provider="AWS", account=ACCOUNT, service=SERVICE, day=FIRST.date(), currency="USD")
    spent = Spent([day], FIRST + timedelta(days=2), date(2026, 2, 3))
    assert spent.expected((ACCOUNT, "")) is None
    assert spent.forecast(ACCOUNT) == ()


def test_a_budget_is_planned_from_the_week_before_its_month_and_stays() -> None:
    one, other = Plans(7), Plans(7)
    for plans in (one, other):
        assert len(list(plans.stretches(date(2026, 3, 1)))) == 7
    assert one.usd == other.usd
    whole = sum(usd for (account, service), usd in one.usd.items() if account == ACCOUNT and service)
    assert one.usd[ACCOUNT, ""] == pytest.approx(whole)


def test_nothing_is_recommended_where_all_is_used() -> None:
    used = Used([row((ACCOUNT, "h100-serve/Deployment/chat/api"), 9_000.0)], [], 14)
    assert [found for _, found in recommendations(ACCOUNT, used) if found] == []


def test_what_is_bought_on_demand_every_day_alike_could_be_committed_to() -> None:
    machines = (ACCOUNT, "Amazon Elastic Compute Cloud", "Standard")
    used = Used([], [row(machines, usd, FIRST) for usd in (900.0, 500.0, 700.0)], 3)
    (found,) = (each for _, told in recommendations(ACCOUNT, used) for each in told)
    assert found.action == "PurchaseSavingsPlans"
    assert float(found.monthly_savings or 0) == pytest.approx(500 * 365 / 12 * 0.27, abs=0.01)
    assert found.now == "$20.83 an hour on demand every day, 27% less"


def test_a_machine_that_somebody_uses_is_left_alone() -> None:
    used = Used([row((BOX_ACCOUNT, box.id), 700.0) for box in BOXES], [], 14)
    (found,) = (each for _, told in recommendations(BOX_ACCOUNT, used) for each in told)
    assert found.resource == next(box.id for box in BOXES if not box.used)
