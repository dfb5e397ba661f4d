"""The keys of the incident screen: from list to list, to its pages, and back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from finops_tui.ui.screens.incident import IncidentScreen
from finops_tui.ui.screens.row_pages import DetailsPage, ExplainPage, RowPage
from finops_tui.ui.screens.timeline import TimelineScreen
from tests.ui.deeds import HELPED
from tests.ui.samples import INCIDENT, NOW, RESOLVED, RETRAIN
from tests.ui.screens.incident_page import cursor, helped, incident, page, with_findings


@pytest.mark.parametrize(
    ("key", "part"),
    [
        ("2", "━━ 2 What changed"),
        ("3", "━━ 3 Contributors"),
        ("5", "━━ 5 SLOs near it"),
    ],
)
async def test_a_number_goes_to_its_part(key: str, part: str) -> None:
    async with incident(size=(80, 24)) as screen:
        await screen.press(key)
        assert part in screen.text


@pytest.mark.parametrize(("key", "part"), [("1", "1 Cost against normal"), ("4", "4 Remedies"), ("6", "6 Evidence")])
async def test_a_part_without_a_list_is_shown_too(key: str, part: str) -> None:
    async with incident(size=(60, 15)) as screen:
        await screen.press("G", key)
        assert part in screen.text


async def test_tab_goes_from_list_to_list() -> None:
    async with incident() as screen:
        seen = []
        for key in ("tab", "tab", "tab", "shift+tab"):
            await screen.press(key)
            seen.append(cursor(screen).partition("/")[0])
        assert seen == ["spend:prod-us", "slo:prod-us", "cause", "slo:prod-us"]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (("3",), "nlp-train/job/retrain-v7"),
        (("3", "j"), "h100-train"),
        (("5",), "batch deadline"),
    ],
)
async def test_enter_opens_the_details(keys: tuple[str, ...], words: str) -> None:
    async with incident() as screen:
        await screen.press(*keys, "enter")
        assert type(screen.app.screen) is DetailsPage
        assert words in screen.lines[2]
        await screen.press("escape")
        assert page(screen).finding_key == RETRAIN.key


async def test_enter_on_a_change_opens_it_where_it_is_reported() -> None:
    reported = replace(INCIDENT.activity[1], key="change/change-3")
    async with incident(RETRAIN, replace(INCIDENT, activity=(reported,))) as screen:
        await screen.press("j", "enter")
        assert isinstance(screen.app.screen, IncidentScreen), "that change is not in the activity"
        await screen.press("k", "enter")
        assert reported.what in screen.lines[2]


async def test_the_timeline_opens_for_this_finding() -> None:
    async with incident() as screen:
        await screen.press("T")
        assert isinstance(screen.app.screen, TimelineScreen)
        assert "Timeline  13:18Z to now, 44m · nlp-train/job/retrain-v7" in screen.text


@pytest.mark.parametrize(
    ("key", "kind", "words"), [("X", ExplainPage, "How the figures of"), ("d", DetailsPage, "Why")]
)
async def test_the_pages_of_the_finding_open_here(key: str, kind: type[RowPage], words: str) -> None:
    async with incident() as screen:
        assert "X why" in screen.lines[39]
        await screen.press(key)
        assert type(screen.app.screen) is kind
        assert words in screen.text
        assert "nlp-train/job/retrain-v7" in screen.lines[2]
        await screen.press("escape")
        assert page(screen).finding_key == RETRAIN.key


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("", "How the figures of nlp-train/job/retrain-v7 came to be"),
        ("2", "workers 1→9 · fit 0.96"),
        ("3", "Price per hour of each node, divided by its GPUs"),
        ("5", "Share of bad events in the window, divided by the error budget"),
        (
            "4",
            "What the nodes that it leaves empty cost, each at the mean of its pool. Once 9 h100-train nodes are gone",
        ),
    ],
)
async def test_every_figure_is_explained_by_the_key_for_it(keys: str, words: str) -> None:
    async with incident(HELPED, helped(), size=(200, 80)) as screen:
        await screen.press(*keys, "X")
        assert isinstance(screen.app.screen, ExplainPage)
        assert words in screen.text


async def test_a_page_of_explanations_names_every_figure_of_the_finding() -> None:
    async with incident(HELPED, helped(), size=(200, 80)) as screen:
        await screen.press("X")
        for words in (
            "$/h  ", "Normal  ", "Δ$/h  ", "Burned  ", "A day  ", "Chart  ", "Likely cause  ",
            "pause the job · saves ≈$412.0/h", "Loses 7m of training.", "SLO risk none.",
            "Set back by argocd: the next sync of Argo CD app nlp-train.", "cordon h100-3 · saves nothing",
            "It is not offered: a job keeps no earlier revision",
        ):  # fmt: skip
            assert " ".join(words.split()) in " ".join(screen.text.split())


async def test_what_is_not_there_has_no_pages() -> None:
    async with incident(RETRAIN, with_findings()) as screen:
        page(screen)._finding = None
        await screen.press("X", "d")
        assert isinstance(screen.app.screen, IncidentScreen)


async def test_it_can_be_acknowledged_here() -> None:
    async with incident() as screen:
        assert "a ack" in screen.lines[39]
        await screen.press("a")
        assert "retrain-v7" in screen.text
        await screen.press("escape")
        assert page(screen).finding_key == RETRAIN.key


async def test_what_is_over_or_gone_cannot_be_acknowledged() -> None:
    async with incident(RESOLVED) as screen:
        assert "a ack" not in screen.lines[39]
    async with incident() as screen:
        await screen.publish(replace(with_findings(), at=NOW + timedelta(seconds=39)))
        assert "a ack" not in screen.lines[39]
        assert page(screen).chosen_findings() == ()


async def test_the_runbook_is_copied() -> None:
    async with incident() as screen:
        await screen.press("o")
        assert screen.app.clipboard == RETRAIN.runbook


async def test_the_key_of_a_runbook_says_that_there_is_none_and_where_to_name_one() -> None:
    bare = replace(RETRAIN, runbook="")
    async with incident(bare, with_findings(bare)) as screen:
        assert "o runbook" not in screen.lines[39]
        await screen.press("o")
        (said,) = screen.toasts
        assert said == (
            "nlp-train/job/retrain-v7 has no runbook. Name one for spend in findings.runbooks, or in the workload's "
            "annotation finops-tui/runbook."
        )


async def test_escape_goes_back() -> None:
    async with incident() as screen:
        await screen.press("escape")
        assert screen.app.screen is screen.app.main


async def test_it_is_copied_as_text() -> None:
    async with incident(size=(60, 15)) as screen:
        await screen.press("c")
        text = screen.app.clipboard
        assert text.startswith("▲ PAGE   nlp-train/job/retrain-v7 prod-us")
        for words in ("1 Cost against normal", "workers 1→9", "h100-train", "batch deadline"):
            assert words in text
        assert "▌" not in text
