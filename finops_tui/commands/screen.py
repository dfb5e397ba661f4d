"""What the two commands that open the screen have in common."""

from __future__ import annotations

import argparse
import difflib
import gc
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from finops_tui.errors import UsageError
from finops_tui.ui.layout import LAYOUTS, Layout
from finops_tui.ui.settings import UiSettings

SWITCH_SECONDS = 0.001
"""How long the engine's thread may compute on while a key waits to be drawn; Python's own 5 ms are felt."""
FRAMES_PER_SECOND = "240"
"""How often Textual may draw at most. A key changes two or three widgets, each in a frame of its own: waits add up."""


def hurry() -> None:
    """Shorten the way to the first frame, and from a key to its frame. To be called before Textual is loaded.

    What the start makes stays: looking through it for garbage takes a tenth of the time and finds none.
    `wiring.screen.show` lets the collector work again once the first frame stands.
    """
    gc.disable()
    os.environ.setdefault("TEXTUAL_FPS", FRAMES_PER_SECOND)
    sys.setswitchinterval(SWITCH_SECONDS)


def require_terminal(instead: str) -> None:
    """Raise UsageError where there is no terminal to draw on; `instead` is the command that needs none."""
    other = f"{instead} prints the same figures once, as text or JSON."
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):  # Textual draws on the last
        raise UsageError("The screen needs a terminal; input or output is redirected.", hint=other)
    if os.environ.get("TERM") in {"dumb", "unknown"}:
        raise UsageError(f"This terminal (TERM={os.environ['TERM']}) cannot be drawn on.", hint=other)


def ui_settings(
    asked: argparse.Namespace,
    *,
    theme: str | None = None,
    ascii_wanted: bool = False,
    layout: str = LAYOUTS[0].name,
    own_layouts: Collection[Layout] = (),
    **more: Any,
) -> UiSettings:
    """Put the command line over what the config says. Raises UsageError for a theme or layout that does not exist.

    Raises ConfigError for a theme that cannot be used.
    """
    from finops_tui.engine.who import user_name
    from finops_tui.ui.glyphs import choose_glyphs
    from finops_tui.ui.theme import choose_theme, load_theme, theme_files

    layouts = (*LAYOUTS, *own_layouts)
    themes_folder = user_themes()
    if asked.theme:
        files = theme_files(themes_folder)
        require_known("theme", asked.theme, files)
        load_theme(files[asked.theme])  # what was asked for by name is not silently another one
    if asked.layout:
        require_known("layout", asked.layout, [each.name for each in layouts])
    return UiSettings(
        theme=choose_theme(os.environ, asked.theme or theme),
        user_themes=themes_folder,
        ascii=choose_glyphs(os.environ, ascii_wanted=bool(asked.ascii) or ascii_wanted).ascii_only,
        layout=asked.layout or layout,
        layouts=layouts,
        user=user_name(),
        **more,
    )


def require_known(what: str, name: str, known: Collection[str] | Mapping[str, object]) -> None:
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(sorted(known))}."
        raise UsageError(f"There is no {what} {name!r}.", hint=hint)


def user_themes() -> Path:
    """Return the folder where people keep themes of their own."""
    from finops_tui.config.find import platform_folder

    return platform_folder() / "themes"
