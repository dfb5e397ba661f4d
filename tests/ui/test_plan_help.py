"""`?` in the plan's dialog, and the keys that move through a long plan."""

from __future__ import annotations

import pytest

from finops_tui.model.plan import Judgement
from finops_tui.ui.screens.plan_help import PlanHelpPage
from tests.ui.desk import TYPED, DeskDouble
from tests.ui.plan_dialog import SIZES, dialog, focus, ready


@pytest.mark.parametrize("size", [size for size in SIZES if size >= (60, 15)])
@pytest.mark.parametrize("judgement", [None, TYPED])
async def test_the_footer_of_a_plan_always_offers_help(size: tuple[int, int], judgement: Judgement | None) -> None:
    async with ready(DeskDouble(judgement) if judgement else None, size=size) as (screen, _):
        await screen.press("p")
        assert "? help" in screen.lines[size[1] - 1]
        await screen.press("question_mark")
        assert isinstance(screen.app.screen, PlanHelpPage)
        assert "leave everything as it was" in screen.text
        await screen.press("escape")
        assert dialog(screen).is_current


async def test_help_tells_only_what_works_now() -> None:
    async with ready() as (screen, _):
        await screen.press("p", "question_mark")
        assert "write a reason" in screen.text
        assert "allow changes" not in screen.text, "it is armed"
    async with ready(DeskDouble(TYPED)) as (screen, _):
        await screen.press("p", "question_mark")
        assert "f4" in screen.text
        assert "E  f4" not in screen.text, "letters are the name"


async def test_a_question_mark_in_a_reason_is_a_letter_and_in_a_name_it_is_none() -> None:
    async with ready() as (screen, _):
        await screen.press("p", "e", "w", "question_mark")
        assert dialog(screen)._view.written["reason"] == "w?"
        assert "? help" not in screen.lines[39]
    async with ready(DeskDouble(TYPED)) as (screen, _):
        await screen.press("p", "r", "e", "question_mark")
        assert isinstance(screen.app.screen, PlanHelpPage)
        await screen.press("escape")
        assert focus(screen) == "typed"
        assert dialog(screen)._view.written["typed"] == "re"


async def test_a_plan_that_is_longer_than_its_place_says_which_key_goes_on() -> None:
    async with ready(size=(60, 15)) as (screen, _):
        await screen.press("p")
        assert "pagedown more" in screen.lines[14]
        await screen.press("G")
        assert "not protected" in screen.text
        assert "more line" not in screen.text
        assert "pagedown more" not in screen.lines[14]
        await screen.press("home")
        assert "Saves" in screen.text
