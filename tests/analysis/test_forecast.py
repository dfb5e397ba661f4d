from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from math import fsum
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.analysis.forecast import ForecastRules, Threshold, forecast, outlook, straight_line

WEEKEND = 0.4


def year(seed: int, *, noise: float = 0.03, growth_a_week: float = 0.0) -> dict[date, float]:
    """Return days of 2026: 1,000 on weekdays, 400 at weekends, with noise and growth."""
    random = Random(seed)
    days = {}
    for number in range(365):
        day = date(2026, 1, 1) + timedelta(days=number)
        usual = 1000 * (WEEKEND if day.weekday() >= 5 else 1.0) * (1 + growth_a_week) ** (number / 7)
        days[day] = usual * random.gauss(1.0, noise)
    return days


def known(days: dict[date, float], through: date) -> dict[date, float]:
    return {day: usd for day, usd in days.items() if day <= through}


def month(days: dict[date, float], through: date) -> float:
    length = monthrange(through.year, through.month)[1]
    return fsum(days[through.replace(day=number)] for number in range(1, length + 1))


def throughs() -> list[date]:
    return [date(2026, each, day) for each in range(3, 13) for day in range(2, 28, 4)]


@pytest.mark.parametrize("seed", [7, 11, 13])
@pytest.mark.parametrize("growth", [0.0, 0.01])
def test_it_is_better_than_a_straight_line_and_its_interval_holds(seed: int, growth: float) -> None:
    days = year(seed, growth_a_week=growth)
    ours, line, within = [], [], []
    for through in throughs():
        actual = month(days, through)
        seen = forecast(known(days, through), through)
        simple = straight_line(known(days, through), through)
        assert seen is not None
        assert simple is not None
        ours.append(abs(seen.expected / actual - 1))
        line.append(abs(simple / actual - 1))
        within.append(seen.low <= actual <= seen.high)
    assert fsum(ours) < 0.6 * fsum(line)
    assert sum(within) / len(within) >= 0.7


def test_the_last_day_of_a_month_is_known_not_forecast() -> None:
    days = year(3)
    seen = forecast(known(days, date(2026, 6, 30)), date(2026, 6, 30))
    assert seen is not None
    assert seen.days_left == 0
    assert seen.low == seen.expected == seen.high == pytest.approx(month(days, date(2026, 6, 1)))


def test_without_history_the_interval_is_wide_and_says_so() -> None:
    seen = forecast({date(2026, 6, 1): 100.0}, date(2026, 6, 1))
    assert seen is not None
    assert seen.expected == pytest.approx(3000)
    assert [seen.low, seen.high] == pytest.approx([100 + 2900 * 0.5, 100 + 2900 * 1.5])
    assert forecast({}, date(2026, 6, 1)) is None
    assert forecast({date(2025, 6, 1): 100.0}, date(2026, 6, 1)) is None


def test_a_missing_day_counts_as_the_mean_of_the_others() -> None:
    days = {date(2026, 6, number): 100.0 for number in range(1, 11) if number != 4}
    seen = forecast(days, date(2026, 6, 10))
    assert seen is not None
    assert [seen.to_date, seen.expected, seen.daily_burn] == pytest.approx([900, 3000, 100])


def test_what_comes_after_is_not_looked_at() -> None:
    days = year(5)
    through = date(2026, 6, 12)
    assert forecast(days, through) == forecast(known(days, through), through)


def test_a_budget_tells_what_is_used_what_is_left_and_when_it_breaks() -> None:
    days = {date(2026, 6, number): 100.0 for number in range(1, 16)}
    seen = forecast(days, date(2026, 6, 15))
    assert seen is not None
    told = outlook(2000, seen, days)
    assert (told.used, told.prorated, told.reached) == (0.75, 0.5, Threshold.THREE_QUARTERS)
    assert told.daily_allowance == pytest.approx(500 / 15)
    assert told.expected == pytest.approx(1.5)
    assert (told.breach_expected, told.breach_possible) == (True, True)
    assert told.breach_on == date(2026, 6, 20)
    over = outlook(1200, seen, days)
    assert (over.reached, over.daily_allowance, over.breach_on) == (Threshold.ALL, 0.0, date(2026, 6, 12))
    calm = outlook(9000, seen, days)
    assert (calm.reached, calm.breach_expected, calm.breach_possible, calm.breach_on) == (None, False, False, None)


@pytest.mark.parametrize(
    ("limit", "reached"),
    [(2002, None), (2000, 50), (1333, 75), (1111, 90), (1000, 100), (10, 100)],
)
def test_thresholds_are_reached_exactly(limit: float, reached: int | None) -> None:
    days = {date(2026, 6, number): 100.0 for number in range(1, 11)}
    seen = forecast(days, date(2026, 6, 10))
    assert seen is not None
    told = outlook(limit, seen, days).reached
    assert told == reached if reached is not None else told is None


@given(
    st.dictionaries(st.dates(date(2026, 4, 1), date(2026, 6, 30)), st.floats(0, 1e9), max_size=90),
    st.dates(date(2026, 4, 1), date(2026, 6, 30)),
)
def test_any_days_give_an_ordered_interval_above_what_is_spent(days: dict[date, float], through: date) -> None:
    seen = forecast(days, through, ForecastRules(history_days=30))
    if seen is None:
        return
    assert seen.low <= seen.expected <= seen.high
    assert seen.expected >= seen.to_date * (1 - 1e-9)
    assert seen.days_left + through.day == monthrange(through.year, through.month)[1]
