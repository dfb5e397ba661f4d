"""The main screen: money on top, panes below, one row under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from finops_tui.model.scope import ScopeKind
from finops_tui.ui.acts import KEY_ID
from finops_tui.ui.bindings import Bound, bindings, hints, live
from finops_tui.ui.issues import Issue, issues
from finops_tui.ui.keymap import BY_ID as BY_KEY
from finops_tui.ui.keymap import Where
from finops_tui.ui.layout import Form, Frame, Layout, Rect, frame
from finops_tui.ui.panes import BY_ID
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.panes.best_move import best_move, best_of
from finops_tui.ui.panes.facts import Fact
from finops_tui.ui.panes.pane import Pane, PaneView
from finops_tui.ui.panes.spend import SCOPES
from finops_tui.ui.screens import chrome
from finops_tui.ui.screens.acting import ACTIONS, short_name
from finops_tui.ui.screens.detail import Detail, DetailRow, worth_a_line
from finops_tui.ui.screens.filtering import FilteringScreen
from finops_tui.ui.screens.finding_screen import STATES_OF
from finops_tui.ui.screens.gone import Gone, what_became_of
from finops_tui.ui.screens.leading import LeadingScreen
from finops_tui.ui.screens.stage import Stage, rearrange
from finops_tui.ui.screens.surround import Surround
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.widgets.table import LineTable
from finops_tui.ui.widgets.tabs import Tabs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.model.finding import Finding
    from finops_tui.model.snapshot import Snapshot

PANE_VERB = BY_KEY["pane.next"].verb


class MainScreen(FilteringScreen, LeadingScreen, inherit_bindings=False):
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.MAIN, Where.FINDING, Where.CHANGES, Where.SCREENS)
    AUTO_FOCUS = ""
    ALLOW_SELECT = False

    def __init__(self, settings: UiSettings, on_ready: Callable[[], None]) -> None:
        """`on_ready` is called once everything is there that `tick` draws on."""
        super().__init__()
        self.settings = settings
        self._on_ready = on_ready
        self._started = settings.now()
        self.arrangement = next(one for one in settings.layouts if one.name == settings.layout)
        self.scope = self.arrangement.scope
        self.active = self.arrangement.panes[0]
        self.home = self.active
        """The pane of the layout that had the focus last: where a pane from outside the layout goes back to."""
        self.zoomed = False
        self.newest: Snapshot | None = None
        self.frozen_at: datetime | None = None
        self.snapshot: Snapshot | None = None
        """What is on display: the newest, unless frozen."""
        self._gone = Gone(self, lambda: self._draw_around(self.settings.now()))
        self._bound: Bound | None = None
        """What the keys did when that was last looked at; None after each, since it may change what others do."""
        self._panes: dict[str, Pane] = {}
        self._around = Surround(settings)
        self._detail = Detail()
        self._stage = Stage(self._places)
        self._works_when: Mapping[str, Callable[[], bool]] = {
            "scope": lambda: self.pane.spec.scoped,
            **dict.fromkeys(("details", "explain", "copy"), lambda: self.row is not None),
            **dict.fromkeys(("mark", "mark_range"), lambda: self.row is not None and self.pane.spec.markable),
            **{action: partial(self.can_decide, action) for action in STATES_OF},
            "runbook": self.has_runbook,
            "zoom": lambda: not self.visiting,
            "invert": lambda: bool(self.pane.table.sorting[0]),
            "back": lambda: self.typing or bool(self.pane.filter.tests) or self._whole or self.has_marks,
        }
        """By action, whether it does anything now; what is not here always does."""
        self._missing_panes()

    def compose(self) -> ComposeResult:
        yield from self._around.above
        yield from self._panes.values()
        yield self._detail
        yield from self._around.below

    def on_mount(self) -> None:
        self.set_focus(self.pane.table)
        self._on_ready()

    # What is on display

    @property
    def pane(self) -> Pane:
        """The pane that hears the keys."""
        return self._panes[self.active]

    @property
    def panes(self) -> tuple[str, ...]:
        """Ids of the panes of the layout, in the order of their numbers."""
        return tuple(sorted(self.arrangement.panes, key=lambda pane: BY_ID[pane].number))

    @property
    def visiting(self) -> bool:
        """Whether a pane that the layout does not have is open over the whole screen."""
        return self.active not in self.arrangement.panes

    @property
    def _whole(self) -> bool:
        return self.zoomed or self.visiting

    def tick(self, snapshot: Snapshot | None, now: datetime) -> None:
        """Take the newest snapshot and tell the time again: once a second, and at once for the first snapshot."""
        if self.newest is None and snapshot is not None:
            self.make_filter_bar_soon()
        self.newest = snapshot
        shown = self._held(snapshot) if self.frozen_at is not None else snapshot
        fresh = shown is not self.snapshot or shown is None
        self.snapshot = shown
        bound = self._live() if fresh or self._bound is None else self._bound
        self._draw_around(now, bound)
        for pane in self._visible_panes():
            pane.show(self._view(now)) if fresh else pane.tell_time(self._view(now))
        self._draw_detail(bound)
        if self.typing:
            self.call_after_refresh(self.pane.expect_filter)

    def _held(self, newest: Snapshot | None) -> Snapshot | None:
        """Return what is frozen, but for what may be changed and what was: that is never old."""
        held = self.snapshot
        if held is None or newest is None or (held.armed, held.actions) == (newest.armed, newest.actions):
            return held
        return replace(held, armed=newest.armed, actions=newest.actions)

    def _view(self, now: datetime) -> PaneView:
        return PaneView(
            snapshot=self.snapshot,
            scope=self.scope,
            now=now,
            nothing=lambda spec: self._why_nothing(spec, now),
            bare=self._frame.form in (Form.TABS, Form.TINY) and not self._whole,
        )

    def _why_nothing(self, spec: PaneSpec[Any], now: datetime) -> str:
        if self.snapshot is None and spec.id != next(iter(self._frame.panes), ""):
            return ""  # all wait for the same; one says so
        return chrome.why_nothing(spec, self.snapshot, self.settings, now, self._started)

    def issues(self, now: datetime) -> tuple[Issue, ...]:
        return self._gone.among(issues(self.snapshot, now) if self.snapshot is not None else ())

    def _draw_around(self, now: datetime, bound: Bound | None = None) -> None:
        bound = bound or self._live()
        form, shown, undo_key = self._frame.form, self.snapshot, self.undo_key(now)
        self._around.show(shown, now, form, self.issues(now), bound, frozen_at=self.frozen_at, undo_key=undo_key)
        self._around.show_tabs([BY_ID[pane] for pane in self.panes], self.panes.index(self.home), shown)
        self._draw_footer(now, bound)

    def _live(self) -> Bound:
        self._bound = live(self)
        return self._bound

    def _draw_below(self) -> None:
        bound = self._live()
        self._draw_footer(self.settings.now(), bound)
        self._draw_detail(bound)

    def _draw_footer(self, now: datetime, bound: Bound) -> None:
        if self.typing:  # the filter stands in its place
            return
        keys = hints(bound, self._verbs(), self.dimmed)
        if self.chosen_findings():  # what can be done about it comes before where else to look
            keys = tuple(hint for hint in keys if hint.verb != PANE_VERB)
        self._around.show_footer(keys, self.snapshot, now, self._frame.form)

    def _verbs(self) -> dict[str, str]:
        """Return the words of keys that do something more special here than the registry can say."""
        following = SCOPES[(SCOPES.index(self.scope) + 1) % len(SCOPES)]
        verbs = {"spend.scope": f"by {following.value}", **self.act_verbs()}
        marked = len(self.pane.table.marked)
        if marked and self.pane.spec.decidable:
            verbs["finding.acknowledge"] = f"ack {marked} marked"
        if self.finding is not None:
            verbs["table.open"] = "incident"
        elif self.pool is not None:
            verbs["table.open"] = "nodes"
        return verbs

    def _draw_detail(self, bound: Bound | None = None) -> None:
        row, spec = self.row, self.pane.spec
        if row is None or self.snapshot is None:
            self._detail.show(None)
            return
        shown = {column.id for column in self.pane.table.shown_columns}
        facts = self._with_best_move(spec.facts(row, self.snapshot, self.settings.now()), bound or self._live())
        cluster = getattr(row, "cluster", "")
        self._detail.show(DetailRow(name=spec.name(row), cluster=cluster, facts=worth_a_line(facts, shown)))

    def _with_best_move(self, facts: Sequence[Fact], bound: Bound) -> Sequence[Fact]:
        """Add what would help most against the finding under the cursor: before why, on one row before all else."""
        finding = self.finding
        remedy = best_of(finding) if finding is not None else None
        if remedy is None:
            return facts
        _, keys = bound.get(f"{KEY_ID}{remedy.action}", (None, ("",))) if self.armed else (None, ("",))
        own = finding is not None and self.stands_for(finding, remedy.target)
        move = best_move(remedy, keys[0], "" if own else short_name(remedy.target))
        first = self._frame.form is Form.TINY
        at = 0 if first else next((at for at, fact in enumerate(facts) if fact.label == "Why"), len(facts))
        return (*facts[:at], move, *facts[at:])

    # Where it stands

    @property
    def layout(self) -> Stage:
        return self._stage

    @property
    def _frame(self) -> Frame:
        return frame(*self.app.size, self.arrangement, self.active, zoomed=self._whole)

    def _places(self, width: int, height: int) -> Mapping[str, Rect]:
        places = dict(frame(width, height, self.arrangement, self.active, zoomed=self._whole).places)
        if places.get("banner") == places.get("detail"):  # one row for both: trouble comes first
            places.pop("detail" if self._around.banner.value is not None else "banner", None)
        if self.typing and "footer" in places:
            places["filter"] = places.pop("footer")
        return places

    def _missing_panes(self, *more: str) -> list[Pane]:
        missing = [Pane(BY_ID[pane]) for pane in (*self.panes, *more) if pane not in self._panes]
        self._panes.update({pane.spec.id: pane for pane in missing})
        return missing

    def _visible_panes(self) -> Sequence[Pane]:
        return [self._panes[pane] for pane in self._frame.panes if pane in self._panes and self._panes[pane].is_mounted]

    def on_resize(self) -> None:
        self._redraw()

    def restage(self) -> None:
        """Put everything where it belongs after a change of layout, pane or zoom, and draw what came into view."""
        self.place_anew()
        self._redraw()
        self.call_after_refresh(self.draw_heads)  # what they say depends on the room that they have now

    def place_anew(self) -> None:
        rearrange(self, repaint=False)  # what moves is painted; the rest stands

    def _redraw(self) -> None:
        if not self.typing and self.focused is not self.pane.table:  # it was hidden, and Textual gave the focus away
            self.set_focus(self.pane.table)
        now = self.settings.now()
        bound = self._live()
        self._draw_around(now, bound)
        for pane in self._visible_panes():
            pane.show(self._view(now))
        self._draw_detail(bound)

    # What the person does

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        pane = event.widget.parent
        if isinstance(pane, Pane) and pane.spec.id != self.active and pane.spec.id in self._frame.panes:
            self._activate(pane.spec.id)
        self.draw_heads()

    def draw_heads(self) -> None:
        for pane in self._visible_panes():
            pane.head()
        self._draw_below()

    def on_line_table_row_highlighted(self, message: LineTable.RowHighlighted) -> None:
        if message.table is self.pane.table:
            if message.key is not None:
                self._gone.forget()
            self.pane.head()
            self._draw_below()  # without a row there is nothing to open

    def on_line_table_target_gone(self, message: LineTable.TargetGone) -> None:
        if message.table is self.pane.table:
            self._gone.say(what_became_of(message.key or "", self.pane, self.snapshot))

    def on_tabs_clicked(self, message: Tabs.Clicked) -> None:
        self.action_pane(self.panes[message.index])

    def on_key(self, event: events.Key) -> None:
        self.say_what_to_choose(event.key)
        self._gone.forget()
        self._bound = None
        for pane in self._visible_panes():
            pane.table.hold()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ACTIONS:
            return self.can(action, parameters)
        works = self._works_when.get(action)
        return works is None or works()

    def _activate(self, pane: str) -> None:
        whole = self._whole
        self.active = pane
        if not self.visiting:
            self.home = pane
        if self._frame.form in (Form.TABS, Form.TINY) or whole or self._whole:
            self.restage()

    def action_pane(self, pane: str) -> None:
        """Give a pane the keys; one that the layout does not have comes over the whole screen."""
        missing = self._missing_panes(pane)
        if missing:
            self.mount_all(missing, after=self._around.tabs)
            self.call_after_refresh(self.action_pane, pane)
            return
        self._activate(pane)
        self.set_focus(self.pane.table)
        self._draw_around(self.settings.now())

    def action_next_pane(self, step: int) -> None:
        panes = self.panes
        self.action_pane(self.home if self.visiting else panes[(panes.index(self.active) + step) % len(panes)])

    def action_zoom(self) -> None:
        self.zoomed = not self.zoomed
        self.restage()

    def action_scope(self) -> None:
        self.action_set_scope(SCOPES[(SCOPES.index(self.scope) + 1) % len(SCOPES)])

    def action_set_scope(self, scope: str) -> None:
        """Count spend by something else."""
        self.scope = ScopeKind(scope)
        now = self.settings.now()
        for pane in self._visible_panes():
            if pane.spec.scoped:
                pane.show(self._view(now), reorder=True)
        self._draw_around(now)
        self._draw_detail()

    def action_set_layout(self, name: str) -> None:
        self.set_arrangement(next(layout for layout in self.settings.layouts if layout.name == name))

    def set_arrangement(self, layout: Layout) -> None:
        """Take another layout; the pane that had the focus keeps it where there is one."""
        self.arrangement = layout
        self.scope = layout.scope
        if self.active not in layout.panes:
            self.active = layout.panes[0]
        self.home = self.active
        missing = self._missing_panes()
        if missing:
            self.mount_all(missing, after=self._around.tabs)
        self.call_after_refresh(self._rearranged)

    def _rearranged(self) -> None:
        self.restage()
        self.set_focus(self.pane.table)

    def action_freeze(self) -> None:
        self.frozen_at = self.settings.now() if self.frozen_at is None else None
        self.tick(self.newest, self.settings.now())

    def action_sort(self) -> None:
        self.pane.table.sort_next()

    def action_sort_by(self, column: str) -> None:
        self.pane.table.sort_by(column)

    def action_invert(self) -> None:
        self.pane.table.invert()

    def action_back(self) -> None:
        if self.typing or self.pane.filter.tests:
            self.pane.set_filter("")
            self.close_filter()
            self.draw_heads()
        elif self.has_marks:
            self.take_marks_away()
        elif self.visiting:
            self.action_pane(self.home)
        elif self.zoomed:
            self.action_zoom()

    def expect_to_leave(self, findings: Sequence[Finding]) -> None:
        """Hear that the person decided about findings, here or on a screen above: those that go need no banner."""
        self._panes["findings"].table.expect_to_leave(finding.key for finding in findings)

    def action_show_findings(self, state: str) -> None:
        """List the findings of one state, also those that do not stand in the list."""
        self.action_pane("findings")
        self._panes["findings"].ask_for(f"state={state}")
        self._redraw()
