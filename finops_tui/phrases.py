"""Figures in sentences: `$412.0/h`, `$18.2k`, `6 GPUs`, `Thu 10:42Z`, `2h05m`; the same on a screen and in a chat.

Pure functions from numbers to text. NaN and infinity are `–`: not known. The minus is the Unicode one and stands before
the dollar. What has a width in cells is written by `ui.format`, fixed decimals under a head by `output.figures`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import isfinite, isnan

MISSING, MINUS, TIMES, ESTIMATED = "–", "−", "×", "≈"
COUNTABLE = 1e12
"""No number of things comes near it: what does is not known."""
MINUTE, HOUR, DAY = 60, 3_600, 86_400
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""In English whatever the locale is, unlike `%a` and `%b`."""
WEEK = timedelta(days=7)
LARGER = "kMBT"
_CENTS_BELOW, _WHOLE_FROM, _SHORT_FROM = 0.995, 999.95, 999_999.5
"""$/h that would be written as 1, 1,000 and 1,000,000: where one form ends and the next begins."""
_NOTHING = 0.005
_WIDEST = 6
"""Characters of a sum."""
_FASTEST = 99.0
_MULTIPLE_FROM, _FAR = 9.995, 999.95
_HOURS_ALONE, _DAYS_ALONE, _MOST_DAYS = 10, 10, 9_999
_HISSING = ("s", "x", "z", "ch", "sh")


def rate(usd_per_hour: float) -> str:
    """Write $/h: `$412.0/h`, below 1 `$0.42/h`, from 1,000 `$1,284/h`, from a million `$1.24M/h`; `−$57.7/h`."""
    if not isfinite(usd_per_hour):
        return MISSING
    return signed(usd_per_hour, f"${rate_number(abs(usd_per_hour))}/h")


def signed_rate(usd_per_hour: float) -> str:
    """Write a difference in $/h: `+$374.0/h`, `−$57.7/h`, `$0.0/h`."""
    text = rate(usd_per_hour)
    return f"+{text}" if usd_per_hour > 0 and text[0] == "$" else text


def dollars(usd: float) -> str:
    """Write a sum in three figures: `$2.40`, `$87.3`, `$320`, `$18.2k`, `$1.24M`; one less behind a minus: `−$1.2M`."""
    if not isfinite(usd):
        return MISSING
    size = abs(usd)
    if size < _NOTHING:
        return "$0"
    text = signed(usd, f"${figures(size, 3)}")
    return text if len(text) <= _WIDEST else signed(usd, f"${figures(size, 2)}")


def estimated(text: str) -> str:
    """Mark a figure as not billed yet: `≈$1,284/h`."""
    return text if text == MISSING else f"{ESTIMATED}{text}"


def percent(ratio: float) -> str:
    """Write a ratio as a whole percentage, from 1,000 % as a multiple: `58%`, `10.8×`."""
    if not isfinite(ratio):
        return MISSING
    size = abs(ratio)
    if size < _MULTIPLE_FROM:
        return signed(ratio, f"{size * 100:.0f}%")
    return signed(ratio, f"{size:.1f}{TIMES}" if size < _FAR else f">999{TIMES}")


def burn_rate(value: float) -> str:
    """Write how many times faster than allowed an error budget goes: `7.2×`, above 99 `>99×`."""
    if isnan(value):
        return MISSING
    return f">99{TIMES}" if value > _FASTEST else f"{max(0.0, value):.1f}{TIMES}"


def number(value: float) -> str:
    """Write a quantity, with one decimal where it needs one: `6`, `0.5`, `1,284`, `−3`."""
    return signed(value, f"{abs(value):,.1f}".removesuffix(".0")) if abs(value) < COUNTABLE else MISSING


def counted(value: float, noun: str) -> str:
    """Write how many, of a noun in the singular: `1 GPU`, `0.5 GPUs`, `1,284 nodes`, `2 retries`, `3 days`."""
    text = number(value)
    return f"{text} {noun if text == '1' else plural(noun)}"


def plural(noun: str) -> str:
    """Write a noun for several: `nodes`, `retries`, `days`, `batches`."""
    if noun.endswith("y") and not noun.endswith(("ay", "ey", "oy", "uy")):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(_HISSING) else f"{noun}s"


def clock(at: datetime, now: datetime | None = None) -> str:
    """Write a moment, both in UTC: `10:42Z`, on another day than `now` `Thu 10:42Z`, in other weeks `2 Mar 10:42Z`."""
    time = f"{at.hour:02}:{at.minute:02}Z"
    if now is None or at.date() == now.date():
        return time
    if abs(now.date() - at.date()) < WEEK:
        return f"{WEEKDAYS[at.weekday()]} {time}"
    return f"{at.day} {MONTHS[at.month - 1]} {time}"


def span(length: timedelta) -> str:
    """Write a length of time as `duration` does."""
    return duration(length.total_seconds())


def duration(seconds: float) -> str:
    """Write seconds in two units at most: `40s`, `14m`, `2h05m`, `19h`, `3d04h`, `84d`.

    Rounded down; from ten hours and from ten days only the larger unit is left. Less than nothing is `0s`: clocks
    differ.
    """
    if not isfinite(seconds):
        return MISSING
    whole = max(0, int(seconds))
    days, hours, minutes = whole // DAY, whole // HOUR, whole // MINUTE
    if days >= _DAYS_ALONE:
        return f"{days}d" if days <= _MOST_DAYS else ">999d"
    if days:
        return f"{days}d{hours % 24:02}h"
    if hours >= _HOURS_ALONE:
        return f"{hours}h"
    if hours:
        return f"{hours}h{minutes % 60:02}m"
    return f"{minutes}m" if minutes else f"{whole}s"


def lasting(level_since: datetime, since: datetime, now: datetime) -> str:
    """Write for how long something has been so much, and so at all: `for 30m`, `for 30m, some for 12h`."""
    level, whole = span(now - level_since), span(now - since)
    return f"for {level}" if level == whole else f"for {level}, some for {whole}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Write names in a row: `a, b, c and 4 more`."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def sentence(text: str) -> str:
    """Begin with a capital, unless the first word is a name (`gke-auth must be there`), and end with a full stop."""
    words = text.strip()
    if not words:
        return ""
    begin = words[0].upper() if words.split(maxsplit=1)[0].rstrip(",;:").isalpha() else words[0]
    return f"{begin}{words[1:]}{'' if words.endswith(('.', '?', '!', '…')) else '.'}"


def signed(value: float, text: str) -> str:
    """Put a minus before the text of a negative number, unless all its digits are zero."""
    return f"{MINUS}{text}" if value < 0 and any(digit in text for digit in "123456789") else text


def rate_number(size: float) -> str:
    """Write the digits of a rate that is not negative: `0.42`, `412.0`, `1,284`, `1.24M`."""
    if size == 0:
        return "0.0"
    if size < _CENTS_BELOW:
        return f"{size:.2f}"
    if size < _WHOLE_FROM:
        return f"{size:.1f}"
    return f"{size:,.0f}" if size < _SHORT_FROM else figures(size, 3)


def figures(size: float, digits: int) -> str:
    """Write a number that is not negative in so many figures, the power of a thousand behind it: `8.73`, `18.2k`."""
    suffix = ""
    for larger in LARGER:
        if size < 999.5:  # noqa: PLR2004 - would be written as 1,000
            break
        size, suffix = size / 1_000, larger
    size = min(size, 999.0)
    text = ""
    for decimals in range(digits - 1, -1, -1):
        text = f"{size:.{decimals}f}"
        if len(text.replace(".", "")) <= digits:
            break
    return text + suffix
