"""Estimated days: each slot counts once, whatever the order, the gaps, the clock and the restarts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_tui.engine.history import DAY, HOUR, SAMPLE_STEP
from finops_tui.engine.tally import DAYS_KEPT, HELD_SLOTS, KEYS_KEPT, Tally

PROD = "cluster/prod"
MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC).timestamp()
TENTH = date(2026, 3, 10)
LATER = MIDNIGHT + 60 * DAY


def watched(tally: Tally, begin: float, end: float, usd: float | None = 24.0, step: float = SAMPLE_STEP) -> None:
    at = begin
    while at <= end:
        tally.note(at, {PROD: usd})
        at += step


def told(tally: Tally, now: float = LATER) -> dict[date, tuple[float, float]]:
    """Return each day's dollars and share, rounded to what matters."""
    return {day: (round(usd, 6), round(covered, 6)) for day, (usd, covered) in tally.days(PROD, now).items()}


def test_a_day_that_is_watched_is_what_its_rates_come_to() -> None:
    tally = Tally()
    watched(tally, MIDNIGHT, MIDNIGHT + DAY)
    assert told(tally) == {TENTH: (24.0 * 24, 1.0)}


def test_a_pause_is_bridged_and_a_longer_one_is_a_gap() -> None:
    bridged, gap = Tally(), Tally()
    for tally, slots in ((bridged, HELD_SLOTS), (gap, HELD_SLOTS + 1)):
        tally.note(MIDNIGHT, {PROD: 24.0})
        tally.note(MIDNIGHT + slots * SAMPLE_STEP, {PROD: 48.0})
    assert bridged.days(PROD, LATER)[TENTH].usd == pytest.approx(24.0 * HELD_SLOTS * SAMPLE_STEP / HOUR)
    assert gap.days(PROD, LATER) == {}


def test_what_is_not_known_is_not_covered() -> None:
    tally = Tally()
    watched(tally, MIDNIGHT, MIDNIGHT + DAY / 2 - 1)
    watched(tally, MIDNIGHT + DAY / 2, MIDNIGHT + DAY, None)
    assert told(tally)[TENTH] == (12 * 24.0, 0.5)


def test_a_clock_set_back_counts_nothing_twice_and_one_set_ahead_keeps_the_days() -> None:
    tally = Tally()
    watched(tally, MIDNIGHT, MIDNIGHT + DAY / 2)
    watched(tally, MIDNIGHT + DAY / 4, MIDNIGHT + DAY / 2, 1e6)
    tally.note(MIDNIGHT + 3_000 * DAY, {PROD: 5.0})
    watched(tally, MIDNIGHT + DAY / 2, MIDNIGHT + DAY)
    assert told(tally) == {TENTH: (24.0 * 24, 1.0)}


def test_days_are_utc_where_a_zone_has_23_or_25_hours() -> None:
    """Europe changes its clocks on 29 March and 25 October 2026; days here have 24 hours."""
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        tally = Tally()
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
        watched(tally, begin - HOUR, begin + DAY + HOUR)
        days = told(tally, begin + 5 * DAY)
        assert days[day] == (24.0 * 24, 1.0)
        assert days[day + timedelta(days=1)] == (24.0, round(1 / 24, 6))


def test_a_restart_goes_on_where_the_last_run_ended() -> None:
    first, second = Tally(), Tally()
    watched(first, MIDNIGHT, MIDNIGHT + DAY / 2)
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(first.state()))
    second.restore(kept)
    watched(second, MIDNIGHT + DAY / 4, MIDNIGHT + DAY)
    assert told(second) == {TENTH: (24.0 * 24, 1.0)}


@pytest.mark.parametrize(
    "state",
    [
        {PROD: 7},
        {PROD: [[1]]},
        {PROD: [["x", 1.0, b""]]},
        {PROD: [[20_522, float("nan"), bytes(72)]]},
        {PROD: [[20_522, -1.0, bytes(72)]]},
        {PROD: [[20_522, 1.0, bytes(3)]]},
    ],
)
def test_what_makes_no_sense_in_a_kept_file_is_passed_over(state: dict[str, object]) -> None:
    tally = Tally()
    tally.restore(state)
    assert tally.days(PROD, LATER) == {}


def test_what_sources_tell_stands_where_nobody_watched_and_never_for_what_is_to_come() -> None:
    tally = Tally()
    watched(tally, MIDNIGHT + DAY / 2, MIDNIGHT + DAY)
    tally.tell(PROD, [(MIDNIGHT + hour * HOUR, 12.0) for hour in range(24)])
    assert told(tally)[TENTH] == (12 * 12.0 + 12 * 24.0, 1.0)
    noon = MIDNIGHT + DAY / 2
    fresh = Tally()
    fresh.tell(PROD, [(MIDNIGHT + hour * HOUR, 12.0) for hour in range(24)])
    assert told(fresh, noon)[TENTH] == (12 * 12.0, 0.5)


def test_what_sources_tell_anew_replaces_what_they_told() -> None:
    tally = Tally()
    for usd in (99.0, 12.0, 12.0):
        tally.tell(PROD, [(MIDNIGHT + hour * HOUR, usd) for hour in range(24)])
    assert tally.days(PROD, LATER)[TENTH].usd == pytest.approx(24 * 12.0)


def test_it_is_bounded() -> None:
    tally = Tally()
    for day in range(2 * DAYS_KEPT):
        watched(tally, MIDNIGHT + day * DAY, MIDNIGHT + day * DAY + HOUR)
    assert len(tally.days(PROD, MIDNIGHT + 1_000 * DAY)) == DAYS_KEPT
    many = {f"cluster/{number}": 1.0 for number in range(2 * KEYS_KEPT)}
    tally.note(MIDNIGHT, many)
    tally.note(MIDNIGHT + SAMPLE_STEP, many)
    assert len(tally.state()) == KEYS_KEPT


looks = st.lists(
    st.tuples(st.integers(0, 3 * DAY), st.one_of(st.none(), st.just(float("nan")), st.floats(0, 100))), max_size=60
)


@settings(deadline=None)
@given(looks, st.lists(st.tuples(st.integers(-DAY, 3 * DAY), st.floats(0, 100)), max_size=30))
def test_law_no_order_of_looks_gaps_and_restarts_counts_time_twice(
    seen: list[tuple[int, float | None]], past: list[tuple[int, float]]
) -> None:
    tally = Tally()
    for place, (after, usd) in enumerate(seen):
        tally.note(MIDNIGHT + after, {PROD: usd})
        if place % 7 == 3:
            again = Tally()
            again.restore(tally.state())
            tally = again
        if place % 5 == 1:
            tally.tell(PROD, [(MIDNIGHT + at, usd) for at, usd in past])
    now = MIDNIGHT + 2 * DAY
    for day, known in tally.days(PROD, now).items():
        assert day <= TENTH + timedelta(days=2)
        assert 0 <= known.covered <= 1
        assert 0 <= known.usd <= 100 * 24 * known.covered + 1e-6, "no more than the highest rate all the time"


@settings(deadline=None)
@given(st.sets(st.integers(0, 575)), st.integers(1, 30))
def test_law_a_day_in_pieces_is_the_day(pauses: set[int], rate: int) -> None:
    """However looks are spread, each slot that was entered and left within 15 minutes counts once."""
    tally = Tally()
    for slot in range(577):
        if slot not in pauses:
            tally.note(MIDNIGHT + slot * SAMPLE_STEP + 7, {PROD: float(rate)})
    known = tally.days(PROD, LATER).get(TENTH)
    if known is not None:
        assert known.usd == pytest.approx(rate * 24 * known.covered)
