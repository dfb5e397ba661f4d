"""What stands outside clusters, on the bills page: what it says, and that keys act on its rows and on no others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from textual.events import MouseScrollUp

from finops_tui.engine.proposal import Request, Undo
from finops_tui.errors import ActionError
from finops_tui.model.outside import OutsideKind, OutsideRow
from finops_tui.model.plan import Target, TargetKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.cloud_acts import RESIZE
from finops_tui.ui.cloud_targets import OUTSIDE_ACTIONS
from finops_tui.ui.screens.bills import BillsScreen
from finops_tui.ui.screens.bills_note import note
from finops_tui.ui.screens.bills_outside import machines
from finops_tui.ui.screens.bills_parts import Parts
from finops_tui.ui.screens.plan import PlanDialog
from finops_tui.ui.screens.row_pages import DetailsPage
from finops_tui.ui.targets import target_for, target_of
from finops_tui.ui.widgets.sheet import Sheet
from tests.ui.bill_samples import BILLED, CLOUD
from tests.ui.deeds import PAUSED
from tests.ui.desk import ARMED, DISARMED, DeskDouble, at_the_desk
from tests.ui.outside_samples import ENDPOINT, ENVIRONMENT, GROUP, MACHINE, OUTSIDE, PLACE, QUEUE, STOPPED, TRAINING
from tests.ui.samples import EMPTY, HOSTILE_TEXTS, NOW
from tests.ui.screen import Screen, shown

READY = replace(BILLED, armed=ARMED)
ELSEWHERE = replace(GROUP, key="gcp/ml-prod/us-central1/gpu-mig", cluster="gcp/ml-prod/us-central1")
SIZES = [(40, 10), (60, 15), (80, 24), (120, 40), (200, 60)]


def of(*rows: OutsideRow, snapshot: Snapshot = READY) -> Snapshot:
    """Return a snapshot in which only these stand outside clusters."""
    return replace(snapshot, cloud=replace(CLOUD, outside=rows))


@asynccontextmanager
async def page(
    snapshot: Snapshot = READY, desk: DeskDouble | None = None, size: tuple[int, int] = (120, 40), **settings: Any
) -> AsyncIterator[tuple[Screen, DeskDouble]]:
    """Open the seventh part of the bills page, with a desk that answers."""
    async with shown(snapshot, size, **settings) as screen:
        at_the_desk(screen, desk := desk or DeskDouble())
        await screen.press("m", "7")
        yield screen, desk


def footer(screen: Screen) -> str:
    return screen.lines[-1]


def cursor_row(screen: Screen) -> str:
    return next(line for line in screen.lines if "▌" in line)


def on_bills(screen: Screen) -> bool:
    return isinstance(screen.app.screen, BillsScreen)


# What it says


async def test_the_dearest_stands_first_and_what_has_no_price_says_so() -> None:
    async with page() as (screen, _):
        at = next(at for at, line in enumerate(screen.lines) if "7 Outside clusters" in line)
        assert "≈$1,007/h, in no other figure · ● 2 unpriced" in screen.lines[at]
        rows = [line.split() for line in screen.lines[at + 2 : at + 9]]
        assert [row[1] if row[0] == "▌" else row[0] for row in rows] == [
            *("llm-70b-sft", "gpu-sweeps-asg", "i-0abc1234def567890", "i-0fff", "chat/blue", "gpu-spot", "sweeps")
        ]
        assert "910.4  8 × ml.p5.48xlarge  training job  no     3h12m  Training" in cursor_row(screen)
        assert [row[1] for row in rows[4:]] == ["unpriced", "unpriced", "–"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (TRAINING, "4 × ml.p5.48xlarge"),
        (replace(TRAINING, instance_types=("a", "b")), "4 × 2 types"),
        (replace(TRAINING, instance_types=()), "4"),
        (ENVIRONMENT, "96 vCPUs"),
        (QUEUE, "–"),
    ],
)
def test_machines_are_told_as_far_as_they_are_known(row: OutsideRow, words: str) -> None:
    assert machines(replace(row, machines=4 if row.machines is not None else None)) == words


async def test_the_details_say_what_it_costs_or_why_not_and_what_stopping_it_would_lose() -> None:
    async with page() as (screen, _):
        await screen.press("enter")
        assert isinstance(screen.app.screen, DetailsPage)
        for words in ("≈$910.4/h  in no other figure", "all of its work is lost when it stops", "stopped, for good"):
            assert words in screen.text
        await screen.press("escape", "down", "down", "down", "down", "d")
        assert "–  no price of ml.g5.2xlarge in us-east-1 is known; pricing.overrides may name one" in screen.text
        assert "not changed from here" in screen.text
        await screen.press("escape", "X")
        assert "no price of ml.g5.2xlarge" in screen.text
        await screen.press("escape")
        assert on_bills(screen)


async def test_a_pool_of_a_cluster_that_is_not_watched_names_it_where_it_stands() -> None:
    place = "gcp/ml-prod/us-central1/train"
    pool = replace(GROUP, key=f"{place}/h100", name="h100", cluster=place, account="ml-prod", region="us-central1")
    async with page(of(pool), size=(200, 60)) as (screen, _):
        assert cursor_row(screen).rstrip().endswith("ml-prod us-central1 train")
        await screen.press("enter")
        assert "ml-prod us-central1 train" in screen.text
        assert "not changed from here" in screen.text


async def test_where_nothing_is_known_it_says_what_would_tell() -> None:
    async with page(EMPTY) as (screen, _):
        assert "Nothing is known to run outside clusters. Sources of type aws, gcp and azure tell of it." in screen.text


async def test_what_is_old_says_its_age() -> None:
    async with page(of(replace(TRAINING, stale=True))) as (screen, _):
        assert "~ 2m old" in next(line for line in screen.lines if "7 Outside" in line)


def test_the_export_has_every_row() -> None:
    text = note(BILLED, Parts(lambda: NOW))
    assert "## Outside clusters" in text
    assert "| `llm-70b-sft` | `910.4` | `8 × ml.p5.48xlarge` | `training job` | `no` |" in text
    assert "| `chat/blue` | `unpriced` |" in text


# What a row stands for


@pytest.mark.parametrize(
    ("row", "kind", "name"),
    [
        (TRAINING, TargetKind.WORKLOAD, "sagemaker/llm-70b-sft"),
        (QUEUE, TargetKind.WORKLOAD, "batch/sweeps"),
        (MACHINE, TargetKind.WORKLOAD, "ec2/i-0abc1234def567890"),
        (GROUP, TargetKind.POOL, "pool/gpu-sweeps-asg"),
    ],
)
def test_a_row_stands_for_the_thing_that_actions_know(row: OutsideRow, kind: TargetKind, name: str) -> None:
    assert target_of(row) == Target(kind=kind, key=row.key, cluster=row.cluster, name=name)


def test_keys_are_those_that_the_actions_on_aws_read() -> None:
    assert [row.key for row in (TRAINING, QUEUE, GROUP, MACHINE)] == [
        f"{PLACE}/TrainingJob/sagemaker/llm-70b-sft",
        f"{PLACE}/JobQueue/batch/sweeps",
        "aws/222222222222/us-west-2/gpu-sweeps-asg",
        "aws/222222222222/us-west-2/Instance/ec2/i-0abc1234def567890",
    ]


@pytest.mark.parametrize("row", OUTSIDE, ids=lambda row: row.name)
@pytest.mark.parametrize("action", ["pause", "resume", "resize", "scale", "rollback", "limit", "restart"])
def test_only_what_a_cloud_does_is_done_to_it(row: OutsideRow, action: str) -> None:
    kinds = frozenset({"workload", "pool"})
    assert (target_for(row, action, kinds) is not None) is (action in OUTSIDE_ACTIONS.get(row.kind, ()))


def test_every_kind_that_can_be_changed_is_a_target_and_no_other() -> None:
    assert {row.kind for row in OUTSIDE} == set(OutsideKind)
    assert {row.kind for row in OUTSIDE if target_of(row) is not None} == set(OUTSIDE_ACTIONS)


# Keys


async def test_a_key_plans_on_the_row_under_the_cursor_and_the_page_is_there_again_after_it() -> None:
    async with page() as (screen, desk):
        assert "p pause" in footer(screen)
        assert "scale" not in footer(screen)
        await screen.press("p")
        assert isinstance(screen.app.screen, PlanDialog)
        assert "Pause trainingjob" in screen.text
        (wish,) = desk.wishes
        assert wish == Request(action="pause", targets=(target_of(TRAINING),), parameters={})  # type: ignore[arg-type]  # it is one
        assert desk.confirmed == []
        await screen.press("escape")
        assert on_bills(screen)
        assert "llm-70b-sft" in cursor_row(screen)
        assert desk.confirmed == []


async def test_three_keys_close_a_queue_from_the_bills_page_and_z_opens_it() -> None:
    async with page(of(QUEUE)) as (screen, desk):
        await screen.press("p", "y")
        assert on_bills(screen)
        ((proposal, _),) = desk.confirmed
        assert [plan.target.key for plan in proposal.plans] == [QUEUE.key]
        done = replace(PAUSED, key="q1", target=QUEUE.key, name="batch/sweeps", cluster=QUEUE.cluster)
        await screen.publish(replace(of(QUEUE), actions=(done,)))
        assert "P resume" in footer(screen)
        assert "z undo" in footer(screen)
        assert "p pause" not in footer(screen)
        await screen.press("z")
        assert desk.wishes[-1] == Undo(entry="q1", target=target_of(QUEUE))
        await screen.press("y")
        assert on_bills(screen)
        assert len(desk.confirmed) == 2


@pytest.mark.parametrize("row", [replace(QUEUE, state="closed"), STOPPED], ids=["queue", "machine"])
async def test_what_stands_paused_is_resumed(row: OutsideRow) -> None:
    async with page(of(row)) as (screen, desk):
        assert "P resume" in footer(screen)
        assert "p pause" not in footer(screen)
        await screen.press("P")
        (wish,) = desk.wishes
        assert isinstance(wish, Request)
        assert (wish.action, wish.targets) == ("resume", (target_of(row),))


async def test_a_group_is_given_another_size_where_that_is_wired() -> None:
    async with page(of(GROUP), acts=(RESIZE,)) as (screen, desk):
        assert "pause" not in footer(screen)
        await screen.press("R")
        assert "Resize gpu-sweeps-asg from 12 to" in screen.text
        await screen.press("backspace", "backspace", "4", "enter")
        (wish,) = desk.wishes
        assert wish == Request(action="resize", targets=(target_of(GROUP),), parameters={"nodes": "4"})  # type: ignore[arg-type]  # it is one
    async with page(of(GROUP)) as (screen, desk):
        await screen.press("R")
        assert on_bills(screen)
        assert desk.wishes == []


@pytest.mark.parametrize("key", ["s", "P", "B"])
async def test_what_cannot_be_done_to_it_is_said_and_not_planned(key: str) -> None:
    async with page(of(TRAINING)) as (screen, desk):
        await screen.press(key)
        assert on_bills(screen)
        assert desk.wishes == []
        assert screen.toasts[-1].startswith("llm-70b-sft is nothing that one can ")


@pytest.mark.parametrize("row", [ENDPOINT, ENVIRONMENT, ELSEWHERE], ids=["endpoint", "environment", "google"])
async def test_what_nothing_changes_offers_nothing(row: OutsideRow) -> None:
    async with page(of(row), acts=(RESIZE,)) as (screen, desk):
        await screen.press("p", "R")
        assert desk.wishes == []
        assert "pause" not in footer(screen)
        await screen.press("enter")
        assert "not changed from here" in screen.text


async def test_no_other_part_of_the_page_hears_the_keys_of_actions() -> None:
    async with page() as (screen, desk):
        for part in "23456":
            await screen.press(part)
            assert "pause" not in footer(screen)
            await screen.press("p", "s", "P", "C", "e", "B", "z")
            assert on_bills(screen), part
        assert desk.wishes == []


@pytest.mark.parametrize("part", "123456")
async def test_a_part_without_rows_leaves_no_row_elsewhere_to_act_upon(part: str) -> None:
    alone = replace(EMPTY.cloud, outside=(QUEUE,))
    done = replace(PAUSED, target=QUEUE.key)
    async with page(replace(EMPTY, armed=ARMED, actions=(done,), cloud=alone), acts=(RESIZE,)) as (screen, desk):
        assert "sweeps" in cursor_row(screen)
        await screen.press(part)
        assert "pause" not in footer(screen)
        await screen.press("p", "P", "R", "z", "d", "X", "enter")
        assert on_bills(screen)
        assert desk.wishes == []


async def test_a_row_that_was_scrolled_away_is_not_acted_upon_and_the_key_says_so() -> None:
    async with page(of(QUEUE), acts=(RESIZE,)) as (screen, desk):
        sheet = screen.app.screen.query_one(Sheet)
        for _ in range(20):
            sheet.post_message(MouseScrollUp(sheet, 0, 0, 0, -1, 0, False, False, False))
        await screen.pilot.pause()
        assert "pause" not in footer(screen)
        for key in "pPRzs":
            await screen.press(key)
            assert screen.toasts[-1] == "sweeps is not in view, so nothing is done to it. Move to a row first."
        assert len(screen.toasts) == 1, "the same words take the place of the same words"
        assert desk.wishes == []
        await screen.press("7", "p")
        assert [wish.action for wish in desk.wishes if isinstance(wish, Request)] == ["pause"]


async def test_until_it_is_armed_the_footer_says_how_to_and_the_plan_may_be_looked_at() -> None:
    async with page(of(QUEUE, snapshot=replace(BILLED, armed=DISARMED))) as (screen, desk):
        assert "W arm" in footer(screen)
        assert "p pause" not in footer(screen)
        await screen.press("p")
        assert isinstance(screen.app.screen, PlanDialog)
        await screen.press("escape", "W")
        assert desk.armings == ["arm"]


async def test_where_nothing_can_be_changed_no_key_is_offered() -> None:
    async with page(BILLED) as (screen, desk):
        await screen.press("p", "W", "z")
        assert on_bills(screen)
        assert desk.wishes == []
        assert "arm" not in footer(screen)


async def test_a_cloud_that_is_not_wired_refuses_with_what_to_put_in_the_config() -> None:
    desk = DeskDouble()
    trouble = ActionError(f"{PLACE} cannot be changed from here", "no cloud is named for it", "Add it under clouds:.")
    desk.unplanned = {QUEUE.key: trouble}
    async with page(of(QUEUE), desk) as (screen, _):
        await screen.press("p")
        for words in ("cannot be changed from here", "Add it under clouds:."):
            assert words in screen.text
        await screen.press("y")
        assert desk.confirmed == []


async def test_the_keys_work_on_the_details_too() -> None:
    async with page(of(MACHINE)) as (screen, desk):
        await screen.press("enter")
        assert "p pause" in footer(screen)
        await screen.press("p")
        (wish,) = desk.wishes
        assert isinstance(wish, Request)
        assert wish.targets == (target_of(MACHINE),)
        await screen.press("escape")
        assert isinstance(screen.app.screen, DetailsPage)


async def test_the_target_is_the_row_that_was_chosen_whatever_comes_after_it() -> None:
    async with page(of(TRAINING, QUEUE)) as (screen, desk):
        await screen.press("down", "p")
        dearer = replace(QUEUE, key=f"{PLACE}/JobQueue/batch/other", name="other")
        await screen.publish(of(dearer, TRAINING))
        assert "sweeps" in screen.text
        await screen.press("escape")
        assert {target.key for wish in desk.wishes if isinstance(wish, Request) for target in wish.targets} == {
            QUEUE.key
        }


# What comes from outside


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
async def test_what_comes_from_outside_is_text(size: tuple[int, int], text: str) -> None:
    bad = replace(
        TRAINING, name=text, account=text, region=text, cluster=text, instance_types=(text,), state=text, note=text,
        missing=text, priced_by=text,
    )  # fmt: skip
    async with page(of(bad, replace(bad, key="2", usd_per_hour=None)), size=size) as (screen, _):
        for keys in ((), ("d",), ("escape", "X"), ("escape", "p")):
            await screen.press(*keys)
            for line in screen.lines:
                assert cell_len(line) <= size[0]
                assert line.isprintable(), ascii(line)
