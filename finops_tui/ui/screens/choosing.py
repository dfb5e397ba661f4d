"""A screen of panes, and which of their rows the keys act upon."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from finops_tui.ui.panes.pane import Pane
from finops_tui.ui.screens.finding_screen import FindingScreen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.model.finding import Finding
    from finops_tui.model.plan import Target


class ChoosingScreen(FindingScreen, inherit_bindings=False):
    """Acts upon the rows that are marked, else upon the one under the cursor."""

    @property
    @abstractmethod
    def pane(self) -> Pane:
        """The pane that hears the keys."""

    @abstractmethod
    def draw_heads(self) -> None:
        """Draw what tells of the rows chosen."""

    @property
    def row(self) -> Any:  # the row type is the pane's own
        """The row under the cursor, None when nothing is selected."""
        return self.pane.table.cursor_row

    @property
    def finding(self) -> Finding | None:
        """The finding under the cursor; None where the row is something else."""
        row: Finding | None = self.row if self.pane.spec.decidable else None
        return row

    @property
    def pool(self) -> Target | None:
        """The pool under the cursor; None where the row is something else."""
        if self.row is None:
            return None
        from finops_tui.ui.acts import POOL
        from finops_tui.ui.targets import target_of

        found = target_of(self.row)
        return found if found is not None and found.kind == POOL else None

    def settle(self) -> None:
        self.pane.table.stay()

    def chosen_findings(self) -> Sequence[Finding]:
        return self.chosen_rows() if self.pane.spec.decidable else ()

    def chosen_rows(self) -> Sequence[Any]:
        return self.pane.table.marked or tuple(filter(None, (self.row,)))

    @property
    def has_marks(self) -> bool:
        return bool(self.pane.table.marked)

    def decided(self) -> None:
        self.take_marks_away()

    def acted(self) -> None:
        self.take_marks_away()

    def action_mark(self) -> None:
        self.pane.table.mark()
        self.draw_heads()

    def action_mark_range(self) -> None:
        self.pane.table.mark_range()
        self.draw_heads()

    def take_marks_away(self) -> None:
        self.pane.table.unmark()
        self.draw_heads()
