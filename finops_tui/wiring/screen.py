"""A run on the screen, until somebody ends it or a signal does."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from functools import partial

from finops_tui.engine.feed import Feed
from finops_tui.engine.runner import EngineThread
from finops_tui.wiring import garbage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.engine.hub import Hub
    from finops_tui.ui.app import FinopsApp
    from finops_tui.ui.settings import UiSettings

SIGNALLED = 128
"""Plus the signal's number is the exit status of what a signal ended, as shells have it."""


def show(build: Callable[[Feed], Hub], ui: UiSettings) -> int:
    """Open the screen on what the hub publishes; return the exit status when it closes."""
    from finops_tui.ui.app import FinopsApp

    for name in ("COLUMNS", "LINES"):  # whoever started us may have set them; they would be believed over the terminal
        os.environ.pop(name, None)
    feed = Feed()
    crashes: list[BaseException] = []

    def crash(error: BaseException) -> None:
        crashes.append(error)
        app.call_from_thread(app.exit)

    engine = EngineThread(lambda: build(feed), crash)

    def go_on() -> None:
        engine.start()  # only now, so that the two do not compete for the start
        app.set_timer(garbage.AFTER_START_SECONDS, partial(garbage.collect_from_now_on, app))

    app = FinopsApp(feed, ui, on_first_frame=go_on)
    try:
        asyncio.run(_until_told_to_end(app))
    finally:
        engine.stop()
    if app.failure is not None:
        crashes.append(app.failure)
    if crashes:
        raise crashes[0]
    return app.return_code or 0


async def _until_told_to_end(app: FinopsApp) -> None:
    """Run the screen; a signal to end closes it as the quit key does, so that the terminal is as it was."""
    loop = asyncio.get_running_loop()

    def end(number: int, _: object) -> None:
        status = SIGNALLED + number
        if not os.isatty(0):  # the terminal went away: there is nothing to restore, and writing to it may wait forever
            os._exit(status)
        loop.call_soon_threadsafe(partial(app.exit, return_code=status))

    # Not the loop's own handlers: with SIGHUP comes SIGCONT, at which Textual would take up the lost terminal again.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup sets it
            signal.signal(number, end)
    await app.run_async()
