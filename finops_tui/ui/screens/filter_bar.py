"""The line to type a filter in. It works as it is typed; a mistake is told beside it, the last good filter stays.

A line with a mistake is not kept: `enter` says what is wrong, `esc` clears it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widgets import Input

from finops_tui.ui.palette import PANEL, Palette, Span
from finops_tui.ui.text import cut_end
from finops_tui.ui.typed_filter import Typed, TypedFilter
from finops_tui.ui.widgets.lines import Line, Lines
from finops_tui.ui.widgets.staged import Staged

if TYPE_CHECKING:
    from finops_tui.ui.panes.pane import Pane

EXAMPLE = "ns=ml usd>5 gpu<10 !batch"


class Words(Lines[Span], Staged):
    """A few words on the panel colour."""

    GROUND = PANEL

    def draw(self, width: int, palette: Palette) -> list[Line]:
        text, role = palette.fold(self.value)
        return [[(cut_end(text, width, palette.glyphs.fold("…")), role)]]


class FilterInput(Input):
    """Up and down leave it for the table, so that the result can be walked at once."""

    virtual_size = Reactive(Size(0, 0), repaint=False)
    """What is typed moves nothing else: no layout."""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("up,down,tab", "submit", show=False)]


class FilterBar(Horizontal, Staged):
    DEFAULT_CSS = """
    FilterBar { height: 1; background: $panel; }
    FilterBar #filter-sign { width: 3; }
    FilterBar FilterInput { width: 1fr; height: 1; border: none; padding: 0; background: $panel; color: $foreground; }
    FilterBar FilterInput:focus { border: none; background-tint: $panel 0%; }
    FilterBar #filter-words { width: 60%; }
    """

    class Done(Message):
        """Enter was pressed: the filter stays."""

    def __init__(self, pane: Pane) -> None:
        super().__init__(id="filter")
        self._pane = pane
        self._typed = _following(pane)
        self.input = FilterInput(pane.filter.text, placeholder=EXAMPLE, select_on_focus=False)
        self.input.cursor_blink = False
        self._words = Words((self._fields(), "quiet"), id="filter-words")

    def compose(self) -> ComposeResult:
        yield Words((" /", "key"), id="filter-sign")
        yield self.input
        yield self._words

    def turn_to(self, pane: Pane) -> None:
        """Filter a pane from now on, beginning with the filter that it has."""
        self._pane = pane
        self._typed = _following(pane)
        with self.input.prevent(Input.Changed):
            self.input.value = pane.filter.text
        self.input.cursor_position = len(self.input.value)
        self._words.show((self._fields(), "quiet"))

    def _fields(self) -> str:
        return "  " + " ".join(field.names[0] for field in self._pane.spec.fields)

    @on(Input.Changed)
    def _try(self, event: Input.Changed) -> None:
        event.stop()
        self._show(self._typed.typed(event.value))

    def _show(self, typed: Typed, *, kept: bool = False) -> None:
        """Filter, and say what is wrong; what is only unfinished is no mistake until it is to be kept."""
        if typed.filter.strip() != self._pane.filter.text:
            self._pane.set_filter(typed.filter)
        error = typed.error
        if error is None:
            self._words.show((self._fields(), "quiet"))
            return
        role = "quiet" if error.unfinished and not kept else "ticket"
        self._words.show((f"  at {error.position + 1}: {error.title}", role))

    @on(Input.Submitted)
    def _keep(self, event: Input.Submitted) -> None:
        event.stop()
        typed = self._typed.entered(event.value)
        self._show(typed, kept=True)
        if typed.error is None:
            self.post_message(self.Done())

    def on_key(self, event: events.Key) -> None:
        if event.is_printable:  # what is typed is text, never a command
            event.stop()


def _following(pane: Pane) -> TypedFilter:
    names = [name for field in pane.spec.fields for name in field.names]
    return TypedFilter(pane.filter.text, names, pane.check_filter, pane.finds)
