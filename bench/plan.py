"""What to do with a program that is measured."""

from __future__ import annotations

from dataclasses import dataclass

Run = dict[str, float]
"""One run's figures by name; what was not seen is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    runs: int = 1
    warm_runs: int = 1
    """Unmeasured launches first: byte code and page cache are then as on any later day."""
    size: tuple[int, int] = (120, 40)
    settle_seconds: float = 2.0
    steady_seconds: float = 0.0
    keys: str = ""
    key_interval: float = 0.2
    """Mean seconds between keys; they come at random phases whether or not the previous one was answered."""
    hold: str = ""
    timeout_seconds: float = 60.0
    nice: int = 0
    seed: int = 7
