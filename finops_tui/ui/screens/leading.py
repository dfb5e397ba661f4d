"""The keys that lead from a row, or from the whole, to a screen of its own."""

from __future__ import annotations

from finops_tui.ui.screens import take_along
from finops_tui.ui.screens.choosing import ChoosingScreen
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.ui.screens.allocation import AllocationScreen
    from finops_tui.ui.screens.bills import BillsScreen
    from finops_tui.ui.screens.incident import IncidentScreen
    from finops_tui.ui.screens.nodes import NodesScreen
    from finops_tui.ui.screens.timeline import TimelineScreen


class LeadingScreen(ChoosingScreen, inherit_bindings=False):
    """Puts screens on top that are about what is on display here."""

    settings: UiSettings

    def on_line_table_row_chosen(self) -> None:
        self.settle()
        if self.finding is None:
            if (pool := self.pool) is not None:
                from finops_tui.ui.screens.nodes import NodesScreen

                self._look(NodesScreen(self.settings, pool.key, clean(pool.name.removeprefix("pool/"))))
            else:
                self.action_details()
            return
        from finops_tui.ui.screens.incident import IncidentScreen

        self._look(IncidentScreen(self.settings, self.finding.key))

    def _look(self, screen: NodesScreen | IncidentScreen | TimelineScreen | AllocationScreen | BillsScreen) -> None:
        """Put a screen on top that follows what is on display."""
        screen.snapshot = self.snapshot
        self.app.push_screen(screen)

    def action_timeline(self) -> None:
        from finops_tui.ui.screens.timeline import TimelineScreen

        self._look(TimelineScreen(self.settings, self.finding.key if self.finding is not None else ""))

    def action_allocation(self) -> None:
        from finops_tui.ui.screens.allocation import AllocationScreen

        self._look(AllocationScreen(self.settings))

    def action_bills(self) -> None:
        from finops_tui.ui.screens.bills import BillsScreen

        self._look(BillsScreen(self.settings))

    def action_details(self) -> None:
        from finops_tui.ui.screens.row_pages import DetailsPage

        self.settle()
        if self.row is not None and self.snapshot is not None:
            self.app.push_screen(DetailsPage(self.settings, self.pane.spec, self.row, self.snapshot))

    def action_explain(self) -> None:
        from finops_tui.ui.screens.row_pages import ExplainPage

        self.settle()
        if self.row is not None and self.snapshot is not None:
            self.app.push_screen(ExplainPage(self.settings, self.pane.spec, self.row, self.snapshot))

    def action_copy(self) -> None:
        if self.row is not None and self.snapshot is not None:
            take_along.copy_row(self.app, self.pane.spec, self.row, self.snapshot, self.settings.now())

    def action_copy_json(self) -> None:
        if self.row is not None:
            take_along.copy_json(self.app, self.row)

    def action_export(self) -> None:
        take_along.write_snapshot(self.app, self.snapshot, self.settings.export_folder)
