"""How an outside system answers."""

from __future__ import annotations

import re
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


_ANSWERED = r"(?:HTTP )?[1-5]\d\d\b"
"""How a reason begins where the system did answer, with an HTTP status other than success."""
_SILENCE = r"(?i)no (?:whole )?answer|not answer|connection|timed? ?-?out|silent|reach|route|host name|resolve|reset"
"""What reasons say of a system that is not heard of at all."""


def is_silent(reason: str) -> bool:
    """Tell from why nothing is known whether nothing is heard of a system.

    One that refuses is not silent, nor is one that was not even asked for want of a login. Without a reason it is.
    """
    return not reason or (re.match(_ANSWERED, reason) is None and re.search(_SILENCE, reason) is not None)
