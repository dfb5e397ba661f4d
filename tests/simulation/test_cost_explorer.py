"""Feedback on an anomaly in the demo: the action for AWS itself, on a simulated Cost Explorer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finops_tui.clock import SimulatedClock
from finops_tui.engine.feed import Feed
from finops_tui.errors import ActionError
from finops_tui.model.cloud import AnomaliesSeen
from finops_tui.model.plan import Outcome
from finops_tui.simulation.cost_explorer import SimulatedCostExplorer
from finops_tui.wiring.hands import demo_desk
from tests.actions.aws.test_feedback import ROW, TARGET, seen
from tests.actions.make import fleet
from tests.samples import NOON

WORD = AnomaliesSeen(at=NOON, source="simulated clouds", cluster="", account=ROW.account, anomalies=(ROW,))


def said(explorer: SimulatedCostExplorer) -> str:
    """Return what the next look tells of the anomaly."""
    (row,) = explorer.tell(WORD).anomalies
    return row.feedback


async def test_what_is_said_of_an_anomaly_is_told_with_it_from_then_on_and_can_be_changed() -> None:
    explorer = SimulatedCostExplorer()
    assert said(explorer) == ""
    desk = demo_desk(
        lambda _: None, SimulatedClock(NOON), Feed(), armed_for=timedelta(hours=1), explorer=explorer
    )  # fmt: skip
    feedback = desk.actions["feedback"]
    for answer, words in (("planned", "PLANNED_ACTIVITY"), ("real", "YES")):
        plan = await feedback.plan(TARGET, {"feedback": answer}, seen(), fleet(), NOON)
        assert (await feedback.apply(plan)).outcome is Outcome.APPLIED
        assert (await feedback.verify(plan)).outcome is Outcome.DONE
        assert said(explorer) == words


async def test_an_anomaly_that_was_never_told_is_not_there() -> None:
    desk = demo_desk(
        lambda _: None, SimulatedClock(NOON), Feed(), armed_for=timedelta(hours=1), explorer=SimulatedCostExplorer()
    )  # fmt: skip
    with pytest.raises(ActionError):
        await desk.actions["feedback"].plan(TARGET, {"feedback": "real"}, seen(), fleet(), NOON)


def test_only_anomalies_since_the_day_asked_for_are_answered() -> None:
    explorer = SimulatedCostExplorer()
    explorer.tell(WORD)
    assert [len(explorer.get_anomalies(DateInterval={"StartDate": day})["Anomalies"]) for day in
            ("2026-03-09", "2026-03-10")] == [1, 0]  # fmt: skip
