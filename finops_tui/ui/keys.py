"""Every key, once. Bindings, footer, help, palette, docs/keys.md and the config's `keymap` all read this registry."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Where(StrEnum):
    """Where a key is heard."""

    ROWS = "in a pane or a page"
    MAIN = "on the main screen"
    SCREENS = "on every screen"
    EVERYWHERE = "everywhere"


class KeySpec(NamedTuple):
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
        id="table.down",
        keys=("j", "down"),
        action="move(1)",
        verb="down",
        about="one row down",
        group=MOVE,
        where=Where.ROWS,
    ),
    KeySpec(
        id="table.up", keys=("k", "up"), action="move(-1)", verb="up", about="one row up", group=MOVE, where=Where.ROWS
    ),
    KeySpec(
        id="table.first",
        keys=("g", "home"),
        action="first",
        verb="first",
        about="the first row",
        group=MOVE,
        where=Where.ROWS,
    ),
    KeySpec(
        id="table.last",
        keys=("G", "end"),
        action="last",
        verb="last",
        about="the last row",
        group=MOVE,
        where=Where.ROWS,
    ),
    KeySpec(
        id="table.page-down",
        keys=("pagedown",),
        action="page(1.0)",
        verb="page down",
        about="a page down",
        group=MOVE,
        where=Where.ROWS,
    ),
    KeySpec(
        id="table.page-up",
        keys=("pageup",),
        action="page(-1.0)",
        verb="page up",
        about="a page up",
        group=MOVE,
        where=Where.ROWS,
    ),
    KeySpec(
        id="table.half-page-down",
        keys=("ctrl+d",),
        action="page(0.5)",
        verb="half a page down",
        about="half a page down",
        group=MOVE,
        where=Where.ROWS,
    ),
    KeySpec(
        id="table.half-page-up",
        keys=("ctrl+u",),
        action="page(-0.5)",
        verb="half a page up",
        about="half a page up",
        group=MOVE,
        where=Where.ROWS,
    ),
    KeySpec(
        id="pane.next",
        keys=("tab",),
        action="next_pane(1)",
        verb="pane",
        about="the next pane",
        group=PANES,
        footer=True,
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
