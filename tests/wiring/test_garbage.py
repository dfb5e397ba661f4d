"""Garbage is collected while nobody types."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from finops_tui.wiring import garbage
from tests.ui.samples import INCIDENT
from tests.ui.screen import Screen, shown


class Knot:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.me = self


def tied() -> weakref.ref[Knot]:
    return weakref.ref(Knot())


@pytest.fixture(autouse=True)
def collected_only_when_told() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


async def until_gone(screen: Screen, knot: weakref.ref[Knot]) -> None:
    while knot() is not None:
        await screen.pilot.pause(0.01)


async def test_all_is_collected_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(garbage, "STILL_SECONDS", 0.0)
    async with shown(INCIDENT) as screen:
        garbage.collect_from_now_on(screen.app)
        gc.disable()
        for _ in range(2):
            await until_gone(screen, tied())


async def test_nothing_is_collected_by_force_just_after_a_key() -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("j")
        knot = tied()
        garbage.collect_all(screen.app)
        assert knot() is not None


async def test_once_nobody_types_any_more_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "STILL_SECONDS", 0.2)
    async with shown(INCIDENT) as screen:
        await screen.press("j")
        knot = tied()
        garbage.collect_all(screen.app)
        await until_gone(screen, knot)


async def test_what_the_start_made_is_not_looked_at_again() -> None:
    async with shown(INCIDENT) as screen:
        knot = tied()
        garbage.collect_from_now_on(screen.app)
        gc.collect()
        assert knot() is not None


async def test_a_key_and_the_mouse_end_the_stillness() -> None:
    async with shown(INCIDENT) as screen:
        for touch in (screen.pilot.press("j"), screen.pilot.click()):
            screen.app._touched_at = -1e9
            await touch
            assert screen.app.still_seconds() < 1e9
