"""Every key, once. Bindings, footer, help, palette, docs/keys.md and the config's `keymap` all read this registry."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from finops_tui.ui.acts import ACTS, KEY_ID, Act


class Where(StrEnum):
    """Where a key is heard."""

    ROWS = "in a pane or a page"
    MAIN = "on the main screen"
    FINDING = "on a finding"
    CHANGES = "where something can be changed"
    TIMELINE = "on the timeline"
    BILLS = "on the bills page"
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


MOVE, PANES, LOOK, DECIDE, CHANGE = "Move", "Panes", "Look closer", "Decide", "Change"
FIND, OUT, PROGRAM = "Find", "Take along", "Program"
GROUPS = (MOVE, PANES, LOOK, DECIDE, CHANGE, FIND, OUT, PROGRAM)


def spec_of(act: Act) -> KeySpec:
    """Return the key of an action."""
    return KeySpec(
        id=f"{KEY_ID}{act.id}",
        keys=(act.key,),
        action=f"act('{act.id}')",
        verb=act.verb,
        about=act.about,
        group=CHANGE,
        where=Where.CHANGES,
        footer=act.footer,
    )


KEYS: tuple[KeySpec, ...] = (
    KeySpec(
        id="arm",
        keys=("W",),
        action="arm",
        verb="arm",
        about="allow changes for a while, or end that",
        group=CHANGE,
        where=Where.CHANGES,
    ),
    *map(spec_of, ACTS),
    KeySpec(
        id="action.undo",
        keys=("z",),
        action="undo",
        verb="undo",
        about="take back what was done to the row, or else what was done last",
        group=CHANGE,
        where=Where.CHANGES,
    ),
    KeySpec(
        id="action.redo",
        keys=("Z",),
        action="redo",
        verb="redo",
        about="do again what was taken back last",
        group=CHANGE,
        where=Where.CHANGES,
    ),
    KeySpec(
        id="screen.journal",
        keys=("J",),
        action="journal",
        verb="journal",
        about="what was done with this program: by whom, what became of it, what it saved",
        group=CHANGE,
        where=Where.CHANGES,
    ),
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
    KeySpec(
        id="pane.findings",
        keys=("1",),
        action="pane('findings')",
        verb="Findings",
        about="pane 1, Findings, on a calm day the largest spend; part 1 of an incident or the bills",
        group=PANES,
    ),
    KeySpec(
        id="pane.gpu",
        keys=("2",),
        action="pane('gpu')",
        verb="GPU",
        about="pane 2, GPU; part 2 of an incident or the bills",
        group=PANES,
    ),
    KeySpec(
        id="pane.slo",
        keys=("3",),
        action="pane('slo')",
        verb="SLO",
        about="pane 3, SLO burn; part 3 of an incident or the bills",
        group=PANES,
    ),
    KeySpec(
        id="pane.spot",
        keys=("4",),
        action="pane('spot')",
        verb="Spot",
        about="pane 4, Spot; part 4 of an incident or the bills",
        group=PANES,
    ),
    KeySpec(
        id="pane.activity",
        keys=("5",),
        action="pane('activity')",
        verb="Activity",
        about="pane 5, Activity; part 5 of an incident or the bills",
        group=PANES,
    ),
    KeySpec(
        id="pane.spend",
        keys=("6",),
        action="pane('spend')",
        verb="Spend",
        about="pane 6, Spend; over the whole screen where the layout lacks it; part 6 of an incident or the bills",
        group=PANES,
    ),
    KeySpec(
        id="pane.serving",
        keys=("7",),
        action="pane('serving')",
        verb="Serving",
        about="pane 7, Serving; over the whole screen where the layout does not have it; part 7 of the bills",
        group=PANES,
    ),
    KeySpec(
        id="pane.sources",
        keys=("8",),
        action="pane('sources')",
        verb="Sources",
        about="pane 8, Sources; over the whole screen where the layout does not have it",
        group=PANES,
    ),
    KeySpec(
        id="table.open",
        keys=("enter",),
        action="choose",
        verb="details",
        about="open the row under the cursor: a finding's incident, a pool's nodes, the details of anything else",
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
        id="finding.acknowledge",
        keys=("a",),
        action="acknowledge",
        verb="ack",
        about="acknowledge the finding, or those that are marked: somebody looks after it",
        group=DECIDE,
        where=Where.FINDING,
        footer=True,
    ),
    KeySpec(
        id="finding.snooze",
        keys=("A",),
        action="snooze",
        verb="snooze",
        about="take the finding off the list for a while; it comes back by itself",
        group=DECIDE,
        where=Where.FINDING,
    ),
    KeySpec(
        id="finding.resolve",
        keys=("D",),
        action="resolve",
        verb="resolve",
        about="say that the finding is over; if it still goes on after half an hour, it opens again",
        group=DECIDE,
        where=Where.FINDING,
    ),
    KeySpec(
        id="finding.reopen",
        keys=("O",),
        action="reopen",
        verb="reopen",
        about="take back what was decided; the filter finds what left the list: state=snoozed",
        group=DECIDE,
        where=Where.FINDING,
    ),
    KeySpec(
        id="finding.runbook",
        keys=("o",),
        action="runbook",
        verb="runbook",
        about="copy the address of the finding's runbook to the clipboard of this terminal",
        group=LOOK,
        where=Where.FINDING,
    ),
    KeySpec(
        id="table.mark",
        keys=("space",),
        action="mark",
        verb="mark",
        about="mark the row, to decide on several at once",
        group=DECIDE,
    ),
    KeySpec(
        id="table.range",
        keys=("v",),
        action="mark_range",
        verb="mark to here",
        about="mark all rows from the one marked last to the cursor",
        group=DECIDE,
    ),
    KeySpec(
        id="view.timeline",
        keys=("T",),
        action="timeline",
        verb="timeline",
        about="spend, SLOs and what happened on one time axis",
        group=LOOK,
        footer=True,
    ),
    KeySpec(
        id="timeline.earlier",
        keys=("left",),
        action="step(-1)",
        verb="earlier",
        about="a step back in time",
        group=LOOK,
        where=Where.TIMELINE,
        footer=True,
    ),
    KeySpec(
        id="timeline.later",
        keys=("right",),
        action="step(1)",
        verb="later",
        about="a step on in time",
        group=LOOK,
        where=Where.TIMELINE,
        footer=True,
    ),
    KeySpec(
        id="timeline.zoom-in",
        keys=("+",),
        action="zoom(1)",
        verb="zoom in",
        about="a shorter stretch of time",
        group=LOOK,
        where=Where.TIMELINE,
        footer=True,
    ),
    KeySpec(
        id="timeline.zoom-out",
        keys=("-",),
        action="zoom(-1)",
        verb="zoom out",
        about="a longer stretch of time",
        group=LOOK,
        where=Where.TIMELINE,
    ),
    KeySpec(
        id="view.allocation",
        keys=("$",),
        action="allocation",
        verb="allocation",
        about="who pays for what: by team, model and label",
        group=LOOK,
    ),
    KeySpec(
        id="screen.bills",
        keys=("m",),
        action="bills",
        verb="bills",
        about="the month, bills beside the estimate, budgets, anomalies, recommendations, what is outside clusters",
        group=LOOK,
    ),
    KeySpec(
        id="bill.drill",
        keys=("i",),
        action="drill",
        verb="drill down",
        about="on a row of the bills: which resources, usage types or hours it is made of, asked of the cloud's export",
        group=LOOK,
        where=Where.BILLS,
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
        about="write what is on display to a file: JSON; the bills and the journal as Markdown, a drill-down as CSV",
        group=OUT,
    ),
    KeySpec(
        id="app.back",
        keys=("escape",),
        action="back",
        verb="back",
        about="close what is open, take marks away, clear the filter, end the zoom; never quits",
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
