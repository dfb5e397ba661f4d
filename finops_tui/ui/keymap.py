"""Which keys are bound to what, after the config has had its say.

No Textual here: the config checks its `keymap` section before a screen exists.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from finops_tui.errors import ConfigError
from finops_tui.ui.acts import KEY_ID
from finops_tui.ui.keys import BY_ID, GROUPS, KEYS, KeySpec, Where

__all__ = ["BY_ID", "GROUPS", "KEYS", "KeySpec", "Where", "as_textual", "resolve", "shown"]

RESERVED = frozenset({"ctrl+s", "ctrl+q", "ctrl+z", "ctrl+a", "ctrl+b"})
"""Flow control, job control and the prefixes of screen and tmux: such a key may never arrive, or stop the terminal."""

DIALOG_KEYS = frozenset(
    (
        *("y", "escape", "enter", "tab", "shift+tab", "W", "e", "t", "g", "o", "a", "E", "X", "G", "j", "k"),
        *("f1", "f2", "f3", "f4", "f5", "up", "down", "pageup", "pagedown", "home", "end", "ctrl+d", "ctrl+u"),
        "question_mark",
    )
)
"""Keys with a meaning in the dialog that confirms: one that opens it must not be one that does something in it."""

NAMED_KEYS = frozenset(
    (
        *("up", "down", "left", "right", "home", "end", "pageup", "pagedown"),
        *("tab", "enter", "escape", "space", "insert", "delete", "backspace"),
        *(f"f{number}" for number in range(1, 25)),
    )
)


def resolve(
    overrides: Mapping[str, str], own: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the keys of every id after `overrides` (`{"view.zoom": "F,f11"}`).

    `own` are further ids with their keys: those of the config's own actions.

    Raises ConfigError for an unknown id, a key that no terminal sends or that is reserved, two ids on one key, and an
    action on a key of the dialog that confirms it.
    """
    keys = {spec.id: spec.keys for spec in KEYS} | {
        id_: _parse(id_, ",".join(each)) for id_, each in (own or {}).items()
    }
    for id_, text in overrides.items():
        if id_ not in keys:
            near = difflib.get_close_matches(id_, keys, n=1)
            hint = f"Did you mean {near[0]}?" if near else "docs/keys.md lists every id."
            raise ConfigError(f"keymap: there is no key id {id_!r}.", hint=hint)
        keys[id_] = _parse(id_, text)
    _refuse_clashes(keys)
    for id_, bound in keys.items():
        if id_.startswith(KEY_ID):
            _keep_for_the_dialog(id_, bound)
    return keys


def _keep_for_the_dialog(id_: str, bound: tuple[str, ...]) -> None:
    """Refuse a key of the dialog for an action; those of the program's own are known to do nothing in it."""
    usual = BY_ID[id_].keys if id_ in BY_ID else ()
    taken = next((key for key in bound if key in DIALOG_KEYS and key not in usual), None)
    if taken is not None:
        raise ConfigError(
            f"keymap: {id_} may not use {taken}.",
            hint="It has a meaning in the dialog that confirms an action; choose another key.",
        )


def _parse(id_: str, text: str) -> tuple[str, ...]:
    parts = (",",) if text == "," else tuple(part.strip() for part in text.split(","))
    for part in parts:
        *modifiers, key = (part,) if part == "+" else part.split("+")
        known = key in NAMED_KEYS or (len(key) == 1 and key.isprintable() and key != " ")
        if not known or not set(modifiers) <= {"ctrl", "shift", "alt"}:
            raise ConfigError(
                f"keymap: {id_} is bound to {part!r}, which is not a key.",
                hint="A key is a character, or a name such as f5, pageup, escape, perhaps with ctrl+, shift+ or alt+.",
            )
        if part in RESERVED:
            raise ConfigError(
                f"keymap: {id_} may not use {part}.",
                hint="Terminals and their multiplexers keep it for themselves; choose another key.",
            )
    return parts


def _refuse_clashes(keys: Mapping[str, tuple[str, ...]]) -> None:
    owners: dict[str, str] = {}
    for id_, bound in keys.items():
        for key in bound:
            other = owners.setdefault(key, id_)
            if other != id_:
                raise ConfigError(
                    f"keymap: {key} is bound to both {other} and {id_}.",
                    hint=f"Give one of them another key: keymap: {{{id_}: <key>}}.",
                )


SHOWN_AS = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "comma": ",",
    "dollar_sign": "$",
    "plus": "+",
    "minus": "-",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
}


def as_textual(keys: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return keys by id in the form of Textual's keymap."""
    return {id_: ",".join("comma" if key == "," else key for key in bound) for id_, bound in keys.items()}


def shown(key: str) -> str:
    """Return a key as footer and help write it."""
    return SHOWN_AS.get(key, key)
