"""Every command by name: what the keys do here, and what has no key of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.dom import DOMNode

from finops_tui.ui.acts import ACTS, NODE, dollars_an_hour
from finops_tui.ui.bindings import live
from finops_tui.ui.format import rate
from finops_tui.ui.keymap import KeySpec, Where
from finops_tui.ui.panes.spend import SCOPES
from finops_tui.ui.screens.acting import ActingScreen
from finops_tui.ui.theme import theme_files

if TYPE_CHECKING:
    from textual.screen import Screen

    from finops_tui.ui.app import FinopsApp

LEFT_OUT = frozenset({"app.commands", "pane.next", "pane.previous", "app.back"})
"""Keys whose command makes no sense from a list."""

STATES = {
    "acknowledged": "those that somebody looks after",
    "snoozed": "those that left the list for a while",
    "resolved": "those of the last day that are over",
}
"""States of findings that can be asked for by name."""


REDUCE_ABOUT = "get under so many dollars an hour with the moves that do the least harm"
_NODE_KEY = re.compile(r"[^\s/'\"\\]+/[^\s/'\"\\]+")
"""`cluster/node`."""
_REDUCE = re.compile(r"reduce(?: to)? +(\S+)")


class Command(NamedTuple):
    name: str
    about: str
    keys: str
    action: str
    namespace: DOMNode


def commands(app: FinopsApp) -> list[Command]:
    """Return the commands of the present screen, those with a key first."""
    screen = app.screen
    found = [
        Command(
            spec.verb[:1].upper() + spec.verb[1:],
            spec.about,
            " ".join(keys),
            spec.action,
            _namespace(app, screen, spec),
        )
        for id_, (spec, keys) in live(screen).items()
        if spec.where is not Where.ROWS and id_ not in LEFT_OUT
    ]
    if isinstance(screen, ActingScreen):
        if screen.can("reduce", ()):
            found.append(Command("Reduce to $/h", REDUCE_ABOUT, "", "reduce", screen))
        if screen.may_change:
            found += [
                Command(
                    f"{act.verb.capitalize()} CLUSTER/NODE",
                    act.about,
                    "",
                    f"say_how_to_name_a_node({act.id!r})",
                    screen,
                )
                for act in ACTS
                if NODE in act.kinds
            ]
        found += [
            Command(act.verb[:1].upper() + act.verb[1:], act.about, "", f"act('{act.id}')", screen)
            for act in app.settings.acts
            if not act.key and screen.can("act", (act.id,))
        ]
    if screen is app.main:
        main = app.main
        found += [
            Command("Copy as JSON", "copy the row under the cursor as JSON", "", "copy_json", main),
            *(
                Command(
                    f"Sort by {column.title or column.id}",
                    f"order {main.pane.spec.title} by it",
                    "",
                    f"sort_by('{column.id}')",
                    main,
                )
                for column in main.pane.columns
                if column.sort is not None
            ),
            *(
                Command(f"Spend by {scope.value}", "count spend so", "", f"set_scope('{scope.value}')", main)
                for scope in SCOPES
            ),
            *(
                Command(f"{state.capitalize()} findings", about, "", f"show_findings('{state}')", main)
                for state, about in STATES.items()
            ),
            *(
                Command(f"Layout {layout.name}", layout.about, "", f"set_layout('{layout.name}')", main)
                for layout in app.settings.layouts
            ),
        ]
    found += [
        Command(f"Theme {name}", "wear these colours", "", f"wear('{name}')", app)
        for name in theme_files(app.settings.user_themes)
    ]
    return found


def typed(app: FinopsApp, text: str) -> Command | None:
    """Return the command that a text with something to fill in means: `reduce 900`, `drain prod-us/h100-3`."""
    screen, found = app.screen_stack[-2], _REDUCE.fullmatch(text.strip().casefold())
    if isinstance(screen, ActingScreen) and (node := _on_node(screen, text)) is not None:
        return node
    usd = dollars_an_hour(found[1]) if found is not None else None
    if usd is None or not isinstance(screen, ActingScreen) or not screen.can("reduce", ()):
        return None
    return Command(f"Reduce to {rate(usd)}", REDUCE_ABOUT, "", f"reduce({usd})", screen)


def _on_node(screen: ActingScreen, text: str) -> Command | None:
    """Read `drain prod-us/h100-3`."""
    verb, _, key = text.strip().partition(" ")
    act = next((one for one in ACTS if one.id == verb.casefold() and NODE in one.kinds), None)
    key = key.strip()
    if act is None or not _NODE_KEY.fullmatch(key) or not screen.can("journal", ()) or not screen.may_change:
        return None
    return Command(f"{act.verb.capitalize()} {key}", act.about, "", f"act_on_node({act.id!r}, {key!r})", screen)


def _namespace(app: FinopsApp, screen: Screen[Any], spec: KeySpec) -> DOMNode:
    return app if spec.where is Where.EVERYWHERE else screen
