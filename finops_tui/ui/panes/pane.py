"""The widget that shows any pane: its line, its table, its filter and its words for having nothing to show."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from textual.app import ComposeResult

from finops_tui.model.scope import ScopeKind
from finops_tui.ui.filter import Filter, Texts, parse
from finops_tui.ui.format import duration
from finops_tui.ui.glyphs import MARKED, SEPARATOR, STALE
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.widgets.columns import Column
from finops_tui.ui.widgets.lead import Lead
from finops_tui.ui.widgets.pane_line import PaneLine, PaneTitle
from finops_tui.ui.widgets.staged import Staged
from finops_tui.ui.widgets.table import LineTable

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot

STATE_ASKED = re.compile(r"(?<!\S)!?state!?=")
TWO_LEAD_LINES_FROM = 8
"""Rows of a pane from which the sentences above its head may take two of them."""


class PaneView(NamedTuple):
    """What a pane is given to show."""

    snapshot: Snapshot | None
    scope: ScopeKind
    now: datetime
    nothing: Callable[[PaneSpec[Any]], str]
    """Says why there are no rows at all."""
    bare: bool
    """Whether tabs stand in for the pane's line."""


class Face:
    """One way to fill a pane: its rows, their table and the filter upon them."""

    def __init__(self, spec: PaneSpec[Any], moment: Callable[[], datetime]) -> None:
        self.spec = spec
        self._texts = Texts(spec.fields)
        self.filter: Filter[Any] = parse("", spec.fields)
        self.columns: tuple[Column[Any], ...] = spec.columns(moment)
        self.table: LineTable[Any] = LineTable(
            self.columns, key=spec.key, order=spec.order, mark=self._sign if spec.mark else None, stale=spec.stale
        )
        self.listed: Sequence[Any] = ()
        """Every row there is to choose from."""
        self.old: Sequence[Any] = ()
        self.told: Sequence[Span] = ()
        self._snapshot: Snapshot | None = None
        self._chosen_by: tuple[ScopeKind, bool] | None = None
        """The scope, and whether every row is listed: by which, beside the snapshot, the rows were chosen."""

    def _sign(self, row: Any) -> Span | None:
        assert self.spec.mark is not None, "only then it is asked for"
        hidden = self.spec.mark_instead_of and self.table.shows(self.spec.mark_instead_of)
        return None if hidden or self._snapshot is None else self.spec.mark(row, self._snapshot)

    def take(self, snapshot: Snapshot | None, scope: ScopeKind) -> None:
        """Choose the rows of a snapshot; without a wish for other states only those that stand in the list."""
        spec = self.spec
        every = spec.listed is None or bool(STATE_ASKED.search(self.filter.text))
        if snapshot is self._snapshot and (scope, every) == self._chosen_by:
            return  # another letter of the filter
        if snapshot is not self._snapshot:
            self._texts.forget()
        self._snapshot, self._chosen_by = snapshot, (scope, every)
        rows = () if snapshot is None else spec.rows(snapshot, scope)
        if spec.listed is not None and not every:
            rows = list(filter(spec.listed, rows))
        self.listed = rows
        self.old = [row for row in rows if spec.stale(row)]
        self.told = () if snapshot is None else spec.summary(snapshot, scope)

    def take_filter(self, text: str) -> None:
        """Filter by a text from now on. Raises FilterError, and then the filter that was there stays."""
        self.filter = self.understand(text)

    def understand(self, text: str) -> Filter[Any]:
        """Return a filter of these rows. Raises FilterError."""
        return parse(text, self.spec.fields, self._texts)

    def read_texts(self) -> None:
        """Read what a word is looked for in, so that the next letter need not."""
        for row in self.listed:
            if id(row) not in self._texts.known:
                self._texts.read(row)


