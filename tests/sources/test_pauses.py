from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from finops_tui.sources.pauses import pause_seconds

SECONDS = st.floats(min_value=0.01, max_value=1e5)


def test_a_pause_doubles_up_to_its_limit() -> None:
    assert [pause_seconds(2.0, 60.0, failures, 1.0) for failures in range(7)] == [2, 4, 8, 16, 32, 60, 60]


def test_a_pause_is_spread_out_and_never_shorter_than_it_was_asked_for() -> None:
    assert pause_seconds(2.0, 60.0, 1, 0.75) == 3.0
    assert pause_seconds(2.0, 60.0, 1, 0.75, least=90.0) == 90.0


@given(SECONDS, SECONDS, st.integers(min_value=0, max_value=10**9), st.floats(min_value=0.5, max_value=1.0))
def test_a_pause_has_its_bounds_however_long_it_fails(
    first: float, longest: float, failures: int, jitter: float
) -> None:
    assert min(first, longest) * jitter <= pause_seconds(first, longest, failures, jitter) <= longest
