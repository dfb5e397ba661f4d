"""What the guard asks for in the plan's dialog: arming, names, reasons, colleagues."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from finops_tui.errors import ActionError, Refused
from finops_tui.model.plan import Decision
from tests.ui.desk import DISARMED, PROTECTED, STALE, TYPED, UNARMED, DeskDouble, at_the_desk
from tests.ui.plan_dialog import READY, after, again, dialog, focus, is_closed, ready
from tests.ui.samples import INCIDENT
from tests.ui.screen import shown


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


def test_the_words_that_the_dialog_looks_for_are_the_guards_own() -> None:
    from finops_tui.engine.arming import DISARMED as NOBODY
    from finops_tui.ui.screens.plan_standing import NOT_ARMED
    from tests.engine.plans import judged

    judgement = judged(armed=NOBODY)
    assert judgement.decision is Decision.REFUSE
    assert NOT_ARMED in [check.words for check in judgement.checks if not check.ok]
