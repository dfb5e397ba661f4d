from __future__ import annotations

import pytest

from finops_tui.detectors.spend.history import DAY, HOUR, NOTHING, SIZE, History

FIRST = 20_000 * DAY


def known(values: list[float]) -> History:
    """A history of these quarter-hours, the newest last."""
    history = History()
    for number, value in enumerate(values):
        history.advance(FIRST + number)
        history.put(FIRST + number, value)
    history.advance(FIRST + len(values))
    return history


def test_nothing_is_known_at_first() -> None:
    history = known([])
    assert (history.days, history.reach(7, 0), history.typical(FIRST), history.recent()) == (
        0,
        NOTHING,
        NOTHING,
        NOTHING,
    )
    assert history.rhythm() == 1.0


def test_the_highest_of_the_last_days_and_not_of_those_before_or_of_the_last_hours() -> None:
    values = [1.0] * 12 * DAY
    values[0] = 90.0
    values[6 * DAY + 3] = 7.0
    values[-2] = 8.0
    assert known(values).reach(7, 0) == 8.0
    assert known(values).reach(7, 12 * HOUR) == 7.0


def test_days_that_are_missing_do_not_count_as_compared() -> None:
    history = known([5.0] * DAY * 6)
    history.advance(FIRST + 11 * DAY)
    for number in range(DAY):
        history.advance(FIRST + 11 * DAY + number)
        history.put(FIRST + 11 * DAY + number, 1.0)
    assert history.reach(7, 0) == 5.0
    assert history.days == 7


def test_two_weeks_are_kept() -> None:
    history = known([5.0] * 20 * DAY)
    assert 14 <= history.days <= 15
    history.advance(FIRST + 20 * DAY + SIZE)
    assert history.days == 0


def test_the_highest_near_this_time_of_day() -> None:
    values = [1.0] * 8 * DAY
    values[3 * DAY + 40] = 9.0
    history = known(values)
    at = FIRST + 8 * DAY
    assert history.reach_at(at + 40, 7, HOUR) == (9.0, 7)
    assert history.reach_at(at + 44, 7, HOUR)[0] == 9.0
    assert history.reach_at(at + 45, 7, HOUR)[0] == 1.0


def test_days_that_are_alike_have_a_rhythm_and_steps_at_any_hour_have_none() -> None:
    assert known([float(n % DAY) for n in range(8 * DAY)]).rhythm() == 0.0
    assert known([float(n // (DAY + 37) % 3) for n in range(8 * DAY)]).rhythm() > 1.0


def test_the_usual_is_that_of_the_same_weekday_once_a_week_is_known() -> None:
    values = [50.0 if n // DAY % 7 == 0 else 10.0 for n in range(7 * DAY)]
    history = known(values)
    assert history.typical(FIRST + 7 * DAY + 40) == 50.0
    assert known(values[: 6 * DAY]).typical(FIRST + 6 * DAY + 40) == 10.0


def test_what_is_set_aside_is_not_reached_until_it_is_a_habit() -> None:
    history = known([1.0] * 8 * DAY)
    for day, height in enumerate((30.0, 20.0, 25.0)):
        history.set_aside(FIRST + (5 + day) * DAY + 40 + day, height, HOUR, 3)
        assert history.reach(7, 0) == (1.0 if day < 2 else 20.0)


def test_what_was_taken_and_what_was_changed() -> None:
    history = known([10.0] * 3 * DAY)
    assert history.take(FIRST + 3 * DAY - 2) == [(FIRST + 3 * DAY - 2, 10.0), (FIRST + 3 * DAY - 1, 10.0)]
    history.change(2.0, 1.0, FIRST + 3 * DAY)
    assert history.reach(7, 0) == 21.0
    assert history.days == pytest.approx(3 - 2 / DAY)
    history.change(1.0, -100.0, FIRST + 3 * DAY)
    assert history.reach(7, 0) == 0.0


def test_a_quarter_hour_that_is_no_more_kept_is_not_put_anywhere() -> None:
    history = known([1.0] * 3)
    history.put(FIRST - SIZE, 99.0)
    history.put(FIRST + 900, 99.0)
    assert history.reach(7, 0) == 1.0
