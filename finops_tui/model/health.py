"""How an outside system answers."""

from __future__ import annotations

from enum import StrEnum


class HealthState(StrEnum):
    CONNECTING = "connecting"
    """Nothing has come yet."""
    LIVE = "live"
    """It streams."""
    POLLED = "polled"
    """It answers when asked."""
    PARTIAL = "partial"
    """It answers, but not all that was asked for."""
    DOWN = "down"
