"""Figures in words for reports: fixed decimals, `–` for what is not known. Units stand in the heads."""

from __future__ import annotations

import math
from datetime import UTC, datetime

MISSING = "–"
STALE = "~"
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def number(value: float | None, decimals: int = 1) -> str:
    """`1,284.0`"""  # noqa: D400 - the form itself
    if value is None or not math.isfinite(value):
        return MISSING
    return f"{value + 0.0:,.{decimals}f}"


def whole(value: float | None) -> str:
    return number(value, 0)


def percent(ratio: float | None) -> str:
    """Return a ratio 0-1 as percent, without the sign: the head has it."""
    return MISSING if ratio is None else number(ratio * 100, 0)


def counted(number: int, noun: str) -> str:
    """Return `1 node`, `2 nodes`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def objective(ratio: float) -> str:
    """Return a target in its own precision: `99.95`."""
    return f"{ratio * 100:.6f}".rstrip("0").rstrip(".")


def times(value: float | None) -> str:
    return MISSING if value is None else number(value, 1)


def duration(seconds: float | None) -> str:
    """Return `4s`, `14m`, `2h05m` or `3d04h`: two units at most."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    left = max(0, round(seconds))
    for position, (size, unit) in enumerate(_UNITS):
        if left >= size:
            text = f"{left // size}{unit}"
            smaller, small_unit = _UNITS[min(position + 1, 3)]
            rest = left % size // smaller
            return f"{text}{rest:02d}{small_unit}" if rest and unit in "dh" else text
    return "0s"


def age(at: datetime | None, now: datetime, *, stale: bool = False) -> str:
    """Return how old a figure is, `~` before it when its source should have spoken since."""
    mark = STALE if stale else ""
    return mark + (MISSING if at is None else duration((now - at).total_seconds()))


def moment(at: datetime | None) -> str:
    """Return `2026-03-10T14:02:31Z`."""
    return MISSING if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
