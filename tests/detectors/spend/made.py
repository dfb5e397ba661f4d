"""Small made series: a scope's $/h by the hours since a Monday, and what a detector says to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from math import pi, sin

from finops_tui.detectors.spend.detector import SpendDetector, Verdict

MONDAY = 1_735_776_000.0 + 4 * 86_400
"""2025-01-06 00:00Z."""
HOUR = 3_600.0
DAY = 24.0
Shape = Callable[[float], float]
"""$/h by hours since `MONDAY`."""


def flat(_hour: float) -> float:
    return 100.0


def daily(hour: float) -> float:
    """60 to 140 $/h, lowest at midnight."""
    return 100.0 - 40.0 * sin(2 * pi * (hour / DAY + 0.25))


def plus(shape: Shape, start: float, hours: float, usd: float) -> Shape:
    """`usd` more from `start` on."""
    return lambda hour: shape(hour) + (usd if start <= hour < start + hours else 0.0)


def times(shape: Shape, start: float, hours: float, factor: float) -> Shape:
    return lambda hour: shape(hour) * (factor if start <= hour < start + hours else 1.0)


def watched(
    shape: Shape, start: float, end: float, detector: SpendDetector, step: float = 300.0
) -> Iterator[tuple[float, Verdict]]:
    """Feed hours `start` to `end`; yield the hour and what was said."""
    for number in range(round(start * HOUR / step), round(end * HOUR / step)):
        hour = number * step / HOUR
        yield hour, detector.update(MONDAY + number * step, shape(hour))


def fresh(step: float = 300.0) -> SpendDetector:
    return SpendDetector(interval_seconds=step)


def pages(shape: Shape, days: float, step: float = 300.0) -> list[tuple[float, Verdict]]:
    """Return when each page opened on a fresh detector, and with what."""
    said = list(watched(shape, 0.0, days * DAY, fresh(step), step))
    return [now for before, now in pairwise(said) if now[1].page and not before[1].page]
