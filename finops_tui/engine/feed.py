"""The newest snapshot, handed from the engine's thread to whoever draws it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.engine.desk import Desk
    from finops_tui.model.observations import Observation
    from finops_tui.model.snapshot import Snapshot

T = TypeVar("T")


class Feed:
    """Holds one value, the newest. A reader that is slow skips what came in between; a writer never waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._wake: Callable[[], None] | None = None
        self._refresh: Callable[[], None] | None = None
        self._tell: Callable[[Observation], None] | None = None
        self._desk: tuple[Desk, asyncio.AbstractEventLoop] | None = None

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest, None before the first."""
        return self._snapshot

    def publish(self, snapshot: Snapshot) -> None:
        """Put a newer snapshot in place and wake the reader. Called on the engine's thread."""
        with self._lock:
            self._snapshot = snapshot
            wake = self._wake
        if wake is not None:
            wake()

    def subscribe(self, wake: Callable[[], None] | None) -> None:
        """Call `wake` after each publish, on the engine's thread: it must be quick and thread-safe. None ends it."""
        with self._lock:
            self._wake = wake

    def on_refresh(self, refresh: Callable[[], None] | None) -> None:
        """Set what `refresh` does; the engine says so when it starts."""
        with self._lock:
            self._refresh = refresh

    def refresh(self) -> None:
        """Ask every source to answer again now. Safe from any thread; nothing happens while no engine runs."""
        with self._lock:
            refresh = self._refresh
        if refresh is not None:
            refresh()

    def on_tell(self, tell: Callable[[Observation], None] | None) -> None:
        """Set who hears what `tell` is given; the engine says so when it starts."""
        with self._lock:
            self._tell = tell

    def tell(self, observation: Observation) -> None:
        """Let the engine fold what the user did. Safe from any thread; nothing happens while no engine runs."""
        with self._lock:
            tell = self._tell
        if tell is not None:
            tell(observation)

    def on_ask(self, desk: Desk | None, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Set who answers `ask`, and on which loop; None while nobody does."""
        with self._lock:
            self._desk = (desk, loop) if desk is not None and loop is not None else None

    def ask(self, question: Callable[[Desk], Coroutine[Any, Any, T]]) -> Future[T] | None:
        """Let the engine's loop answer: a plan, a change. Safe from any thread; None where nothing can be changed."""
        with self._lock:
            desk = self._desk
        return asyncio.run_coroutine_threadsafe(question(desk[0]), desk[1]) if desk is not None else None
