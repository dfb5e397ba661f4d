from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from textual._compositor import Compositor
from textual.screen import Screen as TextualScreen

from finops_tui.ui.app import FinopsApp
from finops_tui.ui.screens import filtering
from tests.ui.samples import INCIDENT, NODES
from tests.ui.screen import Screen, shown


class Counted:
    """Counts how often a method is called; `of` one object, if that is told."""

    def __init__(self, patch: pytest.MonkeyPatch, owner: type, name: str, of: object = None) -> None:
        self.times = 0
        really = getattr(owner, name)

        def call(*arguments: Any, **named: Any) -> Any:
            self.times += of is None or arguments[0] is of
            return really(*arguments, **named)

        patch.setattr(owner, name, call)


def frames(patch: pytest.MonkeyPatch) -> list[object]:
    """Return a list that every frame is put in from now on."""
    sent: list[object] = []
    display = FinopsApp._display

    def note(app: FinopsApp, screen: TextualScreen[Any], renderable: Any) -> None:
        if renderable is not None:
            sent.append(renderable)
        display(app, screen, renderable)

    patch.setattr(FinopsApp, "_display", note)
    return sent


def foot(screen: Screen) -> str:
    return screen.lines[39]


async def test_the_line_is_made_before_anybody_asks_and_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "READY_SECONDS", 0.01)
    async with shown(INCIDENT) as screen:
        await screen.pilot.pause(0.1)
        assert screen.app.main.query("#filter")
        assert "? help" in foot(screen)
        assert screen.app.main.focused is screen.app.main.pane.table


async def test_opening_and_closing_it_places_everything_once_and_paints_only_what_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("6", "slash", "enter")
        whole = Counted(monkeypatch, Compositor, "render_full_update")
        placed = Counted(monkeypatch, TextualScreen, "_refresh_layout")
        await screen.press("slash")
        assert foot(screen).startswith(" /")
        assert (placed.times, whole.times) == (1, 0)
        await screen.press("m")
        assert (placed.times, whole.times) == (1, 0)
        await screen.press("enter")
        assert "? help" in foot(screen)
        assert (placed.times, whole.times) == (2, 0)


@pytest.mark.parametrize("way", [("dollar_sign",), ("2", "enter")], ids=["allocation", "nodes"])
async def test_other_screens_keep_their_line_too(way: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    # the main screen below would make its own meanwhile, and have all of the screen painted for it
    monkeypatch.setattr("finops_tui.ui.screens.filtering.READY_SECONDS", 3_600.0)
    async with shown(replace(INCIDENT, nodes=NODES)) as screen:
        await screen.press(*way, "slash", *"l", "enter")
        page = screen.app.screen
        line = page.query_one("#filter")
        whole = Counted(monkeypatch, Compositor, "render_full_update", page._compositor)
        placed = Counted(monkeypatch, TextualScreen, "_refresh_layout", page)
        await screen.press("slash")
        assert foot(screen).startswith(" / l ")
        assert page.query_one("#filter") is line
        assert (placed.times, whole.times) == (1, 0)
        await screen.press("escape")
        assert "? help" in foot(screen)
        assert (placed.times, whole.times) == (2, 0)


async def test_it_begins_with_the_filter_of_the_pane_that_hears_the_keys() -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("6", "slash", "m", "l", "enter", "2", "slash")
        assert not foot(screen).startswith(" / ml")
        await screen.press("enter", "6", "slash")
        assert foot(screen).startswith(" / ml")
        await screen.press("backspace")
        assert screen.app.main.pane.filter.text == "m"


async def test_a_mistake_that_was_left_is_not_there_the_next_time() -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("6", "slash", *"nss=x", "escape", "slash")
        assert "did you mean" not in foot(screen)
        assert "nss=x" not in foot(screen)


async def test_escape_takes_a_filter_away_that_nobody_types_any_more() -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("6", "slash", "m", "enter")
        assert "esc" in foot(screen)
        await screen.press("escape")
        assert screen.app.main.pane.filter.text == ""
        assert not screen.app.main.typing


@pytest.mark.parametrize("key", ["down", "up", "slash", "m", "enter", "tab"])
async def test_a_key_is_answered_with_one_frame(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("6", "slash", "l", "enter", "escape", "down", "down")
        if key in ("m", "enter"):
            await screen.press("slash")
        sent = frames(monkeypatch)
        await screen.press(key)
        assert len(sent) == 1


async def test_a_bug_in_what_is_painted_late_ends_the_program_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    bugs: list[Exception] = []

    def fail(_screen: TextualScreen[Any]) -> None:
        raise ZeroDivisionError

    async with shown(INCIDENT) as screen:
        main = screen.app.main
        monkeypatch.setattr(FinopsApp, "_handle_exception", lambda _, bug: bugs.append(bug))
        with monkeypatch.context() as broken:
            broken.setattr(TextualScreen, "_on_timer_update", fail)
            main._after_a_turn()
    assert [type(bug) for bug in bugs] == [ZeroDivisionError]


async def test_it_paints_in_the_end_also_while_somebody_works_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async with shown(INCIDENT) as screen:
        main = screen.app.main
        painted = Counted(monkeypatch, TextualScreen, "_on_timer_update")
        with monkeypatch.context() as busy:
            busy.setattr(type(main), "_somebody_works", lambda _: True)
            main._on_timer_update()
            assert not painted.times
            await screen.pilot.pause(0.1)
            assert painted.times


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_what_changed_without_a_place_is_drawn_when_it_has_one(size: tuple[int, int]) -> None:
    async with shown(INCIDENT, size) as screen:
        await screen.press("3", "f", "1")
        before = screen.lines
        assert any("━" in line for line in before), "the pane that hears the keys wears a thick line"
        screen.app.main.refresh(layout=True)
        for widget in screen.app.main.query("*"):
            widget.refresh()
        await screen.pilot.pause()
        assert screen.lines == before
