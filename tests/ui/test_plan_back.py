"""Taking back what was done: one change, or all that one key confirmed."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from finops_tui.engine.proposal import Undo, UndoAll
from finops_tui.model.plan import Judgement, Risk
from finops_tui.ui.targets import target_of
from tests.ui.deeds import PAUSED
from tests.ui.desk import PROTECTED, DeskDouble
from tests.ui.plan_dialog import READY, inside, ready
from tests.ui.samples import NOW, RETRAIN


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
