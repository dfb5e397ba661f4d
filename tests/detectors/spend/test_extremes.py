from __future__ import annotations

from math import pi, sin

from finops_tui.detectors.spend.detector import SpendDetector
from tests.detectors.spend.made import DAY, HOUR, MONDAY, Shape, watched

AT = 6 * DAY + 10


def temperature(hour: float) -> float:
    return -10.0 * sin(2 * pi * hour / DAY)


def said(shape: Shape) -> list[tuple[float, str]]:
    detector = SpendDetector(interval_seconds=300, money=False)
    return [(hour, verdict.question) for hour, verdict in watched(shape, 0, 7 * DAY, detector) if verdict.page]


def test_what_is_as_ever_does_not_page_though_it_is_negative() -> None:
    assert said(temperature) == []


def test_one_sample_outside_the_week_pages_both_ways() -> None:
    assert said(lambda hour: 13.0 if hour == AT else temperature(hour)) == [(AT, "above_week")]
    assert said(lambda hour: -13.0 if hour == AT else temperature(hour)) == [(AT, "below")]


def test_a_day_that_does_not_go_as_days_go_pages() -> None:
    found = said(lambda hour: 0.0 if AT <= hour < AT + 8 else temperature(hour))
    assert found
    assert all(AT < hour < AT + 8 for hour, _ in found)


def test_normal_is_the_hour_of_the_day_before() -> None:
    detector = SpendDetector(interval_seconds=300, money=False)
    list(watched(temperature, 0, 3 * DAY, detector))
    expected = detector.normal(MONDAY + (3 * DAY + 6.5) * HOUR)
    assert expected is not None
    assert abs(expected - temperature(6.5)) < 0.5
