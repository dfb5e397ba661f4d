from __future__ import annotations

from math import isnan

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from finops_tui.analysis.baseline import BaselineRules
from finops_tui.engine.history import (
    DAY,
    GONE_AFTER,
    HOUR,
    MINUTE,
    SAMPLE_STEP,
    STRIP_CELLS,
    TREND_STEP,
    Buckets,
    SpendHistory,
)
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import TREND_CELLS

MIDNIGHT = 20_522.0 * DAY
NOON = MIDNIGHT + DAY / 2
A = Scope(ScopeKind.TEAM, "a")


def history() -> SpendHistory:
    return SpendHistory(BaselineRules())


def test_a_bucket_is_the_mean_of_its_samples() -> None:
    buckets = Buckets(60, 5)
    for at, value in ((0, 1.0), (30, 3.0), (60, 10.0)):
        buckets.add(at, value)
    assert buckets.window(60, 3) == (None, 2.0, 10.0)


def test_time_without_samples_is_a_gap_unless_it_is_short() -> None:
    buckets = Buckets(60, 100, hold=2)
    buckets.add(0, 1.0)
    buckets.add(180, 4.0)
    assert buckets.window(180, 4) == (1.0, 1.0, 1.0, 4.0)
    buckets.add(420, 5.0)
    assert buckets.window(420, 5) == (4.0, None, None, None, 5.0)
    buckets.gap()
    buckets.add(540, 6.0)
    assert buckets.window(540, 3) == (5.0, None, 6.0)


def test_the_window_ends_now_even_when_nothing_came() -> None:
    buckets = Buckets(60, 5)
    buckets.add(0, 1.0)
    assert buckets.window(120, 4) == (None, 1.0, None, None)
    assert buckets.window(10_000, 3) == (None, None, None)
    assert buckets.window(-600, 3) == (None, None, None)


def test_what_is_kept_is_bounded_and_a_long_pause_is_cheap() -> None:
    buckets = Buckets(60, 5)
    for at in (0, 60, 120, 10**12, 10**12 + 60):
        buckets.add(at, 1.0)
        assert len(buckets.means) <= 5
    assert buckets.window(10**12 + 60, 3) == (None, 1.0, 1.0)


def test_priming_fills_in_below_what_was_recorded() -> None:
    buckets = Buckets(60, 100)
    buckets.add(600, 9.0)
    buckets.add(660, 9.5)
    buckets.prime([(480.0, 1.0), (540.0, 2.0), (600.0, 3.0), (660.0, 4.0)], 60, 660)
    assert buckets.window(660, 5) == (None, 1.0, 2.0, 9.0, 9.5)
    buckets.prime([(420.0, 0.5), (480.0, 1.5)], 60, 660)
    assert buckets.window(660, 5) == (0.5, 1.5, None, 9.0, 9.5)


def test_a_point_stands_for_its_whole_step_but_not_for_the_future() -> None:
    buckets = Buckets(60, 100)
    buckets.prime([(0.0, 7.0)], 300, 180)
    buckets.add(180, 8.0)
    assert buckets.window(180, 5) == (None, 7.0, 7.0, 7.0, 8.0)


def test_priming_with_more_than_is_kept_keeps_the_newest() -> None:
    buckets = Buckets(60, 3)
    buckets.prime([(float(at), float(at)) for at in range(0, 6000, 60)], 60, 6000)
    assert buckets.window(6000, 4) == (5820.0, 5880.0, 5940.0, None)


@given(st.lists(st.tuples(st.integers(0, 5_000), st.floats(0, 100)), max_size=40), st.integers(1, 30))
def test_law_a_mean_lies_among_its_samples(samples: list[tuple[int, float]], size: int) -> None:
    buckets = Buckets(60, size)
    for at, value in sorted(samples):
        buckets.add(at, value)
    assert len(buckets.means) <= size
    for index, mean in enumerate(buckets.means):
        own = [value for at, value in samples if at // 60 == buckets.first + index]
        assert isnan(mean) if not own else min(own) - 1e-9 <= mean <= max(own) + 1e-9


def test_a_trend_is_three_hours_in_steps() -> None:
    past = history().scope(A)
    for at in range(int(NOON), int(NOON) + 2 * TREND_STEP, SAMPLE_STEP):
        past.record(at, 10.0 if at < NOON + TREND_STEP else 20.0)
    trend = past.trend(NOON + 2 * TREND_STEP - 1)
    assert len(trend) == TREND_CELLS
    assert trend[-2:] == (10.0, 20.0)
    assert set(trend[:-2]) == {None}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["record", "record", "gap", "prime", "only time"]),
            st.integers(0, 3 * TREND_STEP),
            st.floats(0, 1e6),
        ),
        max_size=20,
    ),
    st.sets(st.integers(0, 20)),
)
@example(told=[("prime", 0, 0.0), ("only time", TREND_STEP, 0.0)], looks={0})
@example(told=[("record", 0, 0.0), ("record", 0, 1.0)], looks={0})
def test_law_a_trend_does_not_depend_on_when_else_it_was_looked_at(
    told: list[tuple[str, int, float]], looks: set[int]
) -> None:
    past, unseen, at = history().scope(A), history().scope(A), NOON
    for place, (what, later, usd) in enumerate(told):
        at += later
        for of in (past, unseen):
            if what == "record":
                of.record(at, usd)
            elif what == "gap":
                of.gap(at)
            elif what == "prime":
                of.prime([(at - 2 * HOUR, usd), (at - HOUR, usd)], HOUR, at)
        if place in looks:
            past.trend(at)
    assert past.trend(at) == unseen.trend(at)


