"""One question before there can be a plan, such as how many replicas: a line to write in, what is now stands there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input
from textual.widgets.input import Selection

from finops_tui.errors import UsageError
from finops_tui.ui.layout import Rect
from finops_tui.ui.screens.filter_bar import Words
from finops_tui.ui.screens.plan_places import CANCEL_CELLS, LEAST_FIELD, MARGIN, WIDTH, alone, margin_of
from finops_tui.ui.screens.stage import Stage
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.text import clean
from finops_tui.ui.widgets.button import Button, Label
from finops_tui.ui.widgets.dialog import Ground, Status
from finops_tui.ui.widgets.pane_line import PaneLine, PaneTitle

if TYPE_CHECKING:
    from finops_tui.ui.acts import Question

HEIGHT = 9


class AskDialog(ModalScreen[Mapping[str, str] | None]):
    """Returns the parameters that the answer means, None when it is given up."""

    CSS = """
    AskDialog { background: $background 60%; }
    AskDialog Input { height: 1; border: none; padding: 0; background: $boost; color: $foreground; }
    AskDialog Input:focus { border: none; background-tint: $boost 0%; }
    """
    AUTO_FOCUS = "#answer"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, settings: UiSettings, title: str, question: Question, name: str, now: str) -> None:
        super().__init__()
        self.settings = settings
        self._question = question
        self._asks = f"{clean(question.words(name, now))}:"
        self._ground = Ground()
        self._line = PaneLine(PaneTitle(title=title, focused=True), id="title")
        self._words = Words((self._asks, "text bold"), id="answer-label")
        self._answer = Input(now, id="answer", select_on_focus=False)
        self._answer.selection = Selection(0, len(now))
        self._answer.cursor_blink = False
        self._status = Status()
        self._cancel = Button(Label("esc", "Cancel", MARGIN), id="cancel")
        self._next = Button(Label("enter", "Show the plan"), id="confirm")
        self._stage = Stage(self._places)

    @property
    def layout(self) -> Stage:
        return self._stage

    def compose(self) -> ComposeResult:
        yield from (self._ground, self._line, self._words, self._answer, self._status, self._cancel, self._next)

    def on_mount(self) -> None:
        self._cancel.show(Label("esc", "Cancel", margin_of(*self.app.size)))
        self._status.show((f"Answer with {self._question.hint}.", "quiet"))

    def on_resize(self) -> None:
        self._cancel.show(Label("esc", "Cancel", margin_of(*self.app.size)))

    def _places(self, width: int, height: int) -> dict[str, Rect]:
        across = width if alone(width, height) else WIDTH
        margin = margin_of(width, height)
        x, y = (width - across) // 2, max(0, (height - HEIGHT) // 3)
        cells = min(cell_len(self._asks) + 1, across - 2 * margin - LEAST_FIELD)
        return {
            "ground": Rect(x, y, across, HEIGHT),
            "title": Rect(x, y, across, 1),
            "answer-label": Rect(x + margin, y + 2, cells, 1),
            "answer": Rect(x + margin + cells, y + 2, across - 2 * margin - cells, 1),
            "status": Rect(x + margin, y + 4, across - 2 * margin, 2),
            "cancel": Rect(x, y + 7, margin + CANCEL_CELLS, 1),
            "confirm": Rect(x + margin + CANCEL_CELLS, y + 7, across - margin - CANCEL_CELLS, 1),
        }

    def take_text(self, event: events.Key) -> bool:
        """Put a key in the line that another widget was sent, because it was typed before this screen was there."""
        if not event.character or not event.is_printable:
            return False
        self._answer.replace(event.character, *self._answer.selection)
        return True

    @on(Input.Submitted)
    def _take(self) -> None:
        try:
            given = self._question.read(self._answer.value)
        except UsageError as error:
            self._status.show((f"{error.title} {error.hint}", "ticket"))
            return
        self.dismiss(given)

    @on(Button.Pressed)
    def _pressed(self, message: Button.Pressed) -> None:
        if message.button is self._cancel:
            self.dismiss(None)
        else:
            self._take()
