from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_tui.detectors.spend.detector import SpendDetector, Verdict
from finops_tui.detectors.spend.rules import DEFAULT
from tests.detectors.spend.made import DAY, HOUR, MONDAY, daily, flat, fresh, plus, watched

ANY = st.floats(allow_nan=True, allow_infinity=True)
KIB = 1024


@given(st.lists(st.tuples(ANY, ANY), max_size=30))
def test_no_sample_raises(samples: list[tuple[float, float]]) -> None:
    for money in (True, False):
        detector = SpendDetector(interval_seconds=60, money=money)
        for ts, value in samples:
            detector.update(ts, value)
            detector.normal(ts)
        json.dumps(detector.state(), allow_nan=False)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([0.0, 1.0, 60.0, 300.0, 9_000.0, 900_000.0]), st.floats(0, 1e18)), max_size=60)
)
def test_any_spend_at_any_distance_leaves_a_state_that_can_be_saved(steps: list[tuple[float, float]]) -> None:
    detector = fresh()
    list(watched(flat, 0, 3 * DAY, detector))
    ts = MONDAY + 3 * DAY * HOUR
    for step, value in steps:
        ts += step
        detector.update(ts, value)
    restored = SpendDetector.restore(json.loads(json.dumps(detector.state(), allow_nan=False)))
    assert restored.update(ts + 300, 50.0) == detector.update(ts + 300, 50.0)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.floats(0, 1e6))
def test_a_constant_with_rubbish_and_gaps_in_between_never_pages(seed: int, usd: float) -> None:
    random = Random(seed)
    detector = fresh()
    ts = MONDAY
    rubbish = [math.nan, math.inf, -math.inf, -1.0, -usd - 1]
    for _ in range(9 * 288):
        ts += random.choice([300, 300, 300, 300, 60, 900, 20_000 if random.random() < 0.05 else 300])
        assert not detector.update(ts, usd).page
        if random.random() < 0.2:
            detector.update(ts + 10, random.choice(rubbish))
            detector.update(ts, usd * 50 + 500)
            detector.update(ts - 3_000, usd * 50 + 500)


def told(verdict: Verdict, factor: float) -> tuple[object, ...]:
    return (verdict.page, verdict.question, verdict.since, round(verdict.excess / factor, 3))


@settings(max_examples=5, deadline=None)
@given(st.sampled_from([0.5, 2.0, 64.0, 4_096.0]))
def test_so_many_times_the_money_and_the_gate_is_the_same_story(factor: float) -> None:
    """Powers of two, so that no sum is rounded differently. Only `usd_per_hour` has a size; all else are ratios."""
    dear = SpendDetector(interval_seconds=300, rules=replace(DEFAULT, usd_per_hour=DEFAULT.usd_per_hour * factor))
    cheap = fresh()
    story = plus(plus(daily, 8 * DAY, 6, 90.0), 9 * DAY + 2, 3, 500.0)
    for (_, one), (_, other) in zip(
        watched(story, 0, 10 * DAY, cheap),
        watched(lambda hour: story(hour) * factor, 0, 10 * DAY, dear),
        strict=True,
    ):
        assert told(one, 1.0) == told(other, factor)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 11 * 96), st.booleans())
def test_saved_and_restored_at_any_moment_it_says_the_same_from_then_on(quarter: int, money: bool) -> None:
    story = plus(plus(daily, 8 * DAY, 6, 190.0), 9 * DAY + 2, 3, 500.0)
    moment = quarter / 4 + 0.1
    detector = SpendDetector(interval_seconds=300, money=money)
    list(watched(story, 0, moment, detector))
    restored = SpendDetector.restore(json.loads(json.dumps(detector.state(), allow_nan=False)))
    rest = list(watched(story, moment, 11 * DAY, detector))
    assert list(watched(story, moment, 11 * DAY, restored)) == rest


def size(thing: object, seen: set[int]) -> int:
    """Return the bytes of a thing and of all it holds that nothing else does."""
    if id(thing) in seen or isinstance(thing, type) or thing is DEFAULT:
        return 0
    seen.add(id(thing))
    held: list[object] = []
    if isinstance(thing, dict):
        held += [*thing.keys(), *thing.values()]
    elif isinstance(thing, list | tuple | set) or type(thing).__name__ == "deque":
        held += list(thing)  # type: ignore[call-overload]
    held += [getattr(thing, name) for name in getattr(type(thing), "__slots__", ()) if hasattr(thing, name)]
    held += [getattr(thing, "__dict__", None)]
    return sys.getsizeof(thing) + sum(size(part, seen) for part in held)


@pytest.mark.parametrize("step", [1.0, 60.0, 300.0])
def test_memory_depends_neither_on_the_rate_nor_on_the_time(step: float) -> None:
    detector = fresh()
    list(watched(daily, 0, 9 * DAY, detector))
    story = plus(daily, 9 * DAY + 1, 30, 300.0)
    list(watched(story, 9 * DAY + 0.1, 9 * DAY + 4, detector, step=step))
    assert size(detector, set()) < 16 * KIB
