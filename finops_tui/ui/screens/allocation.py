"""Who is shown which costs, what a unit of work costs, and how much of what is spent says whose it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from finops_tui.model.scope import ScopeKind
from finops_tui.ui.bindings import bindings, hints, live
from finops_tui.ui.format import clock_time
from finops_tui.ui.issues import issues
from finops_tui.ui.keymap import Where
from finops_tui.ui.layout import Form, Rect, form_of
from finops_tui.ui.palette import palette_of
from finops_tui.ui.panes.allocation_counts import Count, counts
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.panes.pane import PaneView
from finops_tui.ui.screens import chrome
from finops_tui.ui.screens.allocation_parts import Part, Parts
from finops_tui.ui.screens.allocation_places import COVERAGE, SPEND, UNITS, places
from finops_tui.ui.screens.allocation_text import as_text
from finops_tui.ui.screens.allocation_total import Total, TotalLine, add_up
from finops_tui.ui.screens.detail import Detail, DetailRow, worth_a_line
from finops_tui.ui.screens.filtering import FilteringScreen
from finops_tui.ui.screens.framed import FramedScreen
from finops_tui.ui.screens.gone import Gone
from finops_tui.ui.screens.stage import rearrange
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.text import clean
from finops_tui.ui.widgets.table import LineTable
from finops_tui.ui.widgets.tabs import Tab, TabRow, Tabs

LIKE_MAIN = frozenset(
    {
        *("row.details", "row.explain", "row.filter", "row.sort", "row.invert"),
        *("spend.scope", "view.zoom", "pane.next", "pane.previous"),
    }
)
"""Keys of the main screen that do the same here."""
NUMBERED = 9
NAMES = {SPEND: "spend", UNITS: "unit costs", COVERAGE: "tag coverage"}


class AllocationScreen(FramedScreen, FilteringScreen, inherit_bindings=False):
    """Spend by one thing at a time with its sum, unit costs, and coverage; where there is little room, one of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.SCREENS),
        *(one for one in bindings(Where.MAIN) if isinstance(one, Binding) and one.id in LIKE_MAIN),
        *(
            Binding(str(number), f"count({number})", f"count {number}", show=False, id=f"allocation.count-{number}")
            for number in range(1, NUMBERED + 1)
        ),
    ]
    AUTO_FOCUS = ""
    ALLOW_SELECT = False

    def __init__(self, settings: UiSettings) -> None:
        super().__init__(settings, self._places)
        self._started = settings.now()
        self.parts = Parts()
        self._alone = False
        self._gone = Gone(self, lambda: self._draw_rest(self.settings.now()))
        self._total = TotalLine()
        self._detail = Detail()

    def compose(self) -> ComposeResult:
        yield from self._around.above
        yield from (*self.parts, self._total, self._detail)
        yield from self._around.below

    def on_mount(self) -> None:
        self._restage()

    # What is on display

    @property
    def pane(self) -> Part:
        """The part that hears the keys."""
        return self.parts.pane

    @property
    def row(self) -> Any:  # the row type is the part's own
        return self.pane.table.cursor_row

    @property
    def _narrow(self) -> bool:
        """Whether a part stands alone, with the row under the cursor in words below it."""
        return form_of(*self.app.size) in (Form.TABS, Form.TINY)

    def draw(self, now: datetime, *, reorder: bool = False) -> None:
        if not self.is_mounted:
            return
        for part in self._visible():
            part.show(self._view(now), reorder=reorder)
        self._add_up()
        self._draw_rest(now)

    def _visible(self) -> list[Part]:
        found = self._places(*self.app.size)
        return [part for part in self.parts if part.id in found and part.is_mounted]

    def _view(self, now: datetime) -> PaneView:
        def nothing(spec: PaneSpec[Any]) -> str:
            if self.snapshot is None and spec is not self._visible()[0].spec:
                return ""  # all wait for the same; one says so
            return chrome.why_nothing(spec, self.snapshot, self.settings, now, self._started)

        return PaneView(snapshot=self.snapshot, scope=ScopeKind.TOTAL, now=now, nothing=nothing, bare=False)

    def _add_up(self) -> None:
        spend = self.parts.spend
        whole = None
        if self.snapshot is not None and not spend.filter.tests:
            whole = next(iter(self.snapshot.spend.get(ScopeKind.TOTAL, ())), None)
        self._total.show(Total(add_up(spend.table.rows, whole), spend.columns))

    def _draw_rest(self, now: datetime) -> None:
        """Draw everything but the tables."""
        shown = self.snapshot
        self.draw_around(now, self._gone.among(issues(shown, now) if shown is not None else ()))
        tabs = (
            Tab(str(number), one.short if self._narrow else one.title)
            for number, one in enumerate(counts(shown), start=1)
        )
        self._around.tabs.show(TabRow(tuple(tabs), self.parts.at(shown)))
        self._draw_row(now)

    def _draw_row(self, now: datetime) -> None:
        """Draw what depends on the row under the cursor."""
        verbs = {"spend.scope": f"by {self._following().words}", "pane.next": NAMES[self.parts.next(1)]}
        self.draw_footer(hints(live(self), verbs), now)
        row, spec = self.row, self.pane.spec
        if row is None or self.snapshot is None or not self._narrow:
            self._detail.show(None)
            return
        facts = worth_a_line(
            spec.facts(row, self.snapshot, now), {column.id for column in self.pane.table.shown_columns}
        )
        self._detail.show(DetailRow(name=spec.name(row), cluster=getattr(row, "cluster", ""), facts=facts))

    def _places(self, width: int, height: int) -> Mapping[str, Rect]:
        found = places(width, height, self.parts.active, alone=self._alone)
        if SPEND in found:
            found[self.parts.spend.spec.id] = found.pop(SPEND)
        if found.get("banner") == found.get("detail"):  # one row for both: trouble comes first
            found.pop("detail" if self._around.banner.value is not None else "banner", None)
        if self.typing and "footer" in found:
            found["filter"] = found.pop("footer")
        return found

    def place_anew(self) -> None:
        rearrange(self, repaint=False)  # what moves is painted; the rest stands

    def _restage(self, *, reorder: bool = False) -> None:
        """Put everything where it belongs, draw what came into view, and let the right part hear the keys."""
        self.place_anew()
        if not self.typing and self.pane.is_mounted:
            self.set_focus(self.pane.table)
        self.draw(self.settings.now(), reorder=reorder)
        self.call_after_refresh(self._draw_heads)  # what they say depends on the room that they have now

    # What the person does

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.parts.went_to(event.widget)
        self._draw_heads()

    def _draw_heads(self) -> None:
        for part in self._visible():
            part.head()
        self._draw_row(self.settings.now())

    def on_line_table_row_highlighted(self, message: LineTable.RowHighlighted) -> None:
        if message.table is not self.pane.table:
            return
        if message.key is not None:
            self._gone.forget()
        self.pane.head()
        self._draw_row(self.settings.now())

    def on_line_table_target_gone(self, message: LineTable.TargetGone) -> None:
        if message.table is self.pane.table:
            ended = clock_time(self.snapshot.at if self.snapshot is not None else None)
            self._gone.say(f"{clean(self.pane.target_name)} is no longer listed ({ended}). Nothing is selected.")

    def on_key(self) -> None:
        self._gone.forget()

    def on_line_table_row_chosen(self) -> None:
        self.action_details()

    def on_part_filtered(self) -> None:
        self._add_up()

    def on_tabs_clicked(self, message: Tabs.Clicked) -> None:
        self.action_count(message.index + 1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        works: Mapping[str, Callable[[], bool]] = {
            **dict.fromkeys(("details", "explain"), lambda: self.row is not None),
            "copy": lambda: bool(self.pane.table.rows),
            "invert": lambda: bool(self.pane.table.sorting[0]),
            "zoom": lambda: form_of(*self.app.size) in (Form.MEDIUM, Form.WIDE),
        }
        return works[action]() if action in works else True

    def action_count(self, number: int) -> None:
        """Count spend by what stands on the tab of this number."""
        every = counts(self.snapshot)
        if number <= len(every):
            self._count_by(every[number - 1])

    def action_scope(self) -> None:
        self._count_by(self._following())

    def _following(self) -> Count:
        every = counts(self.snapshot)
        return every[(self.parts.at(self.snapshot) + 1) % len(every)]

    def _count_by(self, count: Count) -> None:
        if self.typing:  # it filters the table that was there when it opened
            return
        made = self.parts.count_by(count)
        if made is None:
            self._restage(reorder=True)
        else:
            self.mount(made, before=self._total)
            self.call_after_refresh(self._restage, reorder=True)

    def action_next_pane(self, step: int) -> None:
        self.parts.active = self.parts.next(step)
        self._restage()

    def action_zoom(self) -> None:
        self._alone = not self._alone
        self._restage()

    def action_sort(self) -> None:
        self.pane.table.sort_next()

    def action_invert(self) -> None:
        self.pane.table.invert()

    def action_back(self) -> None:
        """Close the filter, end the zoom, or go back to the main screen."""
        if self.typing or self.pane.filter.tests:
            self.pane.set_filter("")
            self.close_filter()
        elif self._alone:
            self.action_zoom()
        else:
            self.dismiss()

    def action_details(self) -> None:
        from finops_tui.ui.screens.row_pages import DetailsPage

        if self.row is not None and self.snapshot is not None:
            self.app.push_screen(DetailsPage(self.settings, self.pane.spec, self.row, self.snapshot))

    def action_explain(self) -> None:
        from finops_tui.ui.screens.row_pages import ExplainPage

        if self.row is not None and self.snapshot is not None:
            self.app.push_screen(ExplainPage(self.settings, self.pane.spec, self.row, self.snapshot))

    def action_copy(self) -> None:
        """Copy the table as text, with its sum."""
        total = self._total.value if self.parts.active == SPEND else Total()
        self.app.copy_to_clipboard(as_text(self.pane, total, palette_of(self.app)))
