from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.ui.glyphs import GAP, GAUGE_CELLS, STEPS, TREND_STEPS
from finops_tui.ui.widgets.gauge import gauge, resample, trend

VALUES = st.lists(st.one_of(st.none(), st.floats(min_value=0, max_value=1e6)), max_size=60)


@given(st.one_of(st.none(), st.floats()), st.integers(min_value=1, max_value=20))
def test_a_gauge_fills_its_cells(ratio: float | None, cells: int) -> None:
    assert sum(len(text) for text, _ in gauge(ratio, cells)) == cells


@pytest.mark.parametrize(
    ("ratio", "filled"), [(0.44, 4), (0.62, 5), (0.06, 0), (0.94, 8), (1.7, 8), (-1, 0), (None, 0)]
)
def test_a_gauge_fills_to_the_nearest_cell(ratio: float | None, filled: int) -> None:
    spans = {role: text for text, role in gauge(ratio)}
    assert len(spans.get("bar", "")) == filled
    assert len(spans.get("bar-track", "")) == GAUGE_CELLS - filled


@given(VALUES, st.integers(min_value=1, max_value=40))
def test_resampling_stays_within_what_was_there(values: list[float | None], cells: int) -> None:
    known = [value for value in values if value is not None]
    sampled = resample(values, cells)
    assert len(sampled) == cells
    for value in sampled:
        assert value is None or min(known) <= value * (1 + 1e-9)
        assert value is None or value * (1 - 1e-9) <= max(known)


def test_resampling_keeps_what_fits_and_a_gap_stays_a_gap() -> None:
    assert resample([1.0, None, 3.0], 3) == [1.0, None, 3.0]
    assert resample([1.0, 3.0, None, None, 5.0, math.nan], 3) == [2.0, None, 5.0]
    assert resample([], 2) == [None, None]


@given(VALUES, st.integers(min_value=1, max_value=24))
def test_a_trend_has_its_cells_and_only_the_lower_six_steps(values: list[float | None], cells: int) -> None:
    text = "".join(part for part, _ in trend(cells, values, 10.0))
    assert len(text) == cells
    assert set(text) <= {*TREND_STEPS, GAP}
    assert not set(text) & set(STEPS[6:])


def test_a_trend_shows_what_is_above_normal_and_where_nothing_is_known() -> None:
    assert trend(4, [38.0, 38.0, 412.0, None], 38.0, "page") == (("▁▁", "usual"), ("▆", "page"), ("·", "quiet"))
    assert trend(2, [38.0, 412.0]) == (("▁▆", "usual"),)
    assert trend(2, [0.0, 0.0], 1.0) == (("▁▁", "usual"),)
