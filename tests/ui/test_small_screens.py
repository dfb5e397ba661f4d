"""What was cut on the smallest screens without saying so."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from finops_tui.ui.screens.row_pages import DetailsPage, ExplainPage
from tests.ui.samples import INCIDENT
from tests.ui.screen import shown


async def test_the_signs_of_the_help_are_wrapped() -> None:
    async with shown(INCIDENT, size=(60, 15)) as screen:
        await screen.press("question_mark", "G")
        text = " ".join(screen.text.split())
        assert "older than its source allows; the age stands beside it" in text
        assert "not known; the details say why. 0.0 is measured" in text


@pytest.mark.parametrize("width", [40, 50, 60, 70, 80, 120])
async def test_the_dialog_about_a_finding_cuts_no_figure(width: int) -> None:
    async with shown(INCIDENT, size=(width, 15)) as screen:
        await screen.press("a")
        (line,) = [line for line in screen.lines if "Finding" in line]
        assert line.endswith(("burned $87.3", "…"))
        assert "+$374.0/h" in line
        if width >= 60:
            assert "burned $87.3" in line


async def test_the_only_sentence_about_the_whole_is_wrapped_and_not_cut() -> None:
    calm = replace(INCIDENT, findings=(), learning="")
    async with shown(calm, size=(60, 15)) as screen:
        text = " ".join(screen.text.split())
        assert "No finding is open, but all together costs 58% more than normal." in text


async def test_a_details_page_leads_on_to_how_its_figures_came_to_be() -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("d")
        assert isinstance(screen.app.screen, DetailsPage)
        await screen.press("X")
        assert isinstance(screen.app.screen, ExplainPage)
        await screen.press("escape")
        assert isinstance(screen.app.screen, DetailsPage)
