"""The windows over which error ratios are asked. Source: sre.google/workbook/alerting-on-slos, slok/sloth."""

from __future__ import annotations

import re

MINUTE, HOUR, DAY = 60, 3600, 86_400
BURN_WINDOWS = (5 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, DAY, 3 * DAY)
ASKED_PER_WINDOW = 60
"""A window is asked at most so often while it passes: nothing much changes in between, and long ones are dear."""
MOMENTS = 1_000
"""At about so many a subquery looks: a share of them is exact to a tenth of a percent, and servers limit them."""
NEAR = 0.1
_UNITS = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_PART = re.compile(r"(\d+)([smhdw])")


def promql_duration(seconds: int) -> str:
    """Return `5m` for 300."""
    for unit in ("d", "h", "m"):
        if seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"


def over(expr: str, seconds: int) -> str:
    """Return a query with its `$window`. A subquery without a step, `[$window:]`, gets one that suits the window."""
    window = promql_duration(seconds)
    step = max(1, round(seconds / (MOMENTS * MINUTE))) * MINUTE
    return expr.replace("$window:]", f"{window}:{promql_duration(step)}]").replace("$window", window)


def seconds_of(duration: str) -> int | None:
    """Return 3840 for `1h4m`; None for what is no duration."""
    parts = _PART.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        return None
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


def nearest(seconds: int) -> int:
    """Return the standard window that this one is within 10 % of, else itself: Pyrra scales its windows a little."""
    return next((window for window in BURN_WINDOWS if abs(window - seconds) <= NEAR * window), seconds)
