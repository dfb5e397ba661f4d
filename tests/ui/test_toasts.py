"""Short messages: few, small, and never in the way of a dialog."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from finops_tui.ui.toasts import BRIEF_SECONDS, fitted
from tests.ui.samples import INCIDENT
from tests.ui.screen import Screen, build

SIZES = [(60, 15), (80, 24), (120, 40)]


@asynccontextmanager
async def opened(size: tuple[int, int]) -> AsyncIterator[Screen]:
    """Open the program with its messages on the screen."""
    app = build(INCIDENT)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield Screen(app, pilot)


async def settled(screen: Screen) -> None:
    for _ in range(4):
        await screen.pilot.pause()


def rows_with(screen: Screen, words: str) -> list[int]:
    return [at for at, line in enumerate(screen.lines) if words in line]


@pytest.mark.parametrize("size", SIZES)
async def test_an_equal_message_takes_the_place_of_the_one_before(size: tuple[int, int]) -> None:
    async with opened(size) as screen:
        for severity in ("information", "warning", "warning"):
            screen.app.notify("Choose a node.", severity=severity, markup=False)
            await settled(screen)
        assert screen.toasts == ["Choose a node."]
        assert len(rows_with(screen, "Choose a node.")) == 1
        assert len(screen.app.screen.query("ToastHolder")) == 1


async def test_a_confirmation_takes_the_place_of_another_and_leaves_a_warning() -> None:
    async with opened((80, 24)) as screen:
        screen.app.notify("The journal cannot be written.", severity="error", markup=False)
        for words in ("Copied: one", "Copied: two"):
            screen.app.notify(words, markup=False)
            await settled(screen)
        assert screen.toasts == ["The journal cannot be written.", "Copied: two"]
        assert not rows_with(screen, "Copied: one")


@pytest.mark.parametrize("size", SIZES)
async def test_it_is_as_wide_as_its_words_and_ends_at_the_edge(size: tuple[int, int]) -> None:
    async with opened(size) as screen:
        screen.app.notify("Written to a.json.", markup=False)
        await settled(screen)
        (row,) = rows_with(screen, "Written to a.json.")
        assert row == size[1] - 2, "above the footer"
        (strip,) = [s for s in screen.app.screen._compositor.render_strips() if "Written to a.json." in s.text]
        assert strip.text.endswith("Written to a.json. ")
        assert strip.cell_length == size[0]


async def test_a_message_wider_than_the_screen_is_wrapped() -> None:
    path = "/home/ana/somewhere/finops-tui-20260310T140900Z.json"
    async with opened((60, 15)) as screen:
        screen.app.notify(f"The snapshot was written to {path}", markup=False)
        await settled(screen)
        assert rows_with(screen, "The snapshot was written to") == [12]
        assert rows_with(screen, path) == [13]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["a", "question_mark", "t", "colon", "d", "L", "h"])
async def test_it_is_gone_when_a_dialog_opens(size: tuple[int, int], key: str) -> None:
    async with opened(size) as screen:
        screen.app.notify("Written to a.json.", markup=False)
        await settled(screen)
        await screen.press(key)
        await settled(screen)
        assert screen.app.screen is not screen.app.main
        assert not rows_with(screen, "Written to a.json.")
        assert not screen.app.main.query("ToastHolder")
        await screen.press("escape")
        await settled(screen)
        assert not rows_with(screen, "Written to a.json.")


@pytest.mark.parametrize("size", SIZES)
async def test_in_a_dialog_it_stands_above_the_buttons(size: tuple[int, int]) -> None:
    async with opened(size) as screen:
        await screen.press("a")
        screen.app.notify("Copied the plan.", markup=False)
        await settled(screen)
        assert rows_with(screen, "Copied the plan.") == [1]


async def test_a_plain_confirmation_stays_for_a_shorter_time() -> None:
    async with opened((80, 24)) as screen:
        screen.app.notify("Copied.", markup=False)
        screen.app.notify("It was not written.", severity="warning", markup=False)
        await settled(screen)
        plain, loud = screen.app._notifications
        assert plain.timeout == BRIEF_SECONDS < loud.timeout


def test_a_long_message_is_cut_at_its_end() -> None:
    assert fitted("short", 20, 2) == "short"
    assert fitted("one\ntwo", 20, 2) == "one\ntwo"
    assert fitted("seven words that need " * 3, 20, 2) == "seven words that need seven words…"
