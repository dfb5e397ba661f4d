"""Rows that are not the thing itself, and keys that do nothing on a row."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from finops_tui.engine.proposal import Request
from tests.ui.deeds import HELPED, PAUSED, TEAM
from tests.ui.desk import DeskDouble
from tests.ui.plan_dialog import READY, inside, is_closed, ready
from tests.ui.samples import FINDINGS, RETRAIN

PATIENCE_SECONDS = 30.0


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
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "p pause needs patch" not in screen.lines[39]:
                await asyncio.sleep(0.05)
                screen.app.paint()
                await screen.pilot.pause()
        await screen.press("p")
        assert is_closed(screen)
        assert screen.toasts == ["You may not pause nlp-train/job/retrain-v7: needs patch batch/jobs in nlp-train."]
