"""Where chance comes from: every subsystem has its own stream, derived from one seed.

Two kinds. A `stream` is drawn from step by step, for what only the running world knows. `Noise` can be asked about any
moment, past or future, in any order: that lets the history and the running world tell the same story.
"""

from __future__ import annotations

import hashlib
import random
from math import floor

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_NONE = (None, 0.0, 0.0)


def stream(seed: int, name: str) -> random.Random:
    """Return the generator of one subsystem; others drawing more or less does not disturb it."""
    return random.Random(f"{seed}/{name}")  # noqa: S311 - a simulation must repeat itself


def identity(seed: int, *parts: object) -> str:
    """Return a stable identifier shaped like a UUID."""
    text = "/".join(str(part) for part in (seed, *parts))
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"


class Noise:
    """A fixed sequence of numbers that can be read at any place (SplitMix64, Steele et al. 2014)."""

    __slots__ = ("_key", "_last")

    def __init__(self, seed: int, name: str) -> None:
        digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
        self._key = int.from_bytes(digest, "big")
        self._last: dict[float, tuple[int | None, float, float]] = {}

    def at(self, n: int) -> float:
        """Return the number at place `n`, evenly spread over [0, 1)."""
        z = (self._key + n * _GOLDEN) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return (z ^ (z >> 31)) / 18446744073709551616.0

    def smooth(self, seconds: float, period: float) -> float:
        """Return a value in [-1, 1) that wanders without jumps and forgets itself after about `period` seconds."""
        place = seconds / period
        left = floor(place)
        part = place - left
        part *= part * (3.0 - 2.0 * part)
        known, low, high = self._last.get(period, _NONE)
        if known != left:
            low, high = self.at(left), self.at(left + 1)
            self._last[period] = left, low, high
        return 2.0 * (low + (high - low) * part) - 1.0
