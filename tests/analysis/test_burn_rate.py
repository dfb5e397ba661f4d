from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.analysis.burn_rate import BurnRules, burn, burn_rate, exhausted_in
from finops_tui.model.slo import SliReading, Slo

MONTH = 30 * 86_400
RULES = BurnRules()


def slo(objective: float = 0.999, period: float = MONTH) -> Slo:
    return Slo(id="a", name="a", cluster="", service="s", objective=objective, period_seconds=period)


def readings(**by_window: float | None) -> dict[int, SliReading]:
    return {
        int(name[1:]): SliReading(slo_id="a", window_seconds=int(name[1:]), error_ratio=ratio)
        for name, ratio in by_window.items()
    }


def test_burn_rate_is_the_error_ratio_over_the_budget() -> None:
    assert burn_rate(0.0144, 0.999) == pytest.approx(14.4)
    assert burn_rate(0.0, 0.999) == 0.0
    assert burn_rate(1.0, 0.9) == pytest.approx(10.0)


@pytest.mark.parametrize("ratio", [None, nan, inf, -0.1])
def test_no_traffic_and_nonsense_are_not_a_burn_rate(ratio: float | None) -> None:
    assert burn_rate(ratio, 0.999) is None


@pytest.mark.parametrize("objective", [1.0, 1.5, -0.1, nan, inf])
def test_an_objective_without_a_budget_does_not_burn(objective: float) -> None:
    figures = burn(slo(objective), readings(_300=0.1, _3600=0.1), RULES)
    assert [window.burn_rate for window in figures.windows] == [None, None]
    assert "leaves no error budget" in figures.missing


def test_budget_left_and_time_until_it_is_gone() -> None:
    figures = burn(slo(), {**readings(_3600=0.006), **readings(**{f"_{MONTH}": 0.0004})}, RULES)
    assert figures.budget_left == pytest.approx(0.6)
    assert figures.exhausted_in_seconds == pytest.approx(0.6 * MONTH / 6)
    assert figures.missing == ""


def test_overspent_is_below_zero_and_gone() -> None:
    figures = burn(slo(), {**readings(_3600=0.006), **readings(**{f"_{MONTH}": 0.002})}, RULES)
    assert figures.budget_left == pytest.approx(-1.0)
    assert figures.exhausted_in_seconds == 0.0


def test_a_budget_that_refills_as_fast_is_not_running_out() -> None:
    assert exhausted_in(0.5, 1.0, MONTH) is None
    assert exhausted_in(0.5, None, MONTH) is None
    assert exhausted_in(None, 2.0, MONTH) is None


def test_without_the_whole_period_the_budget_is_not_known() -> None:
    figures = burn(slo(), readings(_3600=0.006), RULES)
    assert figures.budget_left is None
    assert figures.missing == "The error ratio of the whole period (30 days) is not known."


def test_windows_that_were_read_in_their_order() -> None:
    figures = burn(slo(), readings(_21600=0.0, _300=0.001, _77=0.5), RULES)
    assert [window.seconds for window in figures.windows] == [77, 300, 21600]


def test_no_traffic_says_so() -> None:
    assert burn(slo(), readings(_300=None, _3600=nan), RULES).missing == "No traffic."
    assert burn(slo(), {}, RULES).missing == "No error ratio has been read yet."


def test_few_events_make_a_burn_rate_meaningless() -> None:
    def figures(events: float | None) -> tuple[bool, float | None]:
        short = SliReading(slo_id="a", window_seconds=300, error_ratio=0.1, events=events)
        worked_out = burn(slo(), {300: short}, RULES)
        return worked_out.low_traffic, worked_out.events_per_hour

    assert figures(99) == (True, 1188.0)
    assert figures(100) == (False, 1200.0)
    assert figures(None) == (False, None)
    assert figures(nan) == (False, None)


@given(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(allow_nan=True, allow_infinity=True),
)
def test_law_nothing_raises_and_nothing_is_negative(objective: float, ratio: float, period: float) -> None:
    figures = burn(slo(objective, period), readings(_300=ratio, _3600=ratio, _2592000=ratio), RULES)
    assert all(window.burn_rate is None or window.burn_rate >= 0 for window in figures.windows)
    assert figures.exhausted_in_seconds is None or figures.exhausted_in_seconds >= 0
