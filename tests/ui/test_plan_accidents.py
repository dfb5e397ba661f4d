"""Nothing is done by accident: where the focus is, what a key that comes too early does, what makes a new plan."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from finops_tui.errors import ActionError
from finops_tui.model.plan import Plan
from finops_tui.ui.palette import palette_of
from finops_tui.ui.screens import plan as plan_module
from finops_tui.ui.screens import plan_view
from finops_tui.ui.widgets.lines import Line
from finops_tui.ui.widgets.plan_body import laid_out
from tests.ui.deeds import NODE
from tests.ui.desk import PROTECTED, DeskDouble
from tests.ui.plan_dialog import READY, again, dialog, focus, inside, is_closed, ready
from tests.ui.samples import FINDINGS, RETRAIN
from tests.ui.screen import Screen


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
