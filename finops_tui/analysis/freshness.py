"""Whether those who said something should have spoken since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from finops_tui.model.health import HealthState
from finops_tui.model.observations import SourceHealth

STEP_SECONDS = 10
"""A streaming source vouches for its figures all the time; their age is kept to this step so that rows may be too."""


def is_stale(health: SourceHealth | None, now: datetime) -> bool:
    """Tell whether a source is down, or silent for longer than it promised."""
    if health is None or health.state is HealthState.CONNECTING:
        return False
    if health.state is HealthState.DOWN:
        return True
    return health.answered_at is not None and (now - health.answered_at).total_seconds() > health.stale_after_seconds


def is_overdue(health: SourceHealth | None, said_at: datetime | None, now: datetime) -> bool:
    """Tell whether what was said at `said_at` is old although its source answers: it has ceased to tell of this."""
    if health is None or said_at is None:
        return False
    return (now - said_at).total_seconds() > health.stale_after_seconds


def known_at(health: Mapping[str, SourceHealth], source: str, said_at: datetime | None) -> datetime | None:
    """Return when a source last stood by what it said at `said_at`.

    Who streams says only what changes: silence on a live stream means that all is as it was.
    """
    own = health.get(source)
    if said_at is None or own is None or own.state is not HealthState.LIVE or own.answered_at is None:
        return said_at
    latest = max(said_at, own.answered_at).timestamp()
    return datetime.fromtimestamp(latest // STEP_SECONDS * STEP_SECONDS, UTC)
