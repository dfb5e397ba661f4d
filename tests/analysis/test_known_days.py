"""Each day by what it is known of: billed, estimated, carried on, or not at all."""

from __future__ import annotations

from datetime import date, timedelta
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.analysis.known_days import CARRIED_FOR, Stream, Watched, known_days

FIRST = date(2026, 3, 1)


def on(day: int) -> date:
    return date(2026, 3, day)


def stream(billed: dict[int, float], through: int, estimated: dict[int, tuple[float, float]] | None = None) -> Stream:
    return Stream(
        billed={on(day): usd for day, usd in billed.items()},
        since=FIRST,
        through=on(through),
        estimated={on(day): Watched(*seen) for day, seen in estimated.items()} if estimated is not None else None,
    )


def test_no_day_is_both_billed_and_estimated() -> None:
    both = stream({1: 10.0, 2: 20.0, 3: 5.0}, 3, {1: (99.0, 1.0), 2: (99.0, 1.0), 3: (30.0, 1.0)})
    days = known_days([both], FIRST, on(4), 0.5).days
    assert [(part.billed, part.estimated) for part in days.values()] == [(10.0, 0.0), (20.0, 0.0), (0.0, 30.0)]


def test_a_bill_of_last_month_leaves_this_month_to_the_estimate() -> None:
    before = FIRST - timedelta(days=2)
    estimated = {before: Watched(900.0, 1.0), on(1): Watched(90.0, 1.0), on(2): Watched(50.0, 0.5)}
    late = Stream(billed={before: 1000.0}, since=before, through=FIRST - timedelta(days=1), estimated=estimated)
    known = known_days([late], FIRST, on(2), 0.5)
    assert (known.days, known.today) == ({on(1): (0.0, 90.0, 0.0)}, (0.0, 50.0, 0.0))
    assert known.billed_through == FIRST - timedelta(days=1)


def test_a_day_half_watched_stands_for_all_of_it_and_less_is_a_gap() -> None:
    known = known_days([Stream(estimated={on(1): Watched(5.0, 0.5), on(2): Watched(5.0, 0.49)})], FIRST, on(3), 0.0)
    assert known.usd == {on(1): 10.0}


def test_a_day_is_known_when_all_of_it_is() -> None:
    storage = stream({1: 1.0, 2: 1.0}, 3)
    machines = Stream(estimated={on(1): Watched(5.0, 1.0)})
    assert known_days([storage, machines], FIRST, on(3), 0.0).usd == {on(1): 6.0}
    assert known_days([], FIRST, on(3), 0.0).usd == {}


def test_what_nothing_estimates_goes_on_as_in_the_last_billed_days_but_not_for_ever() -> None:
    storage = stream({1: 10.0, 2: 20.0}, 3)
    later = on(3) + timedelta(days=CARRIED_FOR + 5)
    known = known_days([storage], FIRST, later, 0.5)
    assert list(known.days) == [FIRST + timedelta(days=offset) for offset in range(2 + CARRIED_FOR)]
    assert known.days[on(5)].carried == 15.0
    assert known.today is None
    assert known_days([storage], FIRST, on(5), 0.5).today == (0.0, 0.0, 7.5)


def test_before_the_first_day_that_a_bill_tells_of_nothing_is_known() -> None:
    known = known_days([stream({1: 1.0}, 3)], FIRST - timedelta(days=3), on(2), 0.0)
    assert known.usd == {on(1): 1.0}


def test_today_is_its_watched_rate_until_now_and_unknown_where_hardly_watched() -> None:
    assert known_days([Stream(estimated={on(2): Watched(6.0, 0.25)})], FIRST, on(2), 0.5).today == (0.0, 12.0, 0.0)
    assert known_days([Stream(estimated={on(2): Watched(6.0, 0.1)})], FIRST, on(2), 0.5).today is None


def test_just_after_midnight_the_month_goes_on_though_nothing_of_today_is_counted_yet() -> None:
    watched = Stream(estimated={on(1): Watched(90.0, 1.0)})
    for minutes in (0, 1, 15):
        assert known_days([watched], FIRST, on(2), minutes / 1440).today == (0.0, 0.0, 0.0)
    assert known_days([watched], FIRST, on(2), 16 / 1440).today is None


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.integers(1, 20), st.floats(0, 100)),
            st.integers(1, 20),
            st.none() | st.dictionaries(st.integers(1, 20), st.tuples(st.floats(0, 100), st.floats(0.01, 1))),
        ),
        max_size=4,
    )
)
def test_law_parts_of_a_day_add_up_and_bills_reach_as_far_as_they_say(
    given_streams: list[tuple[dict[int, float], int, dict[int, tuple[float, float]] | None]],
) -> None:
    streams = [stream(*each) for each in given_streams]
    known = known_days(streams, FIRST, on(20), 0.5)
    for day, part in known.days.items():
        billed = fsum(each.billed.get(day, 0.0) for each in streams if each.through is not None and day < each.through)
        assert part.billed == pytest.approx(billed)
        assert part.usd == pytest.approx(part.billed + part.estimated + part.carried)
        if known.billed_through is not None and day < known.billed_through:
            assert part.estimated == part.carried == 0.0
