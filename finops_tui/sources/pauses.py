"""How long to wait after a failure: twice as long each time, spread out, up to a limit."""

from __future__ import annotations

MOST_DOUBLINGS = 16
"""Every limit is reached long before; a number of failures without end would not fit a float."""


def pause_seconds(first: float, longest: float, failures: int, jitter: float, least: float = 0.0) -> float:
    """Return seconds. `failures` are those before this one; `least` is what the service asked for.

    `jitter` is the share of the pause that is waited, drawn anew each time: many who failed at once must not come
    back at once.
    """
    return max(least, min(longest, first * 2.0 ** min(failures, MOST_DOUBLINGS)) * jitter)
