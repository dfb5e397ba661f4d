from __future__ import annotations

from datetime import timedelta

import pytest

from finops_tui.engine.arming import DISARMED, arm
from finops_tui.engine.policy import Policies, Policy
from finops_tui.errors import Refused
from tests.engine.plans import OPEN
from tests.samples import NOON

MINUTE = timedelta(minutes=1)


def test_it_begins_disarmed() -> None:
    assert not DISARMED.holds(NOON, OPEN)


def test_it_holds_until_its_moment_and_no_longer() -> None:
    armed = arm(Policies(default=OPEN), NOON)
    assert armed.holds(NOON, OPEN)
    assert armed.left(NOON + MINUTE, OPEN) == 14 * MINUTE
    assert not armed.holds(NOON + 15 * MINUTE, OPEN)


def test_a_cluster_with_a_shorter_time_is_disarmed_earlier() -> None:
    short = Policy(read_only=False, arm_minutes=2)
    armed = arm(Policies(default=OPEN, clusters=(("prod", short),)), NOON)
    assert armed.holds(NOON + 3 * MINUTE, OPEN)
    assert not armed.holds(NOON + 3 * MINUTE, short)


def test_a_clock_that_was_set_back_disarms() -> None:
    assert not arm(Policies(default=OPEN), NOON).holds(NOON - MINUTE, OPEN)


def test_where_everything_is_read_only_there_is_nothing_to_arm() -> None:
    with pytest.raises(Refused, match="read-only"):
        arm(Policies(), NOON)


def test_one_cluster_that_may_be_changed_is_enough() -> None:
    assert arm(Policies(clusters=(("lab", OPEN),)), NOON).holds(NOON, OPEN)
