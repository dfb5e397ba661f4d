from __future__ import annotations

from sys import getsizeof

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.analysis.spot_exposure import DAY, HOUR, Exposure


def test_nodes_that_stay_count_for_every_hour_also_before_the_first_look() -> None:
    exposure = Exposure(0.0, 4)
    exposure.add(2 * HOUR, 4)
    assert exposure.hours(HOUR) == pytest.approx(4)
    assert exposure.hours(-2 * HOUR) == pytest.approx(16)


def test_nodes_that_left_count_until_they_left() -> None:
    exposure = Exposure(0.0, 10)
    exposure.add(HOUR, 2)
    exposure.add(2 * HOUR, 2)
    assert exposure.hours(0.0) == pytest.approx(12)
    assert exposure.hours(HOUR) == pytest.approx(2)


def test_without_nodes_there_is_nothing_to_lose() -> None:
    exposure = Exposure(0.0, 0)
    exposure.add(DAY, 0)
    assert exposure.hours(0.0) == 0.0


def test_what_is_kept_does_not_grow_with_time() -> None:
    exposure = Exposure(0.0, 3)
    for minute in range(5_000):
        exposure.add(minute * 60.0, 3)
    assert len(exposure._moments) == len(exposure._sums) < 300
    assert getsizeof(exposure._moments) + getsizeof(exposure._sums) < 6_000
    assert exposure.hours(4_999 * 60.0 - DAY) == pytest.approx(72)


@given(
    st.lists(st.tuples(st.floats(1, 4 * HOUR), st.integers(0, 50)), min_size=1, max_size=30), st.floats(0, 30 * HOUR)
)
def test_hours_lie_between_those_of_the_fewest_and_of_the_most_nodes(
    steps: list[tuple[float, int]], back: float
) -> None:
    at, exposure, counts = 0.0, Exposure(0.0, 7), [7]
    for seconds, nodes in steps:
        at += seconds
        exposure.add(at, nodes)
        counts.append(nodes)
    since = max(at - DAY, at - back)
    hours, span = exposure.hours(since), (at - since) / HOUR
    assert min(counts) * span - 1e-6 <= hours <= max(counts) * span + 1e-6
