from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from finops_tui.ui.glyphs import ASCII, GAP, LINE, MARKER, STEPS
from finops_tui.ui.widgets.cost_chart import ChartData, ChartMark, chart_lines, label_cells, scale
from finops_tui.ui.widgets.lines import width_of
from tests.ui.samples import NOW, RETRAIN, ago, stepped

SERIES = st.lists(st.one_of(st.none(), st.floats()), max_size=240).map(tuple)
Values = tuple[float | None, ...]


def draw(values: Values, normal: Values = (), width: int = 120, rows: int = 9, *marks: ChartMark) -> list[str]:
    data = ChartData(values, normal, NOW, marks)
    return ["".join(text for text, _ in line) for line in chart_lines(data, width, rows)]


def heights(lines: list[str], width: int) -> list[int]:
    """Return the eighths of every column."""
    columns = zip(*(line[label_cells(width) :] for line in lines[:-1]), strict=True)
    return [sum(STEPS.index(cell) + 1 for cell in column if cell in STEPS) for column in columns]


@given(SERIES, SERIES, st.integers(min_value=20, max_value=220), st.integers(min_value=1, max_value=40))
@example((), (), 80, 5)
@example((math.nan, math.inf, -math.inf, None, -5.0, 1e308), (1e-308,), 80, 5)
@example((1e308,) * 200, (1e308,) * 200, 40, 3)
def test_any_series_gives_a_chart_of_its_size(values: Values, normal: Values, width: int, rows: int) -> None:
    data = ChartData(values, normal, NOW, (ChartMark(ago(60), "A"), ChartMark(ago(10**6), "B")))
    lines = chart_lines(data, width, rows)
    assert len(lines) == rows + 1
    assert {width_of(line) for line in lines} == {width}


@given(
    st.lists(st.floats(min_value=0, max_value=1e12), min_size=2, max_size=60).map(tuple),
    st.integers(min_value=1, max_value=20),
    st.one_of(st.just(()), st.just((10.0,) * 60)),
)
def test_a_larger_value_is_never_a_lower_column(values: tuple[float, ...], rows: int, normal: Values) -> None:
    width = label_cells(200) + 2 * len(values) + 60
    drawn = heights(draw(values, normal, width, rows), width)
    axis = ChartData(values, normal, NOW).axis(width - label_cells(width))
    pairs = sorted(
        (value, height) for value, height in zip(axis.sample(values, NOW), drawn, strict=True) if value is not None
    )
    assert [height for _, height in pairs] == sorted(height for _, height in pairs)
    assert min(drawn) > 0, "what was measured is drawn, even when it is nothing"


@given(st.floats(min_value=0.05, max_value=1e15), st.integers(min_value=1, max_value=60))
def test_the_scale_holds_the_largest_value_and_wastes_little(largest: float, rows: int) -> None:
    whole = scale(largest, rows) * rows
    assert largest <= whole * (1 + 1e-6)
    assert whole <= largest * 1.34 * (1 + 1e-6)


def test_the_scale_does_not_wobble_with_the_largest_value() -> None:
    assert scale(412.0, 9) == scale(431.7, 9) == 50.0


def test_what_is_above_normal_is_drawn_on_top_of_it() -> None:
    data = ChartData(RETRAIN.minutes, RETRAIN.minutes_normal, RETRAIN.seen_at)
    lines = chart_lines(data, 120, 9)
    roles = [[role for _, role in line] for line in lines]
    assert "area" in roles[0]
    assert "usual" not in roles[0]
    assert "usual" in roles[8], "normal goes through below the excess"
    assert "area" not in roles[8]


def test_what_is_within_its_wobble_is_not_above_normal() -> None:
    lines = chart_lines(ChartData((100.0, 109.0) * 30, (100.0,) * 60, NOW), 120, 9)
    assert not any(role == "area" for line in lines for _, role in line)


def test_without_normal_nothing_is_above_it() -> None:
    lines = chart_lines(ChartData((10.0, 400.0) * 30, (), NOW), 120, 9)
    assert not any(role == "area" for line in lines for _, role in line)
    assert "normal" not in "".join(draw((10.0, 400.0) * 30))


def test_figures_stand_at_their_rows() -> None:
    lines = draw(RETRAIN.minutes, RETRAIN.minutes_normal)
    assert lines[1].startswith("         $400 ")
    assert lines[5].startswith("         $200 ")
    assert lines[8].startswith(" normal $38.0 ")
    assert [line[:14].strip() for line in lines].count("") == 7


def test_a_narrow_chart_keeps_the_word_normal() -> None:
    assert draw(RETRAIN.minutes, RETRAIN.minutes_normal, 40, 3)[2].startswith("  normal ")


def test_a_gap_is_a_point_and_no_low_column() -> None:
    lines = draw(stepped((30, 10.0), (30, None), (30, 0.0)), (), 104, 3)
    bottom = lines[2][14:]
    assert bottom == STEPS[-1] * 30 + GAP * 31 + STEPS[1] * 29
    assert ASCII.fold(STEPS[1]) != ASCII.fold(GAP)


def test_a_change_is_a_line_with_its_letter_below() -> None:
    lines = draw((10.0,) * 61, (), 75, 4, ChartMark(ago(1_800), "A"), ChartMark(ago(90_000), "B"))
    at = lines[4].index("A")
    assert lines[3][at] == STEPS[-1], "cost goes before the line"
    high = draw((*((1.0,) * 60), 100.0), (), 75, 4, ChartMark(ago(1_800), "A"))
    assert [line[high[4].index("A")] for line in high[:3]] == [MARKER] * 3
    assert "B" not in lines[4], "what is outside has no place on it"


def test_in_ascii_no_line_looks_like_a_column() -> None:
    data = ChartData(RETRAIN.minutes, RETRAIN.minutes_normal, NOW)
    assert any(LINE in text for line in chart_lines(data, 120, 9) for text, _ in line)
    assert not any(LINE in text for line in chart_lines(data, 120, 9, grid=False) for text, _ in line)


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        (0.0, ["$0.04", "$0.02"]),
        (2.4, ["$2", "$1"]),
        (3_000.0, ["$2k"]),
        (2.6e6, ["$2M", "$1M"]),
        (40.0, ["$40", "$20"]),
        (0.3, ["$0.2"]),
    ],
)
def test_labels_are_round_and_short(value: float, labels: list[str]) -> None:
    assert [label for line in draw((value,) * 60)[:-1] if (label := line[:14].strip())] == labels
