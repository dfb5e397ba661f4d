"""The engine on a thread of its own, so that a key never waits for a fold and a fold never for a repaint."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:  # the terminal makes this thread before the first frame; the engine itself can wait
    from finops_tui.engine.hub import Hub


class EngineThread:
    """Runs the hub that `build` makes (on the engine's own event loop) until `stop`."""

    def __init__(self, build: Callable[[], Hub], on_crash: Callable[[BaseException], None]) -> None:
        """`on_crash` is called on the engine's thread should the engine itself fail: a bug, not a source's trouble."""
        self._build = build
        self._on_crash = on_crash
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_seconds: float = 0.5) -> None:
        """Cancel the hub and wait for it, but not for what hangs in a network: those threads die with the process."""
        self._stopping.set()
        loop, task = self._loop, self._task
        if loop is not None and task is not None and not loop.is_closed():
            loop.call_soon_threadsafe(task.cancel)
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001 - the terminal must learn of it whatever it was
            if not self._stopping.is_set():
                self._on_crash(error)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        if not self._stopping.is_set():
            await self._build().run()
