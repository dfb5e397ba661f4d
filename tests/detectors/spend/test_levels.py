from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.detectors.spend.levels import Level, fitted

NORMAL = [10.0, 12.0, 15.0, 20.0, 30.0]


def test_everything_so_many_times_dearer_is_a_factor() -> None:
    level = fitted(5.0, [(1.5 * normal, normal) for normal in NORMAL])
    assert level is not None
    assert level.since == 5.0
    assert level.factor == pytest.approx(1.5)
    assert level.more == 0.0


def test_so_much_on_top_is_added() -> None:
    assert fitted(5.0, [(normal + 40, normal) for normal in NORMAL]) == Level(5.0, 1.0, 40.0)


def test_what_a_flat_normal_cannot_tell_is_added() -> None:
    assert fitted(5.0, [(30.0, 10.0)] * 9) == Level(5.0, 1.0, 20.0)


def test_from_nothing_is_added() -> None:
    assert fitted(5.0, [(30.0, 0.0)] * 9) == Level(5.0, 1.0, 30.0)


def test_no_excess_is_no_level() -> None:
    assert fitted(5.0, []) is None
    assert fitted(5.0, [(9.0, 10.0)] * 3) is None
    assert fitted(5.0, [(9.0, -1.0)] * 3) is None


@given(st.floats(1.0, 50.0), st.floats(0.0, 1e4), st.floats(0.0, 1e6))
def test_the_normal_before_is_the_way_back(factor: float, more: float, normal: float) -> None:
    assert Level(0.0, factor, more).before(normal * factor + more) == pytest.approx(normal, abs=1e-6, rel=1e-6)
