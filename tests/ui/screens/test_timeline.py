"""The timeline: rows over one axis, and the events below it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from finops_tui.model.snapshot import InterruptionRow, Snapshot
from finops_tui.ui.screens.incident import IncidentScreen
from finops_tui.ui.screens.row_pages import DetailsPage
from finops_tui.ui.screens.timeline import TimelineScreen
from tests.ui.samples import EMPTY, INCIDENT, NOW, RESOLVED, RETRAIN, ago, happened, hostile, stepped
from tests.ui.screen import Screen, shown
from tests.ui.widgets.harness import painted

TAKEN = tuple(
    InterruptionRow(
        key=f"i-{number}", at=ago(7_201), cluster="prod-us", pool="a100-spot", node=f"n-{number}", reason="spot"
    )
    for number in range(8)
)
BUSY = replace(
    INCIDENT,
    interruptions=TAKEN,
    headline=replace(INCIDENT.headline, strip_burn=stepped((120, 0.5), (40, 7.0), (20, 15.0))),
    activity=(happened(300, "ana", "paused retrain-v7", "action"), *INCIDENT.activity),
)
SIZES = [(40, 10), (60, 15), (70, 20), (80, 24), (100, 28), (120, 40), (200, 60), (300, 80)]


@asynccontextmanager
async def timeline(
    snapshot: Snapshot | None = BUSY, size: tuple[int, int] = (120, 40), about: str = "", **settings: Any
) -> AsyncIterator[Screen]:
    async with shown(snapshot, size, **settings) as screen:
        opened = TimelineScreen(screen.app.settings, about)
        opened.snapshot = snapshot
        await screen.app.push_screen(opened)
        await screen.pilot.pause()
        yield screen


def page(screen: Screen) -> TimelineScreen:
    assert isinstance(screen.app.screen, TimelineScreen)
    return screen.app.screen


def row(screen: Screen, label: str) -> str:
    return next(line for line in screen.lines if line[:15].strip() == label)


def chosen(screen: Screen) -> str:
    event = page(screen)._table.cursor_row
    assert event is not None
    return event.what


# What it says


async def test_three_hours_on_one_axis() -> None:
    async with timeline() as screen:
        assert "── Timeline  11:02Z to now, 3h ──" in screen.lines[4]
        assert "normal $812" in screen.text
        assert row(screen, "changes").split()[1:] == ["A", "B", "C", "┊"]
        assert [row(screen, "findings").count(mark) for mark in "▲●✓"] == [1, 2, 0]
        assert "8" in row(screen, "spot")
        assert "▁" in row(screen, "SLO burn")
        assert "■" in row(screen, "actions")
        axis = next(line for line in screen.lines if "11:02Z" in line and "12:00Z" in line)
        assert axis.endswith(" now")


async def test_the_events_stand_below_newest_first() -> None:
    async with timeline() as screen:
        head = next(index for index, line in enumerate(screen.lines) if "━━ Events  9, newest first" in line)
        assert screen.lines[head + 1].split() == ["TIME", "WHO", "CLUSTER", "WHAT"]
        assert "h100-train-7 is being taken" in screen.lines[head + 2]
        assert "■ 13:57:31Z  ana" in screen.lines[head + 3]
        assert "C 13:52:08Z  scaler" in screen.lines[head + 4]


async def test_a_row_without_anything_says_why() -> None:
    async with timeline(EMPTY) as screen:
        for words in (
            "No change is known.",
            "No finding began or ended.",
            "No spot node was taken.",
            "No burn rate has been seen yet.",
            "Nothing was done with this program.",
            "Nothing happened in this time.",
        ):
            assert words in screen.text


async def test_for_a_finding_it_begins_before_the_onset() -> None:
    async with timeline(about=RETRAIN.key) as screen:
        assert "Timeline  13:18Z to now, 44m · nlp-train/job/retrain-v7" in screen.lines[4]
        assert row(screen, "changes").count("C") == 1
        assert "C 13:47:00Z  argocd" in screen.text


async def test_a_finding_that_ended_shows_its_beginning_and_its_end() -> None:
    async with timeline(about=RESOLVED.key) as screen:
        assert "Timeline  07:46Z to now" in screen.lines[4]
        assert "✓" in row(screen, "findings")
        assert "l40s-infer is over after 1h24m, burned $12.4" in screen.text


async def test_before_the_first_snapshot_it_waits() -> None:
    async with timeline(None) as screen:
        assert "Waiting for the first answer from prometheus prod-us" in screen.text
        await screen.press("left", "+", "enter", "c")
        await screen.publish(BUSY)
        assert "━━ Events" in screen.text


# Keys


@pytest.mark.parametrize("size", [(60, 15), (120, 40)])
async def test_left_goes_back_in_time_and_the_list_follows(size: tuple[int, int]) -> None:
    async with timeline(size=size, about=RETRAIN.key) as screen:
        assert chosen(screen) == "h100-train-7 is being taken"
        for _ in range(60):
            if chosen(screen).startswith("nlp-train/job/retrain-v7 began"):
                break
            await screen.press("left")
        window = page(screen)._window
        assert ago(700) <= window.moment <= ago(623), "the first cell before what happened after it"
        assert f"{window.moment:%H:%M}Z" in screen.text


async def test_right_comes_back_to_now() -> None:
    async with timeline() as screen:
        await screen.press("left", "left", "right")
        assert page(screen)._window.at is not None
        await screen.press("right", "right")
        assert page(screen)._window.at is None


async def test_the_axis_follows_the_list() -> None:
    async with timeline() as screen:
        await screen.press("j", "j")
        assert page(screen)._window.at == ago(623)
        assert "13:52Z" in screen.text
        await screen.press("G")
        assert page(screen)._window.at == ago(7_201)


@pytest.mark.parametrize(
    ("keys", "span"), [(("+",), "13:02Z to now, 1h"), (("+", "+"), "13:32Z to now, 30m"), (("+", "-"), "to now, 3h")]
)
async def test_zoom(keys: tuple[str, ...], span: str) -> None:
    async with timeline() as screen:
        await screen.press(*keys)
        assert span in screen.lines[4]


async def test_the_keys_of_the_zoom_are_written_as_they_are_typed() -> None:
    async with timeline() as screen:
        assert "+ zoom in" in screen.text
        await screen.press("question_mark")
        assert "plus" not in screen.text
        assert "minus" not in screen.text


async def test_zoomed_in_the_view_goes_with_the_cursor() -> None:
    async with timeline() as screen:
        await screen.press("G", "+", "+")
        assert "11:47Z to 12:17Z, 30m" in screen.lines[4]
        assert "8 a100-spot nodes reclaimed" in screen.text
        assert "retrain-v7 began" not in screen.text


async def test_enter_opens_what_happened() -> None:
    async with timeline() as screen:
        await screen.press("enter")
        assert type(screen.app.screen) is DetailsPage
        assert "h100-train-7 is being taken" in screen.lines[2]


async def test_enter_on_a_finding_opens_its_incident() -> None:
    async with timeline() as screen:
        page(screen)._table.select(f"opened:{RETRAIN.key}")
        await screen.press("enter")
        assert type(screen.app.screen) is IncidentScreen
        assert "▲ PAGE" in screen.text


async def test_enter_on_the_finding_that_it_was_opened_from_goes_back_to_it() -> None:
    async with timeline(about=RETRAIN.key) as screen:
        page(screen)._table.select(f"opened:{RETRAIN.key}")
        await screen.press("enter")
        assert screen.app.screen is screen.app.main


async def test_enter_on_a_cause_that_nobody_reported_does_nothing() -> None:
    async with timeline(about=RETRAIN.key) as screen:
        page(screen)._table.select("cause/change-3")
        await screen.press("enter")
        assert page(screen).finding_key == RETRAIN.key


async def test_it_is_copied_oldest_first() -> None:
    async with timeline() as screen:
        await screen.press("c")
        lines = screen.app.clipboard.split("\n")
        assert lines[:2] == ["Timeline", "12:02:30Z  aws  8 a100-spot nodes reclaimed"]
        assert lines[-1] == "14:01:40Z  spot  h100-train-7 is being taken"


async def test_escape_goes_back() -> None:
    async with timeline() as screen:
        await screen.press("escape")
        assert screen.app.screen is screen.app.main


# Live


async def test_the_cursor_stays_on_its_moment_as_time_goes_on() -> None:
    async with timeline() as screen:
        await screen.press(*["left"] * 20)
        before, at = page(screen)._window.at, row(screen, "changes").index("┊")
        await screen.publish(replace(BUSY, at=NOW + timedelta(minutes=20)))
        assert page(screen)._window.at == before
        assert row(screen, "changes").index("┊") < at


async def test_the_same_snapshot_paints_nothing_again() -> None:
    async with timeline() as screen:
        screen.app.paint()
        assert painted(page(screen)._tracks) == []
        assert painted(page(screen)._table) == []


# Sizes


@pytest.mark.parametrize("size", SIZES)
async def test_at_every_size_there_is_an_axis_and_a_list(size: tuple[int, int]) -> None:
    async with timeline(size=size, about=RETRAIN.key) as screen:
        assert all(cell_len(line) <= size[0] for line in screen.lines)
        assert "Timeline" in screen.text
        assert "13:18Z" in screen.text
        assert "h100-train-7 is" in screen.text
        assert any(line.startswith(("changes", "  changes", " changes", "       changes")) for line in screen.lines)


async def test_too_small_says_so() -> None:
    async with timeline(size=(36, 9)) as screen:
        assert "Make this terminal at least 40x10" in screen.text


async def test_hostile_names_are_text() -> None:
    async with timeline(hostile()) as screen:
        assert all(line.isprintable() for line in screen.lines)
        await screen.press("left", "enter")
        assert all(line.isprintable() for line in screen.lines)


async def test_ascii_is_ascii() -> None:
    async with timeline(ascii=True) as screen:
        assert screen.text.isascii()
