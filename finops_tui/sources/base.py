"""What every source promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

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


@dataclass(frozen=True, slots=True)
class Check:
    """One finding of `finops-tui doctor`."""

    subject: str
    """What was looked at: `connection`, `kube-state-metrics`, `list nodes`."""
    state: Literal["ok", "warn", "fail"]
    detail: str
    """What was found; if it is not ok, what that costs on screen."""
    hint: str = ""
    """How to put it right."""


@runtime_checkable
class Diagnosable(Protocol):
    """A source that can say what it lacks."""

    name: str

    async def diagnose(self) -> list[Check]:
        """Look at everything the source needs, once. Trouble is in the answer, never raised."""
