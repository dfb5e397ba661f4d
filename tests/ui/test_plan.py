"""From a key to a change: what the dialog shows, what may be taken along, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from finops_tui.engine.proposal import Request
from finops_tui.model.finding import Finding
from finops_tui.model.plan import Outcome, Plan, Risk
from finops_tui.ui.targets import target_of
from tests.ui.desk import ARMED, PROTECTED, TYPED, UNARMED, DeskDouble
from tests.ui.plan_dialog import SIZES, after, dialog, is_closed, ready
from tests.ui.samples import HOSTILE_TEXTS, NOW, RETRAIN, hostile

# What it shows


async def test_three_keys_from_the_page_to_a_paused_job() -> None:
    async with ready() as (screen, desk):
        await screen.press("p", "y")
        ((proposal, answer),) = desk.confirmed
        assert [plan.title for plan in proposal.plans] == ["Pause retrain-v7"]
        assert (answer.typed, answer.reason, answer.approver, answer.go_on) == ("", "", "", False)
        assert is_closed(screen)
        assert screen.toasts == ["Pause retrain-v7: prod-us took it. z takes it back."]


async def test_every_part_of_the_plan_stands_in_its_order() -> None:
    async with ready() as (screen, _):
        await screen.press("p")
        text = screen.text
        found = [
            text.index(words)
            for words in (
                "━━ Pause job ━",
                "nlp-train/job/retrain-v7  in prod-us",
                "Saves        ≈$412.0/h once 9 h100-train nodes are gone, about 14:09Z",
                "$0.0/h until then: freed pods do not stop the bill, removed nodes do",
                "SLO risk     ✓ none: no SLO reads from this workload",
                "Touches      1 job, 9 pods, 72 GPUs, 9 nodes",
                "Loses        7m of training since checkpoint 13:55Z (≈$48 of GPU time)",
                "Reverts it   ● the next sync of Argo CD app nlp-train",
                "self-heal is off, so the pause holds until somebody syncs",
                "Changes      job/retrain-v7",
                "spec.suspend                 false → true",
                'annotation finops-tui/undo   –     → {"suspend":false,"by":"ana"}',
                "Undo         z resumes from checkpoint 13:55Z, here or from another machine",
                "Guard        ✓ dry run accepted by prod-us  ✓ data 4s old  ✓ not protected",
                "esc  Cancel",
            )
        ]
        assert found == sorted(found)
        assert "owner nlp  #nlp-oncall" in after(screen, "in prod-us  ")
        assert "plan 4s old" in after(screen, "━━ Pause job ━")
        assert "y  Pause retrain-v7" in after(screen, "esc  Cancel")
        assert "E export plan   X explain" in after(screen, "esc  Cancel")


async def test_no_line_is_left_out_of_a_bare_plan() -> None:
    desk = DeskDouble()
    desk.change = lambda plan: replace(
        plan, reverts=(), changes=(), loses="", undo="", saves_usd_per_hour=None, until_then="", slo_words="",
        slo_risk=Risk.UNKNOWN,
    )  # fmt: skip
    async with ready(desk) as (screen, _):
        await screen.press("p")
        for words in (
            "Saves        unknown once",
            "SLO risk     ● unknown",
            "Loses        nothing",
            "Reverts it   none that is known",
            "Changes      none",
            "Undo         ● cannot be undone",
        ):
            assert words in screen.text


async def test_the_plan_tells_its_age() -> None:
    moment = NOW
    async with ready(now=lambda: moment) as (screen, _):
        await screen.press("p")
        moment = NOW + timedelta(seconds=9)
        screen.app.paint()
        await screen.pilot.pause()
        assert "plan 13s old" in screen.text


async def test_the_armed_chip_stays_lit_where_it_stood() -> None:
    async with ready() as (screen, _):
        before = screen.lines[0]
        await screen.press("p")
        assert screen.lines[0] == before
        chip = dialog(screen)._view.chip
        assert (chip.region.x, chip.region.width) == (before.index("ARMED") - 1, len(" ARMED 14m "))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("judgement", [None, TYPED, PROTECTED, UNARMED], ids=["allow", "type", "refused", "not armed"])
async def test_target_buttons_and_arming_stay_at_every_size(size: tuple[int, int], judgement: Any) -> None:
    async with ready(DeskDouble(judgement) if judgement else None, size=size) as (screen, _):
        await screen.press("p")
        assert "retrain-v7" in screen.text
        assert "esc  Cancel" in screen.text
        assert "ARMED 14m" in screen.text
        if judgement is None:
            assert "y  Pause retrain-v7" in screen.text
        if judgement is TYPED:
            assert "Type retrain-v7 to pa" in screen.text
        if judgement is PROTECTED:
            assert "Refused: prod-us/kube-system is" in screen.text
        for line in screen.lines:
            assert cell_len(line) <= size[0]


async def test_a_long_plan_scrolls_between_target_and_buttons() -> None:
    async with ready(size=(60, 15)) as (screen, _):
        await screen.press("p")
        assert "more lines below" in screen.text
        assert "Guard" not in screen.text
        for _ in range(12):
            await screen.press("pagedown")
        assert "not protected" in screen.text
        assert "more line" not in screen.text
        assert "retrain-v7" in screen.lines[1]
        assert "esc  Cancel" in screen.text
        await screen.press("pageup", "pageup", "pageup")
        assert "Saves" in screen.text


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
async def test_what_comes_from_outside_is_text(size: tuple[int, int], text: str) -> None:
    def spoilt(plan: Plan) -> Plan:
        target = replace(plan.target, name=f"a/b/{text}", owner=text, contact=text, cluster=text)
        changes = tuple(replace(one, object=text, path=text, before=text, after=text) for one in plan.changes)
        reverts = tuple(replace(one, words=text, advice=text) for one in plan.reverts)
        return replace(
            plan, target=target, changes=changes, reverts=reverts, title=f"Pause {text}", touches=text, loses=text,
            saves_when=text, until_then=text, slo_words=text, undo=text, dry_run=text,
        )  # fmt: skip

    bad = replace(TYPED, reason=text, type_name=f"x{text}")
    desk = DeskDouble(bad)
    desk.change = spoilt
    async with ready(desk, size=size) as (screen, _):
        await screen.press("p")
        for line in screen.lines:
            assert cell_len(line) <= size[0]
            assert line.isprintable(), ascii(line)
        await screen.press("f1")
        assert all(line.isprintable() for line in screen.lines)
        await screen.press("escape", "f4")
        dialog(screen)
        assert "\x1b" not in screen.app.clipboard


async def test_names_that_try_to_be_more_reach_the_desk_as_they_are() -> None:
    async with ready(snapshot=replace(hostile(), armed=ARMED)) as (screen, desk):
        row = screen.app.main.row
        assert isinstance(row, Finding)
        await screen.press("p", "y")
        ((proposal, _),) = desk.confirmed
        assert isinstance(proposal.wish, Request)
        assert proposal.wish.targets == (target_of(row),)


# Taking along


async def test_the_plan_is_exported_as_markdown() -> None:
    async with ready() as (screen, _):
        await screen.press("p", "E")
        text = screen.app.clipboard
        assert text.startswith("# `Pause retrain-v7`\n")
        assert "- Target: `nlp-train/job/retrain-v7` in `prod-us`, owner `nlp`" in text
        assert "- Saves: `≈$412.0/h once 9 h100-train nodes are gone, about 14:09Z`" in text
        assert "`spec.suspend false → true`" in text
        assert "The guard says: confirm." in text
        assert screen.toasts == ["Copied the plan as Markdown."]
        dialog(screen)


async def test_explain_tells_all_that_the_guard_said() -> None:
    async with ready(DeskDouble(TYPED)) as (screen, _):
        await screen.press("p", "f1")
        for words in ("Because", "It is in prod.", "✓ not protected", "● in prod", "patch batch/jobs in nlp-train"):
            assert words in screen.text
        await screen.press("escape")
        dialog(screen)


# What becomes of it


@pytest.mark.parametrize(
    ("outcome", "words", "told"),
    [
        (Outcome.DONE, "9 of 9 pods are gone.", "Pause retrain-v7: 9 of 9 pods are gone. z takes it back."),
        (Outcome.FAILED, "prod-us refused it.", "Pause retrain-v7 failed: prod-us refused it."),
        (
            Outcome.UNKNOWN,
            "no answer in 10s",
            "Unknown whether it took effect: Pause retrain-v7 (no answer in 10s). Checking; do not repeat.",
        ),
    ],
)
async def test_a_message_says_what_became_of_it(outcome: Outcome, words: str, told: str) -> None:
    desk = DeskDouble()
    desk.outcomes = {RETRAIN.scope.name: (outcome, words)}
    async with ready(desk) as (screen, _):
        await screen.press("p", "y")
        assert screen.toasts == [told]
