"""Figures in words for reports: fixed decimals, `–` for what is not known. Units stand in the heads."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from finops_tui import phrases

MISSING = "–"
STALE = "~"


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


def objective(ratio: float) -> str:
    """Return a target in its own precision: `99.95`."""
    return f"{ratio * 100:.6f}".rstrip("0").rstrip(".")


def times(value: float | None) -> str:
    return MISSING if value is None else number(value, 1)


def duration(seconds: float | None) -> str:
    """Return `4s`, `14m`, `2h05m`, `19h` or `3d04h`: two units at most."""
    return MISSING if seconds is None else phrases.duration(seconds)


def age(at: datetime | None, now: datetime, *, stale: bool = False) -> str:
    """Return how old a figure is, `~` before it when its source should have spoken since."""
    mark = STALE if stale else ""
    return mark + (MISSING if at is None else duration((now - at).total_seconds()))


def moment(at: datetime | None) -> str:
    """Return `2026-03-10T14:02:31Z`."""
    return MISSING if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
