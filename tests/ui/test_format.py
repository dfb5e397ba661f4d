from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.ui import format as f
from finops_tui.ui.glyphs import MINUS, MISSING, TIMES

NOW = datetime(2026, 7, 31, 14, 2, 31, tzinfo=UTC)

CELLS: list[tuple[Callable[[float | None], str], int]] = [
    (f.rate_cell, f.RATE_CELLS),
    (f.delta_cell, f.DELTA_CELLS),
    (f.dollars, f.DOLLARS_CELLS),
    (f.percent_cell, f.PERCENT_CELLS),
    (f.duration, f.DURATION_CELLS),
    (f.count, f.COUNT_CELLS),
    (f.burn_rate, f.BURN_RATE_CELLS),
    (f.power, f.POWER_CELLS),
    (f.unit_price, f.UNIT_PRICE_CELLS),
]
PROSE = [f.rate, f.rate_bare, f.signed_rate, f.percent, f.signed_percent]


@pytest.mark.parametrize(("form", "cells"), CELLS)
@given(value=st.floats(allow_nan=True, allow_infinity=True))
def test_a_figure_is_never_wider_than_its_cells(form: Callable[[float | None], str], cells: int, value: float) -> None:
    text = form(value)
    assert 0 < len(text) <= cells


@pytest.mark.parametrize(("form", "cells"), CELLS)
@given(value=st.floats(min_value=-20_000, max_value=20_000))
def test_nor_are_everyday_figures(form: Callable[[float | None], str], cells: int, value: float) -> None:
    assert 0 < len(form(value)) <= cells


@given(st.floats(min_value=0, max_value=1))
def test_an_objective_is_never_wider_than_its_cells(ratio: float) -> None:
    assert 0 < len(f.objective(ratio)) <= f.OBJECTIVE_CELLS


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_a_time_is_never_wider_than_its_cells(at: datetime, now: datetime) -> None:
    assert len(f.time_cell(at, now)) <= f.TIME_CELLS
    assert len(f.clock_time(at)) == f.TIME_CELLS
    assert len(f.short_time(at)) == 6


@pytest.mark.parametrize("form", [form for form, _ in CELLS] + PROSE + [f.objective])
def test_what_is_not_known_is_missing_and_never_zero(form: Callable[[float | None], str]) -> None:
    assert form(None) == form(math.nan) == MISSING


@pytest.mark.parametrize("form", [f.rate_cell, f.delta_cell, f.rate, f.dollars, f.percent, f.count, f.signed_rate])
@given(value=st.floats(min_value=-1e9, max_value=1e9))
def test_a_minus_stands_before_what_is_less_than_zero_and_nowhere_else(
    form: Callable[[float | None], str], value: float
) -> None:
    text = form(value)
    digits = any(char in "123456789" for char in text)
    assert text.startswith(MINUS) is (value < 0 and digits)
    assert MINUS not in text[1:]
    assert "-" not in text


@given(st.floats(min_value=0.05, max_value=1e15))
def test_a_difference_is_always_signed(value: float) -> None:
    assert f.delta_cell(value).startswith("+")
    assert f.delta_cell(-value) == f.delta_cell(value).replace("+", MINUS)


@given(st.floats(min_value=0, max_value=999.5), st.floats(min_value=0, max_value=999.5))
def test_a_larger_rate_never_reads_as_a_smaller_one(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert float(f.rate_cell(low)) <= float(f.rate_cell(high))


@pytest.mark.parametrize(
    ("value", "text"),
    [(412.0, "412.0"), (0, "0.0"), (-0.04, "0.0"), (9_999.94, "9999.9"), (9_999.95, "10.0k"), (12_345, "12.3k")],
)
def test_dollars_an_hour_in_a_table(value: float, text: str) -> None:
    assert f.rate_cell(value) == text


@pytest.mark.parametrize(("value", "text"), [(374.0, "+374.0"), (-57.7, f"{MINUS}57.7"), (0.01, "0.0"), (-0.01, "0.0")])
def test_a_difference(value: float, text: str) -> None:
    assert f.delta_cell(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (412.0, "$412.0/h"),
        (1_284.2, "$1,284/h"),
        (999.96, "$1,000/h"),
        (0.42, "$0.42/h"),
        (0.996, "$1.0/h"),
        (0, "$0.0/h"),
        (-57.7, f"{MINUS}$57.7/h"),
    ],
)
def test_dollars_an_hour_in_prose(value: float, text: str) -> None:
    assert f.rate(value) == text


