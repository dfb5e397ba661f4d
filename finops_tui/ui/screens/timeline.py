"""What happened, over one time axis, and below it in words. A cursor goes along the axis, the words follow it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from finops_tui.ui import format as fmt
from finops_tui.ui.bindings import bindings, hints, live
from finops_tui.ui.issues import waiting
from finops_tui.ui.keymap import Where
from finops_tui.ui.layout import Rect
from finops_tui.ui.panes import near
from finops_tui.ui.panes.activity import ACTIVITY
from finops_tui.ui.panes.events import ACTION_KEY, Event, Kind, events, finding_of, nearest
from finops_tui.ui.panes.journal import JOURNAL
from finops_tui.ui.panes.slo_facts import PAGE_BURN, TICKET_BURN
from finops_tui.ui.screens.framed import FramedScreen
from finops_tui.ui.screens.list_places import room, too_small
from finops_tui.ui.screens.window import Window
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.text import clean
from finops_tui.ui.widgets.columns import Column
from finops_tui.ui.widgets.cost_chart import ChartData
from finops_tui.ui.widgets.pane_line import PaneLine, PaneTitle
from finops_tui.ui.widgets.table import LineTable
from finops_tui.ui.widgets.tracks import Point, Track, TrackData, Tracks

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Finding
    from finops_tui.model.snapshot import Snapshot

TRACKS = 5
MOST_CHART_ROWS = 10
"""Of the chart of what is spent; a quarter of what room there is where that is less."""
COPIED_EVENTS = 200


class TimelineScreen(FramedScreen, inherit_bindings=False):
    """The last three hours, or from half an hour before the onset of a finding."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.SCREENS),
        *bindings(Where.TIMELINE),
    ]
    AUTO_FOCUS = "LineTable"
    ALLOW_SELECT = False

    def __init__(self, settings: UiSettings, finding_key: str = "") -> None:
        super().__init__(settings, _places)
        self.finding_key = finding_key
        self._finding: Finding | None = None
        self._window = Window()
        self._events: list[Event] = []
        self._title = PaneLine(PaneTitle(title="Timeline"), id="title")
        self._tracks = Tracks()
        self._line = PaneLine(PaneTitle(title="Events"), id="events-line")
        self._table: LineTable[Event] = LineTable(self._columns(), key=lambda event: event.key, id="events")

    def compose(self) -> ComposeResult:
        yield from self._around.above
        yield from (self._title, self._tracks, self._line, self._table)
        yield from self._around.below

    def _columns(self) -> tuple[Column[Event], ...]:
        return (
            Column(id="sign", title="", cell=lambda event: (event.sign,), width=1),
            Column(id="time", title="TIME", cell=self._time, width=fmt.TIME_CELLS, role="quiet"),
            Column(
                id="who", title="WHO", cell=lambda event: event.who or "–", width=9, gap=2, role="quiet", priority=3
            ),
            Column(
                id="cluster",
                title="CLUSTER",
                cell=lambda event: event.cluster,
                width=12,
                gap=2,
                role="quiet",
                priority=4,
            ),
            Column(id="what", title="WHAT", cell=lambda event: event.what, width=20, grow=1, gap=2, priority=2),
        )

    def _time(self, event: Event) -> str:
        return fmt.time_cell(event.at, self.settings.now())

    # What is on display

    def draw(self, now: datetime) -> None:
        if not self.is_mounted:
            return
        self.draw_around(now)
        self.draw_footer(hints(live(self), {}), now)
        shown = self.snapshot
        if shown is None:
            self._table.show([], note=waiting(self.settings.waiting_for, 0))
            return
        if self.finding_key:
            since = self._finding.since if self._finding is not None else None
            self._finding = near.find(shown, self.finding_key, since) or self._finding
        self._window.newest = shown.at
        self._window.onset = self._finding.since if self._finding is not None else None
        self._events = events(shown, self._finding, self._window.start, self._window.end)
        self._tracks.show(self._data(shown))
        self._table.show(self._events, note="Nothing happened in this time.")
        self._heads(now)

    def _heads(self, now: datetime) -> None:
        window = self._window
        length = fmt.duration(window.span.total_seconds()).removesuffix("00m")
        last = "now" if window.end == window.newest else fmt.short_time(window.end, now)
        words = f"{fmt.short_time(window.start, now)} to {last}, {length}"
        about = ((f" · {clean(self._finding.name)}", "quiet"),) if self._finding is not None else ()
        self._title.show(PaneTitle(title="Timeline", summary=((words, "quiet"), *about)))
        summary = f"{len(self._events):,}, newest first" if self._events else ""
        self._line.show(PaneTitle(title="Events", summary=((summary, "quiet"),) if summary else (), focused=True))

    def _data(self, shown: Snapshot) -> TrackData:
        window, headline = self._window, shown.headline
        known = any(value is not None for value in headline.strip)
        return TrackData(
            start=window.start,
            end=window.end,
            spend=ChartData(headline.strip, headline.strip_normal, shown.at) if known else None,
            tracks=(
                self._points("changes", Kind.CHANGE, "No change is known."),
                self._points("findings", Kind.FINDING, "No finding began or ended."),
                Track("spot", "No spot node was taken.", counted=self._taken(shown), count_role="spot bold"),
                Track(
                    "SLO burn",
                    "No burn rate has been seen yet.",
                    values=headline.strip_burn,
                    last=shown.at,
                    grades=((PAGE_BURN, "page"), (TICKET_BURN, "ticket"), (1.0, "text")),
                ),
                self._points("actions", Kind.ACTION, "Nothing was done with this program."),
            ),
            cursor=window.at,
            live=window.end == window.newest,
        )

    @staticmethod
    def _taken(shown: Snapshot) -> tuple[datetime, ...]:
        return tuple(row.at for row in shown.interruptions)

    def _points(self, label: str, kind: Kind, empty: str) -> Track:
        """Make the row of one kind; of several at once the most important is shown."""
        found = sorted((event for event in self._events if event.kind is kind), key=lambda event: event.rank)
        return Track(label, empty, tuple(Point(event.at, event.sign) for event in found))

    # What the person does

    def action_step(self, cells: int) -> None:
        """Move the cursor along the axis; the list goes to what happened last until then."""
        axis = self._tracks.axis(self._tracks.size.width)
        if self.snapshot is None or axis is None:
            return
        self._window.step(cells, timedelta(seconds=axis.seconds / axis.cells))
        self.draw(self.settings.now())
        event = nearest(self._events, self._window.moment)
        if event is not None:
            self._table.select(event.key)

    def action_zoom(self, steps: int) -> None:
        """Look at a shorter stretch, or a longer one."""
        self._window.zoom(steps)
        self.draw(self.settings.now())

    def on_line_table_row_highlighted(self, message: LineTable.RowHighlighted) -> None:
        """Let the axis follow a cursor that was moved in the list."""
        event = self._table.cursor_row
        if self.snapshot is None or event is None or event.key != message.key:
            return
        followed = nearest(self._events, self._window.moment)
        if followed is None or followed.key != event.key:
            self._window.at = event.at
            self.draw(self.settings.now())

    def on_line_table_row_chosen(self) -> None:
        """Open the finding that an event is about, or the details of what happened."""
        event = self._table.cursor_row
        if event is None or self.snapshot is None:
            return
        if finding := finding_of(event.key):
            self._open_finding(finding)
            return
        from finops_tui.ui.screens.row_pages import DetailsPage

        key = f"{event.key}/"
        done = next((row for row in self.snapshot.actions if key.startswith(f"{ACTION_KEY}{row.key}/")), None)
        if done is not None:
            self.app.push_screen(DetailsPage(self.settings, JOURNAL, done, self.snapshot))
            return
        row = next((row for row in self.snapshot.activity if row.key == event.key), None)
        if row is not None:
            self.app.push_screen(DetailsPage(self.settings, ACTIVITY, row, self.snapshot))

    def _open_finding(self, key: str) -> None:
        from finops_tui.ui.screens.incident import IncidentScreen

        if key == self.finding_key:  # it is the screen below
            self.dismiss()
            return
        screen = IncidentScreen(self.settings, key)
        screen.snapshot = self.snapshot
        self.app.push_screen(screen)

    def action_back(self) -> None:
        self.dismiss()

    def action_copy(self) -> None:
        """Copy the events as text, oldest first, as one would write them into a report."""
        lines = (
            "  ".join(filter(None, (fmt.clock_time(event.at), event.sign[0], clean(event.who), clean(event.what))))
            for event in reversed(self._events[:COPIED_EVENTS])
        )
        self.app.copy_to_clipboard("\n".join(["Timeline", *lines]))


def _places(width: int, height: int) -> Mapping[str, Rect]:
    left = room(width, height)
    if left is None:
        return too_small(width, height)
    around, x, inner, top, bottom, roomy = left
    chart = max(1, min(MOST_CHART_ROWS, (bottom - top - TRACKS) // 4))
    tracks = max(3, min(chart + TRACKS + 1, bottom - top - 6))
    list_top = top + 1 + tracks + int(roomy)
    return {
        **around,
        "title": Rect(x, top, inner, 1),
        "tracks": Rect(x, top + 1, inner, tracks),
        "events-line": Rect(x, list_top, inner, 1),
        "events": Rect(x, list_top + 1, inner, max(1, bottom - list_top - 1)),
    }
