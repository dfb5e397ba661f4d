"""Words of the command line that mean a value. Loaded on every start: imports nothing that takes time."""

from __future__ import annotations

import argparse
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

AS_FAST_AS_POSSIBLE = float("inf")
TOP = 20
"""Rows of a drill-down."""
DAY_SECONDS = 86_400.0
SINCE_SECONDS = 7 * DAY_SECONDS
"""How far back bills are counted unless it is said."""
LONGEST_SECONDS = 36_525 * DAY_SECONDS
"""A century: further off, dates end."""


def duration(text: str) -> float:
    """Return the seconds in `90`, `90s`, `30m`, `1h30m` or `2d`."""
    pattern = r"(\d+(?:\.\d+)?)s?|(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?"
    parts = re.fullmatch(pattern, text)
    if not text or parts is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration; write it as 90s, 30m, 1h30m or 2d")
    units = (1, DAY_SECONDS, 3_600, 60, 1)
    told = sum(float(number) * seconds for number, seconds in zip(parts.groups(), units, strict=True) if number)
    if told > LONGEST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is too long; write at most 36525d")
    return told


def span(text: str) -> float:
    """Return the seconds in `7d` or `48h`. A bare number is refused: of a bill nobody means seconds."""
    if text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} has no unit; write it as {text}d or {text}h")
    return duration(text)


def moment(text: str) -> datetime:
    """Return the time in `2026-03-10T14:00Z`, `2026-03-10 15:00+01:00` or `2026-03-10`; UTC without an offset."""
    from datetime import UTC, datetime

    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write it as 2026-03-10T14:00Z") from None
    if not 2000 <= at.year < 2100:  # noqa: PLR2004 - a slip of the pen, and near the ends of time dates overflow
        raise argparse.ArgumentTypeError(f"{text!r} is out of range; write a time in the years 2000 to 2099")
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def count(text: str) -> int:
    """Return a whole number from 1 on."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 1_000_000):  # noqa: PLR2004 - nobody has more
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of machines; write one such as 4")
    return int(text)


def top(text: str) -> int:
    """Return how many rows are wanted."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 1_000):  # noqa: PLR2004 - nobody reads more
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of rows; write one from 1 to 1000")
    return int(text)


def hours(text: str) -> float:
    """Return so many hours, `100` or `0.5`; refuses zero, NaN and infinity."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= 1_000_000:  # noqa: PLR2004 - a century
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of hours; write one such as 100")
    return number


def speed(text: str) -> float:
    """Return a factor on real time, `60` or `60x`; `AS_FAST_AS_POSSIBLE` for `max`."""
    if text == "max":
        return AS_FAST_AS_POSSIBLE
    try:
        factor = float(text.rstrip("x×"))
    except ValueError:
        factor = 0.0
    if not 0 < factor <= 100_000:  # noqa: PLR2004 - beyond it nothing can be read; refuses NaN and infinity too
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed; write a factor such as 60, or max")
    return factor


def address(text: str) -> tuple[str, int]:
    """Return host and port of `127.0.0.1:9400`, `[::1]:9400` or `:9400` (loopback)."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and int(port) <= 65_535):  # noqa: PLR2004 - the highest port there is
        raise argparse.ArgumentTypeError(f"{text!r} is not an address; write it as 127.0.0.1:9400")
    return host.strip("[]") or "127.0.0.1", int(port)
