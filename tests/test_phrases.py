from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui import phrases
from finops_tui.ui import format as screen
from finops_tui.ui import glyphs

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
FORMS = [phrases.rate, phrases.signed_rate, phrases.dollars, phrases.percent, phrases.number, phrases.duration]


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        (0.0, "$0.0/h"),
        (-0.001, "$0.00/h"),
        (0.42, "$0.42/h"),
        (0.996, "$1.0/h"),
        (15.23, "$15.2/h"),
        (999.97, "$1,000/h"),
        (1_284.3, "$1,284/h"),
        (1_240_000, "$1.24M/h"),
        (-5, "−$5.0/h"),
    ],
)
def test_rates_have_one_form(usd: float, words: str) -> None:
    assert phrases.rate(usd) == words


def test_differences_are_signed() -> None:
    assert [phrases.signed_rate(usd) for usd in (374.0, -57.7, 0.0)] == ["+$374.0/h", "−$57.7/h", "$0.0/h"]


@pytest.mark.parametrize(
    ("usd", "words"),
    [(0.004, "$0"), (2.4, "$2.40"), (87.31, "$87.3"), (1_284, "$1.28k"), (1_240_000, "$1.24M"), (-320, "−$320")],
)
def test_sums_have_three_figures(usd: float, words: str) -> None:
    assert phrases.dollars(usd) == words


def test_what_is_estimated_says_so_unless_nothing_is_known() -> None:
    assert [phrases.estimated(text) for text in ("$1,284/h", "–")] == ["≈$1,284/h", "–"]


def test_ratios_are_percentages_and_then_multiples() -> None:
    assert [phrases.percent(ratio) for ratio in (0.58, 10.8, 4_321.0, -0.01)] == ["58%", "10.8×", ">999×", "−1%"]


@pytest.mark.parametrize(
    ("value", "noun", "words"),
    [
        (1, "GPU", "1 GPU"),
        (6.0, "GPU", "6 GPUs"),
        (0.5, "GPU", "0.5 GPUs"),
        (-3, "GPU", "−3 GPUs"),
        (1_284, "node", "1,284 nodes"),
        (2, "retry", "2 retries"),
        (3, "day", "3 days"),
        (2, "batch", "2 batches"),
        (nan, "GPU", "– GPUs"),
        (inf, "GPU", "– GPUs"),
    ],
)
def test_how_many(value: float, noun: str, words: str) -> None:
    assert phrases.counted(value, noun) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (-90, "10:30Z"),
        (30, "12:30Z"),
        (-24 * 60, "Mon 12:00Z"),
        (-6 * 24 * 60 - 30, "Wed 11:30Z"),
        (-7 * 24 * 60, "3 Mar 12:00Z"),
        (-8 * 24 * 60, "2 Mar 12:00Z"),
    ],
)
def test_times_name_their_day_when_it_is_another(at: float, words: str) -> None:
    assert phrases.clock(after(at), NOON) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0s"), (40, "40s"), (840, "14m"), (7_500, "2h05m"), (68_700, "19h"), (273_600, "3d04h"), (7_257_600, "84d")],
)
def test_lengths_of_time(seconds: float, words: str) -> None:
    assert phrases.span(timedelta(seconds=seconds)) == phrases.duration(seconds) == words


@pytest.mark.parametrize(
    ("level", "words"),
    [(0, "for 12h"), (690, "for 30m, some for 12h"), (0.5, "for 11h, some for 12h"), (-1, "for 12h")],
)
def test_how_long_says_since_when_it_has_been_so_at_all(level: float, words: str) -> None:
    assert phrases.lasting(after(level), after(0), after(720)) == words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("set $KUBECONFIG, or log in first", "Set $KUBECONFIG, or log in first."),
        ("check `url`; is it running?", "Check `url`; is it running?"),
        ("gke-gcloud-auth-plugin must be installed", "gke-gcloud-auth-plugin must be installed."),
        ("`kubectl get nodes` says more.", "`kubectl get nodes` says more."),
        (" ", ""),
    ],
)
def test_a_hint_is_a_sentence(text: str, told: str) -> None:
    assert phrases.sentence(text) == told


def test_names_in_a_row() -> None:
    assert phrases.listed(["a", "b", "c"]) == "a, b, c"
    assert phrases.listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_what_is_no_number_is_missing(form: Callable[[float], str], value: float) -> None:
    assert form(value) == phrases.MISSING


@pytest.mark.parametrize(
    ("sentence", "cell"),
    [
        (phrases.rate, screen.rate),
        (phrases.signed_rate, screen.signed_rate),
        (phrases.dollars, screen.dollars),
        (phrases.percent, screen.percent),
        (phrases.duration, screen.duration),
    ],
)
@given(value=st.floats())
def test_a_figure_reads_the_same_in_a_sentence_and_on_the_screen(
    sentence: Callable[[float], str], cell: Callable[[float | None], str], value: float
) -> None:
    assert sentence(value) == cell(value)


def test_signs_are_those_of_the_screen() -> None:
    here = (phrases.MISSING, phrases.MINUS, phrases.TIMES, phrases.ESTIMATED)
    assert here == (glyphs.MISSING, glyphs.MINUS, glyphs.TIMES, glyphs.ESTIMATED)
