from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from finops_tui.ui.screens.window import Window
from tests.ui.samples import NOW, ago

MINUTE = timedelta(minutes=1)


def window(onset_minutes: int | None = None) -> Window:
    one = Window()
    one.newest = NOW
    one.onset = None if onset_minutes is None else NOW - onset_minutes * MINUTE
    return one


def test_it_is_three_hours_or_since_before_the_onset() -> None:
    assert (window().start, window().end) == (ago(10_800), NOW)
    assert window(14).span == 44 * MINUTE
    assert window(600).span == 630 * MINUTE


def test_zooming_goes_through_the_lengths_and_stops_at_the_ends() -> None:
    one = window(14)
    assert [span / MINUTE for span in one.spans] == [30, 44, 60, 180]
    one.zoom(1)
    one.zoom(1)
    assert one.span == 30 * MINUTE
    one.zoom(-1)
    assert one.span == 44 * MINUTE
    one.zoom(-9)
    assert one.span == 180 * MINUTE


def test_the_whole_grows_with_time() -> None:
    one = window(14)
    one.zoom(1)
    one.zoom(-1)
    one.newest = NOW + MINUTE
    assert one.span == 45 * MINUTE


def test_the_cursor_is_a_moment_and_at_the_end_it_stays_at_the_end() -> None:
    one = window()
    one.step(-2, MINUTE)
    assert one.moment == ago(120)
    one.newest = NOW + MINUTE
    assert one.moment == ago(120)
    one.step(3, MINUTE)
    assert one.at is None
    assert one.moment == NOW + MINUTE


def test_zoomed_in_the_window_goes_with_the_cursor() -> None:
    one = window()
    one.step(-120, MINUTE)
    one.zoom(2)
    assert (one.start, one.end) == (ago(7_200) - 15 * MINUTE, ago(7_200) + 15 * MINUTE)


@given(
    st.one_of(st.none(), st.integers(min_value=0, max_value=3_000)),
    st.lists(st.one_of(st.integers(min_value=-400, max_value=400), st.sampled_from(["in", "out"])), max_size=30),
)
def test_whatever_is_pressed_the_cursor_is_in_the_window_and_no_later_than_now(
    onset: int | None, keys: list[int | str]
) -> None:
    one = window(onset)
    for key in keys:
        one.step(key, MINUTE) if isinstance(key, int) else one.zoom(1 if key == "in" else -1)
        assert one.start <= one.moment <= one.end <= NOW
        assert one.span in one.spans
