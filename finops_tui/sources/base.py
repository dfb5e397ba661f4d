"""What every source promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from finops_tui.model.observations import Observation


class Source(Protocol):
    """One outside system, told as observations.

    It owns its pace, time-outs, back-off and paging. Trouble becomes `SourceHealth`; what it cannot know it leaves out.
    """

    name: str
    """As the status screen and the config name it: `prometheus prod-us`."""
    cluster: str
    """Empty where it speaks for no one cluster."""

    def observe(self) -> AsyncIterator[Observation]:
        """Yield observations until cancelled. Whatever escapes as an exception restarts it after a pause."""

    async def refresh(self) -> None:
        """Ask again now, where that makes sense (`r`)."""
