"""The parts of the bills page, and the order in which each of its tables stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from finops_tui.model.health import HealthState
from finops_tui.model.scope import ScopeKind
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec
from finops_tui.ui.panes.facts import Fact
from finops_tui.ui.screens.bills_advice import ADVICE
from finops_tui.ui.screens.bills_clouds import ANOMALIES, BUDGETS
from finops_tui.ui.screens.bills_outside import OUTSIDE
from finops_tui.ui.screens.bills_tables import BILLS, CHECKED
from finops_tui.ui.screens.bills_words import check_facts, month_facts
from finops_tui.ui.screens.page import fact_lines
from finops_tui.ui.widgets.columns import Column, place
from finops_tui.ui.widgets.document import Block, Pen
from finops_tui.ui.widgets.order import Order
from finops_tui.ui.widgets.pane_line import PaneTitle

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot

MOST_ROWS = 100
"""Of one table: no person reads more, and all of them are in the export."""


class Part:
    """One table of the page: it keeps its order while snapshots come and go."""

    def __init__(self, spec: PaneSpec[Any], now: Moment) -> None:
        self.spec = spec
        self.columns: tuple[Column[Any], ...] = spec.columns(now)
        self.order: Order[Any] = Order(self.columns, spec.order)
        self._of: tuple[Snapshot, str, bool] | None = None
        self._rows: list[Any] = []
        self._summary: tuple[Span, ...] = ()

    def key(self, row: Any) -> str:
        """Return the row's key among all tables of the page."""
        return f"{self.spec.id}:{self.spec.key(row)}"

    def rows(self, snapshot: Snapshot) -> list[Any]:
        """Return every row in order; a key that moves the cursor does not sort thousands of them again."""
        column, descending = self.order.column_id, self.order.descending
        if self._of is None or self._of[0] is not snapshot or self._of[1:] != (column, descending):
            self._rows = self.order.sort(list(self.spec.rows(snapshot, ScopeKind.TOTAL)))
            self._summary = tuple(self.spec.summary(snapshot, ScopeKind.TOTAL))
            self._of = snapshot, column, descending
        return self._rows

    def find(self, snapshot: Snapshot, key: str) -> Any:
        return next((row for row in self.rows(snapshot) if self.key(row) == key), None)

    def sort_next(self, width: int) -> None:
        """Order by the next of the columns that so many cells have room for."""
        shown = [one.column.id for one in place(self.columns, width) if one.column.sort is not None]
        here = shown.index(self.order.column_id) if self.order.column_id in shown else -1
        self.order.choose(shown[(here + 1) % len(shown)])

    def invert(self) -> None:
        self.order.choose(self.order.column_id, descending=not self.order.descending)

    def block(self, snapshot: Snapshot, pen: Pen, nothing: str, above: Sequence[Fact] = ()) -> Block:
        """Draw its line, what is to be said above the table, and the table; or why there is none."""
        every = self.rows(snapshot)
        rows = every[:MOST_ROWS]
        right: tuple[Span, ...] = ((f"{len(rows)} of {len(every):,}", "quiet"),) if len(rows) < len(every) else ()
        title = PaneTitle(title=self.spec.title, number=str(self.spec.number), summary=self._summary, right=right)
        pieces = [pen.title(title, map(self.key, rows))]
        pieces += map(pen.line, fact_lines(above, pen.width, pen.palette))
        if not rows:
            return pen.block([*pieces, *pen.prose(nothing, "quiet")])
        order = self.order
        table = pen.table(
            self.columns, rows, self.key, self.spec.stale, sorted_by=order.column_id, descending=order.descending
        )
        return pen.block([*pieces, *table])


def month_block(snapshot: Snapshot, pen: Pen, now: Moment) -> Block:
    """Draw how the month stands and how it is expected to end."""
    month = snapshot.month
    summary: tuple[Span, ...] = ()
    if month is not None:
        seen = month.outlook
        day = (seen.last - seen.first).days + 1 - seen.days_left + 1
        summary = ((f"{seen.first:%Y-%m}, day {day} of {(seen.last - seen.first).days + 1}", "quiet"),)
    title = pen.title(PaneTitle(title="Month", number="1", summary=summary))
    facts = [*month_facts(month, now(), snapshot.reconciliation)]
    return pen.block([title, *map(pen.line, fact_lines(facts, pen.width, pen.palette))])


class Parts:
    """Every table of the page, in the order in which they are numbered."""

    def __init__(self, now: Moment) -> None:
        self.now = now
        self.check, self.bills, self.budgets, self.anomalies, self.advice, self.outside = (
            Part(spec, now) for spec in (CHECKED, BILLS, BUDGETS, ANOMALIES, ADVICE, OUTSIDE)
        )

    def __iter__(self) -> Iterator[Part]:
        return iter((self.check, self.bills, self.budgets, self.anomalies, self.advice, self.outside))

    def of(self, key: str) -> Part | None:
        """Return the table that a key belongs to."""
        return next((part for part in self if key.startswith(f"{part.spec.id}:")), None)

    def bands(
        self, snapshot: Snapshot, pen: Pen, nothing: Callable[[PaneSpec[Any]], str], sides: tuple[Pen, Pen] | None
    ) -> list[list[Block]]:
        """Return the page; `sides` are the pens for what stands side by side, where there is room."""
        left, right = sides or (pen, pen)
        month = month_block(snapshot, left, self.now)
        check = self._check(snapshot, right, nothing)
        bills = self.bills.block(snapshot, pen, nothing(BILLS))
        budgets = self.budgets.block(snapshot, left, nothing(BUDGETS))
        anomalies = self.anomalies.block(snapshot, right, nothing(ANOMALIES))
        advice = self.advice.block(snapshot, pen, nothing(ADVICE))
        outside = self.outside.block(snapshot, pen, nothing(OUTSIDE))
        if sides is None:
            return [[month], [check], [bills], [budgets], [anomalies], [advice], [outside]]
        return [[month, check], [bills], [budgets, anomalies], [advice], [outside]]

    def _check(self, snapshot: Snapshot, pen: Pen, nothing: Callable[[PaneSpec[Any]], str]) -> Block:
        check = snapshot.reconciliation
        waits = any(source.state is HealthState.CONNECTING for source in snapshot.sources)
        words = nothing(CHECKED) if check is None or (waits and check.missing) else check.line
        block = self.check.block(snapshot, pen, words, tuple(check_facts(check)) if check is not None else ())
        missed = check.unmatched if check is not None and not waits else ()  # until all have told nothing is amiss
        return pen.block([*block.pieces, *(piece for one in missed for piece in pen.prose(one, "quiet"))])
