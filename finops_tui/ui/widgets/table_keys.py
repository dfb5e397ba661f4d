"""What the keys and the mouse do to a table."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from finops_tui.ui.widgets.own_lines import OwnLines
from finops_tui.ui.widgets.staged import Staged

WHEEL_ROWS = 3


class TableKeys(OwnLines, Staged):
    """Moves a cursor over rows that are numbered from 0, chooses the one under it, and scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", show=False, id="table.down"),
        Binding("k,up", "move(-1)", "up", show=False, id="table.up"),
        Binding("g,home", "first", "first", show=False, id="table.first"),
        Binding("G,end", "last", "last", show=False, id="table.last"),
        Binding("pagedown", "page(1.0)", "page down", show=False, id="table.page-down"),
        Binding("pageup", "page(-1.0)", "page up", show=False, id="table.page-up"),
        Binding("ctrl+d", "page(0.5)", "half a page down", show=False, id="table.half-page-down"),
        Binding("ctrl+u", "page(-0.5)", "half a page up", show=False, id="table.half-page-up"),
        Binding("enter", "choose", "open", show=False, id="table.open"),
    ]

    @property
    @abstractmethod
    def position(self) -> tuple[int, int]:
        """The line of the cursor from 1, 0 without one, and how many rows there are."""

    @property
    @abstractmethod
    def page(self) -> int:
        """How many rows can be seen."""

    @abstractmethod
    def hold(self) -> None:
        """Let the order stay for a while."""

    @abstractmethod
    def move_to(self, index: int) -> None:
        """Put the cursor on a row; before the first is the first, after the last the last."""

    @property
    @abstractmethod
    def stand(self) -> int:
        """The number of the row under the cursor; with nothing selected, near which the last target stood."""

    @abstractmethod
    def row_at(self, y: int) -> int:
        """Return the number of the row in a line of the widget; there may be none of that number."""

    @abstractmethod
    def scroll_rows(self, rows: int) -> None:
        """Show other rows; the cursor stays where it is."""

    @abstractmethod
    def sort_at(self, x: int) -> None:
        """Sort by the column whose title stands at a cell; turn the order round where that is so already."""

    @abstractmethod
    def action_choose(self) -> None:
        """Tell that the row under the cursor was chosen."""

    def on_key(self, _event: events.Key) -> None:
        self.hold()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        return action != "choose" or bool(self.position[0])

    def action_move(self, rows: int) -> None:
        """Move the cursor; with nothing selected, only select."""
        self.move_to(self.stand + (rows if self.position[0] else 0))

    def action_page(self, pages: float) -> None:
        step = int(max(1, self.page * abs(pages)))
        self.move_to(self.stand + (step if pages > 0 else -step))

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(self.position[1] - 1)

    def on_click(self, event: events.Click) -> None:
        self.hold()
        if event.y == 0:
            self.sort_at(event.x)
        elif (index := self.row_at(event.y)) < self.position[1]:
            self.move_to(index)
            if event.chain > 1:
                self.action_choose()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_rows(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_rows(-WHEEL_ROWS)
