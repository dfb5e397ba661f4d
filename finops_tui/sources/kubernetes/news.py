"""What happened and was not told yet: each thing once, however many say so."""

from __future__ import annotations

from datetime import datetime

from finops_tui.model.change import Change
from finops_tui.model.observations import ChangeSeen, Observation, PodEvicted, SpotInterrupted
from finops_tui.model.spot import Eviction, Interruption

REPORTED_KEPT = 20_000
HAPPENINGS_AT_ONCE = 500
"""Changes, interruptions and evictions told at once; of more, the newest."""


class News:
    """Collects happenings of one cluster."""

    def __init__(self, name: str, cluster: str, since: datetime) -> None:
        self._name = name
        self._cluster = cluster
        self._since = since
        """Older happenings are history."""
        self._happened: list[Observation] = []
        self._reported: dict[str, None] = {}
        """Ids of what was told to have happened, oldest first."""

    def interruption(self, at: datetime, interruption: Interruption) -> None:
        if self._is_news(f"spot/{interruption.id}", at):
            self._happened.append(
                SpotInterrupted(at=at, source=self._name, cluster=self._cluster, interruption=interruption)
            )

    def eviction(self, at: datetime, eviction: Eviction) -> None:
        if self._is_news(f"pod/{eviction.id}", at):
            self._happened.append(PodEvicted(at=at, source=self._name, cluster=self._cluster, eviction=eviction))

    def change(self, at: datetime, change: Change) -> None:
        if self._is_news(change.id, at):
            self._happened.append(ChangeSeen(at=at, source=self._name, cluster=self._cluster, change=change))

    @property
    def untold(self) -> bool:
        return bool(self._happened)

    def take(self) -> list[Observation]:
        """Return what is to be told, in the order of its happening."""
        happened, self._happened = self._happened, []
        happened.sort(key=lambda observation: observation.at)
        return happened[-HAPPENINGS_AT_ONCE:]

    def _is_news(self, what_id: str, at: datetime) -> bool:
        if at < self._since or what_id in self._reported:
            return False
        self._reported[what_id] = None
        if len(self._reported) > REPORTED_KEPT:
            del self._reported[next(iter(self._reported))]
        return True
