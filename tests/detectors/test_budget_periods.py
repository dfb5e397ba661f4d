"""Budgets of weeks and months."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.detectors.base import Scene
from finops_tui.detectors.budget import Budget, BudgetRules, BudgetWatch
from finops_tui.model.billing import BudgetRow, Outlook, Period
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.fleet import Fleet
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from tests.detectors.scenes import evidence
from tests.samples import NOON, empty_snapshot

MINUTE = timedelta(minutes=1)
COMPANY = Budget(name="company", period=Period.MONTH, usd=1_000.0)


def row(
    used: float | None, expected: float | None = None, period: Period = Period.MONTH, kind: str = "total"
) -> BudgetRow:
    return BudgetRow(
        key="company", name="company", kind=kind, scope="total", period=period, limit_usd=1_000.0,
        outlook=Outlook(
            first=date(2026, 3, 1), last=date(2026, 3, 31), billed_usd=300.0,
            billed_through=datetime(2026, 3, 9, tzinfo=UTC), estimated_usd=90.0, carried_usd=10.0,
            usd=None if used is None else used * 1_000, gaps=0, daily_usd=40.0,
            expected_usd=None if expected is None else expected * 1_000,
            low_usd=None if expected is None else expected * 900,
            high_usd=None if expected is None else expected * 1_100, straight_usd=None, days_left=22,
        ),
        used=used, prorated=0.3, daily_allowance_usd=27.0, expected=expected, reached=None,
        breach_on=date(2026, 3, 27), at=NOON,
    )  # fmt: skip


def judge(detector: BudgetWatch, of: BudgetRow, now: datetime = NOON) -> list[Signal]:
    return list(detector.judge(Scene(snapshot=replace(empty_snapshot(), budgets=(of,)), fleet=Fleet(), now=now)))


def watch() -> BudgetWatch:
    return BudgetWatch(BudgetRules(budgets=(COMPANY,)))


@pytest.mark.parametrize(
    ("used", "severity", "words"),
    [
        (0.5, Severity.INFO, "has passed 50%: $500 of $1.00k are spent this month"),
        (0.76, Severity.INFO, "has passed 75%"),
        (0.9, Severity.INFO, "has passed 90%"),
        (1.0, Severity.TICKET, "is overrun: $1.00k of $1.00k"),
    ],
)
def test_each_threshold_is_told_and_an_overrun_is_urgent(used: float, severity: Severity, words: str) -> None:
    (signal,) = judge(watch(), row(used))
    assert (signal.severity, signal.scope, signal.part, signal.usd_per_hour) == (severity, TOTAL, "company", None)
    assert words in signal.why


def test_below_the_first_threshold_there_is_nothing_to_say() -> None:
    assert judge(watch(), row(0.49, 1.04)) == []


def test_an_overrun_that_is_expected_is_told_once_it_has_been_so_for_a_while() -> None:
    detector = watch()
    assert judge(detector, row(0.4, 1.2)) == []
    (signal,) = judge(detector, row(0.4, 1.2), NOON + 15 * MINUTE)
    assert signal.severity is Severity.TICKET
    assert signal.why == "Budget company is expected to be overrun by $200: $400 of $1.00k are spent this month."
    assert evidence(signal) == {
        "Spent": "$400 of $1.00k, 40%; 30% of the month is over",
        "Billed": "$300 up to 2026-03-09, $100 estimated since",
        "Forecast": "$1.20k at its end, $1.08k to $1.32k eight times of ten",
        "A day": "$40.0 on average so far; $27.0 would fit",
        "Runs out": "2026-03-27",
    }


def test_an_expected_overrun_is_told_where_days_are_missing_too() -> None:
    detector = watch()
    judge(detector, row(None, 1.2))
    (signal,) = judge(detector, row(None, 1.2), NOON + 15 * MINUTE)
    assert "not all of this month is known" in signal.why


def test_its_onset_stays_as_thresholds_pass_and_is_new_in_another_period() -> None:
    detector = watch()
    (first,) = judge(detector, row(0.5))
    (second,) = judge(detector, row(0.95), NOON + 60 * MINUTE)
    assert (first.since, second.since) == (NOON, NOON)
    april = row(0.5)
    april = replace(april, outlook=replace(april.outlook, first=date(2026, 4, 1)))
    later = NOON + timedelta(days=30)
    (third,) = judge(detector, april, later)
    assert (third.since, third.key) == (later, first.key)


def test_a_label_stands_under_the_total_by_its_own_name() -> None:
    (signal,) = judge(watch(), replace(row(0.5, kind="environment"), scope="live"))
    assert (signal.scope, signal.name) == (TOTAL, "environment live")


def test_a_day_is_judged_by_the_rate_of_now_alone() -> None:
    assert judge(watch(), row(2.0, 2.0, Period.DAY)) == []


def test_a_month_of_what_nothing_carries_is_told() -> None:
    detector = BudgetWatch(
        BudgetRules(budgets=(dataclasses.replace(COMPANY, scope=Scope(ScopeKind.TEAM, "nosuch")),), unknown_minutes=0)
    )
    assert judge(detector, row(0.1)) == [], "no team was seen at all"


ratios = st.none() | st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(ratios, ratios, st.sampled_from(Period)), max_size=5))
def test_no_figures_make_it_raise(looks: list[tuple[float | None, float | None, Period]]) -> None:
    detector = watch()
    for step, (used, expected, period) in enumerate(looks):
        now = NOON + step * 10 * MINUTE
        for signal in judge(detector, row(used, expected, period), now):
            assert signal.since <= now
