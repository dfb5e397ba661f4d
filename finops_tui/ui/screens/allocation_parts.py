"""The tables of the allocation screen: one for each thing that spend was counted by so far, unit costs, coverage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from textual.message import Message

from finops_tui.ui.panes.allocation import table
from finops_tui.ui.panes.allocation_counts import Count, counts
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.panes.coverage import COVERAGE as COVERAGE_PANE
from finops_tui.ui.panes.pane import Pane
from finops_tui.ui.panes.units import UNITS as UNITS_PANE
from finops_tui.ui.screens.allocation_places import COVERAGE, PARTS, SPEND, UNITS
from finops_tui.ui.widgets.pane_line import PaneLine, PaneTitle

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot


class PlainLine(PaneLine):
    """The line of a part: the numbers on this screen are those of the tabs."""

    def show(self, value: PaneTitle) -> None:
        super().show(value._replace(number=""))


class Part(Pane):
    class Filtered(Message):
        """Other rows pass its filter."""

    def __init__(self, spec: PaneSpec[Any]) -> None:
        super().__init__(spec)
        self.line = PlainLine(PaneTitle(title=spec.title))

    def set_filter(self, text: str) -> None:
        super().set_filter(text)
        self.post_message(self.Filtered())


class Parts:
    """Knows which part hears the keys and what spend is counted by. A table keeps its cursor, order and filter."""

    def __init__(self) -> None:
        self.active = SPEND
        self.counted_by = counts(None)[0].name
        self._others = {UNITS: Part(UNITS_PANE), COVERAGE: Part(COVERAGE_PANE)}
        self._tables: dict[str, Part] = {}
        self.count_by(counts(None)[0])

    def __iter__(self) -> Iterator[Part]:
        return iter((*self._tables.values(), *self._others.values()))

    @property
    def spend(self) -> Part:
        """The table of what spend is counted by."""
        return self._tables[self.counted_by]

    @property
    def pane(self) -> Part:
        """The part that hears the keys."""
        return self.spend if self.active == SPEND else self._others[self.active]

    def at(self, snapshot: Snapshot | None) -> int:
        """Return the place of what spend is counted by among what it can be counted by."""
        return next((at for at, one in enumerate(counts(snapshot)) if one.name == self.counted_by), 0)

    def count_by(self, count: Count) -> Part | None:
        """Count spend by something else; return its table where that has just been made."""
        self.counted_by, self.active = count.name, SPEND
        if count.name in self._tables:
            return None
        made = self._tables[count.name] = Part(table(count, len(self._tables) + 1))
        return made

    def next(self, step: int) -> str:
        """Return the part after the active one, or before it."""
        return PARTS[(PARTS.index(self.active) + step) % len(PARTS)]

    def went_to(self, widget: object) -> None:
        """Take in that a table has the focus."""
        for name, part in ((SPEND, self.spend), *self._others.items()):
            if widget is part.table:
                self.active = name
