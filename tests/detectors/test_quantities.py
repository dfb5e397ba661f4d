from __future__ import annotations

from datetime import timedelta
from math import isfinite

from hypothesis import given
from hypothesis import strategies as st

from finops_tui.detectors.quantities import LIMIT, hours, known, positive


@given(value=st.one_of(st.none(), st.floats()))
def test_a_quantity_is_finite_and_not_negative(value: float | None) -> None:
    assert 0 <= positive(value) <= LIMIT
    assert known(value) is None or isfinite(known(value) or 0.0)


def test_hours_are_never_less_than_none() -> None:
    assert [hours(timedelta(minutes=minutes)) for minutes in (90, -90)] == [1.5, 0.0]
