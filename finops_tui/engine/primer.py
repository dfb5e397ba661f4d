"""Lets those that learn take in the past one by one, in the time that snapshots and keys leave."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.model.fleet import Fleet
    from finops_tui.model.observations import Observation
    from finops_tui.model.snapshot import Snapshot

PAUSE_SECONDS = 0.06
"""At least so long between two that take in the past: a key must not wait for them."""
FIRST_SECONDS = 0.5
"""So much work has no other pause: whoever opens it in an incident cannot wait for what is normal."""
SHARE = 0.002
"""Of what is left at most this part of the time: what a hundred scopes learn in minutes is then known for weeks."""


class Primer:
    """A companion of the engine: looks after each snapshot if somebody waits, and goes on until nobody does."""

    name = "primer"

    def __init__(self, catch_up: Callable[[], bool], timer: Callable[[], float] = time.perf_counter) -> None:
        """`catch_up` lets one more take in the past and tells whether others wait; `timer` (seconds) measures it."""
        self._catch_up = catch_up
        self._timer = timer
        self._seen = asyncio.Event()

    def begin(self, fleet: Fleet) -> None:
        """Nothing is taken up: what waits is known once a snapshot was made."""

    def see(self, snapshot: Snapshot) -> None:  # noqa: ARG002 - that there is a new one says enough
        self._seen.set()

    async def run(self, tell: Callable[[Observation], None]) -> None:  # noqa: ARG002 - it has nothing to tell
        pause, worked = PAUSE_SECONDS, 0.0
        while True:
            await self._seen.wait()
            await asyncio.sleep(pause)
            started = self._timer()
            if not self._catch_up():
                self._seen.clear()
            took = self._timer() - started
            worked += took
            pause = PAUSE_SECONDS if worked < FIRST_SECONDS else max(PAUSE_SECONDS, took / SHARE)
