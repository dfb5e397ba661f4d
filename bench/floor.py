"""The floor: a bare Textual app with one hand-virtualised table. No Textual program can start much faster."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

ROWS = 1_000
COLUMNS = 8
CURSOR = Style(reverse=True)


class Table(ScrollView, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("down", "move(1)"), Binding("up", "move(-1)")]

    def __init__(self) -> None:
        super().__init__()
        self.virtual_size = Size(COLUMNS * 14, ROWS)
        self.row = 0

    def render_line(self, y: int) -> Strip:
        row = y + self.scroll_offset.y
        if row >= ROWS:
            return Strip.blank(self.size.width)
        text = "".join(f"cell {row:>4}.{column}    " for column in range(COLUMNS))
        return Strip([Segment(text, CURSOR if row == self.row else None)])

    def action_move(self, by: int) -> None:
        before, self.row = self.row, max(0, min(ROWS - 1, self.row + by))
        top, height = self.scroll_offset.y, self.size.height
        if not top <= self.row < top + height:
            self.scroll_to(y=self.row if self.row < top else self.row - height + 1, animate=False)
        self.refresh(*(Region(0, row - self.scroll_offset.y, self.size.width, 1) for row in {before, self.row}))


class Floor(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "quit")]
    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        yield Table()


if __name__ == "__main__":
    Floor().run()
