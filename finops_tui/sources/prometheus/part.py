"""One part of what is asked: some queries that together make some observations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from finops_tui.model.observations import Observation
from finops_tui.sources.prometheus.desk import Desk


@dataclass(frozen=True, slots=True)
class Told:
    """What every observation of one source carries."""

    source: str
    cluster: str


class Part(Protocol):
    every_seconds: float

    async def read(self, desk: Desk, told: Told, at: datetime) -> Sequence[Observation]:
        """Ask and say what it means. Nothing where nothing is known. Raises PrometheusError if nobody answers."""
