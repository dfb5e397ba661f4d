from __future__ import annotations

import math
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from finops_tui.ui.widgets.axis import TimeAxis
from finops_tui.ui.widgets.lines import width_of
from tests.ui.samples import NOW, ago

AXIS = TimeAxis(ago(3_600), NOW, 60)


def text(axis: TimeAxis, *marks: tuple[float, str], end: str = "") -> str:
    line = axis.labels([(ago(seconds), (sign, "text")) for seconds, sign in marks], end)
    return "".join(part for part, _ in line)


def test_a_moment_has_a_cell_and_the_cell_its_moment() -> None:
    assert AXIS.cell(AXIS.start) == 0
    assert AXIS.cell(NOW) == 59
    assert AXIS.cell(ago(1_800)) == 30
    assert AXIS.cell(ago(3_601)) is None
    assert AXIS.cell(NOW + timedelta(seconds=1)) is None
    assert AXIS.moment(30) == ago(1_770)


@given(st.integers(min_value=0, max_value=59))
def test_the_moment_of_a_cell_lies_in_it(cell: int) -> None:
    assert AXIS.cell(AXIS.moment(cell)) == cell


def test_samples_come_to_the_cells_of_their_minutes() -> None:
    values = tuple(float(minute) for minute in range(61))
    assert AXIS.sample(values, NOW) == [*values[:59], 59.5], "the last two minutes share the last cell"
    assert TimeAxis(ago(1_800), NOW, 30).sample(values, NOW) == [*values[30:59], 59.5]
    assert TimeAxis(ago(3_600), NOW, 6).sample(values, NOW)[:2] == [4.5, 14.5]
    assert TimeAxis(ago(120), NOW, 6).sample(values, NOW) == [58.0, 58.0, 59.0, 59.0, 59.0, 60.0]


def test_what_lies_outside_the_series_is_a_gap() -> None:
    sampled = TimeAxis(ago(7_200), NOW, 120).sample((1.0,) * 61, NOW)
    assert sampled[:59] == [None] * 59
    assert sampled[-60:] == [1.0] * 60


@given(
    st.lists(st.one_of(st.none(), st.floats()), max_size=200),
    st.integers(min_value=1, max_value=150),
    st.integers(min_value=60, max_value=30_000),
)
def test_sampling_gives_every_cell_a_number_or_nothing(values: list[float | None], cells: int, seconds: int) -> None:
    sampled = TimeAxis(ago(seconds), NOW, cells).sample(values, NOW)
    assert len(sampled) == cells
    assert all(value is None or math.isfinite(value) for value in sampled)


def test_marks_stand_at_their_moments_and_ticks_give_way() -> None:
    line = text(AXIS, (1_800, "A"), end="now")
    assert line[30] == "A"
    assert line.startswith("13:02Z ")
    assert line.endswith(" now")
    assert "13:30Z" not in line, "it would touch the mark"


@given(
    st.integers(min_value=1, max_value=200),
    st.integers(min_value=1, max_value=10**7),
    st.lists(st.integers(min_value=-100, max_value=10**7), max_size=8),
)
def test_the_line_below_is_as_wide_as_the_axis(cells: int, seconds: int, marks: list[int]) -> None:
    axis = TimeAxis(ago(seconds), NOW, cells)
    assert width_of(axis.labels([(ago(mark), ("A", "text")) for mark in marks], "now")) == cells


def test_ticks_are_round_moments() -> None:
    assert [f"{tick:%H:%M}" for tick in TimeAxis(ago(10_800), NOW, 110).ticks()] == [
        "11:30",
        "12:00",
        "12:30",
        "13:00",
        "13:30",
        "14:00",
    ]
