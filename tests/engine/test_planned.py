from __future__ import annotations

from datetime import timedelta

import pytest

from finops_tui.engine.planned import Every, PlannedWindow, planned
from tests.engine.findings import signal
from tests.samples import NOON

HOUR = timedelta(hours=1)


def window(**given: object) -> PlannedWindow:
    fields: dict[str, object] = {"match": "ml", "begins": NOON, "ends": NOON + 2 * HOUR, "reason": "retraining"}
    return PlannedWindow(**(fields | given))  # type: ignore[arg-type]  # test data by name


@pytest.mark.parametrize("match", ["ml", "m*", "ml/job/*", "prod", "prod/Job/ml/train"])
def test_it_matches_whatever_names_the_thing(match: str) -> None:
    assert window(match=match).fits(signal())


@pytest.mark.parametrize("match", ["m", "ML", "train", "other*", ""])
def test_it_matches_nothing_else(match: str) -> None:
    assert not window(match=match).fits(signal())


def test_the_end_is_no_part_of_it() -> None:
    assert window().covers(NOON)
    assert not window().covers(NOON + 2 * HOUR)
    assert not window().covers(NOON - timedelta(seconds=1))


@pytest.mark.parametrize(("every", "period"), [(Every.DAY, 24), (Every.WEEK, 168)])
def test_it_comes_again(every: Every, period: int) -> None:
    again = window(every=every)
    assert again.covers(NOON + (3 * period + 1) * HOUR)
    assert not again.covers(NOON + (3 * period + 3) * HOUR)
    assert not window().covers(NOON + (3 * period + 1) * HOUR)


def test_what_began_before_the_window_is_not_of_it() -> None:
    assert planned(signal(since=NOON - HOUR), [window()], NOON + HOUR) == ""
    assert planned(signal(since=NOON), [window()], NOON + HOUR) == "retraining"
