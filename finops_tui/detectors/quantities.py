"""What to make of figures that are judged and cannot be: not known, not finite, negative, absurd."""

from __future__ import annotations

from datetime import timedelta
from math import isfinite

LIMIT = 1e12
"""No quantity that is judged here comes near it."""


def positive(value: float | None) -> float:
    """Return a quantity, 0 for what is not known, NaN, negative or absurd."""
    return value if value is not None and 0 < value <= LIMIT else 0.0


def known(value: float | None) -> float | None:
    """Return a figure, None for what is no number."""
    return value if value is not None and isfinite(value) else None


def hours(length: timedelta) -> float:
    return max(0.0, length.total_seconds() / 3_600)
