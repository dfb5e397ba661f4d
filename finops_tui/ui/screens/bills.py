"""What was billed, how the estimate holds against it, how the month ends, what would cost less or is in no cluster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

import finops_tui.ui.cloud_targets  # noqa: F401 - teaches `target_of` the rows of clouds
from finops_tui.ui.acts import KEY_ID
from finops_tui.ui.bindings import bindings, hints, live
from finops_tui.ui.keymap import BY_ID, KEYS, Where
from finops_tui.ui.layout import GAP, MARGIN
from finops_tui.ui.palette import palette_of
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.screens import chrome
from finops_tui.ui.screens.acting import ACTIONS, ActingScreen
from finops_tui.ui.screens.bills_advice import ADVICE, HERE, Advice
from finops_tui.ui.screens.bills_clouds import ANOMALIES
from finops_tui.ui.screens.bills_note import note
from finops_tui.ui.screens.bills_outside import OUTSIDE, PAUSED
from finops_tui.ui.screens.bills_parts import Part, Parts
from finops_tui.ui.screens.bills_tables import BILLS, CHECKED
from finops_tui.ui.screens.framed import FramedScreen
from finops_tui.ui.screens.page_places import page_places
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.text import clean
from finops_tui.ui.widgets.document import Document, Pen
from finops_tui.ui.widgets.more import More
from finops_tui.ui.widgets.sheet import Sheet

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.cloud import Anomaly
    from finops_tui.model.outside import OutsideRow

TITLE = "Bills"
BESIDE_FROM = 160
"""Columns from which two parts stand side by side."""
COPY_WIDTH = 120
PARTS = 7
PART_KEYS = tuple(next(spec for spec in KEYS if str(number) in spec.keys) for number in range(1, PARTS + 1))
"""The keys that go to the numbered panes go to the numbered parts here."""
FOUND_HERE = f"{ADVICE.id}:{HERE}/"
"""What the keys of rows begin with that are about a finding."""
UNDO, DRILL = "action.undo", "bill.drill"
ON_A_ROW = frozenset({"details", "explain", "sort", "invert"})


class BillsScreen(FramedScreen, ActingScreen, inherit_bindings=False):
    """Seven parts below each other; the cursor goes through the rows of their tables.

    What stands outside clusters can be changed, and anomalies answered.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.CHANGES, Where.SCREENS),
        *(
            Binding(",".join(spec.keys), f"part({part})", f"part {part}", show=False, id=spec.id)
            for part, spec in enumerate(PART_KEYS, start=1)
        ),
        Binding("tab", "next_part(1)", "part", show=False, id="pane.next"),
        Binding("shift+tab", "next_part(-1)", "part back", show=False, id="pane.previous"),
        *(
            Binding(",".join(BY_ID[id_].keys), BY_ID[id_].action, BY_ID[id_].verb, show=False, id=id_)
            for id_ in ("row.details", "row.explain", "row.sort", "row.invert", "data.export", DRILL)
        ),
    ]
    AUTO_FOCUS = "Sheet"
    ALLOW_SELECT = False

    def __init__(self, settings: UiSettings) -> None:
        super().__init__(settings, page_places)
        self.parts = Parts(settings.now)
        self._started = settings.now()
        self._sheet = Sheet(self._document)
        self._more = More()

    def compose(self) -> ComposeResult:
        yield from self._around.above
        yield from (self._sheet, self._more)
        yield from self._around.below

    # What is on display

    def draw(self, now: datetime) -> None:
        if not self.is_mounted:
            return
        self.draw_around(now)
        self._sheet.redraw()
        self._tell_more()

    def _tell_more(self) -> None:
        verbs = {"pane.next": "part", "row.sort": "sort", "row.copy": "copy", "data.export": "export"}
        if self.chosen_rows():
            verbs |= self.act_verbs()
        if self._drillable:
            verbs[DRILL] = "drill down"
        if self._sheet.cursor.startswith(FOUND_HERE):
            verbs["table.open"] = "incident"
        self.draw_footer(hints(live(self), verbs, self.dimmed), self.settings.now())
        self._more.show((TITLE, self._sheet.below))

    def _document(self, width: int, cursor: str) -> Document:
        pen = Pen(width, palette_of(self.app), cursor)
        if self.snapshot is None:
            return Document([[pen.block(pen.prose(self._nothing(BILLS)))]])
        sides = None
        if width + 2 * MARGIN >= BESIDE_FROM:
            left = pen.narrower((width - GAP) // 2)
            sides = left, pen.narrower(width - GAP - left.width)
        return Document(self.parts.bands(self.snapshot, pen, self._nothing, sides))

    def _nothing(self, spec: PaneSpec[Any]) -> str:
        return chrome.why_nothing(spec, self.snapshot, self.settings, self.settings.now(), self._started)

    def on_sheet_moved(self) -> None:
        self._tell_more()

    # What the person does

    @property
    def _part(self) -> Part | None:
        """The table in which the cursor stands."""
        return self.parts.of(self._sheet.cursor)

    def chosen_rows(self) -> Sequence[OutsideRow | Anomaly]:
        """Return what stands outside clusters or is an anomaly, under the cursor; nothing else here can be changed."""
        part, row = self._chosen()
        changes = part is not None and part.spec in (OUTSIDE, ANOMALIES) and self._sheet.sees_cursor
        return (row,) if changes and row is not None else ()

    def falls_back(self) -> bool:
        return False

    def acted(self) -> None:
        self.draw(self.settings.now())

    @property
    def _is_paused(self) -> bool:
        """Tell whether the row stands paused, as the cloud says or the journal knows."""
        return super()._is_paused or any(getattr(row, "state", "") in PAUSED for row in self.chosen_rows())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ACTIONS:
            return self.can(action, parameters)
        if action == "drill":
            return self._drillable
        return action not in ON_A_ROW or self._part is not None

    def on_key(self, event: events.Key) -> None:
        """Answer a key that does nothing on the row; on one that was scrolled away no key does anything."""
        part, row = self._chosen()
        if part is None or row is None or self._sheet.sees_cursor:
            self.say_what_to_choose(event.key)
        elif event.key in self._keys_that_act():
            name = clean(part.spec.name(row))
            self.app.notify(f"{name} is not in view, so nothing is done to it. Move to a row first.", markup=False)

    def _keys_that_act(self) -> set[str]:
        """Return the keys, as bound now, that do something to a row or ask a cloud about it."""
        acts = (f"{KEY_ID}{act.id}" for act in self._finops.acts.values() if act.key)
        return set(map(self._finops.key_of, (*acts, UNDO, DRILL)))

    def on_sheet_chosen(self) -> None:
        """Open the incident of what was found here, the details of anything else."""
        part, row = self._chosen()
        if isinstance(row, Advice) and row.finding and part is not None:
            from finops_tui.ui.screens.incident import IncidentScreen

            screen = IncidentScreen(self.settings, row.finding)
            screen.snapshot = self.snapshot
            self.app.push_screen(screen)
            return
        self.action_details()

    def _chosen(self) -> tuple[Part | None, Any]:
        """Return the row under the cursor with its table."""
        part = self._part
        if part is None or self.snapshot is None:
            return None, None
        return part, part.find(self.snapshot, self._sheet.cursor)

    def action_part(self, number: int) -> None:
        self._sheet.go_to_part(number - 1)

    def action_next_part(self, step: int) -> None:
        self._sheet.next_part(step)

    def action_sort(self) -> None:
        """Order the table under the cursor by its next column."""
        part = self._part
        if part is not None:
            part.sort_next(self._sheet.size.width)
            self._sheet.redraw()

    def action_invert(self) -> None:
        part = self._part
        if part is not None:
            part.invert()
            self._sheet.redraw()

    def action_details(self) -> None:
        from finops_tui.ui.screens.row_pages import DetailsPage

        part, row = self._chosen()
        if part is not None and row is not None and self.snapshot is not None:
            self.app.push_screen(DetailsPage(self.settings, part.spec, row, self.snapshot))

    @property
    def _drillable(self) -> bool:
        """Tell whether the row under the cursor is money of an account, and somebody answers what it is made of."""
        part = self._part
        asked = self.settings.answers is not None and part is not None and part.spec in (CHECKED, BILLS, ANOMALIES)
        return asked and self._sheet.sees_cursor

    def action_drill(self) -> None:
        """Open what the row is made of."""
        from finops_tui.ui.screens.bills_drill import DrillScreen
        from finops_tui.ui.screens.bills_questions import question_of

        part, row = self._chosen()
        if part is None or row is None or self.settings.answers is None:
            return
        screen = DrillScreen(
            self.settings,
            self.settings.answers(),
            question_of(part.spec, row, self.settings.now()),
            part.spec.name(row),
        )
        screen.snapshot = self.snapshot
        self.app.push_screen(screen)

    def action_explain(self) -> None:
        from finops_tui.ui.screens.row_pages import ExplainPage

        part, row = self._chosen()
        if part is not None and row is not None and self.snapshot is not None:
            self.app.push_screen(ExplainPage(self.settings, part.spec, row, self.snapshot))

    def action_back(self) -> None:
        self.dismiss()

    def action_copy(self) -> None:
        """Copy the page as text."""
        if self.snapshot is not None:
            pen = Pen(COPY_WIDTH, palette_of(self.app))
            text = Document(self.parts.bands(self.snapshot, pen, self._nothing, None)).text
            self.app.copy_to_clipboard(f"{TITLE} {self.snapshot.at:%Y-%m-%dT%H:%M:%SZ}\n{text}")

    def action_export(self) -> None:
        """Write the page as Markdown, with every row."""
        from finops_tui.ui.export import write_text

        if self.snapshot is None:
            self.app.notify("There is nothing to export yet.", markup=False, severity="warning")
            return
        path = self.settings.export_folder / f"finops-tui-bills-{self.snapshot.at:%Y%m%dT%H%M%SZ}.md"
        words, failed = write_text("The bills page", note(self.snapshot, self.parts), path)
        self.app.notify(words, markup=False, severity="error" if failed else "information")