def test_of_a_trend_that_moves_on_the_figures_stay_the_same_objects() -> None:
    past = history().scope(A)
    for step in range(TREND_CELLS):
        past.record(NOON + step * TREND_STEP, float(step))
    before = past.trend(NOON)
    past.record(NOON + TREND_CELLS * TREND_STEP, 7.0)
    after = past.trend(NOON)
    assert after[-1] == 7.0
    assert all(one is other for one, other in zip(before[1:-1], after[:-2], strict=True))


def test_what_sources_told_primes_scopes_known_and_new() -> None:
    kept = history()
    known = kept.scope(A)
    known.record(NOON, 99.0)
    hours = [(NOON - hour * HOUR, 10.0) for hour in range(14 * 24, 0, -1)]
    new = Scope(ScopeKind.TEAM, "new")
    kept.prime({A: (hours, HOUR), new: (hours, HOUR)}, NOON)
    assert known.normal(NOON).usd_per_hour == 10.0
    assert known.trend(NOON)[-2:] == (10.0, 99.0)
    assert kept.scope(new).normal(NOON).usd_per_hour == 10.0


def test_normal_is_learned_from_what_is_recorded() -> None:
    past = history().scope(A)
    assert past.normal(NOON).missing == "Normal is not known yet: 0 of 2 days seen."
    for step in range(3 * 24):
        past.record(NOON + step * HOUR, 5.0)
    assert past.normal(NOON + 3 * DAY).usd_per_hour == 5.0


def test_the_strip_is_a_sample_a_minute() -> None:
    kept = history()
    for second in range(0, 120, 10):
        kept.record_total(NOON + second, 100.0 + second)
    strip = kept.strip(NOON + 119)
    assert len(strip) == STRIP_CELLS
    assert strip[-2:] == (125.0, 185.0)


def test_a_stale_total_is_a_gap_in_the_strip() -> None:
    kept = history()
    kept.record_total(NOON, 100.0)
    kept.record_total(NOON + MINUTE, None)
    kept.record_total(NOON + 2 * MINUTE, 100.0)
    assert kept.strip(NOON + 2 * MINUTE)[-3:] == (100.0, None, 100.0)


def test_the_normal_of_each_minute_is_that_of_its_hour() -> None:
    kept = history()
    hours = [(NOON - hour * HOUR, float(int(NOON / HOUR - hour) % 24)) for hour in range(13 * 24, 0, -1)]
    kept.prime({TOTAL: (hours, HOUR)}, NOON)
    normal = kept.strip_normal(NOON + 30 * MINUTE)
    assert len(normal) == STRIP_CELLS
    assert normal[-1] == 12.0
    assert normal[0] == 9.0


def test_today_is_the_integral_since_midnight() -> None:
    kept = history()
    kept.record_total(MIDNIGHT, 60.0)
    for minute in range(1, 91):
        kept.record_total(MIDNIGHT + minute * MINUTE, 60.0 if minute < 60 else 120.0)
    usd, missing = kept.today(MIDNIGHT + 90 * MINUTE)
    assert missing == ""
    assert usd == pytest.approx(60.0 + 60.0)


def test_today_from_history_and_what_came_after() -> None:
    kept = history()
    kept.prime({TOTAL: ([(MIDNIGHT + hour * HOUR, 60.0) for hour in range(12)], HOUR)}, NOON)
    kept.record_total(NOON, 60.0)
    usd, missing = kept.today(NOON)
    assert missing == ""
    assert usd == pytest.approx(720.0)


def test_today_bridges_a_short_gap_by_its_sides() -> None:
    kept = history()
    kept.record_total(MIDNIGHT, 60.0)
    kept.record_total(MIDNIGHT + MINUTE, None)
    kept.record_total(MIDNIGHT + 30 * MINUTE, 120.0)
    usd, _ = kept.today(MIDNIGHT + 31 * MINUTE - 1e-6)
    assert usd == pytest.approx((60 + 29 * 90 + 120) / 60)


def test_today_is_not_known_with_a_long_gap_or_a_late_start() -> None:
    kept = history()
    assert kept.today(NOON) == (None, "Nothing has been recorded today.")
    kept.record_total(NOON, 60.0)
    assert kept.today(NOON) == (None, "History begins at 12:00Z; the sum since midnight is not known.")
    kept = history()
    kept.record_total(MIDNIGHT, 60.0)
    kept.record_total(MIDNIGHT + 2 * HOUR, 60.0)
    assert kept.today(MIDNIGHT + 2 * HOUR) == (None, "119 minutes of today were not recorded.")
    assert kept.today(MIDNIGHT + 4 * HOUR) == (None, "119 minutes of today were not recorded.")


def test_midnight_starts_a_new_day() -> None:
    kept = history()
    for minute in range(-60, 61):
        kept.record_total(MIDNIGHT + minute * MINUTE, 60.0)
    assert kept.today(MIDNIGHT + HOUR)[0] == pytest.approx(60.0)


def test_scopes_that_are_gone_are_forgotten() -> None:
    kept = history()
    gone, stays = kept.scope(A), kept.scope(TOTAL)
    gone.record(NOON, 1.0)
    stays.record(NOON, 1.0)
    kept.sweep(NOON)
    stays.record(NOON + GONE_AFTER + 61, 1.0)
    kept.sweep(NOON + GONE_AFTER + 61)
    assert kept.scope(TOTAL) is stays
    assert kept.scope(A) is not gone


def test_a_scope_that_is_stale_is_not_gone() -> None:
    kept = history()
    past = kept.scope(A)
    past.gap(NOON + GONE_AFTER)
    kept.sweep(NOON + GONE_AFTER + 61)
    assert kept.scope(A) is past
