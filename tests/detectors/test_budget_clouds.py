"""Budgets that are kept at the clouds."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.detectors.base import Scene
from finops_tui.detectors.budget import BudgetRules, BudgetWatch
from finops_tui.model.cloud import Budget
from finops_tui.model.cloud_facts import CloudFacts
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.fleet import Fleet
from tests.samples import NOON, empty_snapshot

MINUTE = timedelta(minutes=1)
GPU = Budget(
    account="123456789012", name="gpu", kind="COST", period="MONTHLY", unit="EUR", limit=Decimal(1_000),
    actual=Decimal(100), forecast=Decimal(900), about="Service: Amazon SageMaker",
)  # fmt: skip


def judge(detector: BudgetWatch, *budgets: Budget, now: datetime = NOON) -> list[Signal]:
    snapshot = replace(empty_snapshot(), cloud=CloudFacts(budgets=budgets))
    return list(detector.judge(Scene(snapshot=snapshot, fleet=Fleet(), now=now)))


@pytest.mark.parametrize(
    ("actual", "severity", "words"),
    [
        (500, Severity.INFO, "Budget gpu of 123456789012 has passed 50%: 500 EUR of 1,000 EUR are spent"),
        (760, Severity.INFO, "has passed 75%"),
        (900, Severity.INFO, "has passed 90%"),
        (1_000, Severity.TICKET, "is overrun: 1,000 EUR of 1,000 EUR"),
    ],
)
def test_each_threshold_is_told_and_an_overrun_is_urgent(actual: int, severity: Severity, words: str) -> None:
    (signal,) = judge(BudgetWatch(), replace(GPU, actual=Decimal(actual)))
    assert (signal.severity, signal.key) == (severity, "budget/total/total/123456789012/gpu")
    assert words in signal.why
    assert [each.words for each in signal.evidence][1:] == [
        "900 EUR at its end, 90%, as its cloud expects",
        "Service: Amazon SageMaker",
    ]


def test_below_the_first_threshold_there_is_nothing_to_say() -> None:
    assert judge(BudgetWatch(), GPU) == []


def test_an_overrun_that_the_cloud_expects_is_told_once_it_has_for_a_while() -> None:
    detector, over = BudgetWatch(), replace(GPU, forecast=Decimal(1_051))
    assert judge(detector, over) == []
    (signal,) = judge(detector, over, now=NOON + 15 * MINUTE)
    assert signal.severity is Severity.TICKET
    assert "is expected to end at 1,051 EUR: 100 EUR of 1,000 EUR are spent, as its cloud tells." in signal.why
    assert judge(detector, GPU, now=NOON + 16 * MINUTE) == []


def test_budgets_of_one_name_in_two_accounts_are_two() -> None:
    spent = replace(GPU, actual=Decimal(600))
    found = judge(BudgetWatch(), spent, replace(spent, account="ml-prod"))
    assert len({signal.key for signal in found}) == 2


@pytest.mark.parametrize("kind", ["SAVINGS_PLANS_UTILIZATION", "RI_COVERAGE", ""])
def test_what_is_better_the_more_is_no_budget_to_stay_under(kind: str) -> None:
    assert judge(BudgetWatch(), replace(GPU, kind=kind, actual=Decimal(990))) == []


def test_they_can_be_left_out() -> None:
    assert judge(BudgetWatch(BudgetRules(of_clouds=False)), replace(GPU, actual=Decimal(2_000))) == []


amounts = st.none() | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15)


@given(amounts, amounts, amounts)
def test_no_figures_make_it_raise(limit: Decimal | None, actual: Decimal | None, forecast: Decimal | None) -> None:
    detector, budget = BudgetWatch(), replace(GPU, limit=limit, actual=actual, forecast=forecast)
    for minutes in (0, 20):
        for signal in judge(detector, budget, now=NOON + minutes * MINUTE):
            assert limit is not None
            assert signal.why.endswith(".")
