"""How a Prometheus fares, told once for each round of questions."""

from __future__ import annotations

import random
from datetime import datetime

from finops_tui.model.health import HealthState
from finops_tui.model.observations import SourceHealth
from finops_tui.phrases import sentence, span
from finops_tui.sources.pauses import pause_seconds
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.faults import PrometheusError
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.rests import LONGEST_RETRY_AFTER_SECONDS
from finops_tui.sources.prometheus.settings import PrometheusSettings

SHORT = "prom"
FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 60.0
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

    @property
    def begins(self) -> bool:
        """Whether it has neither answered nor failed yet."""
        return self._state is HealthState.CONNECTING

    def connecting(self, at: datetime, awaited: str = "", trouble: PrometheusError | None = None) -> SourceHealth:
        """Say that it has not answered yet; also for what it waits, and what came instead, if it waits for long."""
        waits = f"waits for {awaited}, for {span(at - (self._since or at))}" if awaited else ""
        reason = "; ".join(filter(None, (trouble.title if trouble else "", waits)))
        return self._say(HealthState.CONNECTING, at, reason=reason, hint=sentence(trouble.hint) if trouble else "")

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
        return self._say(state, at, missing=missing, warnings=warnings, without_nodes=desk.without_nodes)

    def failed(self, at: datetime, error: PrometheusError) -> SourceHealth:
        """Say that nothing came, and why."""
        return self._say(HealthState.DOWN, at, reason=error.title, hint=sentence(error.hint))

    def pause_after_failure(self, error: PrometheusError) -> float:
        """Return the seconds to wait: twice as long each time, spread out, and never shorter than the server asked."""
        failures = self._failures
        self._failures += 1
        asked = min(error.retry_after_seconds, LONGEST_RETRY_AFTER_SECONDS)
        jitter = self._jitter.uniform(0.5, 1.0)
        return pause_seconds(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, failures, jitter, asked)

    def _say(
        self,
        state: HealthState,
        at: datetime,
        *,
        reason: str = "",
        hint: str = "",
        missing: tuple[str, ...] = (),
        warnings: tuple[str, ...] = (),
        without_nodes: str = "",
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
            without_nodes=without_nodes,
            warnings=warnings,
        )
