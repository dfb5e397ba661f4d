"""One finding on a screen of its own: its cost, what changed, who adds to it, what may be done, what is near it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from finops_tui.ui.acts import KEY_ID
from finops_tui.ui.background import in_background
from finops_tui.ui.bindings import bindings, hints, live
from finops_tui.ui.format import clock_time
from finops_tui.ui.issues import waiting
from finops_tui.ui.keymap import KEYS, Where
from finops_tui.ui.layout import GAP, MARGIN
from finops_tui.ui.palette import palette_of
from finops_tui.ui.panes import near
from finops_tui.ui.panes.activity import ACTIVITY
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.panes.findings import FINDINGS
from finops_tui.ui.panes.gpu import GPU
from finops_tui.ui.panes.slo import SLO
from finops_tui.ui.panes.spend import SPEND
from finops_tui.ui.screens import incident_lists as lists
from finops_tui.ui.screens import incident_parts as parts
from finops_tui.ui.screens import incident_remedies as moves
from finops_tui.ui.screens.acting import ACTIONS
from finops_tui.ui.screens.finding_screen import STATES_OF, FindingScreen
from finops_tui.ui.screens.foresight import Foresight
from finops_tui.ui.screens.framed import FramedScreen
from finops_tui.ui.screens.page_places import page_places
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.text import clean
from finops_tui.ui.widgets.document import Block, Document, Pen
from finops_tui.ui.widgets.footer import KeyHint
from finops_tui.ui.widgets.more import More
from finops_tui.ui.widgets.sheet import Sheet

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Finding, Remedy
    from finops_tui.model.snapshot import Snapshot
    from finops_tui.ui.acts import Act

LISTS_BESIDE_FROM, ALL_BESIDE_FROM = 100, 160
"""Columns from which changes and contributors, then evidence and SLOs too, stand side by side."""
TALL = 44
LIST_ROWS, TALL_LIST_ROWS = 4, 10
TALL_LISTS = 40
"""Lines of everything but the chart on a tall screen, when all lists are full."""
LEAST_CHART_ROWS, MOST_CHART_ROWS = 3, 24
"""Where there would be fewer, the chart goes."""
COPY_WIDTH, COPY_CHART_ROWS = 100, 8
PARTS = 6
CONTRIBUTORS = (lists.SPEND_KEY, lists.POOL_KEY)
EXPLAINED = (*CONTRIBUTORS, lists.SLO_KEY)
"""What the keys of rows begin with whose figures are not those of the finding."""
PART_KEYS = tuple(next(spec for spec in KEYS if str(number) in spec.keys) for number in range(1, PARTS + 1))
"""The keys that go to the numbered panes go to the numbered parts here."""


class IncidentScreen(FramedScreen, FindingScreen, inherit_bindings=False):
    """Follows one finding from snapshot to snapshot, also after it is over and when it is no longer listed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.FINDING, Where.CHANGES, Where.SCREENS),
        *(
            Binding(",".join(spec.keys), f"part({part})", f"part {part}", show=False, id=spec.id)
            for part, spec in enumerate(PART_KEYS, start=1)
        ),
        Binding("tab", "next_part(1)", "part", show=False, id="pane.next"),
        Binding("shift+tab", "next_part(-1)", "part back", show=False, id="pane.previous"),
        Binding("d", "details", "details", show=False, id="row.details"),
        Binding("X", "explain", "why", show=False, id="row.explain"),
        Binding("T", "timeline", "timeline", show=False, id="view.timeline"),
    ]
    AUTO_FOCUS = "Sheet"
    ALLOW_SELECT = False

    def __init__(self, settings: UiSettings, finding_key: str) -> None:
        super().__init__(settings, page_places)
        self.finding_key = finding_key
        self._finding: Finding | None = None
        self._seen: Snapshot | None = None
        """The last snapshot with the finding in it."""
        self._near: near.Nearby | None = None
        """What belongs to it in that snapshot."""
        self._followed: Snapshot | None = None
        """The last snapshot in which it was looked for."""
        self._gone_at: datetime | None = None
        self._foresight = Foresight()
        self._sheet = Sheet(self._document)
        self._more = More()

    def compose(self) -> ComposeResult:
        yield from self._around.above
        yield self._sheet
        yield self._more
        yield from self._around.below

    # What is on display

    def tick(self, snapshot: Snapshot | None, now: datetime) -> None:
        """Take the newest snapshot and tell the time again."""
        self.snapshot = snapshot
        self._follow()
        self._foresee(now)
        self.draw(now)

    def _foresee(self, now: datetime) -> None:
        """Ask the systems about the best move: when it would save, and who would set it back, only they know."""
        if self.snapshot is None or not self.snapshot.armed.possible or self._gone_at is not None:
            return
        remedy = self._foresight.next(self._finding, now) if self._finding is not None else None
        if remedy is not None:
            in_background(self, partial(self._ask_about, remedy), group="foresee")

    async def _ask_about(self, remedy: Remedy) -> None:
        from finops_tui.engine.proposal import Request
        from finops_tui.errors import FinopsError

        wish = Request(action=remedy.action, targets=(remedy.target,), parameters=remedy.parameters)
        try:
            proposal = await self._finops.ask(lambda desk: desk.propose(wish))
        except FinopsError:  # the move's own dialog says what is wrong
            proposal = None
        now = self.settings.now()
        self._foresight.answered(proposal, now)
        self.draw(now)

    def _follow(self) -> None:
        if self.snapshot is None or self.snapshot is self._followed:
            return
        self._followed = self.snapshot
        since = self._finding.since if self._finding is not None else None
        found = near.find(self.snapshot, self.finding_key, since)
        if found is not None:
            self._finding, self._seen, self._gone_at = found, self.snapshot, None
            self._near = near.nearby(found, self.snapshot)
        elif self._gone_at is None:
            self._gone_at = self.snapshot.at

    def draw(self, now: datetime) -> None:
        if not self.is_mounted:
            return
        self._follow()
        self.draw_around(now)
        self.draw_footer(self._hints(), now)
        self._sheet.redraw()
        self._tell_more()

    def _hints(self) -> tuple[KeyHint, ...]:
        """Return the footer's keys; where the cursor is on a move, the key for it comes first."""
        remedy, verbs = self._remedy, {"row.explain": "why", **self.act_verbs()}
        act = self._finops.acts.get(remedy.action) if remedy is not None and self.armed else None
        if act is None:
            return hints(live(self), verbs, self.dimmed)
        id_ = f"{KEY_ID}{act.id}"
        first = self._bound.get(id_, "")
        keys = hints(live(self), {**verbs, id_: verbs.get(id_) or act.verb}, self.dimmed)
        return tuple(sorted(keys, key=lambda hint: hint.key != first))

    def _tell_more(self) -> None:
        name = self._finding.name if self._finding is not None else ""
        self._more.show((clean(name), self._sheet.below))

    def _document(self, width: int, cursor: str) -> Document:
        body = self._sheet.size.height
        chart_rows = min(MOST_CHART_ROWS, max((body + 2) // 4, body - TALL_LISTS))
        return self.document(width, cursor, chart_rows, TALL_LIST_ROWS if body >= TALL else LIST_ROWS)

    def document(self, width: int, cursor: str, chart_rows: int, rows: int) -> Document:
        """Return the whole screen below the money line, for so many cells."""
        pen = Pen(width, palette_of(self.app), cursor)
        if self._finding is None or self._near is None:
            return Document([[pen.block(pen.prose(self._why_nothing()))]])
        now = self.settings.now()
        finding = self._foresight.on(self._finding, now)
        case = parts.Case(finding, self._near, now, rows, chart_rows, self._notice())
        bands: list[list[Block]] = [[parts.sentences(case, pen)]]
        if chart_rows >= LEAST_CHART_ROWS:
            bands.append([parts.chart(case, pen)])
        left = pen.narrower((width - GAP) // 2)
        right = pen.narrower(width - GAP - left.width)
        if width + 2 * MARGIN >= LISTS_BESIDE_FROM:
            bands.append([lists.changes(case, left), lists.contributors(case, right)])
        else:
            bands += [[lists.changes(case, pen)], [lists.contributors(case, pen)]]
        bands.append([moves.remedies(case, pen, self._bound)])
        if width + 2 * MARGIN >= ALL_BESIDE_FROM:
            bands.append([lists.objectives(case, left), lists.evidence(case, right)])
        else:
            bands += [[lists.objectives(case, pen)], [lists.evidence(case, pen)]]
        return Document(bands)

    @property
    def _bound(self) -> Mapping[str, str]:
        """Return the first key of each id that works now."""
        return {id_: keys[0] for id_, (_, keys) in live(self).items()}

    def _why_nothing(self) -> str:
        if self.snapshot is None:
            return waiting(self.settings.waiting_for, 0)
        return f"It is no longer listed ({clean(self.finding_key)}). esc goes back."

    def _notice(self) -> str:
        if self._gone_at is None or self._seen is None:
            return ""
        return (
            f"No longer listed since {clock_time(self._gone_at)}. These are its figures of {clock_time(self._seen.at)}."
        )

    def on_sheet_moved(self) -> None:
        self.draw(self.settings.now())

    # What the person does

    def chosen_findings(self) -> Sequence[Finding]:
        """Return the finding, as long as it is listed."""
        return (self._finding,) if self._finding is not None and self._gone_at is None else ()

    def decided(self) -> None:
        self.draw(self.settings.now())

    def chosen_rows(self) -> Sequence[Any]:
        """Return the contributor under the cursor, else the finding itself."""
        row = self._row(self._sheet.cursor)[1] if self._sheet.cursor.startswith(CONTRIBUTORS) else None
        return tuple(filter(None, (row if row is not None else self._finding,)))

    def rows_for(self, act: Act) -> Sequence[Any]:
        remedy = self._remedy
        return (remedy,) if remedy is not None and remedy.action == act.id else self.chosen_rows()

    def parameters(self, act: Act) -> Mapping[str, str] | None:
        remedy = self._remedy
        return remedy.parameters if remedy is not None and remedy.action == act.id else None

    def falls_back(self) -> bool:
        return False

    @property
    def _remedy(self) -> Remedy | None:
        """The move under the cursor, where it can be made."""
        if self._finding is None:
            return None
        found = moves.remedy_of(self._foresight.on(self._finding, self.settings.now()), self._sheet.cursor)
        return found if found is not None and not found.refused else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ACTIONS:
            return self.can(action, parameters)
        if action in STATES_OF:
            return self.can_decide(action)
        if action in ("details", "explain"):
            return self._finding is not None
        return action != "runbook" or self.has_runbook()

    def on_sheet_chosen(self, message: Sheet.Chosen) -> None:
        """Open the details of a contributor, a pool, an SLO, or of the change that is a cause; plan a move."""
        from finops_tui.ui.screens.row_pages import DetailsPage

        if message.key.startswith(moves.REMEDY_KEY):
            remedy = self._remedy
            if remedy is not None and remedy.action in self._finops.acts and self.can("act", (remedy.action,)):
                self.action_act(remedy.action)
            return
        spec, row = self._row(message.key)
        if row is not None and self._seen is not None:
            self.app.push_screen(DetailsPage(self.settings, spec, row, self._seen))

    def _row(self, key: str) -> tuple[PaneSpec[Any], Any]:
        """Return the row behind a key of the document, and the pane that knows how to tell it."""
        assert self._seen is not None
        kinds: Mapping[str, tuple[PaneSpec[Any], Any]] = {
            lists.SPEND_KEY: (SPEND, [row for rows in self._seen.spend.values() for row in rows]),
            lists.POOL_KEY: (GPU, self._seen.pools),
            lists.SLO_KEY: (SLO, self._seen.slos),
            "cause/": (ACTIVITY, self._seen.activity),
        }
        prefix = next(one for one in kinds if key.startswith(one))
        spec, rows = kinds[prefix]
        wanted = f"change/{key.removeprefix(prefix)}" if prefix == "cause/" else key.removeprefix(prefix)
        return spec, next((row for row in rows if row.key == wanted), None)

    def action_part(self, number: int) -> None:
        """Go to a part; the sentences above them have no number, and the chart may not be there."""
        parts = len(self._sheet.parts)
        self._sheet.go_to_part(max(0, number - PARTS + parts - 1))

    def action_next_part(self, step: int) -> None:
        self._sheet.next_part(step)

    def action_details(self) -> None:
        from finops_tui.ui.screens.row_pages import DetailsPage

        if self._finding is not None and self._seen is not None:
            self.app.push_screen(DetailsPage(self.settings, FINDINGS, self._finding, self._seen))

    def action_explain(self) -> None:
        """Explain the figures of the contributor or the SLO under the cursor, else those of the finding."""
        from finops_tui.ui.screens.row_pages import ExplainPage

        if self._finding is None or self._seen is None:
            return
        spec, row = self._row(self._sheet.cursor) if self._sheet.cursor.startswith(EXPLAINED) else (FINDINGS, None)
        if row is None:
            spec, row = FINDINGS, self._finding
        self.app.push_screen(ExplainPage(self.settings, spec, row, self._seen))

    def action_timeline(self) -> None:
        from finops_tui.ui.screens.timeline import TimelineScreen

        screen = TimelineScreen(self.settings, self.finding_key)
        screen.snapshot = self.snapshot
        self.app.push_screen(screen)

    def action_back(self) -> None:
        self.dismiss()

    def action_copy(self) -> None:
        document = self.document(COPY_WIDTH, "", COPY_CHART_ROWS, TALL_LIST_ROWS)
        self.app.copy_to_clipboard(document.text)
