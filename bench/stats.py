"""The few figures that a series of measurements comes down to."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0-1) of the values lie, interpolated between neighbours."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    position = (len(ordered) - 1) * share
    low, high = ordered[math.floor(position)], ordered[math.ceil(position)]
    return low + (high - low) * (position - math.floor(position))


def median(values: Sequence[float]) -> float:
    return percentile(values, 0.5)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the least-squares slope of (x, y), in units of y per unit of x; 0 where there is nothing to fit."""
    if not points:
        return 0.0
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def pairwise_ratios(first: Sequence[float], second: Sequence[float]) -> tuple[float, ...]:
    """Return first/second of each pair of neighbouring runs, so that a load that comes and goes weighs on both."""
    return tuple(a / b for a, b in zip(first, second, strict=False) if b)
