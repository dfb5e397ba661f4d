"""Bytes in words."""

from __future__ import annotations

UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
STEP = 1024
WHOLE_FROM = 100
MOST = 1e18
"""An exabyte: nobody has so many."""


def known_bytes(number: float | None) -> float:
    """Return a number of bytes, 0 for what is not known, NaN, negative or absurd."""
    return number if number is not None and 0 < number <= MOST else 0.0


def size(number: float | None) -> str:
    """Write bytes in three figures: `182 MiB`, `1.4 TiB`."""
    value, unit = known_bytes(number), 0
    while value >= STEP and unit < len(UNITS) - 1:
        value, unit = value / STEP, unit + 1
    return f"{value:,.0f} {UNITS[unit]}" if value >= WHOLE_FROM or unit == 0 else f"{value:.1f} {UNITS[unit]}"
