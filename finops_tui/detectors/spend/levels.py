"""New levels that were taken for normal, each with what it takes to go back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Level:
    """Normal became `factor` times what it was, and `more` $/h on top."""

    since: float
    """Unix seconds at which the excess began."""
    factor: float
    more: float

    def before(self, normal: float) -> float:
        """Return what is normal without this level, from what is normal with it."""
        return max(0.0, (normal - self.more) / self.factor)


def fitted(since: float, samples: Sequence[tuple[float, float]]) -> Level | None:
    """Return how the (value, normal) of an excess are told best; None where there is no excess.

    A roll-out makes everything so many times dearer, a runaway adds so much: whichever varied less, measured by its
    median deviation as a share of itself.
    """
    over = [value - normal for value, normal in samples if normal >= 0]
    if not over or (more := median(over)) <= 0:
        return None
    times = [value / normal - 1 for value, normal in samples if normal > 0]
    growth = median(times) if times else 0.0
    if growth > 0 and _deviation(times, growth) < _deviation(over, more):
        return Level(since, 1 + growth, 0.0)
    return Level(since, 1.0, more)


def _deviation(values: Sequence[float], middle: float) -> float:
    return median([abs(value - middle) for value in values]) / middle
