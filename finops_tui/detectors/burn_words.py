"""Burn rates, windows and budgets as words."""

from __future__ import annotations

from finops_tui.detectors.quantities import known

MINUTE, HOUR, DAY = 60, 3_600, 86_400
SOME_MORE = 1.05
"""Budgets used, from which on it is worth saying how many."""


def times(rate: float) -> str:
    """Write a burn rate in three figures: `16.2×`, `21×`."""
    return f"{rate:.0f}×" if rate >= 100 else f"{rate:.3g}×"  # noqa: PLR2004 - three figures


def window(seconds: int) -> str:
    """Write the length of a window: `5 min`, `1 h`, `3 d`."""
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


def lasts(seconds: float) -> str:
    """Write how long something lasts, rounded down: `45m`, `2h05m`, `19h`, `3d04h`, `84d`."""
    minutes = int(min(seconds, 9_999 * DAY) // MINUTE)
    hours, days = minutes // 60, minutes // (60 * 24)
    if days:
        return f"{days}d" if days >= 10 else f"{days}d{hours % 24:02}h"  # noqa: PLR2004 - as on screen
    if hours:
        return f"{hours}h" if hours >= 10 else f"{hours}h{minutes % 60:02}m"  # noqa: PLR2004 - as on screen
    return f"{minutes}m"


def budget(left: float | None, exhausted_in_seconds: float | None) -> str:
    """Write what is left of an error budget (ratio), and when it is gone at the present rate."""
    left, exhausted_in_seconds = known(left), known(exhausted_in_seconds)
    if left is None:
        return "what is left of the budget is not known"
    if left <= 0:
        used = 1 - left
        return (
            "the error budget is gone" if used < SOME_MORE else f"the error budget is used up {_often(used)} times over"
        )
    if exhausted_in_seconds is None:
        return f"{left:.0%} of the budget is left"
    return f"{left:.0%} of the budget is left, gone in {lasts(exhausted_in_seconds)}"


def _often(used: float) -> str:
    """Write how many budgets: `1.3`, `21`, `1,957`."""
    return f"{used:.1f}" if used < 10 else f"{used:,.0f}"  # noqa: PLR2004 - two figures
