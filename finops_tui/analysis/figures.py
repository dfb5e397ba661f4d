"""Outside figures, taken with care: what cannot be true is not known."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

LIMIT = 1e18
"""Nothing that is counted here comes near it; sums of what is below it stay finite."""


def amount(value: float | None) -> float | None:
    """Return a quantity that is finite, not negative and not absurd, otherwise None."""
    if value is None or not 0 <= value <= LIMIT:  # NaN is in no range
        return None
    return value


def ratio(value: float | None) -> float | None:
    """Return a share in 0-1. Slightly more than all of it (rates are extrapolated) is all of it."""
    value = amount(value)
    return None if value is None else min(value, 1.0)


def total(values: Sequence[float | None]) -> float | None:
    """Return the sum of what is known, None when nothing is."""
    known = [value for value in values if value is not None]
    return fsum(known) if known else None
