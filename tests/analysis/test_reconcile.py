from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.analysis.reconcile import EstimatedDay, ReconcileRules, reconcile
from finops_tui.model.bill import BilledDay

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = NOW.date()


def bill(days_ago: int, usd: float, service: str = "EC2", account: str = "111", currency: str = "USD") -> BilledDay:
    day = TODAY - timedelta(days=days_ago)
    cost = Decimal(str(usd))
    return BilledDay(
        provider="AWS", account=account, service=service, day=day, currency=currency, usage=cost, effective=cost
    )


def guess(days_ago: int, usd: float, service: str = "EC2", account: str = "111", covered: float = 1.0) -> EstimatedDay:
    day = TODAY - timedelta(days=days_ago)
    return EstimatedDay(account=account, service=service, day=day, usd=usd * covered, covered=covered)


def test_the_line_tells_how_far_the_estimate_is_above_the_bill() -> None:
    found = reconcile([bill(ago, 1000) for ago in range(2, 12)], [guess(ago, 1031) for ago in range(12)], NOW)
    assert found.line == "estimate vs bill +3.1 % over 7 d"
    assert (found.days, found.through) == (7, TODAY - timedelta(days=2))
    assert [(each.day, each.estimated_usd, each.billed_usd) for each in found.compared] == [
        (TODAY - timedelta(days=ago), 1031, 1000) for ago in range(2, 9)
    ]
    (one,) = found.corrections
    assert one.factor == pytest.approx(1000 / 1031)
    assert one.spread == pytest.approx(0)
    assert not one.remarkable


def test_below_the_bill_it_has_a_minus_sign() -> None:
    found = reconcile([bill(ago, 1000) for ago in range(2, 5)], [guess(ago, 900) for ago in range(2, 5)], NOW)
    assert found.line == "estimate vs bill −10.0 % over 3 d"


def test_days_that_are_still_filled_in_teach_nothing() -> None:
    found = reconcile([bill(0, 10), bill(1, 400), bill(2, 1000)], [guess(ago, 1000) for ago in range(3)], NOW)
    assert (found.days, found.estimated_usd, found.billed_usd) == (1, 1000, 1000)


def test_a_day_that_was_hardly_watched_teaches_nothing_and_a_mostly_watched_one_is_made_whole() -> None:
    bills = [bill(2, 1000), bill(3, 1000)]
    found = reconcile(bills, [guess(2, 1000, covered=0.95), guess(3, 1000, covered=0.5)], NOW)
    assert found.days == 1
    assert found.estimated_usd == pytest.approx(1000)


def test_what_no_estimate_covers_is_told_apart() -> None:
    bills = [bill(2, 900), bill(2, 300, service="S3"), bill(9, 50, service="S3")]
    found = reconcile(bills, [guess(2, 1000)], NOW)
    assert (found.billed_usd, found.unestimated_usd) == (900, 300)


def test_other_currencies_are_never_held_against_dollars() -> None:
    found = reconcile([bill(2, 900, currency="EUR")], [guess(2, 1000)], NOW)
    assert found.missing == "nothing is billed in US dollars yet."
    assert found.line == "estimate vs bill –: nothing is billed in US dollars yet."
    assert reconcile([bill(2, 900)], [], NOW).missing == "no day was watched long enough to estimate it."
    assert reconcile([bill(2, 900)], [guess(3, 1000)], NOW).missing == "no day is both billed and estimated yet."


def test_a_ratio_out_of_bounds_is_held_and_remarked() -> None:
    found = reconcile([bill(2, 100)], [guess(2, 1000)], NOW)
    assert (found.corrections[0].factor, found.corrections[0].remarkable) == (0.3, True)


def test_a_new_discount_is_learned_within_days_and_its_spread_shows_it() -> None:
    bills = [bill(ago, 700 if ago <= 5 else 1000) for ago in range(2, 20)]
    guesses = [guess(ago, 1000) for ago in range(20)]
    (one,) = reconcile(bills, guesses, NOW).corrections
    assert 0.7 < one.factor < 0.85
    assert one.spread > 0.1


def test_an_account_without_its_own_factor_gets_the_one_of_the_whole() -> None:
    bills = [bill(2, 900), bill(2, 50, account="222")]
    found = reconcile(bills, [guess(2, 1000), guess(2, 100, account="222")], NOW)
    assert found.factor("111", "EC2") == pytest.approx(0.9)
    assert found.factor("222", "EC2") == pytest.approx(0.5)
    assert found.factor("333", "EC2") == pytest.approx((900 + 50) / 1100)
    assert reconcile([], [], NOW).factor("111", "EC2") == 1.0


@given(
    st.floats(0.35, 1.45),
    st.lists(st.floats(10, 1e6), min_size=2, max_size=20),
)
def test_a_constant_discount_is_learned_exactly(factor: float, usd: list[float]) -> None:
    guesses = [guess(2 + place, each) for place, each in enumerate(usd)]
    bills = [bill(2 + place, each * factor) for place, each in enumerate(usd)]
    (one,) = reconcile(bills, guesses, NOW, ReconcileRules(days=5)).corrections
    assert one.factor == pytest.approx(factor, rel=1e-6)
    assert one.spread == pytest.approx(0, abs=1e-6)
    assert one.days == min(5, len(usd))
