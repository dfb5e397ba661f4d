"""What is wanted of a plan: for how long, how many, which of several."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from finops_tui.engine.proposal import Request
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome
from tests.ui.desk import PROTECTED, DeskDouble
from tests.ui.plan_dialog import again, inside, is_closed, ready
from tests.ui.samples import NOW, RETRAIN

# Parameters


async def test_a_time_box_is_chosen_in_the_dialog() -> None:
    async with ready() as (screen, desk):
        await screen.press("p", "t")
        assert "due at 14:32Z" in screen.text
        assert "t for 30m" in screen.lines[39]
        await screen.press("y")
        ((proposal, _),) = desk.confirmed
        until = datetime.fromisoformat(proposal.plans[0].parameters["until"])
        assert until == NOW + timedelta(minutes=30)


async def test_the_time_box_counts_from_the_newest_plan() -> None:
    moment = NOW
    async with ready(now=lambda: moment) as (screen, desk):
        await screen.press("p", "t")
        moment = NOW + timedelta(minutes=5)
        await again(screen)
        assert "due at 14:37Z" in screen.text
        assert "this is a new plan" not in screen.text
        await screen.press("y")
        ((proposal, _),) = desk.confirmed
        assert datetime.fromisoformat(proposal.plans[0].parameters["until"]) == moment + timedelta(minutes=30)


async def test_the_time_box_goes_round() -> None:
    async with ready() as (screen, desk):
        await screen.press("p", "t", "t", "t", "t", "y")
        ((proposal, _),) = desk.confirmed
        assert dict(proposal.plans[0].parameters) == {}


@pytest.mark.parametrize(
    ("written", "parameters"),
    [
        ("4", {"replicas": "4"}),
        ("0", {"replicas": "0"}),
        ("min=1,max=4", {"autoscaler": "min=1,max=4"}),
        ("max=4", {"autoscaler": "max=4"}),
        ("Hold 4", {"autoscaler": "pause", "replicas": "4"}),
    ],
)
async def test_scaling_asks_how_many(written: str, parameters: dict[str, str]) -> None:
    async with ready() as (screen, desk):
        await screen.press("down", "down", "s")
        assert "Scale rerank-eu from 12 to:" in screen.text
        await screen.press(*["space" if char == " " else char for char in written], "enter")
        (wish,) = desk.wishes
        assert isinstance(wish, Request)
        assert dict(wish.parameters) == parameters
        assert [target.name for target in wish.targets] == ["search/deploy/rerank-eu"]


@pytest.mark.parametrize("written", ["many", "-1", "4.5", "min=,max=", ""])
async def test_what_is_no_size_is_not_planned(written: str) -> None:
    async with ready() as (screen, desk):
        await screen.press("s", "delete", *written, "enter")
        assert "Write a number; for an autoscaled one min=1,max=4" in " ".join(screen.text.split())
        assert desk.wishes == []
        await screen.press("escape")
        assert is_closed(screen)


# Several


async def test_marked_rows_are_one_plan_with_a_total() -> None:
    async with ready() as (screen, desk):
        await screen.press("6", "space", "down", "space")
        assert "■ 2 marked" in screen.text
        assert "p pause 2 marked" in screen.lines[39]
        await screen.press("p")
        assert "━━ Pause 2 workloads" in screen.text
        assert "Saves        ≈$824.0/h in all" in screen.text
        assert "✓ nlp-train/job/retrain-v7  saves ≈$412.0/h" in screen.text
        assert "✓ chat/deploy/chat-api-70b  saves ≈$412.0/h" in screen.text
        assert "the rest is not begun" in screen.text
        await screen.press("y")
        ((proposal, answer),) = desk.confirmed
        assert len(proposal.plans) == 2
        assert not answer.go_on
        assert screen.toasts == ["2 of 2 changes begun. z takes them back."]
        assert "marked" not in screen.text, "marks go with what they were for"


async def test_going_on_after_a_failure_is_a_choice() -> None:
    desk = DeskDouble()
    desk.outcomes = {RETRAIN.scope.name: (Outcome.FAILED, "prod-us refused it.")}
    async with ready(desk) as (screen, _):
        await screen.press("6", "space", "down", "space", "p", "y")
        assert screen.toasts == [
            "0 of 2 changes begun, 1 failed, 1 not begun. nlp-train/job/retrain-v7: prod-us refused it."
        ]
        await screen.press("home", "space", "down", "space", "p", "g")
        assert "the others are done all the same" in screen.text
        await screen.press("y")
        assert desk.confirmed[-1][1].go_on
        assert screen.toasts[-1].startswith("1 of 2 changes begun, 1 failed.")


async def test_what_is_refused_of_several_can_be_left_out() -> None:
    desk = DeskDouble()
    desk.judgements = {"prod-us/deploy/chat/chat-api-70b": PROTECTED}
    async with ready(desk) as (screen, _):
        await screen.press("6", "space", "down", "space", "p")
        assert "Refused: 1 of 2. prod-us/kube-system is protected" in screen.text
        assert "refused: prod-us/kube-system is protected (policy line 14)." in inside(screen)
        await screen.press("y")
        assert desk.confirmed == []
        await screen.press("o")
        assert "y  Pause retrain-v7" in screen.text
        await screen.press("y")
        ((proposal, _),) = desk.confirmed
        assert [plan.target.name for plan in proposal.plans] == ["nlp-train/job/retrain-v7"]


async def test_what_cannot_be_planned_of_several_is_named() -> None:
    desk = DeskDouble()
    desk.unplanned = {"prod-us/deploy/chat/chat-api-70b": ActionError("deployment/chat-api-70b is not paused so")}
    async with ready(desk) as (screen, _):
        await screen.press("6", "space", "down", "space", "p")
        assert "no plan: deployment/chat-api-70b is not paused so" in inside(screen)
        assert "y  Pause 1 of 2" in screen.text
