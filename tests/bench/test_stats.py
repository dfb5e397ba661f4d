from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.stats import median, pairwise_ratios, percentile, slope

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)


def test_a_percentile_lies_between_its_neighbours() -> None:
    assert percentile([10, 20, 30, 40], 0.5) == 25
    assert percentile([40, 10, 30, 20], 1.0) == 40
    assert percentile([7], 0.99) == 7


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


@given(VALUES, st.floats(0, 1), st.floats(0, 1))
def test_percentiles_rise_with_their_share(values: list[float], one: float, other: float) -> None:
    low, high = sorted((one, other))
    tolerance = 1e-9 * max(1.0, *map(abs, values))
    assert min(values) - tolerance <= percentile(values, low) <= percentile(values, high) + tolerance


@given(VALUES)
def test_half_of_the_values_are_at_most_the_median(values: list[float]) -> None:
    assert sum(value <= median(values) for value in values) >= len(values) / 2


@given(st.floats(-100, 100), st.floats(-100, 100))
def test_the_slope_of_a_line_is_its_own(gradient: float, start: float) -> None:
    assert slope([(x, start + gradient * x) for x in range(10)]) == pytest.approx(gradient, abs=1e-6)


def test_points_above_one_another_have_no_slope() -> None:
    assert slope([]) == 0
    assert slope([(1, 2), (1, 9)]) == 0


def test_ratios_pair_neighbouring_runs() -> None:
    assert pairwise_ratios([10, 40], [5, 10]) == (2, 4)
    assert pairwise_ratios([10, 40, 50], [5, 0]) == (2,)
