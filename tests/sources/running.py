"""A source that runs beside a test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from finops_tui.model.observations import Observation
from finops_tui.sources.base import Source

PATIENCE_SECONDS = 20.0


class Running:
    """Keeps what the source says, from now on."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.seen: list[Observation] = []
        self._task = asyncio.create_task(self._observe())

    def hear(self, observation: Observation) -> None:
        self.seen.append(observation)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until it is so; the source must not have ended meanwhile."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                if self._task.done():
                    self._task.result()
                await asyncio.sleep(0.005)

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _observe(self) -> None:
        async for observation in self.source.observe():
            self.hear(observation)
