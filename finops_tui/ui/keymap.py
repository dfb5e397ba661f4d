"""Every key, once. Bindings, footer, help, palette, docs/keys.md and the config's `keymap` all read this registry.

No Textual here: the config checks its `keymap` section against it before a screen exists.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from finops_tui.errors import ConfigError


class Where(StrEnum):
    """Where a key is heard."""

    ROWS = "in a pane or a page"
    MAIN = "on the main screen"
    SCREENS = "on every screen"
    EVERYWHERE = "everywhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySpec:
    """One thing that keys do."""

    id: str
    """Its name in the config's `keymap`."""
    keys: tuple[str, ...]
    """As Textual names them; a printable character stands for itself."""
    action: str
    verb: str
    """One word for the footer."""
    about: str
    """One line for help and docs."""
    group: str
    where: Where = Where.MAIN
    footer: bool = False
    """Whether the footer may show it; it does where the key works now."""


MOVE, PANES, LOOK, FIND, OUT, PROGRAM = "Move", "Panes", "Look closer", "Find", "Take along", "Program"
GROUPS = (MOVE, PANES, LOOK, FIND, OUT, PROGRAM)

KEYS: tuple[KeySpec, ...] = (
    KeySpec(
        id="table.down", keys=("j", "down"), action="move(1)", verb="down", about="one row down", group=MOVE, where=Where.ROWS
    ),
    KeySpec(
        id="table.up", keys=("k", "up"), action="move(-1)", verb="up", about="one row up", group=MOVE, where=Where.ROWS
    ),
    KeySpec(
        id="table.first", keys=("g", "home"), action="first", verb="first", about="the first row", group=MOVE, where=Where.ROWS
    ),
    KeySpec(
        id="table.last", keys=("G", "end"), action="last", verb="last", about="the last row", group=MOVE, where=Where.ROWS
    ),
    KeySpec(
        id="table.page-down", keys=("pagedown",), action="page(1.0)", verb="page down", about="a page down", group=MOVE, where=Where.ROWS
    ),
    KeySpec(
        id="table.page-up", keys=("pageup",), action="page(-1.0)", verb="page up", about="a page up", group=MOVE, where=Where.ROWS
    ),
    KeySpec(
        id="table.half-page-down", keys=("ctrl+d",), action="page(0.5)", verb="half a page down", about="half a page down", group=MOVE, where=Where.ROWS
    ),
    KeySpec(
        id="table.half-page-up", keys=("ctrl+u",), action="page(-0.5)", verb="half a page up", about="half a page up", group=MOVE, where=Where.ROWS
    ),
    KeySpec(
        id="pane.next", keys=("tab",), action="next_pane(1)", verb="pane", about="the next pane", group=PANES, footer=True
    ),
    KeySpec(
        id="pane.previous",
        keys=("shift+tab",),
        action="next_pane(-1)",
        verb="pane back",
        about="the previous pane",
        group=PANES,
    ),
    KeySpec(id="pane.spend", keys=("1",), action="pane('spend')", verb="Spend", about="pane 1, Spend", group=PANES),
    KeySpec(id="pane.gpu", keys=("2",), action="pane('gpu')", verb="GPU", about="pane 2, GPU", group=PANES),
    KeySpec(id="pane.slo", keys=("3",), action="pane('slo')", verb="SLO", about="pane 3, SLO burn", group=PANES),
    KeySpec(id="pane.spot", keys=("4",), action="pane('spot')", verb="Spot", about="pane 4, Spot", group=PANES),
    KeySpec(
        id="pane.activity",
        keys=("5",),
        action="pane('activity')",
        verb="Activity",
        about="pane 5, Activity",
        group=PANES,
    ),
    KeySpec(
        id="pane.serving",
        keys=("6",),
        action="pane('serving')",
        verb="Serving",
        about="pane 6, Serving, where the layout has it",
        group=PANES,
    ),
    KeySpec(
        id="pane.sources",
        keys=("7",),
        action="pane('sources')",
        verb="Sources",
        about="pane 7, Sources, where the layout has it",
        group=PANES,
    ),
    KeySpec(
        id="table.open",
        keys=("enter",),
        action="choose",
        verb="details",
        about="open the details of the row under the cursor",
        group=LOOK,
        where=Where.ROWS,
        footer=True,
    ),
    KeySpec(
        id="row.details",
        keys=("d",),
        action="details",
        verb="details",
        about="everything known of the row under the cursor",
        group=LOOK,
    ),
    KeySpec(
        id="row.explain",
        keys=("X",),
        action="explain",
        verb="explain",
        about="how each figure of the row came to be",
        group=LOOK,
        footer=True,
    ),
    KeySpec(
        id="view.zoom",
        keys=("f",),
        action="zoom",
        verb="zoom",
        about="the pane over the whole screen, and back",
        group=LOOK,
    ),
    KeySpec(
        id="spend.scope",
        keys=("b",),
        action="scope",
        verb="scope",
        about="count spend by workload, team, namespace, model, pool or cluster",
        group=LOOK,
        footer=True,
    ),
    KeySpec(
        id="view.freeze",
        keys=("x",),
        action="freeze",
        verb="freeze",
        about="hold the display still; collecting goes on",
        group=LOOK,
    ),
    KeySpec(
        id="row.filter",
        keys=("/",),
        action="filter",
        verb="filter",
        about="show only rows that match, as in ns=ml usd>5 gpu<10 !batch",
        group=FIND,
        footer=True,
    ),
    KeySpec(id="row.sort", keys=("S",), action="sort", verb="sort", about="order by the next column", group=FIND),
    KeySpec(id="row.invert", keys=("I",), action="invert", verb="invert", about="turn the order round", group=FIND),
    KeySpec(
        id="row.copy",
        keys=("c",),
        action="copy",
        verb="copy",
        about="copy the row, or the page, to the clipboard of this terminal",
        group=OUT,
        where=Where.SCREENS,
    ),
    KeySpec(
        id="data.export",
        keys=("E",),
        action="export",
        verb="export",
        about="write what is on display as a JSON snapshot to a file",
        group=OUT,
    ),
    KeySpec(
        id="app.back",
        keys=("escape",),
        action="back",
        verb="back",
        about="close what is open, clear the filter, end the zoom; never quits",
        group=PROGRAM,
        where=Where.SCREENS,
        footer=True,
    ),
    KeySpec(
        id="app.refresh",
        keys=("r",),
        action="refresh",
        verb="retry",
        about="ask every source again now",
        group=PROGRAM,
        where=Where.EVERYWHERE,
    ),
    KeySpec(
        id="app.sources",
        keys=("0", "h"),
        action="sources",
        verb="sources",
        about="every source: state, age, reason and what to do",
        group=PROGRAM,
        where=Where.EVERYWHERE,
    ),
    KeySpec(
        id="app.theme",
        keys=("t",),
        action="theme",
        verb="theme",
        about="choose the colours",
        group=PROGRAM,
        where=Where.EVERYWHERE,
    ),
    KeySpec(
        id="app.layout",
        keys=("L",),
        action="layout",
        verb="layout",
        about="choose which panes stand where",
        group=PROGRAM,
        where=Where.EVERYWHERE,
    ),
    KeySpec(
        id="app.commands",
        keys=(":", "ctrl+p"),
        action="commands",
        verb="commands",
        about="find a command by name",
        group=PROGRAM,
        where=Where.EVERYWHERE,
        footer=True,
    ),
    KeySpec(
        id="app.help",
        keys=("?",),
        action="help",
        verb="help",
        about="the keys that work here and now",
        group=PROGRAM,
        where=Where.EVERYWHERE,
        footer=True,
    ),
    KeySpec(
        id="app.quit",
        keys=("q", "ctrl+c"),
        action="quit",
        verb="quit",
        about="leave the program",
        group=PROGRAM,
        where=Where.EVERYWHERE,
    ),
)

BY_ID: Mapping[str, KeySpec] = {spec.id: spec for spec in KEYS}

RESERVED = frozenset({"ctrl+s", "ctrl+q", "ctrl+z", "ctrl+a", "ctrl+b"})
"""Flow control, job control and the prefixes of screen and tmux: such a key may never arrive, or stop the terminal."""

NAMED_KEYS = frozenset(
    "up down left right home end pageup pagedown tab enter escape space insert delete backspace".split()
    + [f"f{number}" for number in range(1, 25)]
)


def resolve(overrides: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the keys of every id after `overrides` (`{"view.zoom": "z,f11"}`).

    Raises ConfigError for an unknown id, a key that no terminal sends or that is reserved, and two ids on one key.
    """
    keys = {spec.id: spec.keys for spec in KEYS}
    for id_, text in overrides.items():
        if id_ not in BY_ID:
            near = difflib.get_close_matches(id_, BY_ID, n=1)
            hint = f"Did you mean {near[0]}?" if near else "docs/keys.md lists every id."
            raise ConfigError(f"keymap: there is no key id {id_!r}.", hint=hint)
        keys[id_] = _parse(id_, text)
    _refuse_clashes(keys)
    return keys


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
