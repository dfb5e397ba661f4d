"""How often what nobody acts on at once is worked out anew."""

from __future__ import annotations

EVERY_SECONDS = 150.0
"""Of the clock."""
REAL_SECONDS = 10.0
"""Of real time: where the clock runs fast, an eye does not."""
AT_MOST_SECONDS = 900.0
"""Of the clock, however fast it runs: a trend holds a value that long (`history.TREND_STEP`, twice)."""


def every_seconds(speed: float) -> float:
    """Return the seconds of a clock of this speed (its seconds per real second) between two times."""
    return max(EVERY_SECONDS, min(REAL_SECONDS * speed, AT_MOST_SECONDS))
