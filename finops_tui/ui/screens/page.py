"""A page of text over the main screen: details, explanations, sources, help. `esc` closes it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip

from finops_tui.phrases import counted
from finops_tui.ui.bindings import bindings, hints, live
from finops_tui.ui.keymap import Where
from finops_tui.ui.layout import MARGIN, Rect
from finops_tui.ui.palette import Palette, Span, palette_of
from finops_tui.ui.panes.facts import Fact
from finops_tui.ui.screens import chrome
from finops_tui.ui.screens.framed import frozen_at
from finops_tui.ui.screens.stage import Stage
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.text import clean, cut_end, pad
from finops_tui.ui.widgets.footer import Footer, Hints, KeyHint
from finops_tui.ui.widgets.identity import IdentityLine
from finops_tui.ui.widgets.lines import Line, fill
from finops_tui.ui.widgets.own_lines import OwnLines
from finops_tui.ui.widgets.pane_line import PaneLine, PaneTitle
from finops_tui.ui.wrap import wrapped

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot

LABEL_CELLS = 14
LONGEST_LABEL_CELLS = 24
"""A longer label than the column takes more room in its own line: times are never cut."""
INDENT = 2


class TextBody(OwnLines, can_focus=True):
    """Lines of any number; keys move the view, not a cursor."""

    class Moved(Message):
        """Other lines are in view."""

    DEFAULT_CSS = """
    TextBody { height: 1fr; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.ROWS)

    def __init__(self) -> None:
        super().__init__(id="body")
        self._lines: Sequence[Line] = ()
        self._top = 0

    def show(self, lines: Sequence[Line]) -> None:
        if lines != self._lines:
            self._lines = lines
            self._show_from(self._top)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        palette = palette_of(self.app)
        line = self._lines[self._top + y] if self._top + y < len(self._lines) else []
        return palette.strip(fill(map(palette.fold, line), self.size.width), self.size.width)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        return action != "choose"

    def _show_from(self, top: int) -> None:
        top = max(0, min(top, len(self._lines) - self.size.height))
        if top != self._top:
            self._top = top
            self.refresh()
            self.post_message(self.Moved())

    @property
    def below(self) -> int:
        """How many lines there are below those in view."""
        return max(0, len(self._lines) - self._top - self.size.height)

    def action_move(self, rows: int) -> None:
        self._show_from(self._top + rows)

    def action_page(self, pages: float) -> None:
        self._show_from(self._top + int(self.size.height * pages))

    def action_first(self) -> None:
        self._show_from(0)

    def action_last(self) -> None:
        self._show_from(len(self._lines))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-3)


class Page(Screen[None], inherit_bindings=False):
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.SCREENS)
    AUTO_FOCUS = "TextBody"
    ALLOW_SELECT = False

    def __init__(self, settings: UiSettings) -> None:
        super().__init__()
        self.settings = settings
        self.snapshot: Snapshot | None = None
        self._identity = IdentityLine(id="identity")
        self._line = PaneLine(PaneTitle(title=""), id="title")
        self._body = TextBody()
        self._footer = Footer(id="footer")
        self._stage = Stage(self._places)

    @property
    def layout(self) -> Stage:
        return self._stage

    @staticmethod
    def _places(width: int, height: int) -> Mapping[str, Rect]:
        return {
            "identity": Rect(0, 0, width, 1),
            "title": Rect(MARGIN, 2, width - 2 * MARGIN, 1),
            "body": Rect(MARGIN, 3, width - 2 * MARGIN, max(1, height - 5)),
            "footer": Rect(0, height - 1, width, 1),
        }

    def compose(self) -> ComposeResult:
        yield from (self._identity, self._line, self._body, self._footer)

    @abstractmethod
    def heading(self) -> tuple[str, tuple[Span, ...]]:
        """Return the page's title and the words after it."""

    @abstractmethod
    def document(self, width: int, now: datetime) -> list[Line]:
        """Return the lines for a body so many cells wide."""

    def tick(self, snapshot: Snapshot | None, now: datetime) -> None:
        """Take the newest snapshot and tell the time again."""
        self.snapshot = snapshot
        self.draw(now)

    def draw(self, now: datetime) -> None:
        if not self.is_mounted:
            return
        self._identity.show(chrome.identity(self.snapshot, self.settings, now, frozen_at(self)))
        self._body.show(self.document(self.app.size.width - 2 * MARGIN, now))
        self._head()
        self._footer.show(Hints(keys=self.footer_keys(), sources=chrome.source_spans(self.snapshot, now)))

    def footer_keys(self) -> tuple[KeyHint, ...]:
        """Return what the footer offers."""
        return hints(live(self), {})

    def _head(self) -> None:
        title, summary = self.heading()
        below = self._body.below
        more = f"{counted(below, 'more line')} below"
        right: tuple[Span, ...] = ((more, "quiet"),) if below and self._body.size.height else ()
        self._line.show(PaneTitle(title=clean(title), summary=summary, right=right, focused=True))

    def on_text_body_moved(self) -> None:
        self._head()

    def on_screen_resume(self) -> None:
        self.draw(self.settings.now())

    def on_resize(self) -> None:
        self.draw(self.settings.now())

    def action_back(self) -> None:
        self.dismiss()

    def action_copy(self) -> None:
        lines = self.document(100, self.settings.now())
        text = "\n".join("".join(clean(part) for part, _ in line).rstrip() for line in lines)
        self.app.copy_to_clipboard(f"{clean(self.heading()[0])}\n{text}")


def heading_line(text: str) -> Line:
    return [(" " * INDENT, "text"), (text, "text bold")]


def paragraph(text: str, width: int, *, indent: int = INDENT, role: str = "text") -> Iterator[Line]:
    """Break a text into lines at its blanks; a word that is too long is cut."""
    for line in wrapped(clean(text), width - indent):
        yield [(" " * indent, "text"), (line, role)]


def fact_lines(facts: Sequence[Fact], width: int, palette: Palette) -> Iterator[Line]:
    """Write facts one below the other, values in a column, notes after them, all of it wrapped."""
    for fact in facts:
        named = cut_end(palette.fold((fact.label, ""))[0], LONGEST_LABEL_CELLS - 1)
        cells = max(LABEL_CELLS, cell_len(named) + 1)
        label = pad(named, cells)
        room = width - INDENT - cells
        value = wrapped(clean(fact.value), room) or [""]
        for index, part in enumerate(value):
            line: Line = [
                (" " * INDENT, "text"),
                (label if index == 0 else " " * cells, "quiet"),
                (part, fact.role or "text"),
            ]
            last = index == len(value) - 1
            if last and fact.note and cell_len(part) + 2 + cell_len(clean(fact.note)) <= room:
                line.append((f"  {clean(fact.note)}", "quiet"))
                yield line
            else:
                yield line
                if last and fact.note:
                    yield from paragraph(fact.note, width, indent=INDENT + cells, role="quiet")
