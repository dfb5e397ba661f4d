from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.detectors.standing import Standing
from tests.detectors.scenes import minute

WINDOW = timedelta(minutes=20)


@given(rates=st.lists(st.floats(min_value=1.0, max_value=1e6), min_size=21, max_size=60))
def test_a_stand_is_the_least_of_its_window_and_has_burned_no_more_than_there_was(rates: list[float]) -> None:
    standing = Standing(WINDOW, 1.0)
    for at, usd in enumerate(rates):
        stands = standing.update({"a": usd}, minute(at))
    stand = stands["a"]
    assert stand.since == minute(0)
    assert stand.usd_per_hour == min(rates[-21:])
    assert 0 <= stand.burned_usd <= sum(rates) / 60
    assert stand.since <= stand.level_since <= minute(len(rates) - 21)


@given(rates=st.lists(st.floats(min_value=0.0, max_value=3.0), min_size=1, max_size=60))
def test_what_falls_below_half_of_the_least_is_over(rates: list[float]) -> None:
    standing = Standing(timedelta(0), 1.0)
    for at, usd in enumerate(rates):
        stands = standing.update({"a": usd}, minute(at))
        assert ("a" in stands) or usd < 1.0
        assert ("a" not in stands) or usd >= 0.5


def test_what_wobbles_around_the_least_does_not_come_and_go() -> None:
    standing = Standing(timedelta(0), 1.0)
    assert standing.update({"a": 0.9}, minute(0)) == {}
    assert "a" in standing.update({"a": 1.0}, minute(1))
    assert standing.update({"a": 0.6}, minute(2))["a"].since == minute(1)


def test_a_little_more_is_the_same_level_and_much_more_is_another() -> None:
    standing = Standing(WINDOW, 1.0)
    for at in range(120):
        stand = standing.update({"a": 10.0 if at < 40 else 10.5 if at < 80 else 20.0}, minute(at)).get("a")
        if stand is not None:
            assert stand.level_since == minute(80 if at >= 100 else 0)


def test_what_is_not_seen_goes_on_for_an_hour_without_burning() -> None:
    standing = Standing(timedelta(0), 1.0)
    standing.update({"a": 6.0}, minute(0))
    for at in range(1, 61):
        assert standing.update({}, minute(at), unsure={"a"})["a"].burned_usd == 0.0
    assert standing.update({"a": 6.0}, minute(60))["a"].since == minute(0)
    assert standing.update({}, minute(121), unsure={"a"}) == {}


def test_what_is_unseen_does_not_come_of_age() -> None:
    standing = Standing(WINDOW, 1.0)
    standing.update({"a": 6.0}, minute(0))
    assert standing.update({}, minute(30), unsure={"a"}) == {}


def test_a_known_beginning_counts_at_once_and_has_burned_since_then() -> None:
    stand = Standing(WINDOW, 1.0).update({"a": 6.0}, minute(60), begun={"a": minute(30)})["a"]
    assert (stand.since, stand.burned_usd) == (minute(30), 3.0)


def test_a_pause_between_two_looks_counts_for_an_hour_at_most() -> None:
    standing = Standing(timedelta(0), 1.0)
    standing.update({"a": 6.0}, minute(0))
    assert standing.update({"a": 6.0}, minute(600))["a"].burned_usd == pytest.approx(6.0)


def test_one_look_above_the_least_does_not_list_what_stays_below_it() -> None:
    standing = Standing(WINDOW, 5.0)
    for at in range(120):
        assert standing.update({"a": 5.0 if at == 0 else 2.6}, minute(at)) == {}


def test_what_is_less_than_the_least_lingers_for_an_hour_and_not_for_ever() -> None:
    standing = Standing(timedelta(0), 5.0)
    standing.update({"a": 5.0}, minute(0))
    for at in range(1, 61):
        assert "a" in standing.update({"a": 2.6}, minute(at))
    for at in range(61, 300):
        assert standing.update({"a": 2.6}, minute(at)) == {}
    assert standing.update({"a": 5.0}, minute(300))["a"].since == minute(300)


def test_a_dip_shorter_than_the_grace_ends_nothing_and_is_told_as_what_it_is() -> None:
    standing = Standing(timedelta(0), 10.0, timedelta(minutes=30))
    standing.update({"a": 12.0}, minute(0))
    for at in range(1, 31):
        stand = standing.update({"a": 1.0}, minute(at))["a"]
        assert (stand.since, stand.usd_per_hour, stand.low_since) == (minute(0), 1.0, minute(1))
    assert stand.burned_usd == 0.0
    again = standing.update({"a": 12.0}, minute(31))["a"]
    assert (again.since, again.usd_per_hour, again.low_since) == (minute(0), 12.0, None)
    assert again.burned_usd == pytest.approx(12.0 / 60)
    for at in range(32, 63):
        stands = standing.update({"a": 1.0}, minute(at))
    assert "a" in stands
    assert standing.update({"a": 1.0}, minute(63)) == {}
