"""The spend detector as the streaming benchmark wants it."""

from __future__ import annotations

from typing import Protocol

from finops_tui.detectors.spend.detector import SpendDetector as Detector
from finops_tui.detectors.spend.verdict import Verdict


class SeriesMeta(Protocol):
    """What the scorer says of a series before its first sample."""

    unit: str
    interval_s: float


class SpendDetector:
    def __init__(self, meta: SeriesMeta) -> None:
        self._detector = Detector(interval_seconds=meta.interval_s, money=meta.unit == "usd_per_hour")

    def update(self, ts: float, value: float) -> Verdict:
        return self._detector.update(ts, value)