class Pane(Staged):
    DEFAULT_CSS = """
    Pane { layout: vertical; }
    """

    def __init__(self, spec: PaneSpec[Any]) -> None:
        super().__init__(id=spec.id)
        self._view: PaneView | None = None
        specs = (spec,) if spec.otherwise is None else (spec, spec.otherwise)
        self._faces = tuple(Face(one, self._moment) for one in specs)
        self._face = self._faces[0]
        self.target_name = ""
        """Name of the thing under the cursor, or of the last one that was."""
        self.line = PaneLine(PaneTitle(number=str(spec.number), title=spec.title))
        self.lead = Lead()
        self._lead_rows = 2

    @property
    def spec(self) -> PaneSpec[Any]:
        return self._face.spec

    @property
    def table(self) -> LineTable[Any]:
        return self._face.table

    @property
    def columns(self) -> tuple[Column[Any], ...]:
        return self._face.columns

    @property
    def filter(self) -> Filter[Any]:
        return self._face.filter

    def compose(self) -> ComposeResult:
        yield self.line
        self.lead.display = False
        yield self.lead
        for face in self._faces:
            face.table.display = face is self._face
            yield face.table

    def _moment(self) -> datetime:
        assert self._view is not None, "cells are drawn from rows, rows come with a view"
        return self._view.now

    def show(self, view: PaneView, *, reorder: bool = False) -> None:
        """Draw what this pane shows of a snapshot. `reorder` says that a person asked for other rows."""
        before, self._view = self._view, view
        known = before is not None and before.snapshot is view.snapshot and before.scope is view.scope
        if known and self.table.rows and not reorder:
            self.head()
            return
        self._remember_target()
        self._turn(self._choose(view))
        rows = self._face.filter.apply(self._face.listed)
        note = "" if rows else self._why_empty(view)
        self.table.show(rows, reorder=reorder, note=note)
        self.head()

    def _choose(self, view: PaneView) -> Face:
        """Return the first face that has something to list, or somebody's filter; with nothing anywhere the last."""
        for face in self._faces:
            face.take(view.snapshot, view.scope)
            if face.listed or face.filter.tests or view.snapshot is None:
                return face
        return self._faces[-1]

    def _turn(self, face: Face) -> None:
        """Show another face; the keys follow."""
        before, self._face = self._face, face
        if before is face:
            return
        face.table.display, before.table.display = True, False
        if self.screen.focused is before.table:
            self.screen.set_focus(face.table)
        before.table.show(())

    def tell_time(self, view: PaneView) -> None:
        """Tell ages again; the rows are those that are shown already."""
        self._view = view
        self.head()

    def _remember_target(self) -> None:
        row = self.table.cursor_row
        if row is not None:
            self.target_name = self.spec.name(row)

    def set_filter(self, text: str) -> None:
        """Filter the rows from now on. Raises FilterError, and then the filter that was there stays."""
        self._filter(self._face, text)

    def check_filter(self, text: str) -> None:
        """Raise FilterError where a text is no filter of the rows."""
        self._face.understand(text)

    def finds(self, text: str) -> bool:
        """Tell whether any row would pass a filter."""
        return bool(self._face.understand(text).apply(self._face.listed))

    def expect_filter(self) -> None:
        """Hear that somebody is about to type a filter, or goes on to."""
        self._face.read_texts()

    def ask_for(self, text: str) -> None:
        """Filter the rows of the pane itself, also while it shows something else in their place. Raises FilterError."""
        self._filter(self._faces[0], text)

    def _filter(self, face: Face, text: str) -> None:
        face.take_filter(text)
        if self._view is not None:
            self.show(self._view, reorder=True)

    def on_resize(self) -> None:
        rows = 2 if self.size.height >= TWO_LEAD_LINES_FROM else 1
        if rows != self._lead_rows:  # said again, everything would be laid out again
            self._lead_rows = self.lead.styles.height = rows

    def head(self) -> None:
        """Draw the pane's line again: after new rows, a filter, or when the focus comes or goes."""
        view = self._view
        if view is None:
            return
        focused = self.table.has_focus
        right: tuple[Span, ...] = ()
        sought = ""
        summary: Sequence[Span] = ()
        if self.filter.tests:
            sought = f"/{self.filter.text}"
            right = ((f"{len(self.table.rows):,} of {len(self._face.listed):,}", "focus"),)
        elif focused and len(self.table.rows) > self.table.size.height - 1 > 0:
            at, of = self.table.position
            right = ((f"{at:,} of {of:,}", "quiet"),)
        if view.snapshot is not None:
            summary = self._summary(view.snapshot, view)
            self._show_lead(view.snapshot, view.now)
        self.line.display = not view.bare or bool(self.filter.tests)
        self.line.show(
            PaneTitle(
                number=str(self.spec.number),
                title=self.spec.title,
                summary=tuple(summary),
                right=right,
                sought=sought,
                focused=focused,
            )
        )

    def _show_lead(self, snapshot: Snapshot, now: datetime) -> None:
        lead = self.spec.lead if self._face.listed else None
        self.lead.display = lead is not None
        if lead is not None:
            self.lead.show(tuple(lead(snapshot, now)))

    def _summary(self, snapshot: Snapshot, view: PaneView) -> Sequence[Span]:
        told = self._told_with_marks()
        old = self._face.old
        if not old:
            return told
        told_at = [self.spec.at(row) for row in old]
        if self.spec.number == 1:  # findings are looked at again and again, by what a lost source said last
            told_at += [source.answered_at for source in snapshot.sources if source.stale]
        oldest = min((at for at in told_at if at is not None), default=None)
        age = f"{STALE} {duration((view.now - oldest).total_seconds())} old" if oldest else f"{STALE} old"
        clusters = {row.cluster for row in old}
        if len(old) < len(self._face.listed) and len(clusters) < len(snapshot.clusters):
            return ((f"{len(clusters)} of {len(snapshot.clusters)} clusters {age}", "stale"),)
        if self.spec.number == 1:
            return ((age, "stale"), (f" {SEPARATOR} ", "quiet"), *told)
        return ((age, "stale"),)

    def _told_with_marks(self) -> Sequence[Span]:
        marked = len(self.table.marked)
        if not marked:
            return self._face.told
        return (*self._face.told, (f" {SEPARATOR} ", "quiet"), (f"{MARKED} {marked} marked", "mark"))

    def _why_empty(self, view: PaneView) -> str:
        if self._face.listed:
            return f'Nothing matches "{self.filter.text}". esc clears the filter.'
        return view.nothing(self.spec)
