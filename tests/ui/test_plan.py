"""From a key to a change: the dialog, what it asks the desk for, and that nothing is done by accident."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from finops_tui.engine.proposal import Request, Undo, UndoAll
from finops_tui.errors import ActionError, Refused
from finops_tui.model.finding import Finding
from finops_tui.model.plan import Decision, Judgement, Outcome, Plan, Risk
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.palette import palette_of
from finops_tui.ui.screens import plan as plan_module
from finops_tui.ui.screens import plan_view
from finops_tui.ui.screens.plan import PlanDialog
from finops_tui.ui.targets import target_of
from finops_tui.ui.widgets.lines import Line
from finops_tui.ui.widgets.plan_body import laid_out
from tests.ui.deeds import HELPED, NODE, PAUSED, TEAM
from tests.ui.desk import (
    ARMED,
    DISARMED,
    PROTECTED,
    STALE,
    TYPED,
    UNARMED,
    DeskDouble,
    at_the_desk,
)
from tests.ui.samples import FINDINGS, HOSTILE_TEXTS, INCIDENT, NOW, RETRAIN, hostile
from tests.ui.screen import Screen, shown

READY = replace(INCIDENT, armed=ARMED)
SIZES = [(40, 10), (60, 15), (80, 24), (99, 33), (120, 40), (200, 60)]


@asynccontextmanager
async def ready(
    desk: DeskDouble | None = None, snapshot: Snapshot = READY, size: tuple[int, int] = (120, 40), **settings: Any
) -> AsyncIterator[tuple[Screen, DeskDouble]]:
    """Open the screen with somebody armed at it, and a desk that answers."""
    async with shown(snapshot, size, **settings) as screen:
        yield screen, at_the_desk(screen, desk or DeskDouble())


def dialog(screen: Screen) -> PlanDialog:
    assert isinstance(screen.app.screen, PlanDialog)
    return screen.app.screen


def is_closed(screen: Screen) -> bool:
    return screen.app.screen is screen.app.main


def focus(screen: Screen) -> str | None:
    return screen.app.focused.id if screen.app.focused is not None else None


def after(screen: Screen, words: str) -> str:
    """Return the line of the screen with these words in it."""
    return next(line for line in screen.lines if words in line)


def inside(screen: Screen) -> str:
    """Return the text of the dialog alone, on one line."""
    place = dialog(screen)._view.ground.region
    return " ".join(" ".join(line[place.x : place.right] for line in screen.lines).split())


async def again(screen: Screen) -> None:
    """Let the plan be made again, as it is every few seconds."""
    dialog(screen)._plan()
    await screen.pilot.pause()
    await screen.pilot.pause()


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


# Nothing by accident


async def test_the_focus_starts_on_cancel_and_enter_presses_what_has_it() -> None:
    async with ready() as (screen, desk):
        await screen.press("p")
        assert screen.app.focused is dialog(screen)._view.cancel
        await screen.press("enter")
        assert is_closed(screen)
        await screen.press("p", "tab", "enter")
        assert is_closed(screen)
        assert len(desk.confirmed) == 1
        await screen.press("p", "escape")
        assert is_closed(screen)
        assert len(desk.confirmed) == 1


async def test_the_key_that_opened_it_does_nothing_in_it() -> None:
    async with ready(snapshot=replace(READY, findings=(NODE,))) as (screen, _):
        await screen.press("e", "e")
        assert "Reason:" not in screen.text
        assert focus(screen) == "cancel"


async def test_a_refusal_can_be_read_to_its_end_on_a_small_screen() -> None:
    last = "Ask #platform for another window."
    bad = replace(PROTECTED, reason=f"{PROTECTED.reason} {'It serves everybody who logs in. ' * 8}{last}")
    async with ready(DeskDouble(bad), size=(60, 15)) as (screen, _):
        await screen.press("p")
        seen = screen.text
        for _ in range(4):
            await screen.press("pagedown")
            seen += screen.text
        assert "another window." in seen


async def test_a_key_that_comes_before_the_plan_confirms_nothing() -> None:
    desk = DeskDouble()
    desk.holds = asyncio.Event()
    async with ready(desk) as (screen, _):
        await screen.press("p", "y", "enter")
        assert desk.confirmed == []


async def test_planning_is_said_after_a_moment_and_can_be_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "SILENT_SECONDS", 0.01)
    monkeypatch.setattr(plan_view, "SILENT_SECONDS", 0.01)
    desk = DeskDouble()
    desk.holds = asyncio.Event()
    async with ready(desk) as (screen, _):
        await screen.press("p")
        await asyncio.sleep(0.05)
        await screen.pilot.pause()
        assert "Planning…" in screen.text
        await screen.press("escape")
        await screen.pilot.pause()
        assert is_closed(screen)
        assert desk.cancelled == 1, "nobody waits for the answer any more"


async def test_the_target_is_the_one_of_the_moment_when_the_key_was_pressed() -> None:
    async with ready() as (screen, desk):
        await screen.press("p")
        worse = replace(FINDINGS[2], severity=RETRAIN.severity, excess_usd_per_hour=9_000.0)
        await screen.publish(replace(READY, findings=(worse, FINDINGS[1], RETRAIN)))
        await again(screen)
        await screen.press("y")
        ((proposal, _),) = desk.confirmed
        assert [plan.target.key for plan in proposal.plans] == [RETRAIN.scope.name]


async def test_a_change_of_the_target_makes_a_new_plan_and_calls_the_focus_back() -> None:
    async with ready() as (screen, desk):
        await screen.press("p", "tab")
        assert screen.app.focused is dialog(screen)._view.confirm
        await again(screen)
        assert screen.app.focused is dialog(screen)._view.confirm, "the same plan again is no news"
        desk.change = lambda plan: replace(plan, changes=(replace(plan.changes[0], after='"later"'), *plan.changes[1:]))
        await again(screen)
        assert (
            'changed at 14:02:31Z; this is a new plan: spec.suspend of job/retrain-v7 would become "later".'
            in inside(screen)
        )
        assert screen.app.focused is dialog(screen)._view.cancel
        assert '"later"' in screen.text
        await screen.press("y")
        ((proposal, _),) = desk.confirmed
        assert proposal.plans[0].changes[0].after == '"later"'


async def test_a_plan_that_touches_something_else_is_a_new_plan() -> None:
    async with ready() as (screen, desk):
        await screen.press("p", "tab")
        desk.change = lambda plan: replace(plan, touches="1 job, 5 pods, 40 GPUs, 5 nodes")
        await again(screen)
        said = "What it touches changed at 14:02:31Z; this is a new plan: 1 job, 5 pods, 40 GPUs, 5 nodes now, 1 job"
        assert said in inside(screen)
        assert screen.app.focused is dialog(screen)._view.cancel


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda plan: replace(plan, target=replace(plan.target, uid="u-2")),
            "The job changed at 14:02:31Z; this is a new plan: another one has its name.",
        ),
        (
            lambda plan: replace(plan, changes=(replace(plan.changes[0], before='"held"'), *plan.changes[1:])),
            'this is a new plan: spec.suspend of job/retrain-v7 is "held" now, false before.',
        ),
        (lambda plan: replace(plan, changes=plan.changes[1:]), "this is a new plan: other fields would be set."),
    ],
)
async def test_what_is_no_longer_as_it_was_planned_is_said(change: Callable[[Plan], Plan], words: str) -> None:
    async with ready() as (screen, desk):
        await screen.press("p")
        desk.change = change
        await again(screen)
        assert words in inside(screen)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 15)])
async def test_no_value_of_a_change_is_cut(size: tuple[int, int]) -> None:
    was, becomes = "old-" + "o" * 70 + "-was", "new-" + "n" * 150 + "-end"
    desk = DeskDouble()
    desk.change = lambda plan: replace(plan, changes=(replace(plan.changes[0], before=was, after=becomes),))
    async with ready(desk, size=size) as (screen, _):
        await screen.press("p")
        body = dialog(screen)._view.body
        lines = ["".join(text for text, _ in line).strip() for line in body_lines(screen)]
        told = "".join(lines)
        assert was in told
        assert becomes in told
        assert all(cell_len(line) <= body.size.width for line in lines)
        await screen.press("X")
        seen = ""
        for _ in range(8):
            seen += "".join(line.strip() for line in screen.lines)
            await screen.press("pagedown")
        assert "-end" in seen


def body_lines(screen: Screen) -> list[Line]:
    body = dialog(screen)._view.body
    return laid_out(body.value, body.size.width, body.size.height, palette_of(screen.app))


async def test_what_only_tells_of_the_plan_itself_is_no_change() -> None:
    async with ready() as (screen, desk):
        await screen.press("p")
        desk.change = lambda plan: replace(plan, changes=(plan.changes[0], replace(plan.changes[1], after="{}")))
        await again(screen)
        assert "this is a new plan" not in screen.text


async def test_a_target_that_is_gone_leaves_only_cancel() -> None:
    async with ready() as (screen, desk):
        await screen.press("p", "tab")
        desk.unplanned = {RETRAIN.scope.name: ActionError("job/retrain-v7 is gone", "it ended 14:02:10Z")}
        await again(screen)
        assert "Refused: Job/retrain-v7 is gone. It ended 14:02:10Z." in screen.text
        assert "y  Pause" not in screen.text
        assert screen.app.focused is dialog(screen)._view.cancel
        await screen.press("y")
        assert desk.confirmed == []
        desk.unplanned = {}
        await again(screen)
        assert "y  Pause retrain-v7" in screen.text


async def test_it_is_planned_again_while_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "AGAIN_SECONDS", 0.02)
    async with ready() as (screen, desk):
        await screen.press("p")
        await asyncio.sleep(0.2)
        assert len(desk.wishes) > 1
        await screen.press("escape")
        asked = len(desk.wishes)
        await asyncio.sleep(0.1)
        assert len(desk.wishes) == asked


async def test_what_was_begun_goes_on_when_nobody_waits_for_it() -> None:
    desk = DeskDouble()
    async with ready(desk) as (screen, _):
        await screen.press("p")
        desk.holds = asyncio.Event()
        await screen.press("y")
        assert "what was begun goes on" in screen.text
        await screen.press("y")
        assert len(desk.confirmed) == 1, "it is not sent twice"
        await screen.press("escape")
        assert is_closed(screen)
        desk.holds.set()
        await screen.pilot.pause()
        await screen.pilot.pause()
        assert desk.cancelled == 0
        assert screen.toasts == ["Pause retrain-v7: prod-us took it. z takes it back."]


# What the guard asks for


async def test_a_refusal_says_why_and_leaves_only_cancel() -> None:
    async with ready(DeskDouble(PROTECTED)) as (screen, desk):
        await screen.press("p")
        assert "Refused: prod-us/kube-system is protected (policy line 14)." in screen.text
        assert "y  Pause" not in screen.text
        await screen.press("y", "tab", "enter")
        assert desk.confirmed == []


async def test_what_cannot_be_planned_says_why() -> None:
    desk = DeskDouble()
    desk.trouble = ActionError("prod-us has not answered for 10s", "GET jobs timed out", "Try again.")
    async with ready(desk) as (screen, _):
        await screen.press("p")
        assert "Refused: Prod-us has not answered for 10s. GET jobs timed out. Try again." in screen.text
        await screen.press("y")
        assert desk.confirmed == []


async def test_the_name_is_typed_where_the_guard_wants_it() -> None:
    async with ready(DeskDouble(TYPED)) as (screen, desk):
        await screen.press("p")
        assert "Type retrain-v7 to pause it:" in screen.text
        assert "It is in prod." in screen.text
        assert "y  Pause" not in screen.text
        assert focus(screen) == "cancel"
        await screen.press(*"retr")
        assert focus(screen) == "typed"
        await screen.press(*"ain", "enter")
        assert desk.confirmed == []
        assert "That is not retrain-v7." in screen.text
        await screen.press("minus", *"v7")
        assert "That is not" not in screen.text
        assert "enter  Pause retrain-v7" in screen.text
        await screen.press("enter")
        ((_, answer),) = desk.confirmed
        assert answer.typed == "retrain-v7"


async def test_a_reason_and_a_colleague_are_asked_for_one_after_the_other() -> None:
    desk = DeskDouble(TYPED)
    desk.given = {"reason_pattern": r"INC-\d+", "approver": True}
    async with ready(desk) as (screen, _):
        await screen.press("p")
        assert r"Reason, with INC-\d+ in it:" in screen.text
        assert "Agreed by (a colleague's name):" in screen.text
        await screen.press("tab", *"soon", "enter")
        assert screen.app.focused is dialog(screen)._view.inputs["reason"]
        await screen.press(*" INC-12", "enter", *"mei", "enter", *"retrain-v7", "enter")
        ((_, answer),) = desk.confirmed
        assert (answer.reason, answer.approver, answer.typed) == ("soon INC-12", "mei", "retrain-v7")


@pytest.mark.parametrize("letter", list("yetgoEXjkW"))
async def test_every_letter_is_text_where_a_name_is_to_be_typed(letter: str) -> None:
    async with ready(DeskDouble(TYPED)) as (screen, desk):
        await screen.press("p", letter, letter)
        assert dialog(screen)._view.written["typed"] == 2 * letter
        await screen.press("shift+tab", "shift+tab", letter)
        assert (desk.confirmed, desk.armings) == ([], [])
        dialog(screen)


async def test_without_letters_the_other_keys_of_the_dialog_are_shown_and_work() -> None:
    async with ready(DeskDouble(TYPED)) as (screen, desk):
        await screen.press("p")
        assert "tab field   esc cancel   f2 for how long" in screen.lines[39]
        assert "f4 export   f1 explain" in after(screen, "esc  Cancel")
        assert "y confirm" not in screen.text
        await screen.press("f2")
        assert "due at 14:32Z" in screen.text
        await screen.press(*"ret", "tab", "tab", *"INC-9", "enter")
        assert focus(screen) == "typed", "the reason is written, the name is not"
        assert "enter next" in screen.lines[39]
        await screen.press("end", *"rain-v7", "enter")
        ((_, answer),) = desk.confirmed
        assert (answer.typed, answer.reason) == ("retrain-v7", "INC-9")


async def test_the_footer_names_the_keys_that_work_before_in_and_after_the_reason() -> None:
    async with ready() as (screen, _):
        await screen.press("p")
        assert "y confirm   esc cancel   t for how long   e reason" in screen.lines[39]
        await screen.press("e", *"INC-9")
        assert "enter confirm   tab field   esc cancel   f2 for how long" in screen.lines[39]
        assert "y confirm" not in screen.text
        await screen.press("enter")
        assert focus(screen) == "confirm"
        assert "y confirm   esc cancel   t for how long   e reason" in screen.lines[39]


async def test_a_code_is_asked_for_behind_the_name() -> None:
    desk = DeskDouble()
    desk.given = {"approver": True, "approver_code": True}
    async with ready(desk) as (screen, _):
        await screen.press("p", "y")
        assert "Agreed by (a colleague's name and code):" in screen.text
        await screen.press(*"mei 123456", "enter", "enter")
        ((_, answer),) = desk.confirmed
        assert answer.approver == "mei 123456"


async def test_a_reason_can_be_given_where_none_is_asked_for() -> None:
    async with ready() as (screen, desk):
        await screen.press("p", "e", *"INC-9 runaway", "enter", "enter")
        ((_, answer),) = desk.confirmed
        assert answer.reason == "INC-9 runaway"


async def test_old_data_raises_what_is_asked_for() -> None:
    async with ready(DeskDouble(STALE)) as (screen, _):
        await screen.press("p")
        assert "● data 6m old" in screen.text
        assert "The data is 6m old." in screen.text
        assert "Type retrain-v7 to pause it:" in screen.text


async def test_what_is_asked_for_more_than_before_calls_the_focus_back() -> None:
    async with ready() as (screen, desk):
        await screen.press("p", "tab")
        desk.judgement = TYPED
        await again(screen)
        assert "More is asked for than before; Guard says why." in screen.text
        assert screen.app.focused is dialog(screen)._view.cancel
        await screen.press("y", "enter")
        assert desk.confirmed == []


async def test_what_the_guard_refuses_at_the_last_moment_is_told_in_the_dialog() -> None:
    desk = DeskDouble()
    desk.refused_late = Refused("The same target was changed 3s ago by mei.")
    async with ready(desk) as (screen, _):
        await screen.press("p", "y")
        assert "Refused: The same target was changed 3s ago by mei." in screen.text
        assert screen.toasts == []
        dialog(screen)


async def test_what_is_not_armed_is_armed_from_inside() -> None:
    async with ready(DeskDouble(UNARMED), replace(READY, armed=DISARMED)) as (screen, desk):
        assert "W arm" in screen.lines[39]
        assert "p pause" not in screen.lines[39]
        await screen.press("p")
        assert "Changes are not armed. W arms them for a while, then y does it." in screen.text
        assert "W  Arm" in screen.text
        await screen.press("y")
        assert desk.confirmed == []
        await screen.press("W")
        assert desk.armings == ["arm"]
        assert "y  Pause retrain-v7" in screen.text
        assert screen.app.focused is dialog(screen)._view.cancel
        await screen.press("y")
        assert len(desk.confirmed) == 1


async def test_a_cluster_that_is_read_only_offers_no_arming() -> None:
    desk = DeskDouble(replace(UNARMED, reason="prod-us is read-only (policy.read_only)."))
    desk.given = {"read_only": True}
    async with ready(desk) as (screen, _):
        await screen.press("p")
        assert "Refused: prod-us is read-only (policy.read_only)." in screen.text
        assert "W  Arm" not in screen.text


async def test_where_everything_is_read_only_no_key_does_anything() -> None:
    async with shown(INCIDENT) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await screen.press("p", "s", "z", "W")
        assert is_closed(screen)
        assert (desk.wishes, desk.armings) == ([], [])
        assert "READ-ONLY" in screen.lines[0]


async def test_without_a_desk_it_says_so() -> None:
    async with shown(READY) as screen:
        await screen.press("p")
        assert "Refused: Nothing can be changed from here." in screen.text


async def test_words_name_the_keys_that_are_bound() -> None:
    async with ready(keymap={"action.undo": "w"}) as (screen, _):
        await screen.press("p")
        assert "Undo         w resumes from checkpoint" in screen.text
        await screen.press("y")
        assert screen.toasts == ["Pause retrain-v7: prod-us took it. w takes it back."]


async def test_what_is_not_known_is_said_once() -> None:
    desk = DeskDouble()
    desk.change = lambda plan: replace(plan, saves_usd_per_hour=None, saves_when="not known: the pool has no price")
    async with ready(desk) as (screen, _):
        await screen.press("p")
        assert "Saves        unknown: the pool has no price" in screen.text


async def test_moments_in_what_the_engine_says_are_written_as_all_others() -> None:
    desk = DeskDouble()
    desk.change = lambda plan: replace(plan, undo="sets it back at 2026-03-14T09:05:00Z")
    async with ready(desk) as (screen, _):
        await screen.press("p")
        assert "sets it back at Sat 09:05Z" in screen.text


async def test_what_costs_instead_says_so_once() -> None:
    desk = DeskDouble()
    desk.change = lambda plan: replace(
        plan, saves_usd_per_hour=-412.0, saves_when="adds about $412.0/h once its pods have nodes", until_then=""
    )
    async with ready(desk) as (screen, _):
        await screen.press("P")
        assert "Saves        nothing: it adds about $412.0/h once its pods have nodes" in screen.text


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


# Rows that are not the thing itself


async def test_a_finding_about_a_team_acts_on_its_best_remedy() -> None:
    helped = replace(TEAM, remedies=HELPED.remedies)
    async with ready(snapshot=replace(READY, findings=(helped,))) as (screen, desk):
        await screen.press("p")
        (wish,) = desk.wishes
        assert isinstance(wish, Request)
        assert [target.name for target in wish.targets] == ["nlp-train/job/retrain-v7"]


async def test_the_footer_and_the_best_move_name_what_a_wider_finding_would_change() -> None:
    helped = replace(TEAM, remedies=HELPED.remedies)
    async with ready(snapshot=replace(READY, findings=(helped,)), size=(200, 60)) as (screen, _):
        assert "p pause retrain-v7" in screen.lines[59]
        assert "p pause the job retrain-v7 saves" in screen.text
        await screen.press("p")
        assert "Chosen best move against nlp: milder first, then most $/h saved" in inside(screen)


async def test_a_paused_workload_offers_its_way_back() -> None:
    async with ready(snapshot=replace(READY, actions=(PAUSED,))) as (screen, _):
        assert "P resume" in screen.lines[39]
        assert "p pause" not in screen.lines[39]


@pytest.mark.parametrize("key", ["p", "s", "e", "Q", "N"])
async def test_a_key_that_does_nothing_on_the_row_says_what_to_choose(key: str) -> None:
    async with ready() as (screen, desk):
        await screen.press("2", key)
        assert desk.wishes == []
        (told,) = screen.toasts
        assert "is nothing that one can" in told
        assert "Choose a " in told


async def test_the_cursor_stays_on_what_was_acted_on() -> None:
    worse = replace(FINDINGS[2], severity=RETRAIN.severity, excess_usd_per_hour=9_000.0)
    later = replace(READY, findings=(worse, FINDINGS[1], RETRAIN))
    for keys in (("p", "escape"), ("enter", "escape"), ("d", "escape"), ("z", "escape")):
        async with ready(snapshot=replace(READY, actions=(PAUSED,))) as (screen, _):
            before = screen.cursor()
            await screen.press(*keys)
            await screen.publish(later)
            assert screen.cursor() == before, keys


async def test_a_finding_without_a_target_says_what_to_choose() -> None:
    async with ready(snapshot=replace(READY, findings=(TEAM,))) as (screen, desk):
        assert "p pause" not in screen.lines[39]
        await screen.press("p")
        assert screen.toasts == ["nlp is nothing that one can pause. Choose a workload."]
        assert desk.wishes == []


async def test_a_row_that_cannot_be_paused_offers_no_pause() -> None:
    async with ready() as (screen, desk):
        await screen.press("2")
        assert "p pause" not in screen.lines[39]
        await screen.press("p", "5", "p")
        assert is_closed(screen)
        assert desk.wishes == []


async def test_a_missing_permission_dims_the_key_and_is_named() -> None:
    from finops_tui.actions.base import Permission

    desk = DeskDouble()
    desk.lacking = {"pause": (Permission(verb="patch", resource="jobs", group="batch", namespace="nlp-train"),)}
    async with ready(desk) as (screen, _):
        await asyncio.sleep(0.6)
        await screen.pilot.pause()
        screen.app.paint()
        await screen.pilot.pause()
        assert "p pause needs patch" in screen.lines[39]
        await screen.press("p")
        assert is_closed(screen)
        assert screen.toasts == ["You may not pause nlp-train/job/retrain-v7: needs patch batch/jobs in nlp-train."]


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
        dialog(screen)


async def test_explain_tells_all_that_the_guard_said() -> None:
    async with ready(DeskDouble(TYPED)) as (screen, _):
        await screen.press("p", "f1")
        for words in ("Because", "It is in prod.", "✓ not protected", "● in prod", "patch batch/jobs in nlp-train"):
            assert words in screen.text
        await screen.press("escape")
        dialog(screen)


# Back


async def test_undo_of_what_somebody_else_left_on_an_object_is_asked_for_by_target() -> None:
    async with ready() as (screen, desk):
        await screen.press("d", "z")
        (wish,) = desk.wishes
        assert wish == Undo(target=target_of(RETRAIN))


async def test_undo_of_the_row_comes_before_what_was_done_last() -> None:
    newer = replace(PAUSED, key="b1", target="prod-us/deploy/x/y", name="x/deploy/y", at=NOW)
    async with ready(snapshot=replace(READY, actions=(newer, PAUSED))) as (screen, desk):
        assert "z undo" in screen.lines[39]
        await screen.press("z")
        (wish,) = desk.wishes
        assert isinstance(wish, Undo)
        assert wish.entry == PAUSED.key
        assert "━━ Undo: Pause retrain-v7" in screen.text


BULK = tuple(
    replace(PAUSED, key=f"b{number}", target=f"prod-us/job/ml/{name}", name=f"ml/job/{name}", bulk="b0", at=NOW)
    for number, name in enumerate(("a", "b", "c"))
)
"""Three that one key confirmed."""


def of_bulk(*, judgements: Mapping[str, Judgement] | None = None) -> DeskDouble:
    desk = DeskDouble()
    desk.done = {row.key: target for row in BULK if (target := target_of(row)) is not None}
    desk.judgements = judgements or {}
    return desk


async def test_what_one_key_confirmed_is_taken_back_by_one_key() -> None:
    async with ready(of_bulk(), snapshot=replace(READY, actions=BULK)) as (screen, desk):
        await screen.press("z")
        assert desk.wishes == [UndoAll(entries=("b0", "b1", "b2"))]
        assert "━━ Undo: pause 3 jobs" in screen.text
        for name in "abc":
            assert f"✓ ml/job/{name}" in inside(screen)
        assert "y Undo 3" in inside(screen)
        assert "a only a" in screen.lines[-1]
        await screen.press("y")
        assert [plan.target.name for plan in desk.confirmed[0][0].plans] == ["ml/job/a", "ml/job/b", "ml/job/c"]


async def test_what_would_cost_more_again_is_not_called_a_saving_and_every_loss_has_a_name() -> None:
    desk = of_bulk()
    desk.change = lambda plan: replace(
        plan,
        saves_usd_per_hour=-100.0,
        loses="5m of work" if plan.target.name.endswith("a") else "nothing",
        slo_risk=Risk.HIGH if plan.target.name.endswith("b") else Risk.NONE,
        slo_words="",
    )
    async with ready(desk, snapshot=replace(READY, actions=BULK)) as (screen, _):
        await screen.press("z")
        said = inside(screen)
        assert "nothing: it adds about $300.0/h in all" in said
        assert "✓ ml/job/a adds ≈$100.0/h" in said
        assert "a: 5m of work b, c: nothing" in said
        assert "b: ● high a, c: ✓ none" in said
        assert "−" not in said.partition("Changes")[0]


async def test_of_what_one_key_confirmed_only_one_may_be_taken_back_and_all_again() -> None:
    async with ready(of_bulk(), snapshot=replace(READY, actions=BULK)) as (screen, desk):
        await screen.press("z", "a")
        assert desk.wishes[-1] == Undo(entry="b0", target=target_of(BULK[0]))
        assert "━━ Undo: Pause retrain-v7" in screen.text
        assert "a all 3 of one key" in screen.lines[-1]
        await screen.press("a")
        assert desk.wishes[-1:] == [UndoAll(entries=("b0", "b1", "b2"))]


async def test_a_row_of_the_journal_is_taken_back_alone_unless_one_wants_all_of_its_key() -> None:
    async with ready(of_bulk(), snapshot=replace(READY, actions=BULK)) as (screen, desk):
        await screen.press("J", "down", "z")
        assert desk.wishes[-1] == Undo(entry="b1", target=target_of(BULK[1]))
        await screen.press("a")
        assert desk.wishes[-1:] == [UndoAll(entries=("b0", "b1", "b2"))]


async def test_of_several_that_are_taken_back_those_that_are_refused_can_be_left_out() -> None:
    refused = {BULK[1].target: PROTECTED}
    async with ready(of_bulk(judgements=refused), snapshot=replace(READY, actions=BULK)) as (screen, desk):
        await screen.press("z")
        assert "refused: prod-us/kube-system is protected" in inside(screen)
        await screen.press("y")
        assert desk.confirmed == []
        await screen.press("o")
        assert desk.wishes[-1] == UndoAll(entries=("b0", "b2"))


async def test_what_was_taken_back_of_a_bulk_already_is_not_taken_back_again() -> None:
    rows = (replace(BULK[0], undoable=False, undone_by="x"), *BULK[1:])
    async with ready(of_bulk(), snapshot=replace(READY, actions=rows)) as (screen, desk):
        await screen.press("z")
        assert desk.wishes == [UndoAll(entries=("b1", "b2"))]


def test_the_words_that_the_dialog_looks_for_are_the_guards_own() -> None:
    from finops_tui.engine.arming import DISARMED as NOBODY
    from finops_tui.ui.screens.plan_standing import NOT_ARMED
    from tests.engine.plans import judged

    judgement = judged(armed=NOBODY)
    assert judgement.decision is Decision.REFUSE
    assert NOT_ARMED in [check.words for check in judgement.checks if not check.ok]
