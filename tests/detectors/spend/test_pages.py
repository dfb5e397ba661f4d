from __future__ import annotations

import pytest

from finops_tui.detectors.spend.detector import SpendDetector
from tests.detectors.spend.made import DAY, HOUR, MONDAY, Shape, daily, flat, fresh, pages, plus, times, watched

AT = 9 * DAY + 10


def test_a_page_ends_half_an_hour_after_the_excess() -> None:
    said = dict(watched(plus(flat, AT, 2, 200.0), 0, AT + 4, fresh()))
    assert said[AT + 2].page
    assert not said[AT + 2.75].page
    assert said[AT + 3].since is None


def test_one_incident_has_one_onset_though_it_restarts() -> None:
    def restarting(hour: float) -> float:
        return 400.0 if AT <= hour < AT + 3.5 and (hour - AT) % 1 > 0.2 else 100.0

    onsets = {verdict.since for _, verdict in watched(restarting, 0, AT + 3.5, fresh()) if verdict.page}
    assert len(onsets) == 1


def test_a_page_that_comes_back_within_the_hour_keeps_its_onset() -> None:
    twice = plus(plus(flat, AT, 1, 200.0), AT + 1.75, 1, 200.0)
    assert {verdict.since for _, verdict in pages(twice, 10)} == {MONDAY + AT * HOUR}


@pytest.mark.parametrize("shape", [flat, daily])
def test_a_lasting_new_level_pages_once_and_is_normal_from_then_on(shape: Shape) -> None:
    detector = fresh()
    said = list(watched(times(shape, AT, 1e9, 1.6), 0, AT + 6 * DAY, detector))
    paged = [hour for hour, verdict in said if verdict.page]
    assert min(paged) > AT
    assert max(paged) <= AT + 4.1
    hour, last = said[-1]
    assert detector.normal(MONDAY + hour * HOUR) == pytest.approx(1.6 * shape(hour), rel=0.1)
    assert last.normal == pytest.approx(1.6 * shape(hour), rel=0.1)


def test_a_level_that_was_accepted_says_so_while_it_lasts() -> None:
    said = dict(watched(plus(flat, AT, 20, 100.0), 0, AT + 30, fresh()))
    verdict = said[AT + 10]
    assert not verdict.page
    assert verdict.since == MONDAY + AT * HOUR
    assert verdict.excess == pytest.approx(100.0)
    assert verdict.reason == "It stays: $200.0/h is taken for the new normal, $100.0/h was normal before."
    assert said[AT + 29].since is None


@pytest.mark.parametrize("shape", [flat, daily])
@pytest.mark.parametrize("hours", [3, 30, 60])
def test_an_incident_does_not_hide_the_next_one(shape: Shape, hours: float) -> None:
    first, second = AT, AT + hours + 30
    opened = [hour for hour, _ in pages(plus(plus(shape, first, hours, 300.0), second, 3, 250.0), 15)]
    assert any(first <= hour < first + 1 for hour in opened)
    assert any(second <= hour < second + 1 for hour in opened)
    assert not any(first + hours + 1 < hour < second for hour in opened)


def test_a_visit_is_taken_back_and_teaches_nothing() -> None:
    detector = fresh()
    list(watched(plus(flat, AT, 40, 300.0), 0, AT + 50, detector))
    assert detector.normal(MONDAY + (AT + 50) * HOUR) == pytest.approx(100.0)


def test_a_job_that_comes_every_night_where_days_do_not_resemble_each_other_becomes_a_habit() -> None:
    def job(hour: float) -> float:
        drift = 30.0 * (int(hour // 31) % 2)
        return 200.0 + drift + (200.0 if hour >= 9 * DAY and 2 <= hour % DAY < 4 else 0.0)

    nights = [int(hour // DAY) for hour, _ in pages(job, 16)]
    assert nights == [9, 10, 11]


def test_a_new_nightly_job_pages_its_first_nights_only_where_days_resemble_each_other() -> None:
    def job(hour: float) -> float:
        return daily(hour) + (60.0 if hour >= 9 * DAY and 2 <= hour % DAY < 4 else 0.0)

    nights = [int(hour // DAY) for hour, _ in pages(job, 20)]
    assert nights[0] == 9
    assert len(nights) <= 3


def test_after_a_gap_of_days_it_goes_on_where_it_was() -> None:
    detector = fresh()
    list(watched(daily, 0, 9 * DAY, detector))
    said = list(watched(plus(daily, 12 * DAY + 1, 2, 80.0), 11.5 * DAY, 12 * DAY + 3, detector))
    assert not any(verdict.page for hour, verdict in said if hour < 12 * DAY + 1)
    assert said[-1][1].page


def test_a_gap_with_a_doubled_sample_after_it_is_no_evidence() -> None:
    detector = fresh()
    list(watched(flat, 0, AT, detector))
    detector.update(MONDAY + (AT + 5) * HOUR, 200.0)
    assert not any(verdict.page for _, verdict in watched(flat, AT + 6, AT + 10, detector))


def test_primed_with_hourly_means_it_pages_on_an_incident_at_one_sample_a_minute() -> None:
    detector = SpendDetector(interval_seconds=3_600)
    list(watched(daily, 0, 10 * DAY, detector, step=3_600))
    said = list(watched(plus(daily, 10 * DAY + 5, 3, 200.0), 10 * DAY + 0.1, 10 * DAY + 8, detector, step=60))
    opened = next(hour for hour, verdict in said if verdict.page)
    assert 5 <= opened - 10 * DAY <= 5.6


def test_noise_by_the_minute_that_hourly_means_never_showed_does_not_page() -> None:
    detector = SpendDetector(interval_seconds=3_600)
    list(watched(flat, 0, 10 * DAY, detector, step=3_600))

    def noisy(hour: float) -> float:
        return flat(hour) * (1.4 if int(hour * 60) // 7 % 2 else 0.6)

    assert not any(verdict.page for _, verdict in watched(noisy, 10 * DAY + 0.1, 14 * DAY, detector, step=60))
