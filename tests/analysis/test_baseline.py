from __future__ import annotations

from math import nan

from hypothesis import given
from hypothesis import strategies as st

from finops_tui.analysis.baseline import BaselineRules, normal_at

RULES = BaselineRules()
FIRST = 490_000


def daily(hours: int) -> list[float]:
    """Costs that are the hour of the day."""
    return [float((FIRST + index) % 24) for index in range(hours)]


def test_too_little_has_been_seen() -> None:
    assert normal_at(FIRST + 47, daily(47), FIRST, RULES) == (None, "Normal is not known yet: 1 of 2 days seen.")
    assert normal_at(FIRST, [], FIRST, RULES).missing == "Normal is not known yet: 0 of 2 days seen."


def test_gaps_do_not_count_as_seen() -> None:
    hours = [nan if index % 2 else 1.0 for index in range(90)]
    assert normal_at(FIRST + 90, hours, FIRST, RULES).missing == "Normal is not known yet: 1 of 2 days seen."


def test_the_hour_of_the_day_after_two_days() -> None:
    assert normal_at(FIRST + 60, daily(60), FIRST, RULES).usd_per_hour == (FIRST + 60) % 24


def test_the_hour_of_the_week_after_a_week() -> None:
    weekly = [100.0 if ((FIRST + index) % 168) < 24 else 10.0 for index in range(14 * 24)]
    now = FIRST + len(weekly)
    busy = next(hour for hour in range(now, now + 168) if hour % 168 == 12)
    assert normal_at(busy, weekly + [10.0] * (busy - now), FIRST, RULES).usd_per_hour == 100.0
    assert normal_at(busy + 24, weekly + [10.0] * (busy + 24 - now), FIRST, RULES).usd_per_hour == 10.0


def test_an_incident_that_lasts_for_hours_does_not_become_normal() -> None:
    hours = [10.0] * 60 + [500.0] * 3
    assert normal_at(FIRST + 63, hours, FIRST, RULES).usd_per_hour == 10.0


def test_one_odd_hour_decides_nothing() -> None:
    hours = [10.0] * 72
    hours[72 - 24] = 9_000.0
    assert normal_at(FIRST + 72, hours, FIRST, RULES).usd_per_hour == 10.0


def test_what_never_ran_at_this_hour_is_held_against_what_it_costs_when_it_runs() -> None:
    nightly = [50.0 if (FIRST + index) % 24 < 6 else nan for index in range(14 * 24)]
    noon = next(hour for hour in range(FIRST + len(nightly), FIRST + len(nightly) + 24) if hour % 24 == 15)
    assert normal_at(noon, nightly, FIRST, RULES).usd_per_hour == 50.0


@given(st.lists(st.one_of(st.just(nan), st.floats(0, 1e6)), max_size=400), st.integers(-10, 800))
def test_law_normal_lies_among_what_was_seen(hours: list[float], after: int) -> None:
    normal = normal_at(FIRST + after, hours, FIRST, RULES)
    seen = [value for value in hours if value == value]  # noqa: PLR0124 - without NaN
    if normal.usd_per_hour is None:
        assert normal.missing
    else:
        assert min(seen) <= normal.usd_per_hour <= max(seen)
