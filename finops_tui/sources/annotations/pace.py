"""Waiting between two looks, which `r` cuts short."""

from __future__ import annotations

import asyncio


class Pace:
    def __init__(self) -> None:
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """End the wait, or leave the next one out."""
        self._wake.set()

    async def wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()
