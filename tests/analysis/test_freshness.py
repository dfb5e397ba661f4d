from __future__ import annotations

from datetime import timedelta

from finops_tui.analysis.freshness import STEP_SECONDS, is_stale, known_at
from finops_tui.model.health import HealthState
from tests.engine.fleets import INVENTORY, health
from tests.samples import NOON

SECOND = timedelta(seconds=1)


def test_down_is_stale_and_silence_becomes_so() -> None:
    assert is_stale(health(state=HealthState.DOWN), NOON)
    assert not is_stale(health(state=HealthState.PARTIAL), NOON + 60 * SECOND)
    assert is_stale(health(state=HealthState.POLLED), NOON + 61 * SECOND)
    assert is_stale(health(stale_after_seconds=5.0), NOON + 6 * SECOND)


def test_who_has_not_spoken_yet_is_not_stale() -> None:
    assert not is_stale(None, NOON)
    assert not is_stale(health(state=HealthState.CONNECTING, answered_at=None), NOON + timedelta(days=1))
    assert not is_stale(health(answered_at=None), NOON + timedelta(days=1))


def test_a_live_stream_stands_by_what_it_said() -> None:
    later = NOON + 95 * SECOND
    live = {INVENTORY: health(answered_at=later)}
    known = known_at(live, INVENTORY, NOON)
    assert known is not None
    assert timedelta() <= later - known < timedelta(seconds=STEP_SECONDS)


def test_who_polls_or_is_down_does_not() -> None:
    later = NOON + 95 * SECOND
    for state in (HealthState.POLLED, HealthState.DOWN):
        assert known_at({INVENTORY: health(state=state, answered_at=later)}, INVENTORY, NOON) == NOON
    assert known_at({}, INVENTORY, NOON) == NOON
    assert known_at({}, INVENTORY, None) is None
