"""Anomalies on the bills page: what they say, and the key that tells AWS what one was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from finops_tui.actions.aws.feedback import ANSWERS, Feedback
from finops_tui.engine.proposal import Request, Undo
from finops_tui.errors import ActionError
from finops_tui.model.cloud import Anomaly, RootCause
from finops_tui.model.plan import Target, TargetKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.cloud_acts import FEEDBACK
from finops_tui.ui.screens.bills import BillsScreen
from finops_tui.ui.screens.choose import Choose
from finops_tui.ui.screens.plan import PlanDialog
from finops_tui.ui.screens.row_pages import DetailsPage
from finops_tui.ui.targets import target_for, target_of
from tests.ui.bill_samples import BILLED, CLOUD
from tests.ui.deeds import PAUSED
from tests.ui.desk import ARMED, DISARMED, DeskDouble, at_the_desk
from tests.ui.samples import HOSTILE_TEXTS
from tests.ui.screen import Screen, shown

READY = replace(BILLED, armed=ARMED)
ANSWERED, SILENT = CLOUD.anomalies
GOOGLE = replace(SILENT, account="ml-prod", subject="Compute Engine")
TARGET = Target(
    kind=TargetKind.ANOMALY,
    key="aws/222222222222/us-east-1/Anomaly/ce/an-2",
    cluster="aws/222222222222/us-east-1",
    name="anomaly/AWS Data Transfer",
)


def of(*rows: Anomaly, snapshot: Snapshot = READY) -> Snapshot:
    return replace(snapshot, cloud=replace(CLOUD, anomalies=rows))


def desk() -> DeskDouble:
    made = DeskDouble()
    made.lacking = {"feedback": ()}
    return made


@asynccontextmanager
async def page(
    snapshot: Snapshot, size: tuple[int, int] = (120, 40), *, wired: bool = True
) -> AsyncIterator[tuple[Screen, DeskDouble]]:
    """Open the fifth part of the bills page, with a desk that answers."""
    async with shown(snapshot, size, acts=(FEEDBACK,) if wired else ()) as screen:
        at_the_desk(screen, made := desk())
        await screen.press("m", "5")
        yield screen, made


def footer(screen: Screen) -> str:
    return screen.lines[-1]


def cursor_row(screen: Screen) -> str:
    return next(line for line in screen.lines if "▌" in line)


def on_bills(screen: Screen) -> bool:
    return isinstance(screen.app.screen, BillsScreen)


# From the row to AWS


def test_the_key_offers_what_the_action_takes() -> None:
    assert (FEEDBACK.id, FEEDBACK.key) == (Feedback.id, Feedback.key)
    assert {*FEEDBACK.kinds} == {kind.value for kind in Feedback.applies_to}
    assert [dict(one.given) for one in FEEDBACK.answers] == [{"feedback": each} for each in ANSWERS]


def test_a_row_stands_for_the_anomaly_that_the_action_knows_and_for_no_other_action() -> None:
    assert target_of(SILENT) == TARGET
    assert target_for(SILENT, "feedback", FEEDBACK.kinds) == TARGET
    assert target_for(SILENT, "pause", frozenset({"workload", "pool", "node", "namespace"})) is None
    assert target_of(GOOGLE) is None


async def test_from_the_row_to_the_plan_it_is_asked_which_it_was() -> None:
    async with page(of(SILENT)) as (screen, made):
        assert "F judge" in footer(screen)
        for key in ("pause", "scale", "undo"):
            assert key not in footer(screen)
        await screen.press("F")
        assert isinstance(screen.app.screen, Choose)
        for words in ("Judge anomaly: AWS Data Transfer", "real", "false alarm", "planned activity"):
            assert words in screen.text
        assert made.wishes == []
        await screen.press("down", "down", "enter")
        assert isinstance(screen.app.screen, PlanDialog)
        assert made.wishes == [Request(action="feedback", targets=(TARGET,), parameters={"feedback": "planned"})]
        assert made.confirmed == []
        await screen.press("y")
        assert on_bills(screen)
        ((proposal, _),) = made.confirmed
        assert [plan.target for plan in proposal.plans] == [TARGET]


@pytest.mark.parametrize(("typed", "answer"), [("real", "real"), ("false", "false"), ("plan", "planned")])
async def test_the_answer_can_be_typed(typed: str, answer: str) -> None:
    async with page(of(SILENT)) as (screen, made):
        await screen.press("F", *typed, "enter")
        (wish,) = made.wishes
        assert isinstance(wish, Request)
        assert wish.parameters == {"feedback": answer}


async def test_who_gives_it_up_has_asked_nothing() -> None:
    async with page(of(SILENT)) as (screen, made):
        await screen.press("F", "escape")
        assert on_bills(screen)
        assert "AWS Data Transfer" in cursor_row(screen)
        assert made.wishes == []


async def test_the_target_is_the_row_that_was_chosen_whatever_comes_after_it() -> None:
    async with page(of(SILENT)) as (screen, made):
        await screen.press("F")
        await screen.publish(of(ANSWERED))
        await screen.press("enter")
        (wish,) = made.wishes
        assert isinstance(wish, Request)
        assert wish.targets == (TARGET,)


async def test_it_is_judged_from_its_details_too_and_taken_back_where_the_journal_can() -> None:
    async with page(of(SILENT)) as (screen, made):
        await screen.press("enter")
        assert isinstance(screen.app.screen, DetailsPage)
        assert "F judge" in footer(screen)
        await screen.press("F", "enter", "y", "escape")
        assert len(made.confirmed) == 1
        await screen.press("z")
        assert on_bills(screen)
        done = replace(
            PAUSED, key="f1", action="feedback", target=TARGET.key, target_kind=TARGET.kind, name=TARGET.name,
            cluster=TARGET.cluster,
        )  # fmt: skip
        await screen.publish(replace(of(SILENT), actions=(done,)))
        assert "z undo" in footer(screen)
        await screen.press("z")
        assert made.wishes[-1] == Undo(entry="f1", target=TARGET)


async def test_what_the_desk_refuses_is_said_in_its_plan() -> None:
    async with page(of(SILENT)) as (screen, made):
        made.unplanned = {TARGET.key: ActionError("AWS has been told already: a real anomaly", "nothing to change")}
        await screen.press("F", "enter")
        assert "AWS has been told already" in screen.text
        await screen.press("y")
        assert made.confirmed == []


# Where the key does nothing


async def test_other_clouds_take_no_feedback_so_the_key_is_dim_and_says_why() -> None:
    async with page(of(GOOGLE)) as (screen, made):
        assert "F judge (AWS only)" in footer(screen)
        assert f"action.{FEEDBACK.id}" in screen.app.screen.dimmed  # type: ignore[attr-defined]  # the bills page has it
        await screen.press("F")
        assert on_bills(screen)
        words = "You cannot judge Compute Engine: its cloud takes no feedback on anomalies, only AWS does."
        assert screen.toasts[-1] == words
        await screen.press("enter")
        assert "its cloud takes no feedback" in screen.text
        assert made.wishes == []


async def test_no_other_part_of_the_page_offers_it_and_says_what_to_choose() -> None:
    async with page(READY) as (screen, made):
        for part in "23467":
            await screen.press(part)
            assert "judge" not in footer(screen), part
            await screen.press("F")
            assert on_bills(screen), part
        assert screen.toasts[-1].endswith("is nothing that one can judge. Choose an anomaly.")
        assert made.wishes == []


async def test_an_anomaly_is_nothing_that_other_keys_change() -> None:
    async with page(of(SILENT)) as (screen, made):
        await screen.press("p", "s", "P", "B")
        assert on_bills(screen)
        assert screen.toasts[-1] == "AWS Data Transfer is nothing that one can roll back. Choose a workload."
        assert made.wishes == []


async def test_until_it_is_armed_and_where_nothing_can_be_changed_it_is_not_offered() -> None:
    async with page(of(SILENT, snapshot=replace(BILLED, armed=DISARMED))) as (screen, _):
        assert "W arm" in footer(screen)
        assert "judge" not in footer(screen)
    async with page(of(SILENT, snapshot=BILLED)) as (screen, made):
        await screen.press("F")
        assert on_bills(screen)
        assert ("judge" in footer(screen), made.wishes) == (False, [])


async def test_where_no_cloud_is_wired_there_is_no_such_key() -> None:
    async with page(of(SILENT), wired=False) as (screen, made):
        assert "judge" not in footer(screen)
        await screen.press("F")
        assert on_bills(screen)
        assert made.wishes == []


# What it says


@pytest.mark.parametrize(
    ("feedback", "row", "details"),
    [
        ("YES", "real", "a real anomaly as somebody has told the cloud"),
        ("NO", "false", "a false alarm as somebody has told the cloud"),
        ("PLANNED_ACTIVITY", "planned", "planned activity as somebody has told the cloud"),
        ("MAYBE", "MAYBE", "MAYBE as somebody has told the cloud"),
        ("", "–", "– nobody has told the cloud what it was"),
    ],
)
async def test_row_and_details_say_the_feedback_that_stands(feedback: str, row: str, details: str) -> None:
    async with page(of(replace(SILENT, feedback=feedback)), size=(200, 60)) as (screen, _):
        assert cursor_row(screen).rstrip(" │┃").endswith(row)
        await screen.press("d")
        assert details in " ".join(screen.text.split())


async def test_a_service_that_stands_in_the_row_leaves_its_room_to_the_usage_type() -> None:
    cause = RootCause(service="Amazon SageMaker", usage_type="USW2-Host:ml.p5.48xlarge", contribution=Decimal(1))
    same = replace(SILENT, subject="Amazon SageMaker", causes=(cause,))
    async with page(of(same)) as (screen, _):
        assert "  USW2-Host:ml.p5.48x" in cursor_row(screen)
        assert cursor_row(screen).count("Amazon SageMaker") == 1
        await screen.press("d")
        assert "Amazon SageMaker · USW2-Host:ml.p5.48xlarge" in screen.text
    async with page(of(replace(same, subject="research")), size=(200, 60)) as (screen, _):
        assert "  Amazon SageMa…" in cursor_row(screen)


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 40)])
@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
async def test_what_comes_from_outside_is_text(size: tuple[int, int], text: str) -> None:
    async with page(of(replace(SILENT, id=text, subject=text)), size=size) as (screen, _):
        for keys in ((), ("F",), ("enter",), ("escape", "d")):
            await screen.press(*keys)
            for line in screen.lines:
                assert cell_len(line) <= size[0]
                assert line.isprintable(), ascii(line)
