"""What the doctor says of this terminal and of the themes."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from finops_tui.sources.base import Check
from finops_tui.ui.glyphs import choose_glyphs
from finops_tui.ui.layout import SMALLEST
from finops_tui.ui.theme import DEFAULT, choose_theme, load_themes

COMFORTABLE = (80, 24)


def check_terminal(environment: Mapping[str, str]) -> list[Check]:
    return [_size(), _colours(environment), _encoding(environment)]


def check_themes(user_folder: Path) -> list[Check]:
    themes, errors = load_themes(user_folder)
    checks = [Check("themes", "ok", ", ".join(sorted(theme.name for theme in themes)))]
    return checks + [
        Check("theme", "warn", " ".join(filter(None, (error.title, error.detail))), error.hint) for error in errors
    ]


def _size() -> Check:
    if not sys.stdout.isatty():
        return Check("size", "warn", "output is no terminal: the screen cannot open", "finops-tui snapshot works here.")
    try:
        columns, rows = os.get_terminal_size(sys.stdout.fileno())
    except OSError as error:
        return Check("size", "warn", f"the terminal does not tell its size ({error.strerror})", "Try: stty size")
    found = f"{columns}x{rows}"
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        return Check("size", "fail", found, f"Make it at least {SMALLEST[0]}x{SMALLEST[1]}.")
    if columns < COMFORTABLE[0] or rows < COMFORTABLE[1]:
        return Check("size", "warn", f"{found}: panes come one at a time", "From 100x28 on all of them show.")
    return Check("size", "ok", found)


def _colours(environment: Mapping[str, str]) -> Check:
    term = environment.get("TERM", "")
    theme = choose_theme(environment)
    found = f"TERM={term or '(not set)'}, theme {theme}"
    if theme == DEFAULT:
        return Check("colours", "ok", found)
    if "NO_COLOR" in environment:
        return Check("colours", "ok", f"{found}, because NO_COLOR is set")
    return Check("colours", "warn", found, "Where the terminal has 256 colours or more: export TERM=xterm-256color")


def _encoding(environment: Mapping[str, str]) -> Check:
    if choose_glyphs(environment).ascii_only:
        hint = "For line drawing and arrows use a UTF-8 locale, such as LANG=C.UTF-8."
        return Check("characters", "warn", "the locale is not UTF-8, or draws wide characters: ASCII is used", hint)
    return Check("characters", "ok", "UTF-8")
