"""Asked before the program ends while nobody knows what became of a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from finops_tui.ui.layout import Rect
from finops_tui.ui.screens.plan_places import CANCEL_CELLS, MARGIN, WIDTH, alone, margin_of
from finops_tui.ui.screens.stage import Stage
from finops_tui.ui.text import clean
from finops_tui.ui.widgets.button import Button, Label
from finops_tui.ui.widgets.dialog import Ground, Status
from finops_tui.ui.widgets.pane_line import PaneLine, PaneTitle

if TYPE_CHECKING:
    from finops_tui.model.action import ActionRow

HEIGHT = 9


class LeaveDialog(ModalScreen[bool]):
    """Returns whether to leave all the same."""

    CSS = """
    LeaveDialog { background: $background 60%; }
    """
    AUTO_FOCUS = "#cancel"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", show=False),
        Binding("y", "dismiss(True)", show=False),
    ]

    def __init__(self, rows: Sequence[ActionRow]) -> None:
        super().__init__()
        more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
        words = (
            f"Nobody knows yet what became of: {clean(rows[0].title)}{more}. It stands in the journal, "
            "and the next start looks into it. What the system took goes on."
        )
        self._ground = Ground()
        self._line = PaneLine(PaneTitle(title="Quit", focused=True), id="title")
        self._status = Status()
        self._words = words
        self._cancel = Button(Label("esc", "Stay", MARGIN), id="cancel")
        self._confirm = Button(Label("y", "Quit all the same"), id="confirm")
        self._stage = Stage(_places)

    @property
    def layout(self) -> Stage:
        return self._stage

    def compose(self) -> ComposeResult:
        yield from (self._ground, self._line, self._status, self._cancel, self._confirm)

    def on_mount(self) -> None:
        self._status.show((self._words, "text"))

    @on(Button.Pressed)
    def _pressed(self, message: Button.Pressed) -> None:
        self.dismiss(message.button is self._confirm)


def _places(width: int, height: int) -> Mapping[str, Rect]:
    across = width if alone(width, height) else WIDTH
    margin = margin_of(width, height)
    x, y = (width - across) // 2, max(0, (height - HEIGHT) // 3)
    return {
        "ground": Rect(x, y, across, HEIGHT),
        "title": Rect(x, y, across, 1),
        "status": Rect(x + margin, y + 2, across - 2 * margin, 4),
        "cancel": Rect(x, y + 7, margin + CANCEL_CELLS, 1),
        "confirm": Rect(x + margin + CANCEL_CELLS, y + 7, across - margin - CANCEL_CELLS, 1),
    }
