"""What stands below a dialog after a resize."""

from __future__ import annotations

import pytest
from textual._context import visible_screen_stack

from tests.ui.plan_dialog import ready
from tests.ui.screen import Screen


def composed(screen: Screen) -> list[str]:
    """Return what the terminal shows: the dialog, and beside it the screens below."""
    visible_screen_stack.set(screen.app._background_screens)
    return [strip.text.rstrip() for strip in screen.app.screen._compositor.render_strips()]


@pytest.mark.parametrize("keys", [("p",), ("a",), ("enter", "a"), ("enter", "p")])
async def test_the_screen_below_a_dialog_fills_the_new_size(keys: tuple[str, ...]) -> None:
    async with ready(size=(60, 15)) as (screen, _):
        await screen.press(*keys)
        await screen.resize(120, 40)
        await screen.pilot.pause()
        shown = composed(screen)
        assert "prod-us, prod-eu" in shown[0]
        assert "≈$1,284/h" in shown[2]
        assert "burned $320" in shown[2]
