"""The widget that shows any pane: its line, its table, its filter and its words for having nothing to show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from textual.app import ComposeResult
from textual.widget import Widget

from finops_tui.model.scope import ScopeKind
from finops_tui.ui.filter import Filter, parse
from finops_tui.ui.format import duration
from finops_tui.ui.glyphs import SEPARATOR, STALE
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.widgets.pane_line import PaneLine, PaneTitle
from finops_tui.ui.widgets.table import LineTable

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot


class PaneView(NamedTuple):
    """What a pane is given to show."""

    snapshot: Snapshot | None
    scope: ScopeKind
    now: datetime
    nothing: Callable[[PaneSpec[Any]], str]
    """Says why there are no rows at all."""
    bare: bool
    """Whether tabs stand in for the pane's line."""


class Pane(Widget):
    DEFAULT_CSS = """
    Pane { layout: vertical; }
    """

    def __init__(self, spec: PaneSpec[Any]) -> None:
        super().__init__(id=spec.id)
        self.spec = spec
        self.filter: Filter[Any] = parse("", spec.fields)
        self._view: PaneView | None = None
        self._all: Sequence[Any] = ()
        self._old: Sequence[Any] = ()
        self._told: Sequence[Span] = ()
        self.target_name = ""
        """Name of the thing under the cursor, or of the last one that was."""
        self.line = PaneLine(PaneTitle(number=str(spec.number), title=spec.title))
        self.columns = spec.columns(self._moment)
        self.table: LineTable[Any] = LineTable(
            self.columns, key=spec.key, order=spec.order, mark=spec.mark, stale=spec.stale
        )

    def compose(self) -> ComposeResult:
        yield self.line
        yield self.table

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
        self._all = () if view.snapshot is None else self.spec.rows(view.snapshot, view.scope)
        self._old = [row for row in self._all if self.spec.stale(row)]
        self._told = () if view.snapshot is None else self.spec.summary(view.snapshot, view.scope)
        rows = self.filter.apply(self._all)
        note = "" if rows else self._why_empty(view)
        self._remember_target()
        self.table.show(rows, reorder=reorder, note=note)
        self.head()

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
        self.filter = parse(text, self.spec.fields)
        if self._view is not None:
            self.show(self._view, reorder=True)

    def head(self) -> None:
        """Draw the pane's line again: after new rows, a filter, or when the focus comes or goes."""
        view = self._view
        if view is None:
            return
        focused = self.table.has_focus
        right: tuple[Span, ...] = ()
        summary: Sequence[Span] = ()
        if self.filter.tests:
            right = ((f"/{self.filter.text}  {len(self.table.rows):,} of {len(self._all):,}", "focus"),)
        elif focused and len(self.table.rows) > self.table.size.height - 1 > 0:
            at, of = self.table.position
            right = ((f"{at:,} of {of:,}", "quiet"),)
        if view.snapshot is not None:
            summary = self._summary(view.snapshot, view)
        self.line.display = not view.bare or bool(self.filter.tests)
        self.line.show(
            PaneTitle(
                number=str(self.spec.number),
                title=self.spec.title,
                summary=tuple(summary),
                right=right,
                focused=focused,
            )
        )

    def _summary(self, snapshot: Snapshot, view: PaneView) -> Sequence[Span]:
        old = self._old
        if not old:
            return self._told
        oldest = min((at for row in old if (at := self.spec.at(row)) is not None), default=None)
        age = f"{STALE} {duration((view.now - oldest).total_seconds())} old" if oldest else f"{STALE} old"
        clusters = {row.cluster for row in old}
        if len(old) < len(self._all) and len(clusters) < len(snapshot.clusters):
            return ((f"{len(clusters)} of {len(snapshot.clusters)} clusters {age}", "stale"),)
        if self.spec.number == 1:
            return ((age, "stale"), (f" {SEPARATOR} ", "quiet"), *self._told)
        return ((age, "stale"),)

    def _why_empty(self, view: PaneView) -> str:
        if self._all:
            return f'Nothing matches "{self.filter.text}". esc clears the filter.'
        return view.nothing(self.spec)
