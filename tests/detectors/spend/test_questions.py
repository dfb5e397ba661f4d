from __future__ import annotations

from math import exp

import pytest

from tests.detectors.spend.made import DAY, HOUR, MONDAY, Shape, daily, flat, pages, plus, times

AT = 9 * DAY + 10
"""A Wednesday, 10:00Z: more than a week is known."""


def test_a_step_above_the_week_pages_within_minutes_and_says_what_was_highest() -> None:
    [(hour, verdict)] = pages(plus(flat, AT, 3, 312.0), 10)
    assert (hour - AT) * 60 <= 10
    assert verdict.question == "above_week"
    assert verdict.since == MONDAY + AT * HOUR
    assert verdict.excess == pytest.approx(312.0)
    assert verdict.reason == "4.1× normal for a Wednesday 10:00Z; the highest in 7 days was $100.0/h."


def test_above_this_hour_pages_though_the_week_has_seen_more() -> None:
    at = 9 * DAY + 1  # at night, when about 60 is usual and 140 is reached at noon
    [(hour, verdict)] = pages(plus(daily, at, 3, 60.0), 10)
    assert (hour - at) * 60 <= 20
    assert verdict.question == "above_hour"
    assert "the highest at this time of day in 7 days was $65.8/h." in verdict.reason


def test_where_days_do_not_resemble_each_other_the_hour_is_no_question() -> None:
    def restless(hour: float) -> float:
        return 60.0 if int(hour // 37) % 2 else 140.0

    assert pages(restless, 21) == []


def test_growing_hour_upon_hour_is_a_creep() -> None:
    def creep(hour: float) -> float:
        return flat(hour) * exp(0.03 * max(0.0, hour - AT))

    hour, verdict = pages(creep, 10.4)[0]
    assert verdict.question == "creep"
    assert 5 <= hour - AT <= 8


def test_a_creep_is_not_its_own_excuse_where_days_do_not_resemble_each_other() -> None:
    def slow(hour: float) -> float:
        return flat(hour) * exp(0.02 * max(0.0, hour - AT))

    assert pages(slow, 10.4)[0][0] - AT < 12


def test_staying_up_when_the_load_goes_home_is_a_plateau() -> None:
    evening = 9 * DAY + 14

    def kept(hour: float) -> float:
        return max(daily(hour), daily(evening)) if evening <= hour < evening + 10 else daily(hour)

    hour, verdict = pages(kept, 10.2)[0]
    assert verdict.question == "plateau"
    assert "it stays where it always falls" in verdict.reason
    assert hour - evening < 4.5


def test_swinging_above_what_was_reached_is_thrashing() -> None:
    def swings(hour: float) -> float:
        up = AT <= hour < AT + 6 and int((hour - AT) * 60 // 15) % 2 == 0
        return 128.0 if up else 90.0

    hour, verdict = pages(swings, 10)[0]
    assert verdict.question == "thrash"
    assert verdict.reason.startswith("5 turns up or down in 2 h")
    assert hour - AT < 1.5


@pytest.mark.parametrize("step", [60.0, 300.0])
@pytest.mark.parametrize("shape", [flat, daily])
def test_what_is_no_incident_does_not_page(shape: Shape, step: float) -> None:
    one_sample = step / HOUR
    blip = times(shape, AT, max(one_sample, 0.14), 8.0) if step < 300 else times(shape, AT, one_sample, 8.0)
    surge = times(shape, AT, 1 / 3, 1.25)
    dip = times(shape, AT, 6, 0.3)
    reset = times(times(shape, AT, 2 * one_sample, 0.0), AT + 2 * one_sample, one_sample, 2.0)
    for made in (blip, surge, dip, reset, shape):
        assert pages(made, 11, step) == []


def test_what_costs_less_than_the_gate_wakes_nobody() -> None:
    assert pages(lambda hour: 1.0 + (3.9 if hour >= AT else 0.0), 10) == []
    assert len(pages(lambda hour: 1.0 + (4.1 if hour >= AT else 0.0), 10)) == 1


def test_nothing_pages_before_two_days_are_known() -> None:
    assert pages(plus(flat, 40, 5, 900.0), 2) == []
    assert len(pages(plus(flat, 49, 3, 900.0), 2.2)) == 1


def test_from_nothing_is_told_without_a_ratio() -> None:
    [(_, verdict)] = pages(plus(lambda _: 0.0, AT, 3, 50.0), 10)
    assert verdict.reason == (
        "$50.0/h where nothing is normal for a Wednesday 10:00Z; the highest in 7 days was $0.0/h."
    )
