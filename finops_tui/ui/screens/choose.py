"""A list to choose from by typing: commands, themes, layouts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.fuzzy import Matcher
from textual.reactive import Reactive
from textual.screen import ModalScreen
from textual.widgets import Input

from finops_tui.phrases import counted
from finops_tui.ui.layout import Layout, Rect
from finops_tui.ui.screens.filter_bar import Words
from finops_tui.ui.screens.stage import Stage
from finops_tui.ui.theme import load_themes
from finops_tui.ui.widgets.columns import Column
from finops_tui.ui.widgets.pane_line import PaneLine, PaneTitle
from finops_tui.ui.widgets.table import LineTable

if TYPE_CHECKING:
    from finops_tui.ui.app import FinopsApp

WIDTH, HEIGHT = 88, 24


class Option(NamedTuple):
    id: str
    name: str
    about: str = ""
    keys: str = ""


COLUMNS: tuple[Column[Option], ...] = (
    Column(id="name", title="", cell=lambda option: option.name, width=20, max_width=28),
    Column(id="about", title="", cell=lambda option: option.about, width=20, grow=3, gap=2, role="quiet", priority=2),
    Column(id="keys", title="", cell=lambda option: option.keys, width=9, gap=2, align="right", role="key", priority=3),
)


class Options(LineTable[Option], can_focus=False):
    """Shows its cursor while the keys go to the line above it."""

    has_focus: Reactive[bool] = Reactive(True, repaint=False)


class Choose(ModalScreen[str | None]):
    """Returns the id of what was chosen, None when nothing was. `preview` hears of every option under the cursor."""

    CSS = """
    Choose { background: $background 60%; }
    Choose Input { height: 1; border: none; padding: 0 1; background: $panel; color: $foreground; }
    Choose Input:focus { border: none; background-tint: $panel 0%; }
    """
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down,ctrl+n", "move(1)", show=False),
        Binding("up,ctrl+p", "move(-1)", show=False),
        Binding("pagedown", "page(1.0)", show=False),
        Binding("pageup", "page(-1.0)", show=False),
    ]

    def __init__(
        self,
        title: str,
        options: Sequence[Option],
        *,
        chosen: str = "",
        preview: Callable[[str], None] | None = None,
        meant: Callable[[str], Option | None] = lambda _: None,
    ) -> None:
        """`meant` makes an option of what is typed, where that means more than a name."""
        super().__init__()
        self._options = options
        self._chosen = chosen
        self._preview = preview
        self._meant = meant
        self._looked_for = ""
        self._line = PaneLine(PaneTitle(title=title, focused=True), id="title")
        self._input = Input(id="input", placeholder="type to find")
        self._input.cursor_blink = False
        self._table = Options(COLUMNS, key=lambda option: option.id, id="options")
        self._stage = Stage(self._places)

    @property
    def layout(self) -> Stage:
        return self._stage

    def _places(self, width: int, height: int) -> Mapping[str, Rect]:
        across, down = min(WIDTH, width), min(HEIGHT, height, len(self._options) + 5)
        x, y = (width - across) // 2, max(0, (height - down) // 3)
        return {
            "title": Rect(x, y, across, 1),
            "input": Rect(x, y + 1, across, 1),
            "options": Rect(x, y + 2, across, down - 3),
            "keys": Rect(x, y + down - 1, across, 1),
        }

    def compose(self) -> ComposeResult:
        yield self._line
        yield self._input
        yield self._table
        yield Words((" enter choose   esc back", "quiet"), id="keys")

    def on_mount(self) -> None:
        self._table.show(self._options)
        self._table.select(self._chosen)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._find(event.value)

    def _find(self, text: str) -> None:
        if text == self._looked_for:
            return
        self._looked_for = text
        own = self._meant(text)
        found = [own] if own is not None else find(text, self._options)
        self._table.show(found, reorder=True, note="Nothing is called so.")
        self._table.action_first()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._find(self._input.value)  # who types fast is ahead of the news that it changed
        self.dismiss(self._table.cursor_key)

    def take_text(self, event: events.Key) -> bool:
        """Put a key in the line that another widget was sent, because it was typed before this screen was there."""
        if not event.character or not event.is_printable:
            return False
        self._input.insert_text_at_cursor(event.character)
        return True

    def on_line_table_row_chosen(self) -> None:
        self.dismiss(self._table.cursor_key)

    def on_line_table_row_highlighted(self, message: LineTable.RowHighlighted) -> None:
        if self._preview is not None and message.key is not None:
            self._preview(message.key)

    def action_move(self, rows: int) -> None:
        self._table.action_move(rows)

    def action_page(self, pages: float) -> None:
        self._table.action_page(pages)


def find(query: str, options: Sequence[Option]) -> list[Option]:
    """Return the options that fit what was typed, the best first: letters in order, not always side by side."""
    if not query.strip():
        return list(options)
    matcher = Matcher(query.strip())
    scored = [(max(matcher.match(option.name) * 2, matcher.match(option.about)), option) for option in options]
    return [option for score, option in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


def choose_layout(app: FinopsApp, layouts: Sequence[Layout]) -> None:
    """Let a person choose which panes stand where."""
    options = [Option(layout.name, layout.name, layout.about) for layout in layouts]

    def take(name: str | None) -> None:
        layout = next((one for one in layouts if one.name == name), None)
        if layout is not None:
            app.main.set_arrangement(layout)

    app.push_screen(Choose("Layout", options, chosen=app.main.arrangement.name), take)


def choose_theme(app: FinopsApp) -> None:
    """Let a person choose the colours; the screen wears each one as the cursor comes to it."""
    themes, errors = load_themes(app.settings.user_themes)
    for theme in themes:
        app.register_theme(theme)
    if errors:
        told = f"{counted(len(errors), 'theme')} cannot be used; finops-tui themes says why."
        app.notify(told, severity="warning", markup=False)
    before = app.theme
    options = [Option(theme.name, theme.name, "light" if not theme.dark else "") for theme in themes]

    def wear(name: str | None) -> None:
        app.theme = name or before

    app.push_screen(Choose("Theme", options, chosen=before, preview=wear), wear)


def choose_command(app: FinopsApp) -> None:
    """Let a person find any command by its name."""
    from finops_tui.ui.commands import Command, commands, typed

    found = {command.action: command for command in commands(app)}

    def option(command: Command) -> Option:
        return Option(command.action, command.name, command.about, command.keys)

    def meant(text: str) -> Option | None:
        command = typed(app, text)
        if command is None:
            return None
        found[command.action] = command
        return option(command)

    def run(action: str | None) -> None:
        if action is not None:
            app.call_later(partial(app.run_action, action, default_namespace=found[action].namespace))

    app.push_screen(Choose("Commands", [option(command) for command in found.values()], meant=meant), run)
