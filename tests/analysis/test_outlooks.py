"""How a span of days stands and will end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.analysis.known_days import KnownDays, Part
from finops_tui.analysis.outlooks import ahead, budget_row, month_row, outlook, span
from finops_tui.model.billing import BudgetRow, Outlook, Period

NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)
"""A Wednesday."""
TODAY = NOON.date()


def known(usd: float = 100.0, back: int = 50, today: float | None = 50.0, without: tuple[date, ...] = ()) -> KnownDays:
    days = [TODAY - timedelta(days=back - offset) for offset in range(back)]
    parts = {day: Part(billed=usd) for day in days if day not in without}
    return KnownDays(parts, None if today is None else Part(estimated=today), date(2026, 3, 10))


def month(of: KnownDays, now: datetime = NOON) -> Outlook:
    first, last = span(Period.MONTH, now.date())
    return outlook(of, first, last, now, ahead(of, last, now.date()))


def budget(limit: float, of: KnownDays, period: Period = Period.MONTH) -> BudgetRow:
    first, last = span(period, TODAY)
    to_come = ahead(of, last, TODAY)
    return budget_row(
        name="b", kind="total", scope="total", period=period, limit=limit, thresholds=(0.5, 0.75, 0.9, 1.0), known=of,
        seen=outlook(of, first, last, NOON, to_come), to_come=to_come, now=NOON,
    )  # fmt: skip


def test_periods_are_days_weeks_from_monday_and_months() -> None:
    assert span(Period.DAY, TODAY) == (TODAY, TODAY)
    assert span(Period.WEEK, TODAY) == (date(2026, 3, 9), date(2026, 3, 15))
    assert span(Period.MONTH, date(2028, 2, 29)) == (date(2028, 2, 1), date(2028, 2, 29))


def test_an_even_month_ends_as_it_goes() -> None:
    seen = month(known())
    assert (seen.usd, seen.billed_usd, seen.estimated_usd) == (1_050.0, 1_000.0, 50.0)
    assert seen.expected_usd == pytest.approx(3_100.0)
    assert seen.straight_usd == pytest.approx(3_100.0)
    assert seen.low_usd is not None
    assert seen.high_usd is not None
    assert seen.low_usd <= 3_100.0 + 1e-6
    assert seen.high_usd >= 3_100.0 - 1e-6
    assert (seen.days_left, seen.gaps, seen.missing) == (21, 0, "")
    assert seen.billed_through == datetime(2026, 3, 10, tzinfo=UTC)


def test_what_today_costs_more_than_expected_is_in_the_end_at_once() -> None:
    assert month(known(today=950.0)).expected_usd == pytest.approx(3_100.0 + 900.0)


def test_a_day_that_is_not_spent_evenly_moves_no_end() -> None:
    assert month(known(today=47.6)).expected_usd == pytest.approx(3_100.0)
    assert month(known(today=44.9)).expected_usd == pytest.approx(3_100.0 - 5.1)
    late = NOON.replace(hour=23)
    assert month(known(today=97.0), late).expected_usd == pytest.approx(3_100.0 + 97.0 - 100.0 * 23 / 24), (
        "there is little left of the day that could make up for it"
    )


def test_the_first_of_a_month_is_foretold_from_the_one_before() -> None:
    first = datetime(2026, 3, 1, 6, tzinfo=UTC)
    days = {first.date() - timedelta(days=offset): Part(billed=100.0) for offset in range(1, 40)}
    seen = month(KnownDays(days, Part(estimated=25.0), date(2026, 2, 28)), first)
    assert (seen.usd, seen.daily_usd, seen.straight_usd) == (25.0, None, None)
    assert seen.expected_usd == pytest.approx(3_100.0)
    assert seen.billed_through == datetime(2026, 3, 1, tzinfo=UTC), "no hour of this month is billed"


def test_a_gap_leaves_the_month_to_date_unknown_and_says_so() -> None:
    seen = month(known(without=(date(2026, 3, 5),)))
    assert seen.usd is None
    assert seen.missing == "1 of its 10 days so far are neither billed nor were watched."
    assert seen.expected_usd == pytest.approx(3_100.0), "one day is taken for as much as the others"


def test_with_too_many_gaps_no_end_is_foretold() -> None:
    seen = month(known(without=tuple(date(2026, 3, day) for day in range(1, 6))))
    assert seen.expected_usd is None
    assert "5 of its 10 days" in seen.missing


def test_a_day_that_is_not_watched_has_no_sum_and_an_end_all_the_same() -> None:
    seen = month(known(today=None))
    assert (seen.usd, seen.missing) == (None, "Today is not watched.")
    assert seen.expected_usd == pytest.approx(3_100.0)


def test_nothing_known_is_nothing_said() -> None:
    seen = month(KnownDays({}, None, None))
    assert (seen.usd, seen.expected_usd, seen.billed_through) == (None, None, None)
    assert seen.missing


def test_weeks_and_months_are_compared_where_all_their_days_are_known() -> None:
    of = known()
    row = month_row(of, month(of), 3_000.0, NOON)
    assert (row.week_usd, row.week_change, row.month_change) == (700.0, 0.0, 0.0)
    assert row.last_month_usd == 2_800.0
    assert row.expected_ratio == pytest.approx(3_100 / 3_000)
    short = known(back=12)
    row = month_row(short, month(short), None, NOON)
    assert (row.week_usd, row.week_before_usd, row.last_month_usd) == (700.0, None, None)
    assert row.week_missing == "What is known reaches back to 2026-02-27."


@pytest.mark.parametrize(
    ("limit", "reached", "breach"),
    [
        (10_000.0, None, None),
        (2_100.0, 0.5, date(2026, 3, 21)),
        (1_050.0, 1.0, TODAY),
        (950.0, 1.0, date(2026, 3, 10)),
    ],
)
def test_a_budget_says_what_is_used_and_when_it_is_used_up(
    limit: float, reached: float | None, breach: date | None
) -> None:
    row = budget(limit, known())
    assert (row.reached, row.breach_on) == (reached, breach)
    assert row.used == pytest.approx(1_050 / limit)
    assert row.expected == pytest.approx(3_100 / limit)
    assert row.prorated == pytest.approx(10.5 / 31)


@pytest.mark.parametrize(
    ("limit", "reached"),
    [(2_100.01, None), (2_100.0, 0.5), (1_400.01, 0.5), (1_400.0, 0.75), (1_166.0, 0.9), (1_050.0, 1.0), (10.0, 1.0)],
)
def test_thresholds_are_reached_exactly(limit: float, reached: float | None) -> None:
    assert budget(limit, known()).reached == reached


def test_of_a_budget_that_is_used_up_nothing_may_be_spent() -> None:
    assert budget(1_000.0, known()).daily_allowance_usd == 0.0
    assert budget(2_050.0, known()).daily_allowance_usd == pytest.approx(1_000 / 20.5)


def test_a_week_counts_from_monday() -> None:
    row = budget(1_000.0, known(), Period.WEEK)
    assert (row.outlook.usd, row.used) == (250.0, 0.25)
    assert row.daily_allowance_usd == pytest.approx(750 / 4.5)


@given(
    st.dictionaries(st.integers(1, 60), st.floats(0, 1e6), max_size=60),
    st.none() | st.floats(0, 1e6),
    st.floats(0.01, 1e9),
    st.sampled_from(Period),
)
def test_law_whatever_is_known_figures_hold_together(
    days: dict[int, float], today: float | None, limit: float, period: Period
) -> None:
    parts = {TODAY - timedelta(days=back): Part(billed=usd) for back, usd in days.items()}
    row = budget(limit, KnownDays(parts, None if today is None else Part(estimated=today), None), period)
    seen = row.outlook
    assert 0 <= row.prorated <= 1
    assert (seen.expected_usd is None) == (seen.low_usd is None) == (seen.high_usd is None)
    assert row.used is not None or row.missing
    assert seen.expected_usd is not None or seen.missing
    if seen.usd is not None:
        assert seen.usd == pytest.approx(seen.billed_usd + seen.estimated_usd + seen.carried_usd)
        assert row.reached is None or seen.usd >= row.reached * limit
