"""Themes: one YAML file each, colours and nothing else.

A file has four parts. `theme` fills the fields of Textual's `Theme`; `roles` and `styles` become CSS variables
(`$page`, `$page-style`); `textual` sets variables of Textual's own. A value that names a role or a `theme` field stands
for its colour. docs/themes.md explains every field.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import Theme

from finops_tui.errors import ConfigError
from finops_tui.ui.theme_lines import place_of

ROLES = (
    "page", "page-fill", "page-on-fill", "ticket", "info", "ok", "idle", "spot", "estimated", "stale", "protected",
    "armed-fill", "armed-on-fill", "mark", "focus", "selection", "cursor-fill", "quiet", "rule", "bar", "bar-track",
    "usual",
)  # fmt: skip
STYLES = (
    "page-style", "chip-style", "heading-style", "cursor-style", "mark-style", "armed-style", "stale-style",
    "quiet-style", "focus-style", "key-style",
)  # fmt: skip
COLOURS = (
    "primary", "secondary", "accent", "warning", "error", "success",
    "foreground", "background", "surface", "panel", "boost",
)  # fmt: skip
FLAGS = ("dark", "ansi")
STYLE_WORDS = frozenset({"none", "bold", "dim", "italic", "underline", "reverse", "strike"})
DEFAULT, SIXTEEN_COLOURS, NO_COLOURS = "night", "ansi-16", "mono"
VERSION = 1

_PACKAGE = Path(__file__).parent.parent


def bundled_dir() -> Path:
    """Return where the themes of this program lie: inside the package, in a checkout beside it."""
    inside = _PACKAGE / "themes"
    return inside if inside.is_dir() else _PACKAGE.parent / "themes"


def theme_files(user_dir: Path | None = None) -> dict[str, Path]:
    """Return the file of every theme by name. A user's file takes the place of a bundled one of the same name."""
    files = {}
    for folder in (bundled_dir(), user_dir):
        if folder is not None and folder.is_dir():
            files.update({path.stem: path for path in sorted(folder.glob("*.yaml"))})
    return files


def choose_theme(environ: Mapping[str, str], wanted: str | None = None) -> str:
    """Return the name of the theme to start with.

    `NO_COLOR` leaves only mono, whatever is wanted: Textual takes all colour away then. Fewer than 256 colours (judged
    as Rich does, which writes the colours) get the terminal's own sixteen unless another theme is asked for.
    """
    if "NO_COLOR" in environ:
        return NO_COLOURS
    if wanted:
        return wanted
    term = environ.get("TERM", "").strip().lower()
    if term in ("dumb", "unknown", ""):
        return NO_COLOURS
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return DEFAULT
    return DEFAULT if term.rpartition("-")[2] in ("256color", "kitty", "direct") else SIXTEEN_COLOURS


def start_theme(name: str, user_dir: Path | None = None) -> tuple[Theme, ConfigError | None]:
    """Load the one theme that the start needs. If it cannot be loaded, the default comes with what was wrong."""
    files = theme_files(user_dir)
    trouble = ConfigError(f"There is no theme {name!r}.", hint=f"Themes: {', '.join(sorted(files))}.")
    if name in files:
        try:
            return load_theme(files[name]), None
        except ConfigError as error:
            trouble = error
    return load_theme(bundled_dir() / f"{DEFAULT}.yaml"), trouble


def load_themes(user_dir: Path | None = None) -> tuple[list[Theme], list[ConfigError]]:
    """Load every theme, and what was wrong with those that cannot be loaded."""
    themes, errors = [], []
    for path in theme_files(user_dir).values():
        try:
            themes.append(load_theme(path))
        except ConfigError as error:
            errors.append(error)
    return themes, errors


