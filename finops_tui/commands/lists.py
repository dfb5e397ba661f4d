"""`themes` and `keys`: what there is to choose from."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from finops_tui.output.plain import one_line


def run(asked: argparse.Namespace) -> int:
    sys.stdout.write(_themes() if asked.command == "themes" else _keys(asked))
    return 0


def _themes() -> str:
    from finops_tui.commands.screen import user_themes
    from finops_tui.ui.theme import theme_files

    folder = user_themes()
    lines = [_theme(name, path) for name, path in sorted(theme_files(folder).items())]
    return "\n".join([*lines, "", f"Your own go into {folder}; docs/themes.md shows how.", ""])


def _theme(name: str, path: Path) -> str:
    """Name a theme, and say of one that cannot be used why."""
    from finops_tui.errors import ConfigError
    from finops_tui.ui.theme import bundled_dir, load_theme

    shown = one_line(name)
    if path.parent == bundled_dir():
        return shown
    try:
        load_theme(path)
    except ConfigError as error:
        return f"{shown}  (yours)  {one_line(' '.join(filter(None, (error.title, error.detail, error.hint))))}"
    return f"{shown}  (yours)"


def _keys(asked: argparse.Namespace) -> str:
    from finops_tui.ui.keymap import KEYS, resolve, shown

    bound = resolve(_keymap(asked))
    rows = [(spec.id, " ".join(map(shown, bound[spec.id])), spec.about) for spec in KEYS]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "".join(f"{id_:<{widths[0]}}  {keys:<{widths[1]}}  {about}\n" for id_, keys, about in rows)


def _keymap(asked: argparse.Namespace) -> dict[str, str]:
    from finops_tui.config.find import find

    file = find(asked.config, os.environ)
    if file is None:
        return {}
    from finops_tui.config.load import load

    return load(file, os.environ).config.keymap
