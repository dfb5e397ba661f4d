"""How long a service asks to be left alone: the header `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime

LONGEST_ASKED_SECONDS = 86_400.0
"""Nobody is left alone for longer at one word: it may be a mistake of the service."""


def retry_after_seconds(told: str, now: datetime) -> float:
    """Return the seconds that a header tells; 0 where it tells none, or makes no sense."""
    try:
        # In this order, as every comparison with NaN is false.
        return min(LONGEST_ASKED_SECONDS, max(0.0, float(told)))
    except ValueError:
        pass
    from email.utils import parsedate_to_datetime

    try:
        until = parsedate_to_datetime(told)
        if until.tzinfo is None:  # the oldest of the three ways to write a date names no zone: it means UTC
            until = until.replace(tzinfo=UTC)
        asked = (until - now).total_seconds()
    except (OverflowError, TypeError, ValueError):
        return 0.0
    return min(LONGEST_ASKED_SECONDS, max(0.0, asked))
