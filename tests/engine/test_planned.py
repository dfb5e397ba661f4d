from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from finops_tui.engine.planned import Every, PlannedWindow, planned, settling
from finops_tui.model.action import ActionRow
from finops_tui.model.plan import Outcome, TargetKind
from finops_tui.model.scope import Scope, ScopeKind
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


def act(**given: Any) -> ActionRow:
    fields: dict[str, Any] = {
        "key": "p1", "at": NOON, "action": "pause", "title": "Pause retrain-v7", "target": "prod/Job/ml/train",
        "target_kind": TargetKind.WORKLOAD, "name": "ml/job/train", "cluster": "prod", "who": "ana",
        "outcome": Outcome.DONE, "promised_usd_per_hour": 412.0, "pools": ("prod/gpu",),
        "saves_at": NOON + timedelta(minutes=9),
    }  # fmt: skip
    return ActionRow(**(fields | given))


POOL = Scope(ScopeKind.POOL, "prod/gpu")


def test_while_the_nodes_of_what_was_paused_are_still_to_go_their_pool_wakes_nobody() -> None:
    about = signal(scope=POOL)
    assert settling(about, [act()], NOON + timedelta(minutes=5)) == "Pause retrain-v7: its nodes are still to go"
    assert settling(about, [act()], NOON + HOUR) == "", "they should have gone by then"


@pytest.mark.parametrize(
    "row",
    [
        act(undone_by="p2"),
        act(outcome=Outcome.FAILED),
        act(outcome=Outcome.UNKNOWN),
        act(promised_usd_per_hour=-412.0),
        act(pools=("prod/other",)),
    ],
)
def test_nothing_else_that_was_done_explains_a_pool(row: ActionRow) -> None:
    assert settling(signal(scope=POOL), [row], NOON) == ""


def test_only_pools_are_explained_by_nodes_that_are_still_to_go() -> None:
    assert settling(signal(), [act()], NOON) == ""


def test_what_was_paused_wakes_nobody_once_it_costs_no_more_than_normal() -> None:
    about = signal(excess_usd_per_hour=0.0)
    row = act(target=about.scope.name)
    assert settling(about, [row], NOON) == "Pause retrain-v7: it costs no more than normal since"
    assert settling(signal(excess_usd_per_hour=90.0), [row], NOON) == "", "it burns all the same"
    assert settling(about, [act(target="prod/Job/ml/other")], NOON) == ""
