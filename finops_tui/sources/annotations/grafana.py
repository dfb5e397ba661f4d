"""Annotations of a Grafana as a source: what was deployed, when and by whom.

`GET /api/annotations` with `from` and `to` (milliseconds), `tags` (all of them), `type=annotation` (no alerts) and
`limit` answers a list of objects with `id`, `time`, `timeEnd`, `text`, `tags` and `login`, newest first. The token
needs the permission `annotations:read` (Grafana HTTP API, "Annotations").
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from finops_tui.clock import Clock, sleep_unless_woken
from finops_tui.errors import SourceError
from finops_tui.model.observations import ChangeSeen, Observation
from finops_tui.phrases import counted
from finops_tui.sources.annotations.answer import LIMIT, notes
from finops_tui.sources.annotations.grafana_client import GrafanaClient, GrafanaError
from finops_tui.sources.annotations.health import Health
from finops_tui.sources.annotations.settings import GrafanaSettings
from finops_tui.sources.base import Check
from finops_tui.sources.pauses import pause_seconds

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 2.0, 300.0
LONGEST_RETRY_AFTER_SECONDS = 600.0
KEPT_IDS = 5_000
AHEAD = timedelta(minutes=5)
"""By how much its clock may be ahead of ours."""


class Grafana:
    """Asks one Grafana again and again; never writes."""

    def __init__(self, settings: GrafanaSettings, clock: Clock) -> None:
        self.name = f"{settings.type} {settings.title}"
        self.cluster = settings.cluster
        self._settings = settings
        self._clock = clock
        self._wake = asyncio.Event()
        self._jitter = random.Random()  # noqa: S311 - spreads load
        self._told: dict[str, None] = {}
        """Ids of the notes that were told, oldest first."""

    async def observe(self) -> AsyncIterator[Observation]:
        """Yield the notes of the last hours, then new ones, until cancelled."""
        stale_after = max(60.0, 4 * self._settings.interval_seconds)
        health = Health(self.name, self.cluster, "grafana", self._clock.now(), stale_after)
        yield health.told
        self._told.clear()
        failures = 0
        async with GrafanaClient(self._settings, self._clock) as client:
            while True:
                try:
                    found, warnings = await self._ask(client)
                except GrafanaError as error:
                    wait = self._after(error, failures)
                    failures += 1
                    said = health.failed(self._clock.now(), error.title, error.hint)
                else:
                    failures, wait = 0, self._settings.interval_seconds
                    for seen in found:
                        if self._is_news(seen.change.id):
                            yield seen
                    said = health.answered(self._clock.now(), warnings)
                if said is not None:
                    yield said
                await sleep_unless_woken(self._clock, wait, self._wake)

    async def refresh(self) -> None:
        """Ask now, also while waiting after a failure."""
        self._wake.set()

    async def diagnose(self) -> list[Check]:
        """Ask once and say what it answers."""
        try:
            async with GrafanaClient(self._settings, self._clock) as client:
                found, warnings = await self._ask(client)
        except SourceError as error:
            return [Check("annotations", "fail", f"{error.title}; without: what people wrote down", error.hint)]
        number = counted(len(found), "note")
        checks = [
            Check("annotations", "ok", f"{self._settings.url} has {number} of the last {_hours(self._settings)} h")
        ]
        return checks + [Check("annotations", "warn", warning) for warning in warnings]

    async def _ask(self, client: GrafanaClient) -> tuple[list[ChangeSeen], tuple[str, ...]]:
        now = self._clock.now()
        query = {
            "from": _milliseconds(now - timedelta(hours=self._settings.lookback_hours)),
            "to": _milliseconds(now + AHEAD),
            "type": "annotation",
            "limit": str(LIMIT),
        }
        body = await client.get("/api/annotations", [*query.items(), *(("tags", tag) for tag in self._settings.tags)])
        return notes(body, source=self.name, cluster=self.cluster, hours=_hours(self._settings))

    def _is_news(self, note_id: str) -> bool:
        if note_id in self._told:
            return False
        self._told[note_id] = None
        if len(self._told) > KEPT_IDS:
            del self._told[next(iter(self._told))]
        return True

    def _after(self, error: GrafanaError, failures: int) -> float:
        """Return the seconds to wait: longer each time, spread out, and never shorter than the server asked."""
        asked = min(error.retry_after_seconds, LONGEST_RETRY_AFTER_SECONDS)
        jitter = self._jitter.uniform(0.5, 1.0)
        return pause_seconds(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, failures, jitter, asked)


def _milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


def _hours(settings: GrafanaSettings) -> str:
    return f"{settings.lookback_hours:g}"
