from __future__ import annotations

from datetime import timedelta
from math import inf, isfinite, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.detectors import phrases
from tests.detectors.scenes import minute


@given(value=st.one_of(st.none(), st.floats()))
def test_a_quantity_is_finite_and_not_negative(value: float | None) -> None:
    assert 0 <= phrases.positive(value) <= phrases.LIMIT
    assert phrases.known(value) is None or isfinite(phrases.known(value) or 0.0)


@pytest.mark.parametrize(("usd", "words"), [(0.42, "$0.42/h"), (15.23, "$15.2/h"), (1_284.3, "$1,284/h")])
def test_rates_read_as_elsewhere(usd: float, words: str) -> None:
    assert phrases.rate(usd) == words


@pytest.mark.parametrize(
    ("value", "noun", "words"),
    [
        (1, "GPU", "1 GPU"),
        (6.0, "GPU", "6 GPUs"),
        (0.5, "GPU", "0.5 GPUs"),
        (1_284, "node", "1,284 nodes"),
        (2, "retry", "2 retries"),
        (nan, "GPU", "– GPUs"),
        (inf, "GPU", "– GPUs"),
    ],
)
def test_how_many(value: float, noun: str, words: str) -> None:
    assert phrases.counted(value, noun) == words


@pytest.mark.parametrize(
    ("at", "words"), [(-90, "10:30Z"), (-24 * 60, "Mon 12:00Z"), (-8 * 24 * 60, "2 Mar 12:00Z"), (30, "12:30Z")]
)
def test_times_name_their_day_when_it_is_another(at: float, words: str) -> None:
    assert phrases.clock(minute(at), minute(0)) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(-5, "0s"), (40, "40s"), (840, "14m"), (7_500, "2h05m"), (273_600, "3d04h")]
)
def test_lengths_of_time(seconds: float, words: str) -> None:
    assert phrases.span(timedelta(seconds=seconds)) == words


def test_names_in_a_row() -> None:
    assert phrases.listed(["a", "b", "c"]) == "a, b, c"
    assert phrases.listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


@pytest.mark.parametrize(
    ("level", "words"),
    [(0, "for 12h00m"), (690, "for 30m, some for 12h00m"), (0.5, "for 11h59m, some for 12h00m")],
)
def test_how_long_says_since_when_it_has_been_so_at_all(level: float, words: str) -> None:
    assert phrases.lasting(minute(level), minute(0), minute(720)) == words
