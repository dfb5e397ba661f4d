"""How the journal's disk is waited for: in a thread, or right here where time is virtual."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Writer(Protocol):
    async def __call__(self, work: Callable[..., T], *args: Any) -> T: ...


async def here(work: Callable[..., T], *args: Any) -> T:
    """Write at once, on the event loop."""
    return work(*args)
