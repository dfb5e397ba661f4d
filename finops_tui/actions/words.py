"""Figures and foreign text in the sentences of plans: `$412.0/h`, `9 pods`, `14:09Z`, `7m`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

CENTS_BELOW, WHOLE_FROM = 1.0, 1_000.0
"""$/h below and from which there are two decimals, and none."""
LIMIT = 253


def plain(text: object, limit: int = LIMIT) -> str:
    """Return foreign text as one line without control characters and unseen ones."""
    line = "".join(character for character in str(text)[: 2 * limit] if character.isprintable()).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def rate(usd_per_hour: float) -> str:
    """Write $/h: `$412.0/h`, from 1,000 `$1,284/h`, below 1 `$0.42/h`."""
    usd = abs(usd_per_hour)
    if usd < CENTS_BELOW:
        return f"${usd:.2f}/h"
    return f"${usd:,.0f}/h" if usd >= WHOLE_FROM else f"${usd:.1f}/h"


def dollars(usd: float) -> str:
    return f"${usd:.2f}" if usd < 10 else f"${usd:,.0f}"  # noqa: PLR2004 - cents matter below it


def counted(value: float, noun: str) -> str:
    """Write how many: `1 GPU`, `6 GPUs`, `0.5 GPUs`."""
    text = f"{value:,.1f}".removesuffix(".0")
    if text == "1":
        return f"1 {noun}"
    return f"{text} {noun[:-1]}ies" if noun.endswith("y") else f"{text} {noun}s"


def clock(at: datetime, now: datetime) -> str:
    """Write a time (UTC): `10:42Z`, another day's `2 Mar 10:42Z`."""
    time = f"{at:%H:%M}Z"
    return time if at.date() == now.date() else f"{at.day} {at:%b} {time}"


def span(length: timedelta) -> str:
    """Write a length of time: `40s`, `14m`, `2h05m`, `3d04h`."""
    seconds = max(0, int(length.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    if not minutes:
        return f"{seconds}s"
    if not hours:
        return f"{minutes}m"
    return f"{hours}h{minutes % 60:02}m" if not days else f"{days}d{hours % 24:02}h"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Write names in a row: `a, b, c and 4 more`."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
