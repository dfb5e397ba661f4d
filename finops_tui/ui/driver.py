"""Textual's way to the terminal, with three of its gaps closed."""

from __future__ import annotations

import os
import select
import signal
import threading
from typing import Any, cast

from textual.drivers.linux_driver import LinuxDriver

from finops_tui.ui.keyboard import Ending, read_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.ui.app import FinopsApp

LOST_TERMINAL_STATUS = 128 + signal.SIGHUP
WATCHER = "terminal"


class TerminalDriver(LinuxDriver):
    """After SIGSTOP, which nobody can answer, it goes on; when the terminal goes away, so does the program.

    Nobody looks ten times a second whether a key came.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.exit_event: Ending = Ending()

    def run_input_thread(self) -> None:
        read_keys(self.fileno, self.exit_event, self.process_message)

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's drivers are untyped
        if not any(thread.name == WATCHER for thread in threading.enumerate()):  # not again after each stop
            threading.Thread(target=self._end_with_the_terminal, name=WATCHER, daemon=True).start()

    def _end_with_the_terminal(self) -> None:
        """Wait for the terminal to hang up, whether or not a SIGHUP comes, and end at once.

        There is nothing left to restore, and a write that waits for a reader would wait for ever.
        """
        terminal = select.poll()
        terminal.register(self.fileno, 0)  # a hang-up is told in any case
        if any(told & select.POLLHUP for _, told in terminal.poll()):  # some systems cannot poll a terminal at all
            os._exit(LOST_TERMINAL_STATUS)

    def _sigcont_application(self, *arguments: object) -> None:
        """Take the terminal up only if SIGTSTP gave it up before; draw all of it again in either case."""
        if self._must_signal_resume:
            super()._sigcont_application(*arguments)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(cast("FinopsApp", self._app).redraw)
