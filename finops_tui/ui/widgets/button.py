"""A button of a dialog: its key and what it does. `enter` presses the one that has the focus."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.message import Message

from finops_tui.ui.palette import PANEL, Palette
from finops_tui.ui.text import cut_middle
from finops_tui.ui.widgets.lines import Line, Lines, width_of


class Label(NamedTuple):
    key: str
    words: str
    indent: int = 0
    """Blank cells before it."""


class Button(Lines[Label], can_focus=True):
    """` esc  Cancel `, filled while it has the focus; the words are cut before the key is."""

    GROUND = PANEL
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "press", show=False)]

    class Pressed(Message):
        def __init__(self, button: Button) -> None:
            super().__init__()
            self.button = button

    def draw(self, width: int, palette: Palette) -> list[Line]:
        key, words = palette.fold((self.value.key, "key")), palette.fold((self.value.words, "text"))
        indent = " " * self.value.indent
        room = width - len(indent) - width_of([key]) - 4
        text = cut_middle(words[0], max(1, room), palette.glyphs.fold("…"))
        if self.has_focus:
            return [[(indent, "text"), (f" {key[0]}  {text} ", "button")]]
        return [[(f"{indent} ", "text"), key, (f"  {text} ", "text")]]

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.redraw()  # the events of focus come before it has changed

    def on_click(self) -> None:
        self.action_press()

    def action_press(self) -> None:
        self.post_message(self.Pressed(self))
