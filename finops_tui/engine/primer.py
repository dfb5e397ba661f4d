"""Lets those that learn take in the past one by one, in the time that snapshots and keys leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.model.fleet import Fleet
    from finops_tui.model.observations import Observation
    from finops_tui.model.snapshot import Snapshot

PAUSE_SECONDS = 0.06
"""Between two that take in the past, each for some 15 ms: a key must not wait for them."""


class Primer:
    """A companion of the engine: looks after each snapshot if somebody waits, and goes on until nobody does."""

    name = "primer"

    def __init__(self, catch_up: Callable[[], bool]) -> None:
        """`catch_up` lets one more take in the past and tells whether others wait."""
        self._catch_up = catch_up
        self._seen = asyncio.Event()

    def begin(self, fleet: Fleet) -> None:
        """Nothing is taken up: what waits is known once a snapshot was made."""

    def see(self, snapshot: Snapshot) -> None:  # noqa: ARG002 - that there is a new one says enough
        self._seen.set()

    async def run(self, tell: Callable[[Observation], None]) -> None:  # noqa: ARG002 - it has nothing to tell
        while True:
            await self._seen.wait()
            await asyncio.sleep(PAUSE_SECONDS)
            if not self._catch_up():
                self._seen.clear()
