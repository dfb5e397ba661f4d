"""What days to come will cost, by itself and as the end of a month that is shown."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from math import fsum
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.analysis.forecast import ForecastRules, coming
from finops_tui.analysis.known_days import KnownDays, Part
from finops_tui.analysis.outlooks import ahead, outlook, span
from finops_tui.model.billing import Outlook, Period

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


def month(days: dict[date, float], of: date) -> float:
    length = monthrange(of.year, of.month)[1]
    return fsum(days[of.replace(day=number)] for number in range(1, length + 1))


def shown(days: dict[date, float], now: datetime, today: float | None = None) -> Outlook:
    """Return the month as the screen has it, by the days before and what today has cost."""
    before = {day: Part(billed=usd) for day, usd in days.items() if day < now.date()}
    of = KnownDays(before, None if today is None else Part(estimated=today), None)
    first, last = span(Period.MONTH, now.date())
    return outlook(of, first, last, now, ahead(of, last, now.date()))


def moments() -> list[datetime]:
    return [datetime(2026, each, day, tzinfo=UTC) for each in range(3, 13) for day in range(3, 29, 4)]


@pytest.mark.parametrize("seed", [7, 11, 13])
@pytest.mark.parametrize("growth", [0.0, 0.01])
@pytest.mark.parametrize("hour", [0, 12])
def test_it_is_better_than_a_straight_line_and_its_interval_holds(seed: int, growth: float, hour: int) -> None:
    days = year(seed, growth_a_week=growth)
    ours, line, within = [], [], []
    for midnight in moments():
        now = midnight + timedelta(hours=hour)
        actual = month(days, now.date())
        seen = shown(days, now, days[now.date()] * hour / 24)
        assert seen.expected_usd is not None
        assert seen.straight_usd is not None
        assert seen.low_usd is not None
        assert seen.high_usd is not None
        ours.append(abs(seen.expected_usd / actual - 1))
        line.append(abs(seen.straight_usd / actual - 1))
        within.append(seen.low_usd <= actual <= seen.high_usd)
    assert fsum(ours) < 0.6 * fsum(line)
    assert sum(within) / len(within) >= 0.7


def test_the_end_of_a_month_is_known_not_foretold() -> None:
    days = year(3)
    last = datetime(2026, 6, 30, 23, 59, 59, 999_999, tzinfo=UTC)
    seen = shown(days, last, days[last.date()])
    assert seen.days_left == 1
    assert [seen.usd, seen.expected_usd] == pytest.approx([month(days, last.date())] * 2)


def test_no_day_to_come_costs_nothing() -> None:
    none = coming(year(3), date(2026, 6, 30), 0)
    assert none is not None
    assert (none.each, none.expected, none.low, none.high) == ((), 0.0, 0.0, 0.0)


def test_without_history_the_interval_is_wide_and_says_so() -> None:
    seen = coming({date(2026, 6, 1): 100.0}, date(2026, 6, 1), 29)
    assert seen is not None
    assert [seen.expected, seen.low, seen.high] == pytest.approx([2900, 2900 * 0.5, 2900 * 1.5])
    assert coming({}, date(2026, 6, 1), 29) is None
    assert coming({date(2025, 6, 1): 100.0}, date(2026, 6, 1), 29) is None


def test_a_missing_day_changes_nothing_where_the_others_are_alike() -> None:
    days = {date(2026, 6, number): 100.0 for number in range(1, 11) if number != 4}
    seen = coming(days, date(2026, 6, 10), 20)
    assert seen is not None
    assert seen.each == pytest.approx([100.0] * 20)
    end = shown(days, datetime(2026, 6, 11, tzinfo=UTC))
    assert [end.billed_usd, end.expected_usd, end.daily_usd] == pytest.approx([900, 3000, 100])


def test_what_comes_after_is_not_looked_at() -> None:
    days = year(5)
    through = date(2026, 6, 12)
    assert coming(days, through, 18) == coming(known(days, through), through, 18)


@given(
    st.dictionaries(st.dates(date(2026, 4, 1), date(2026, 6, 30)), st.floats(0, 1e9), max_size=90),
    st.dates(date(2026, 4, 1), date(2026, 6, 30)),
    st.integers(0, 31),
)
def test_law_any_days_give_an_ordered_interval_and_nothing_below_zero(
    days: dict[date, float], through: date, count: int
) -> None:
    seen = coming(days, through, count, ForecastRules(history_days=30))
    if seen is None:
        return
    assert len(seen.each) == count
    assert all(usd >= 0 for usd in seen.each)
    slack = 1e-9 * (seen.high + 1)
    assert 0 <= seen.low <= seen.expected + slack
    assert seen.expected <= seen.high + slack


@given(
    st.dictionaries(st.dates(date(2026, 4, 1), date(2026, 6, 30)), st.floats(0, 1e9), max_size=90),
    st.dates(date(2026, 4, 1), date(2026, 6, 30)),
    st.times(),
    st.floats(0, 1e9),
)
def test_law_a_month_ends_within_its_interval_and_above_what_is_spent(
    days: dict[date, float], today: date, at: time, spent: float
) -> None:
    seen = shown(days, datetime.combine(today, at, UTC), spent)
    assert seen.days_left + today.day - 1 == monthrange(today.year, today.month)[1]
    if seen.expected_usd is None or seen.low_usd is None or seen.high_usd is None:
        return
    slack = 1e-9 * (abs(seen.high_usd) + spent + max(days.values(), default=0.0))
    assert seen.low_usd - slack <= seen.expected_usd <= seen.high_usd + slack
    assert seen.expected_usd >= seen.billed_usd + spent - slack
