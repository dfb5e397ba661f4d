"""The application: reads the feed, draws once a second, owns colours and keys."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, ClassVar, TypeVar

from rich.console import RenderableType
from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen

from finops_tui.engine.feed import Feed
from finops_tui.ui.acts import ACTS, KEY_ID
from finops_tui.ui.background import in_background
from finops_tui.ui.bell import Bell
from finops_tui.ui.bindings import bindings
from finops_tui.ui.driver import TerminalDriver
from finops_tui.ui.glyphs import choose_glyphs
from finops_tui.ui.keymap import Where, as_textual, resolve, shown
from finops_tui.ui.keys import spec_of
from finops_tui.ui.permitted import REST_SECONDS, Permitted
from finops_tui.ui.screens.acting import ActingScreen
from finops_tui.ui.screens.main import MainScreen
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.strips import forget_cuts
from finops_tui.ui.text import forget_widths
from finops_tui.ui.theme import choose_theme, start_theme
from finops_tui.ui.toasts import CSS as TOASTS_CSS
from finops_tui.ui.toasts import ToastingApp
from finops_tui.ui.wire import Wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops_tui.engine.desk import Desk
    from finops_tui.engine.proposal import Answer, Carried, Proposal
    from finops_tui.errors import FinopsError
    from finops_tui.model.finding import Finding
    from finops_tui.model.plan import Target
    from finops_tui.ui.decisions import Decision, Move
    from finops_tui.ui.permitted import Lacking
    from finops_tui.ui.screens.page import Page

T = TypeVar("T")

PAINT_SECONDS = 1.0
"""Figures and the clock change at most so often."""
UNANSWERED = ("planned", "unknown")
"""Outcomes of which nobody knows what became of the change."""


class FinopsApp(ToastingApp, inherit_bindings=False):
    """Draws what the feed holds. But for plans and what a person asks of an export, it asks nobody but the clock."""

    TITLE = "finops-tui"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.EVERYWHERE)
    ENABLE_COMMAND_PALETTE = False
    CSS = f"""
    Screen {{ background: $background; color: $foreground; overflow: hidden; }}
    {TOASTS_CSS}
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
        self.acts = {act.id: act for act in (*ACTS, *self.settings.acts)}
        self.own_keys = {f"{KEY_ID}{act.id}": spec_of(act) for act in self.settings.acts if act.key}
        keys = resolve(self.settings.keymap, {id_: spec.keys for id_, spec in self.own_keys.items()})
        for id_, spec in self.own_keys.items():
            for key in keys[id_]:
                binding = Binding(key, spec.action, spec.verb, show=False, tooltip=spec.about, id=id_)
                self._bindings.key_to_bindings.setdefault(key, []).append(binding)
        self.set_keymap(as_textual({id_: keys[id_] for id_ in self.settings.keymap}))
        self._keys = keys
        self.main = MainScreen(self.settings, self._start)
        self.permitted = Permitted()
        self._painted_first = False
        self._touched_at = time.monotonic()
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
        """Draw the newest snapshot and the time; nothing once the program ends, when its screens are gone."""
        if not self.screen_stack:
            return
        snapshot = self._feed.snapshot
        self._painted_first = snapshot is not None
        now = self.settings.now()
        if (ringing := self._bell.ring(snapshot)) and self._driver is not None:
            self._driver.write(ringing)
        self.main.tick(snapshot, now)
        for screen in self.screen_stack[1:]:
            if (tick := getattr(screen, "tick", None)) is not None:
                tick(self.main.snapshot, now)
        forget_widths()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, self._wire.thin(renderable))
        forget_cuts(renderable)
        if self._on_first_frame is not None and renderable is not None:
            go_on, self._on_first_frame = self._on_first_frame, None
            go_on()

    def on_resize(self) -> None:
        """After a resize, and after being stopped and continued, nobody knows what the terminal shows."""
        self._wire.forget()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent):
            self._touched_at = time.monotonic()
        await super().on_event(event)

    def still_seconds(self) -> float:
        """Return how long nobody has touched a key or the mouse."""
        return time.monotonic() - self._touched_at

    def redraw(self) -> None:
        """Send the whole screen again: somebody else may have written on it."""
        self._wire.forget()
        self.screen.refresh(layout=True)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through the terminal, also from inside tmux and screen."""
        self.hand_over(text, "Copied", shown=60)

    def hand_over(self, text: str, words: str, *, shown: int = 300) -> None:
        """Copy text and say so: the words, then as many characters of its first line as `shown`, or none."""
        from finops_tui.ui.clipboard import sequence

        data = sequence(text, self.settings.environment)
        if data is None:
            self.notify("It is too long for the terminal's clipboard.", severity="warning", markup=False)
            return
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(data)
        first = text.partition("\n")[0][:shown]
        self.notify(f"{words}: {first}" if shown else f"{words}.", markup=False)

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

    def look_into(self, pool: str, named: str) -> None:
        """Ask the engine for the nodes of a pool (its key; empty for none any more) from now on."""
        from finops_tui.model.observations import NodesWanted

        source = f"user {self.settings.user}"
        self._feed.tell(NodesWanted(at=self.settings.now(), source=source, cluster="", pool=pool, named=named))

    def key_of(self, id_: str) -> str:
        """Return the first key that is bound to an id, as it is shown."""
        return shown(self._keys[id_][0])

    async def ask(self, question: Callable[[Desk], Coroutine[Any, Any, T]]) -> T:
        """Let the engine answer; the screen goes on. Whoever stops waiting stops the question.

        Raises FinopsError, also for a bug in what answers: it must not take the screen down.
        """
        from finops_tui.errors import ActionError, FinopsError

        answer = self._feed.ask(question)
        if answer is None:
            raise ActionError("Nothing can be changed from here", "this run only shows")
        try:
            return await asyncio.wrap_future(answer)
        except FinopsError:
            raise
        except Exception as bug:
            words = f"{type(bug).__name__}: {bug}"
            raise ActionError(
                "The program failed at it", words, "Activity and the journal tell what was begun."
            ) from bug

    def carry_out(self, proposal: Proposal, answer: Answer, heard: Callable[[Carried | FinopsError], bool]) -> None:
        """Let the engine do what was confirmed, to its end, whatever becomes of the dialog.

        `heard` is told what became of it, and says whether it has told the person; else a message does.
        """
        in_background(self, partial(self._carry_out, proposal, answer, heard), group="carry out")

    async def _carry_out(
        self, proposal: Proposal, answer: Answer, heard: Callable[[Carried | FinopsError], bool]
    ) -> None:
        from finops_tui.errors import FinopsError
        from finops_tui.ui.reports import report

        carried: Carried | FinopsError
        try:  # to stop waiting must not stop what was begun
            carried = await asyncio.shield(self.ask(lambda desk: desk.confirm(proposal, answer)))
        except FinopsError as trouble:
            carried = trouble
        if not heard(carried):
            words, severity = report(carried, self.key_of("action.undo"))
            self.notify(words, markup=False, severity=severity)

    async def arm(self) -> bool:
        """Allow changes for a while; say why where that cannot be."""
        return await self._told(lambda desk: desk.arm())

    async def disarm(self) -> bool:
        return await self._told(lambda desk: desk.disarm())

    async def _told(self, wish: Callable[[Desk], Coroutine[Any, Any, None]]) -> bool:
        from finops_tui.errors import FinopsError

        try:
            await self.ask(wish)
        except FinopsError as trouble:
            self.notify(str(trouble), severity="warning", markup=False)
            return False
        return True

    def on_key(self, event: events.Key) -> None:
        """Give a line to write in what was typed after its key, but reached the table before the line had the focus."""
        take = getattr(self.screen, "take_text", None)
        if take is not None and take(event):
            event.prevent_default()

    @property
    def failure(self) -> BaseException | None:
        """The bug that ended it, None otherwise: where a worker met it, the bug itself and not that a worker did."""
        from textual.worker import WorkerFailed

        return self._exception.error if isinstance(self._exception, WorkerFailed) else self._exception

    def _fatal_error(self) -> None:
        """End it. Textual would print the stack with the values of all variables; whoever runs it reports `failure`."""
        self._close_messages_no_wait()

    def permitted_now(self, target: Target) -> Lacking:
        """Return what one may not do to a target; where that is not known, ask once the cursor rests on it."""
        if self.permitted.wants(target):
            self.set_timer(REST_SECONDS, partial(self._ask_permitted, target))
        return self.permitted.lacking(target)

    def _ask_permitted(self, target: Target) -> None:
        if self.permitted.still(target):
            in_background(self, partial(self._learn_permitted, target), group="permitted", exclusive=True)

    async def _learn_permitted(self, target: Target) -> None:
        from finops_tui.errors import FinopsError

        try:
            self.permitted.learn(target, await self.ask(lambda desk: desk.missing(target)))
        except FinopsError:
            self.permitted.without_answer(target)
        if self.screen_stack:  # else it has ended meanwhile
            self.paint()

    # Keys that work on every screen

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "act":
            return isinstance(self.screen, ActingScreen) and self.screen.can(action, parameters)
        return action != "layout" or self.screen is self.main

    def action_act(self, id_: str) -> None:
        """Do one of the config's own actions on whatever screen there is."""
        if isinstance(self.screen, ActingScreen):
            self.screen.action_act(id_)

    async def action_quit(self) -> None:
        """End it; while nobody knows what became of a change, ask first."""
        newest = self._feed.snapshot
        open_ones = [row for row in newest.actions if row.outcome in UNANSWERED] if newest is not None else []
        if not open_ones:
            self.exit()
            return
        from finops_tui.ui.screens.leave import LeaveDialog

        self.push_screen(LeaveDialog(open_ones), lambda leave: self.exit() if leave else None)

    def action_refresh(self) -> None:
        self._feed.refresh()
        self.redraw()  # and set right what may have garbled the screen
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