def test_dollars_an_hour_where_the_words_say_so() -> None:
    assert [f.rate_bare(value) for value in (812.4, 38.0, 1_284.0, 99.96)] == ["$812", "$38.0", "$1,284", "$100"]
    assert f.signed_rate(374.0) == "+$374.0/h"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (320, "$320"),
        (18_240, "$18.2k"),
        (1_240_000, "$1.24M"),
        (87.31, "$87.3"),
        (8.73, "$8.73"),
        (9.999, "$10.0"),
        (0.42, "$0.42"),
        (0, "$0"),
        (999.6, "$1.00k"),
        (-320, f"{MINUS}$320"),
        (-1_240_000, f"{MINUS}$1.2M"),
    ],
)
def test_dollars_in_three_figures(value: float, text: str) -> None:
    assert f.dollars(value) == text


@pytest.mark.parametrize(
    ("ratio", "prose", "cell"),
    [
        (0.58, "58%", "58%"),
        (0, "0%", "0%"),
        (9.99, "999%", "999%"),
        (10.8, f"10.8{TIMES}", f"11{TIMES}"),
        (-0.01, f"{MINUS}1%", f"{MINUS}1%"),
        (-2.6, f"{MINUS}260%", f"{MINUS}3{TIMES}"),
        (4_321.0, f">999{TIMES}", f">99{TIMES}"),
    ],
)
def test_percent(ratio: float, prose: str, cell: str) -> None:
    assert f.percent(ratio) == prose
    assert f.percent_cell(ratio) == cell


def test_a_deviation_is_signed_unless_it_is_none() -> None:
    assert [f.signed_percent(value) for value in (0.58, -0.01, 0.001, 10.8)] == [
        "+58%",
        f"{MINUS}1%",
        "0%",
        f"+10.8{TIMES}",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (4, "4s"),
        (59.9, "59s"),
        (14 * 60, "14m"),
        (2 * 3_600 + 5 * 60, "2h05m"),
        (19 * 3_600 + 59 * 60, "19h"),
        (3 * 86_400 + 4 * 3_600, "3d04h"),
        (84 * 86_400, "84d"),
        (-3, "0s"),
    ],
)
def test_a_length_of_time(seconds: float, text: str) -> None:
    assert f.duration(seconds) == text


def test_times() -> None:
    cause = NOW.replace(hour=13, minute=47)
    yesterday = cause - timedelta(days=1)
    long_ago = cause - timedelta(days=28)
    assert f.clock_time(NOW) == "14:02:31Z"
    assert f.clock_time(None) == f.short_time(None) == f.time_cell(None, NOW) == MISSING
    assert [f.short_time(at, NOW) for at in (cause, yesterday, long_ago)] == ["13:47Z", "Thu 13:47Z", "3 Jul 13:47Z"]
    assert [f.time_cell(at, NOW) for at in (NOW, yesterday, long_ago)] == ["14:02:31Z", "Thu 13:47", "3 Jul"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(72, "72"), (9_999, "9,999"), (12_345, "12.3k"), (0.5, "0.5"), (12.25, "12.2"), (0, "0"), (-3, f"{MINUS}3")],
)
def test_a_count(value: float, text: str) -> None:
    assert f.count(value) == text


@pytest.mark.parametrize(
    ("ratio", "text"), [(0.999, "99.9%"), (0.95, "95.0%"), (0.9995, "99.95%"), (0.99999, "99.999"), (1.0, "100.0%")]
)
def test_an_objective_keeps_its_precision(ratio: float, text: str) -> None:
    assert f.objective(ratio) == text


def test_burn_rate_and_power() -> None:
    assert [f.burn_rate(value) for value in (7.2, 14.4, 0.0, 99.04, math.inf)] == [
        f"7.2{TIMES}",
        f"14.4{TIMES}",
        f"0.0{TIMES}",
        f">99{TIMES}",
        f">99{TIMES}",
    ]
    assert [f.power(watts) for watts in (412.0, 12_345.0, 999.6)] == ["412W", "12.3kW", "1.00kW"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (4e-7, "<.000001"),
        (0.000455, "0.000455"),
        (0.01234, "0.0123"),
        (0.225, "0.225"),
        (0.99949, "0.999"),
        (0.9996, "1.00"),
        (1.813, "1.81"),
        (164.2, "164"),
        (12_340.0, "12.3k"),
    ],
)
def test_a_unit_price_keeps_three_figures_however_small(value: float, text: str) -> None:
    assert f.unit_price(value) == text


def test_a_sentence_from_outside_has_its_moments_and_signs_written_as_all_others() -> None:
    now = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
    assert f.prose("due 2026-11-20T21:04:05Z, promised $-55.0/h", now) == "due 21:04Z, promised −$55.0/h"
    assert f.prose("due 2026-11-21T01:04:05+02:00", now) == "due 23:04Z"
    assert f.prose("since 2026-13-45T99:99:99Z", now) == "since 2026-13-45T99:99:99Z"