def load_theme(path: Path) -> Theme:
    """Read one theme file; its name is the file's. Raise `ConfigError` that names the file and the field."""
    content = _read(path)
    _only(path, "", content, ("version", "theme", "roles", "styles", "textual"))
    if content.get("version") != VERSION:
        raise _error(path, "version", content.get("version"), f"the number {VERSION}")
    theme = _part(path, content, "theme", (*FLAGS, *COLOURS))
    roles = _part(path, content, "roles", ROLES)
    styles = _part(path, content, "styles", STYLES)
    for flag in FLAGS:
        if not isinstance(theme[flag], bool):
            raise _error(path, f"theme.{flag}", theme[flag], "true or false")
    named = {
        **{key: _colour(path, f"theme.{key}", theme[key], ansi=theme["ansi"]) for key in COLOURS},
        **{key: _colour(path, f"roles.{key}", roles[key], ansi=theme["ansi"]) for key in ROLES},
    }
    weights = {key: _style(path, f"styles.{key}", styles[key]) for key in STYLES}
    textual = _textual(path, content.get("textual") or {}, named, ansi=theme["ansi"])
    return Theme(
        name=path.stem,
        dark=theme["dark"],
        ansi=theme["ansi"],
        primary=named["primary"],
        secondary=named["secondary"],
        accent=named["accent"],
        warning=named["warning"],
        error=named["error"],
        success=named["success"],
        foreground=named["foreground"],
        background=named["background"],
        surface=named["surface"],
        panel=named["panel"],
        boost=named["boost"],
        variables={**{key: named[key] for key in ROLES}, **weights, **textual},
    )


def _read(path: Path) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(path.read_text("utf-8"), Loader=loader)  # noqa: S506  a safe loader, the fast one if it is there
    except OSError as error:
        raise ConfigError(f"Theme {path.stem!r} cannot be read.", f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"Theme {path.stem!r} cannot be read.", f"{path}: it is not UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        where = f"{path}:{error.problem_mark.line + 1}" if error.problem_mark is not None else f"{path}"
        raise ConfigError(f"Theme {path.stem!r} is not YAML.", f"{where}: {error.problem or error}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"Theme {path.stem!r} is not YAML.", f"{path}: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise _error(path, "", content, "fields such as theme: and roles:")
    return content


def _part(path: Path, content: Mapping[str, Any], name: str, wanted: tuple[str, ...]) -> dict[str, Any]:
    part = content.get(name)
    if not isinstance(part, dict):
        raise _error(path, name, part, "fields and their values")
    _only(path, f"{name}.", part, wanted)
    for key in wanted:
        if key not in part:
            raise ConfigError(f"Theme {path.stem!r} lacks a field.", f"{place_of(path, name)}: {name}.{key} is missing")
    return part


def _only(path: Path, prefix: str, part: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in part:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"Did you mean {prefix}{near[0]}?" if near else ""
            raise ConfigError(
                f"Theme {path.stem!r} has an unknown field.", f"{place_of(path, f'{prefix}{key}')}: {prefix}{key}", hint
            )


def _textual(path: Path, part: object, named: Mapping[str, str], *, ansi: bool) -> dict[str, str]:
    if not isinstance(part, dict):
        raise _error(path, "textual", part, "fields and their values")
    values = {}
    for key, value in part.items():
        field = f"textual.{key}"
        if key in ROLES or key in STYLES or key in COLOURS:
            raise _error(path, field, value, "a variable of Textual's own")
        if str(key).endswith("-style"):
            values[str(key)] = _style(path, field, value)
        else:
            values[str(key)] = named[value] if value in named else _colour(path, field, value, ansi=ansi)
    return values


def _colour(path: Path, field: str, value: object, *, ansi: bool) -> str:
    expected = "a colour of the terminal such as ansi_red" if ansi else 'a colour such as "#6cb2f5"'
    if not isinstance(value, str) or value.startswith("ansi_") is not ansi:
        raise _error(path, field, value, expected)
    try:
        colour = Color.parse(value)
    except ColorParseError as error:
        raise _error(path, field, value, expected) from error
    if colour.a < 1:
        raise _error(path, field, value, "a colour that nothing shines through")
    return value


def _style(path: Path, field: str, value: object) -> str:
    if not isinstance(value, str) or not value.split() or not STYLE_WORDS.issuperset(value.split()):
        raise _error(path, field, value, "words such as bold, dim, underline, reverse or none")
    return value


def _error(path: Path, field: str, value: object, expected: str) -> ConfigError:
    where = f"{place_of(path, field)}: {field}" if field else str(path)
    return ConfigError(f"Theme {path.stem!r} cannot be used.", f"{where} is {value!r}; expected {expected}")
