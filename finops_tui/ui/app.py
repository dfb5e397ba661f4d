"""The application: reads the feed, draws once a second, owns colours and keys."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, ClassVar

from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen

from finops_tui.engine.feed import Feed
from finops_tui.ui.bell import Bell
from finops_tui.ui.bindings import bindings
from finops_tui.ui.driver import TerminalDriver
from finops_tui.ui.glyphs import choose_glyphs
from finops_tui.ui.keymap import Where, as_textual, resolve
from finops_tui.ui.screens.main import MainScreen
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.theme import choose_theme, start_theme
from finops_tui.ui.wire import Wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops_tui.model.finding import Finding
    from finops_tui.ui.decisions import Decision, Move
    from finops_tui.ui.screens.page import Page

PAINT_SECONDS = 1.0
"""Figures and the clock change at most so often."""


class FinopsApp(App[None], inherit_bindings=False):
    """Draws what the feed holds. It asks nobody for anything but time."""

    TITLE = "finops-tui"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.EVERYWHERE)
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: $background; color: $foreground; overflow: hidden; }
    """

    def __init__(
        self, feed: Feed, settings: UiSettings | None = None, on_first_frame: Callable[[], None] | None = None
    ) -> None:
        """Raise ConfigError when the keymap of the settings cannot be used.

        `on_first_frame` is called once the first frame stands: the moment to start what would delay it.
        """
        self.settings = settings or UiSettings()
        self.glyphs = choose_glyphs(self.settings.environment, ascii_wanted=self.settings.ascii)
        theme, self._theme_error = start_theme(
            choose_theme(self.settings.environment, self.settings.theme), self.settings.user_themes
        )
        self._theme_defaults = dict(theme.variables)
        super().__init__(driver_class=TerminalDriver)
        if self.no_color:  # chosen for Textual's own theme, it would turn the terminal's colours into black on black
            from textual.filter import Monochrome, NoColor

            self._filters = [NoColor() if isinstance(each, Monochrome) else each for each in self._filters]
        self.register_theme(theme)
        self.theme = theme.name
        self.animation_level = "none"
        self._feed = feed
        self._wire = Wire(enabled=self.settings.thin_wire)
        self._bell = Bell(self.settings.bell, self.settings.environment)
        keys = resolve(self.settings.keymap)
        self.set_keymap(as_textual({id_: keys[id_] for id_ in self.settings.keymap}))
        self.main = MainScreen(self.settings, self._start)
        self._painted_first = False
        self._on_first_frame = on_first_frame

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return self._theme_defaults

    def get_default_screen(self) -> Screen[Any]:
        return self.main

    def _start(self) -> None:
        loop = asyncio.get_running_loop()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody draws any more
                loop.call_soon_threadsafe(self._news)

        self._feed.subscribe(wake)
        self.set_interval(PAINT_SECONDS, self.paint)
        self.paint()
        if self._theme_error is not None:
            self.notify(str(self._theme_error), severity="warning", markup=False)

    def on_unmount(self) -> None:
        self._feed.subscribe(None)

    def _news(self) -> None:
        """Draw the first snapshot at once; every other waits for its turn."""
        if not self._painted_first:
            self.paint()

    def paint(self) -> None:
        """Draw the newest snapshot and the time."""
        snapshot = self._feed.snapshot
        self._painted_first = snapshot is not None
        now = self.settings.now()
        if (ringing := self._bell.ring(snapshot)) and self._driver is not None:
            self._driver.write(ringing)
        self.main.tick(snapshot, now)
        for screen in self.screen_stack[1:]:
            if (tick := getattr(screen, "tick", None)) is not None:
                tick(self.main.snapshot, now)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, self._wire.thin(renderable))
        if self._on_first_frame is not None and renderable is not None:
            go_on, self._on_first_frame = self._on_first_frame, None
            go_on()

    def on_resize(self) -> None:
        """After a resize, and after being stopped and continued, nobody knows what the terminal shows."""
        self._wire.forget()

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through the terminal, also from inside tmux and screen."""
        self.hand_over(text, "Copied", shown=60)

    def hand_over(self, text: str, words: str, *, shown: int = 300) -> None:
        """Copy text and say so: the words, then as many characters of its first line as `shown`."""
        from finops_tui.ui.clipboard import sequence

        data = sequence(text, self.settings.environment)
        if data is None:
            self.notify("It is too long for the terminal's clipboard.", severity="warning", markup=False)
            return
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(data)
        self.notify(f"{words}: {text.partition(chr(10))[0][:shown]}", markup=False)

    def decide(self, move: Move, findings: Sequence[Finding], decision: Decision) -> None:
        """Tell the engine what the person decided about findings."""
        from finops_tui.model.finding import Triage
        from finops_tui.model.observations import FindingTriaged
        from finops_tui.ui.decisions import told

        now = self.settings.now()
        self.main.expect_to_leave(findings)
        for finding in findings:
            triage = Triage(
                key=finding.key,
                since=finding.since,
                state=move.state,
                at=now,
                by=self.settings.user,
                severity=finding.severity,
                reason=decision.reason,
                until=decision.until,
            )
            self._feed.tell(
                FindingTriaged(at=now, source=f"user {self.settings.user}", cluster=finding.cluster, triage=triage)
            )
        self.notify(told(move, findings, decision, now), markup=False)

    def on_key(self, event: events.Key) -> None:
        """Give the filter what was typed after its key, but reached the table before the filter had the focus."""
        if self.screen is self.main and self.main.take_text(event):
            event.prevent_default()

    @property
    def failure(self) -> BaseException | None:
        """The bug that ended it, None otherwise."""
        return self._exception

    def _fatal_error(self) -> None:
        """End it. Textual would print the stack with the values of all variables; whoever runs it reports `failure`."""
        self._close_messages_no_wait()

    # Keys that work on every screen

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        return action != "layout" or self.screen is self.main

    def action_refresh(self) -> None:
        self._feed.refresh()
        self._wire.forget()  # and set right what may have garbled the screen
        self.screen.refresh(layout=True)
        self.notify("Every source is asked again.", markup=False, timeout=2)

    def action_sources(self) -> None:
        from finops_tui.ui.screens.sources import SourcesPage

        self._open(SourcesPage(self.settings))

    def action_help(self) -> None:
        from finops_tui.ui.screens.help import HelpPage

        self._open(HelpPage(self.settings, self.screen))

    def _open(self, page: Page) -> None:
        """Put a page on top, unless it is there already."""
        if type(self.screen) is not type(page):
            page.snapshot = self.main.snapshot
            self.push_screen(page)

    def action_theme(self) -> None:
        from finops_tui.ui.screens.choose import choose_theme

        choose_theme(self)

    def action_wear(self, name: str) -> None:
        theme, error = start_theme(name, self.settings.user_themes)
        self.register_theme(theme)
        self.theme = theme.name
        if error is not None:
            self.notify(str(error), severity="warning", markup=False)

    def action_layout(self) -> None:
        from finops_tui.ui.screens.choose import choose_layout

        choose_layout(self, self.settings.layouts)

    def action_commands(self) -> None:
        from finops_tui.ui.screens.choose import choose_command

        choose_command(self)
