"""What a row of the bills is made of: asked of the cloud's own export, which may cost money and then wants a yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from finops_tui.errors import FinopsError
from finops_tui.output.drill import answered_words, expected_words, write
from finops_tui.ui.background import in_background
from finops_tui.ui.bindings import bindings, hints, live
from finops_tui.ui.format import duration
from finops_tui.ui.keymap import BY_ID, Where
from finops_tui.ui.palette import palette_of
from finops_tui.ui.panes.facts import Fact
from finops_tui.ui.screens.bills_lines import DrillLine, columns_of, lines_of
from finops_tui.ui.screens.bills_questions import first_by, next_by, span_of, title_of, words_of
from finops_tui.ui.screens.framed import FramedScreen
from finops_tui.ui.screens.page import fact_lines
from finops_tui.ui.screens.page_places import page_places
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.widgets.columns import place
from finops_tui.ui.widgets.document import Block, Document, Pen
from finops_tui.ui.widgets.footer import KeyHint
from finops_tui.ui.widgets.more import More
from finops_tui.ui.widgets.order import Order
from finops_tui.ui.widgets.pane_line import PaneTitle
from finops_tui.ui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from finops_tui.ledger.drill import Answers, Drill, Drilled, Planned

TITLE = "What it is made of"
YES = "y"
"""As in every dialog that asks."""
OWN_KEYS = ("spend.scope", "row.sort", "row.invert", "data.export")


class DrillScreen(FramedScreen, inherit_bindings=False):
    """Plans first, which is free; asks at once where that is cheap, else after a yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.SCREENS),
        *(
            Binding(",".join(spec.keys), spec.action, spec.verb, show=False, tooltip=spec.about, id=spec.id)
            for spec in map(BY_ID.__getitem__, OWN_KEYS)
        ),
        Binding(YES, "ask", show=False),
    ]
    AUTO_FOCUS = "Sheet"
    ALLOW_SELECT = False

    def __init__(self, settings: UiSettings, answers: Answers, question: Drill, subject: str) -> None:
        super().__init__(settings, page_places)
        self._answers = answers
        self._question = question
        self._subject = subject
        self._plan: Planned | None = None
        self._found: Drilled | None = None
        self._trouble: FinopsError | None = None
        self._asked_at: datetime | None = None
        """Since when an answer is waited for."""
        self._order: Order[DrillLine] = Order(columns_of(question.by), "effective")
        self._sheet = Sheet(self._document)
        self._more = More()

    def compose(self) -> ComposeResult:
        yield from self._around.above
        yield from (self._sheet, self._more)
        yield from self._around.below

    def on_mount(self) -> None:
        self._begin()

    # Asking

    def _begin(self) -> None:
        self._plan = self._found = self._trouble = self._asked_at = None
        self._order = Order(columns_of(self._question.by), "effective")
        self._work(ask=False)

    def _work(self, *, ask: bool) -> None:
        in_background(self, partial(self._go, ask=ask), group="drill-down", exclusive=True)
        self.draw(self.settings.now())

    async def _go(self, *, ask: bool) -> None:
        """Plan, or ask; what goes wrong is told on the page."""
        try:
            if self._plan is None:
                self._plan = await self._planned()
            if ask or not self._plan.wants_yes:
                self._asked_at = self.settings.now()
                self.draw(self._asked_at)
                self._found = await self._answers.ask(self._question)
        except FinopsError as trouble:
            self._trouble = trouble
        except Exception as bug:  # noqa: BLE001 - what answers is another program's word: the screen must outlive it
            words = f"{type(bug).__name__}: {bug}"
            self._trouble = FinopsError("The program failed at it.", words, "Nothing was changed; try again.")
        self._asked_at = None
        self.draw(self.settings.now())

    async def _planned(self) -> Planned:
        """Plan the question; what the export does not tell at all is asked by the next thing that it tells."""
        tells = await self._answers.tells(self._question)
        by = first_by(self._question, tells)
        if by != self._question.by[0]:
            self._question = replace(self._question, by=(by,))
            self._order = Order(columns_of(self._question.by), "effective")
        return await self._answers.plan(self._question)

    # What is on display

    def draw(self, now: datetime) -> None:
        if not self.is_mounted:
            return
        self.draw_around(now)
        self._sheet.redraw()
        self._tell_more()
        self.refresh_bindings()

    def _tell_more(self) -> None:
        verbs = {"table.open": "", "spend.scope": f"by {title_of(self._following)}" if self._plan is not None else ""}
        if self._found is not None:
            verbs |= {"row.sort": "sort", "data.export": "export"}
        keys = (KeyHint(YES, "ask" if self._trouble is None else "try again"),) if self._may_ask else ()
        self.draw_footer((*keys, *hints(live(self), verbs)), self.settings.now())
        self._more.show((TITLE, self._sheet.below))

    def _document(self, width: int, cursor: str) -> Document:
        pen = Pen(width, palette_of(self.app), cursor)
        return Document([[self._head(pen)], *([[self._table(pen, self._found)]] if self._found is not None else [])])

    def _head(self, pen: Pen) -> Block:
        now = self.settings.now()
        facts = [Fact("Of", self._subject, words_of(self._question)), Fact("Time", span_of(self._question))]
        if self._plan is not None:
            facts.append(Fact("Asked", self._plan.export, self._plan.source))
            if self._found is None:
                facts.append(Fact("Will cost", expected_words(self._plan.expected)))
            else:
                facts.append(Fact("Answer", answered_words(self._found)))
        title = PaneTitle(title=TITLE, summary=((f"by {title_of(self._question.by[0])}", "quiet"),))
        pieces = [pen.title(title), *map(pen.line, fact_lines(facts, pen.width, pen.palette))]
        return pen.block([*pieces, *(piece for words, role in self._state(now) for piece in pen.prose(words, role))])

    def _state(self, now: datetime) -> list[tuple[str, str]]:
        """Return what is to be said below the facts, each with its role."""
        if self._trouble is not None:
            said = self._trouble
            return [(said.title, "ticket"), *((words, "quiet") for words in (said.detail, said.hint) if words)]
        if self._asked_at is not None:
            return [
                (f"Asking since {duration((now - self._asked_at).total_seconds())}. esc leaves it to itself.", "text")
            ]
        if self._plan is None:
            return [("Finding out what it will read and cost.", "text")]
        if self._found is None:
            return [("It costs money: y asks, esc does not.", "text bold")]
        words = ["No export of it can be asked: this is what the ledger knows."] if self._plan.free else []
        words += self._found.remarks
        if not self._found.rows:
            words.insert(0, "Nothing is billed there in this time, or the export is late.")
        return [(each, "quiet") for each in words]

    def _table(self, pen: Pen, found: Drilled) -> Block:
        rows = self._order.sort(lines_of(found))
        title = PaneTitle(title=f"{len(found.rows):,} dearest" if found.others else f"All {len(found.rows):,}")
        table = pen.table(
            columns_of(found.by), rows, lambda line: line.key,
            sorted_by=self._order.column_id, descending=self._order.descending,
        )  # fmt: skip
        chosen = next((line for line in rows if line.key == pen.cursor and not line.rest), None)
        under = pen.prose(chosen.name, "quiet") if chosen is not None else []
        return pen.block([pen.title(title, (line.key for line in rows)), *table, *under])

    def on_sheet_moved(self) -> None:
        self._tell_more()

    # What the person does

    @property
    def _may_ask(self) -> bool:
        """Tell whether a yes is waited for, or what failed may be tried again."""
        return not (self._asked_at or self._found) and (self._plan is not None or self._trouble is not None)

    @property
    def _following(self) -> str:
        return next_by(self._question, self._plan.tells) if self._plan is not None else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        if action == "ask":
            return self._may_ask
        if action == "scope":
            return self._plan is not None and self._asked_at is None
        return self._found is not None if action in {"sort", "invert", "export", "copy"} else True

    def action_ask(self) -> None:
        """Say yes, or try again what failed."""
        self._trouble = None
        self._work(ask=self._plan is not None)

    def action_scope(self) -> None:
        self._question = replace(self._question, by=(self._following,))
        self._begin()

    def action_sort(self) -> None:
        columns = columns_of(self._question.by)
        shown = [one.column.id for one in place(columns, self._sheet.size.width) if one.column.sort is not None]
        here = shown.index(self._order.column_id) if self._order.column_id in shown else -1
        self._order.choose(shown[(here + 1) % len(shown)])
        self._sheet.redraw()

    def action_invert(self) -> None:
        self._order.choose(self._order.column_id, descending=not self._order.descending)
        self._sheet.redraw()

    def action_back(self) -> None:
        self.dismiss()

    def action_copy(self) -> None:
        if self._found is not None:
            self.app.copy_to_clipboard(f"{words_of(self._question)}\n{write(self._question, self._found, 'table')}")

    def action_export(self) -> None:
        """Write every row as CSV."""
        from finops_tui.ui.export import write_text

        if self._found is not None:
            path = self.settings.export_folder / f"finops-tui-drill-{self._found.at:%Y%m%dT%H%M%SZ}.csv"
            words, failed = write_text("The drill-down", write(self._question, self._found, "csv"), path)
            self.app.notify(words, markup=False, severity="error" if failed else "information")
