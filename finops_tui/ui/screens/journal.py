"""What was done with this program, by whom, and what became of it; each row can be taken back from here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from finops_tui.model.scope import ScopeKind
from finops_tui.ui.bindings import bindings, hints, live
from finops_tui.ui.keymap import BY_ID, Where
from finops_tui.ui.panes.journal import JOURNAL
from finops_tui.ui.screens.acting import ACTIONS, ActingScreen
from finops_tui.ui.screens.detail import Detail, DetailRow, worth_a_line
from finops_tui.ui.screens.framed import FramedScreen
from finops_tui.ui.screens.list_places import list_places
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.widgets.pane_line import PaneLine, PaneTitle
from finops_tui.ui.widgets.table import LineTable

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.action import ActionRow


class JournalScreen(FramedScreen, ActingScreen, inherit_bindings=False):
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.CHANGES, Where.SCREENS),
        Binding(",".join(BY_ID["data.export"].keys), "export", "export", show=False, id="data.export"),
    ]
    AUTO_FOCUS = "LineTable"
    ALLOW_SELECT = False

    def __init__(self, settings: UiSettings) -> None:
        super().__init__(settings, list_places)
        self._line = PaneLine(PaneTitle(title=JOURNAL.title, focused=True), id="title")
        self._table: LineTable[ActionRow] = LineTable(
            JOURNAL.columns(settings.now), key=JOURNAL.key, order=JOURNAL.order, id="rows"
        )
        self._detail = Detail()

    def compose(self) -> ComposeResult:
        yield from self._around.above
        yield from (self._line, self._table, self._detail)
        yield from self._around.below

    # What is on display

    def draw(self, now: datetime) -> None:
        if not self.is_mounted:
            return
        shown = self.snapshot
        self.draw_around(now, undo_key=self.undo_key(now))
        broken = shown.armed.journal if shown is not None else ""
        self._table.show(shown.actions if shown is not None else (), note=broken or JOURNAL.empty)
        summary = tuple(JOURNAL.summary(shown, ScopeKind.WORKLOAD)) if shown is not None else ()
        self._line.show(PaneTitle(title=JOURNAL.title, summary=summary, focused=True))
        self._draw_row(now)

    def _draw_row(self, now: datetime) -> None:
        row = self._table.cursor_row
        verbs = {**self.act_verbs(), "row.copy": "copy a handover note"}
        self.draw_footer(hints(live(self), verbs, self.dimmed), now)
        if row is None or self.snapshot is None:
            self._detail.show(None)
            return
        facts = worth_a_line(JOURNAL.facts(row, self.snapshot, now), {one.id for one in self._table.shown_columns})
        self._detail.show(DetailRow(name=row.title, cluster=row.cluster, facts=facts))

    def on_line_table_row_highlighted(self) -> None:
        self._draw_row(self.settings.now())

    # What the person does

    def chosen_rows(self) -> Sequence[Any]:
        return tuple(filter(None, (self._table.cursor_row,)))

    def falls_back(self) -> bool:
        return False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("journal", "act"):
            return False
        return action not in ACTIONS or self.can(action, parameters)

    def on_line_table_row_chosen(self) -> None:
        """Open what was changed, field by field, and all that was said of it."""
        from finops_tui.ui.screens.row_pages import DetailsPage

        row = self._table.cursor_row
        if row is not None and self.snapshot is not None:
            self.app.push_screen(DetailsPage(self.settings, JOURNAL, row, self.snapshot))

    def action_back(self) -> None:
        self.dismiss()

    def _note(self) -> str:
        from finops_tui.ui.handover import note

        if self.snapshot is None:
            return note((), self.settings.now())
        return note(self.snapshot.actions, self.settings.now(), self.snapshot.armed.journal)

    def action_copy(self) -> None:
        self._finops.hand_over(self._note(), "Copied a handover note as Markdown", shown=0)

    def action_export(self) -> None:
        from finops_tui.ui.export import write_text

        now = self.settings.now()
        path = self.settings.export_folder / f"finops-tui-handover-{now:%Y%m%dT%H%M%SZ}.md"
        words, failed = write_text("The handover note", self._note(), path)
        self.app.notify(words, markup=False, severity="error" if failed else "information")
