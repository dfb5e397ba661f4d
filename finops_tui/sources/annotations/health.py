"""How a source of notes fares, told when it changes and now and then between."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from finops_tui.model.health import HealthState
from finops_tui.model.observations import SourceHealth

AGAIN = timedelta(seconds=15)
"""Without news, it is told this often that there is none."""


class Health:
    """Remembers since when it is as it is."""

    def __init__(self, source: str, cluster: str, short: str, now: datetime, stale_after_seconds: float) -> None:
        self._told = SourceHealth(
            at=now,
            source=source,
            cluster=cluster,
            short=short,
            state=HealthState.CONNECTING,
            since=now,
            stale_after_seconds=stale_after_seconds,
        )

    @property
    def told(self) -> SourceHealth:
        """Return what was told last."""
        return self._told

    def answered(self, now: datetime, warnings: tuple[str, ...] = ()) -> SourceHealth | None:
        """Return the word that it answers, None where that is no news."""
        said = replace(
            self._told,
            at=now,
            state=HealthState.POLLED,
            answered_at=now,
            reason="",
            hint="",
            warnings=warnings,
        )
        return self._say(said)

    def failed(self, now: datetime, reason: str, hint: str) -> SourceHealth | None:
        """Return the word that nothing came, and why; None where that is no news."""
        return self._say(replace(self._told, at=now, state=HealthState.DOWN, reason=reason, hint=hint))

    def _say(self, said: SourceHealth) -> SourceHealth | None:
        before = self._told
        said = replace(said, since=before.since if said.state is before.state else said.at)
        news = replace(said, at=before.at, answered_at=before.answered_at) != before
        if not news and said.at - before.at < AGAIN:
            return None
        self._told = said
        return said
