"""A companion of the engine that is made once the first figures stand: what it takes to load must not delay them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.engine.hub import Companion
    from finops_tui.model.fleet import Fleet
    from finops_tui.model.observations import Observation
    from finops_tui.model.snapshot import Snapshot

AFTER_SECONDS = 1.0
"""After the first snapshot."""


class Later:
    """Stands for the companion that `build` makes; `at_first` is told meanwhile."""

    def __init__(self, name: str, build: Callable[[], Companion], at_first: Sequence[Observation] = ()) -> None:
        self.name = name
        self._build = build
        self._at_first = at_first
        self._fleet: Fleet | None = None
        self._newest: Snapshot | None = None
        self._companion: Companion | None = None
        self._seen = asyncio.Event()

    def begin(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def see(self, snapshot: Snapshot) -> None:
        self._newest = snapshot
        self._seen.set()
        if self._companion is not None:
            self._companion.see(snapshot)

    async def run(self, tell: Callable[[Observation], None]) -> None:
        for observation in self._at_first:
            tell(observation)
        await self._seen.wait()
        await asyncio.sleep(AFTER_SECONDS)
        companion = self._build()
        assert self._fleet is not None, "it has begun"
        assert self._newest is not None, "something was seen"
        companion.begin(self._fleet)
        companion.see(self._newest)
        self._companion = companion
        await companion.run(tell)
