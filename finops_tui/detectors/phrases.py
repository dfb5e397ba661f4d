"""Figures in the sentences of findings: `$412.0/h`, `6 GPUs`, `10:42Z`, and what to make of figures that cannot be."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import isfinite

LIMIT = 1e12
"""No quantity that is judged here comes near it."""
CENTS_BELOW, WHOLE_FROM = 1.0, 1_000.0
"""$/h below and from which there are two decimals, and none."""
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEK = timedelta(days=6)


def positive(value: float | None) -> float:
    """Return a quantity, 0 for what is not known, NaN, negative or absurd."""
    return value if value is not None and 0 < value <= LIMIT else 0.0


def known(value: float | None) -> float | None:
    """Return a figure, None for what is no number."""
    return value if value is not None and isfinite(value) else None


def rate(usd_per_hour: float) -> str:
    """Write $/h: `$412.0/h`, from 1,000 `$1,284/h`, below 1 `$0.42/h`."""
    if usd_per_hour < CENTS_BELOW:
        return f"${usd_per_hour:.2f}/h"
    return f"${usd_per_hour:,.0f}/h" if usd_per_hour >= WHOLE_FROM else f"${usd_per_hour:.1f}/h"


def dollars(usd: float) -> str:
    """Write a sum: `$2.40`, `$87`, `$1,284`."""
    return f"${usd:.2f}" if usd < 10 else f"${usd:,.0f}"  # noqa: PLR2004 - cents matter below it


def number(value: float) -> str:
    """Write a quantity with one decimal where it needs one: `6`, `0.5`, `1,284`."""
    return f"{value:,.1f}".removesuffix(".0") if abs(value) < LIMIT else "–"


def counted(value: float, noun: str) -> str:
    """Write how many: `1 GPU`, `6 GPUs`, `0.5 GPUs`, `3 retries`."""
    text = number(value)
    if text == "1":
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{text} {plural}"


def percent(ratio: float) -> str:
    return f"{ratio:.0%}" if isfinite(ratio) else "–"


def clock(at: datetime, now: datetime) -> str:
    """Write a time (UTC): `10:42Z`, another day's `Thu 10:42Z`, before that `2 Mar 10:42Z`."""
    time = f"{at:%H:%M}Z"
    if at.date() == now.date():
        return time
    if abs(now - at) < WEEK:
        return f"{_WEEKDAYS[at.weekday()]} {time}"
    return f"{at.day} {at:%b} {time}"


def span(length: timedelta) -> str:
    """Write a length of time: `40s`, `14m`, `2h05m`, `3d04h`."""
    seconds = max(0, int(length.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    if not minutes:
        return f"{seconds}s"
    if not hours:
        return f"{minutes}m"
    return f"{hours}h{minutes % 60:02}m" if not days else f"{days}d{hours % 24:02}h"


def lasting(level_since: datetime, since: datetime, now: datetime) -> str:
    """Write for how long something has been so much, and so at all: `for 30m`, `for 30m, some for 12h00m`."""
    level, whole = span(now - level_since), span(now - since)
    return f"for {level}" if level == whole else f"for {level}, some for {whole}"


def listed(names: list[str], most: int = 3) -> str:
    """Write names in a row: `a, b, c and 4 more`."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def hours(length: timedelta) -> float:
    return max(0.0, length.total_seconds() / 3_600)
