"""How a Prometheus fares, told once for each round of questions."""

from __future__ import annotations

import random
from datetime import datetime

from finops_tui.model.health import HealthState
from finops_tui.model.observations import SourceHealth
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.faults import PrometheusError
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.settings import PrometheusSettings

SHORT = "prom"
FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 60.0
LONGEST_RETRY_AFTER_SECONDS = 600.0
FRESH_SECONDS = 90.0
"""Longer than the slowest pace of `rounds` and a slow answer together."""
CLOCKS_DIFFER_SECONDS = 60.0


class Health:
    """Remembers since when it is as it is, and how often it has failed in a row."""

    def __init__(self, told: Told, settings: PrometheusSettings, jitter: random.Random) -> None:
        self._told = told
        self._stale_after = max(FRESH_SECONDS, 4 * settings.interval_seconds)
        self._jitter = jitter
        self._state: HealthState | None = None
        self._since: datetime | None = None
        self._answered_at: datetime | None = None
        self._failures = 0
        self._untold = 2 if settings.history_days else 1

    def told_first(self) -> None:
        """Note that the first round, or the past, has been told whole."""
        self._untold = max(0, self._untold - 1)

    @property
    def settled(self) -> bool:
        """Whether it was already told that it answers."""
        return self._state in {HealthState.POLLED, HealthState.PARTIAL}

    def connecting(self, at: datetime) -> SourceHealth:
        return self._say(HealthState.CONNECTING, at)

    def answered(self, at: datetime, desk: Desk, skew_seconds: float | None) -> SourceHealth:
        """Say that it answers, and what it could not give."""
        self._failures = 0
        self._answered_at = at
        missing = tuple(f"{query_id}: {reason}" for query_id, reason in sorted(desk.missing.items()))
        warnings = desk.warnings
        if skew_seconds is not None and abs(skew_seconds) > CLOCKS_DIFFER_SECONDS:
            way = "ahead of" if skew_seconds > 0 else "behind"
            warnings = (f"its clock is {abs(skew_seconds):.0f}s {way} this machine's", *warnings)
        state = HealthState.PARTIAL if missing else HealthState.POLLED
        return self._say(state, at, missing=missing, warnings=warnings)

    def failed(self, at: datetime, error: PrometheusError) -> SourceHealth:
        """Say that nothing came, and why."""
        return self._say(HealthState.DOWN, at, reason=error.title, hint=error.hint[:1].upper() + error.hint[1:])

    def pause_after_failure(self, error: PrometheusError) -> float:
        """Return the seconds to wait: twice as long each time, spread out, and never shorter than the server asked."""
        pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(self._failures, 10))
        self._failures += 1
        spread = pause * (0.5 + self._jitter.random() / 2)
        return max(spread, min(error.retry_after_seconds, LONGEST_RETRY_AFTER_SECONDS))

    def _say(
        self,
        state: HealthState,
        at: datetime,
        *,
        reason: str = "",
        hint: str = "",
        missing: tuple[str, ...] = (),
        warnings: tuple[str, ...] = (),
    ) -> SourceHealth:
        if state is not self._state or self._since is None:
            self._state, self._since = state, at
        return SourceHealth(
            at=at,
            source=self._told.source,
            cluster=self._told.cluster,
            short=SHORT,
            state=state,
            since=self._since,
            answered_at=self._answered_at,
            stale_after_seconds=self._stale_after,
            primed=not self._untold,
            reason=reason,
            hint=hint,
            missing=missing,
            warnings=warnings,
        )
