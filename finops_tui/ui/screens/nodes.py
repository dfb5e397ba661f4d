"""The nodes of one pool: how each is, what runs on it, and what can be done to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from finops_tui.model.scope import ScopeKind
from finops_tui.ui.acts import ACTS, KEY_ID, NODE
from finops_tui.ui.bindings import bindings, hints, live
from finops_tui.ui.keymap import BY_ID, Where
from finops_tui.ui.layout import Rect
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.panes.nodes import nodes_pane
from finops_tui.ui.panes.pane import Pane, PaneView
from finops_tui.ui.screens.acting import ACTIONS, ActingScreen
from finops_tui.ui.screens.detail import Detail, DetailRow, worth_a_line
from finops_tui.ui.screens.filtering import FilteringScreen
from finops_tui.ui.screens.framed import FramedScreen
from finops_tui.ui.screens.list_places import list_places
from finops_tui.ui.screens.stage import rearrange
from finops_tui.ui.settings import UiSettings

OWN_KEYS = ("row.filter", "table.mark", "row.sort", "row.invert", "row.details")
SIGNS = frozenset("=<>!~")
"""What makes a word of the filter a question about one field."""


class NodesScreen(FramedScreen, FilteringScreen, ActingScreen, inherit_bindings=False):
    """Asks the engine for the nodes of its pool while it is open; nobody else has to carry them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.CHANGES, Where.SCREENS),
        *(
            Binding(",".join(spec.keys), spec.action, spec.verb, show=False, tooltip=spec.about, id=spec.id)
            for spec in map(BY_ID.__getitem__, OWN_KEYS)
        ),
    ]
    AUTO_FOCUS = "LineTable"
    ALLOW_SELECT = False

    def __init__(self, settings: UiSettings, pool: str, name: str) -> None:
        super().__init__(settings, self._places)
        self._pool = pool
        self._pane = Pane(nodes_pane(pool, name))
        self._detail = Detail()
        self._asked_for: str | None = None
        """The word that the engine was told last; None before it was told anything."""

    def compose(self) -> ComposeResult:
        yield from self._around.above
        yield from (self._pane, self._detail)
        yield from self._around.below

    def on_mount(self) -> None:
        self._ask()

    def on_unmount(self) -> None:
        self._finops.look_into("", "")

    def _ask(self) -> None:
        """Tell the engine which nodes are looked for, where that is news: of a large pool it sends only some."""
        word = next(iter(self._pane.filter.text.split()), "")
        named = "" if SIGNS & set(word) else word
        if named != self._asked_for:
            self._asked_for = named
            self._finops.look_into(self._pool, named)

    # What is on display

    @property
    def pane(self) -> Pane:
        return self._pane

    def draw(self, now: datetime) -> None:
        if not self.is_mounted:
            return
        self._ask()
        self.draw_around(now, undo_key=self.undo_key(now))
        self._pane.show(PaneView(self.snapshot, ScopeKind.POOL, now, self._nothing, bare=False))
        self._draw_row(now)

    def _nothing(self, spec: PaneSpec[Any]) -> str:
        nodes = self.snapshot.nodes if self.snapshot is not None else None
        if nodes is None or nodes.pool != self._pool:
            return "Waiting for its nodes."
        if nodes.of and self._asked_for:
            return f'None of its {nodes.of:,} nodes is called or stands "{self._asked_for}". esc clears the filter.'
        return spec.empty

    def _draw_row(self, now: datetime) -> None:
        row, spec = self._pane.table.cursor_row, self._pane.spec
        self.draw_footer(hints(live(self), self._verbs(), self.dimmed), now)
        if row is None or self.snapshot is None:
            self._detail.show(None)
            return
        facts = worth_a_line(spec.facts(row, self.snapshot, now), {one.id for one in self._pane.table.shown_columns})
        self._detail.show(DetailRow(name=spec.name(row), cluster=row.cluster, facts=facts))

    def _verbs(self) -> dict[str, str]:
        verbs = self.act_verbs()
        if self.may_change and self.armed:
            verbs |= {f"{KEY_ID}{act.id}": self._verb(act) for act in ACTS if NODE in act.kinds}
            rows = self.chosen_rows()
            done = "uncordon" if all(row.schedulable for row in rows) else "cordon"
            if len({row.schedulable for row in rows}) == 1:  # what is so already is not worth a place
                verbs[f"{KEY_ID}{done}"] = ""
        return verbs

    def on_line_table_row_highlighted(self) -> None:
        self._draw_row(self.settings.now())

    def _places(self, width: int, height: int) -> Mapping[str, Rect]:
        found = dict(list_places(width, height))
        if "title" in found:
            title, rows = found.pop("title"), found.pop("rows")
            found["nodes"] = Rect(title.x, title.y, title.width, rows.height + 1)
        if self.typing and "footer" in found:
            found["filter"] = found.pop("footer")
        return found

    # What the person does

    def chosen_rows(self) -> Sequence[Any]:
        return self._pane.table.marked or tuple(filter(None, (self._pane.table.cursor_row,)))

    def falls_back(self) -> bool:
        return False

    def acted(self) -> None:
        self._pane.table.unmark()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action not in ACTIONS or self.can(action, parameters)

    def on_line_table_row_chosen(self) -> None:
        self.action_details()

    def action_details(self) -> None:
        from finops_tui.ui.screens.row_pages import DetailsPage

        row = self._pane.table.cursor_row
        if row is not None and self.snapshot is not None:
            self.app.push_screen(DetailsPage(self.settings, self._pane.spec, row, self.snapshot))

    def action_mark(self) -> None:
        self._pane.table.mark()
        self.draw(self.settings.now())

    def action_sort(self) -> None:
        self._pane.table.sort_next()

    def action_invert(self) -> None:
        self._pane.table.invert()

    def place_anew(self) -> None:
        rearrange(self, repaint=False)  # what moves is painted; the rest stands
        self.draw(self.settings.now())

    def action_back(self) -> None:
        if self.typing or self._pane.filter.tests:
            self._pane.set_filter("")
            self.close_filter()
        elif self._pane.table.marked:
            self.acted()
            self.draw(self.settings.now())
        else:
            self.dismiss()
