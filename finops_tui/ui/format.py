# ruff: noqa: PLR2004  the numbers are where one form ends and the next begins
"""Figures as people read them: one form per kind, never wider than its cells.

Pure functions from numbers to text. None, NaN and infinity are `–`: not known. Signs are the Unicode ones; the widgets
fold them where the terminal needs ASCII. The `*_CELLS` constants are the widths of table columns.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from finops_tui.ui.glyphs import ESTIMATED, MINUS, MISSING, TIMES

RATE_CELLS = 7
DELTA_CELLS = 8
DOLLARS_CELLS = 6
PERCENT_CELLS = 4
DURATION_CELLS = 5
TIME_CELLS = 9
SHORT_TIME_CELLS = 6
COUNT_CELLS = 5
OBJECTIVE_CELLS = 6
BURN_RATE_CELLS = 5
POWER_CELLS = 6
UNIT_PRICE_CELLS = 8

MINUTE, HOUR, DAY = 60, 3_600, 86_400
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SUFFIXES = "kMBT"


def known(value: float | None) -> bool:
    """Tell whether there is a number to show."""
    return value is not None and math.isfinite(value)


def rate_cell(value: float | None) -> str:
    """Write dollars per hour in a table, 7 cells: `412.0`, from 10,000 `12.3k`."""
    if value is None or not math.isfinite(value):
        return MISSING
    return _sign(value, _fixed(abs(value)))


def delta_cell(value: float | None) -> str:
    """Write a difference in dollars per hour, 8 cells, always signed but for zero: `+374.0`, `−57.7`."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = _fixed(abs(value))
    return f"+{text}" if value > 0 and text != "0.0" else _sign(value, text)


def rate(value: float | None) -> str:
    """Write dollars per hour in prose: `$412.0/h`, from 1,000 `$1,284/h`, below 1 `$0.42/h`."""
    if value is None or not math.isfinite(value):
        return MISSING
    return _sign(value, f"${_rate_number(abs(value))}/h")


def rate_bare(value: float | None) -> str:
    """Write dollars per hour where the words around it say so: `normal $812`, `$38.0`; whole dollars from 100."""
    if value is None or not math.isfinite(value):
        return MISSING
    size = abs(value)
    return _sign(value, f"${size:,.0f}" if 99.95 <= size < 1e6 else f"${_rate_number(size)}")


def signed_rate(value: float | None) -> str:
    """Write a difference in prose: `+$374.0/h`, `−$57.7/h`."""
    text = rate(value)
    return f"+{text}" if value is not None and text[0] == "$" and value > 0 else text


def estimated(text: str) -> str:
    """Mark a figure as not billed yet: `≈$1,284/h`."""
    return text if text == MISSING else f"{ESTIMATED}{text}"


def dollars(value: float | None) -> str:
    """Write dollars in three figures, 6 cells: `$320`, `$18.2k`, `$1.24M`; one figure less behind a minus."""
    if value is None or not math.isfinite(value):
        return MISSING
    size = abs(value)
    if size < 0.005:
        return "$0"
    text = _sign(value, f"${_figures(size, 3)}")
    return text if len(text) <= DOLLARS_CELLS else _sign(value, f"${_figures(size, 2)}")


def percent(ratio: float | None) -> str:
    """Write a ratio in prose as a whole percentage, from 1,000 % as a multiple: `58%`, `10.8×`."""
    if ratio is None or not math.isfinite(ratio):
        return MISSING
    size = abs(ratio)
    return _sign(ratio, f"{size * 100:.0f}%" if size < 9.995 else _multiple(size))


def signed_percent(ratio: float | None) -> str:
    """Write a deviation: `+58%`, `−1%`, `0%`."""
    text = percent(ratio)
    return f"+{text}" if ratio is not None and ratio > 0 and text not in (MISSING, "0%") else text


def percent_cell(ratio: float | None) -> str:
    """Write a ratio in a table, 4 cells: `58%`; a multiple has no decimal here, and what is more says so: `>99×`."""
    if ratio is None or not math.isfinite(ratio):
        return MISSING
    text = percent(ratio)
    if len(text) <= PERCENT_CELLS:
        return text
    whole = _sign(ratio, f"{abs(ratio):.0f}{TIMES}")
    if len(whole) <= PERCENT_CELLS:
        return whole
    return f">99{TIMES}" if ratio > 0 else f"<{MINUS}9{TIMES}"


def duration(seconds: float | None) -> str:
    """Write a length of time or an age, 5 cells, two units at most: `4s`, `14m`, `2h05m`, `19h`, `3d04h`, `84d`.

    Rounded down; from ten hours and from ten days only the larger unit is left. Less than nothing is `0s`: clocks
    differ.
    """
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    whole = max(0, int(seconds))
    days, hours, minutes = whole // DAY, whole // HOUR, whole // MINUTE
    if days >= 10:
        return f"{days}d" if days <= 9_999 else ">999d"
    if days:
        return f"{days}d{hours % 24:02}h"
    if hours >= 10:
        return f"{hours}h"
    if hours:
        return f"{hours}h{minutes % 60:02}m"
    return f"{minutes}m" if minutes else f"{whole}s"


def clock_time(at: datetime | None) -> str:
    """Write a moment, 9 cells: `14:02:31Z`. `at` is in UTC, as all moments here are."""
    return MISSING if at is None else f"{at.hour:02}:{at.minute:02}:{at.second:02}Z"


def short_time(at: datetime | None, now: datetime | None = None) -> str:
    """Write a moment in a sentence: `13:47Z`, on another day than `now` `Thu 13:47Z`, in other weeks `3 Nov 13:47Z`."""
    if at is None:
        return MISSING
    clock = f"{at.hour:02}:{at.minute:02}Z"
    if now is None or at.date() == now.date():
        return clock
    if abs(now.date() - at.date()) < timedelta(days=7):
        return f"{_WEEKDAYS[at.weekday()]} {clock}"
    return f"{at.day} {_MONTHS[at.month - 1]} {clock}"


_RFC_3339 = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
_MINUS = re.compile(r"\$-(?=\d)")


def prose(text: str, now: datetime) -> str:
    """Write a sentence from outside as all others are: moments in RFC 3339 as `short_time`, `$-5` as `−$5`."""

    def told(found: re.Match[str]) -> str:
        try:
            return short_time(datetime.fromisoformat(found[0]).astimezone(UTC), now)
        except ValueError:
            return found[0]

    return _MINUS.sub(f"{MINUS}$", _RFC_3339.sub(told, text))


def time_cell(at: datetime | None, now: datetime) -> str:
    """Write a moment in a table, 9 cells: `14:02:31Z`, `Thu 13:47`, `3 Nov`."""
    if at is None or at.date() == now.date():
        return clock_time(at)
    if abs(now.date() - at.date()) < timedelta(days=7):
        return f"{_WEEKDAYS[at.weekday()]} {at.hour:02}:{at.minute:02}"
    return f"{at.day} {_MONTHS[at.month - 1]}"


def count(value: float | None) -> str:
    """Write a number of things, 5 cells: `72`, `9,999`, `12.3k`; shares of a GPU keep one decimal: `0.5`."""
    if value is None or not math.isfinite(value):
        return MISSING
    size = abs(value)
    if size < 9_999.5:
        text = f"{size:.1f}" if size < 100 and round(size, 1) != round(size) else f"{size:,.0f}"
        signed = _sign(value, text)
        if len(signed) <= COUNT_CELLS:
            return signed
    return _sign(value, _figures(size, 3 if value >= 0 else 2))


def objective(ratio: float | None) -> str:
    """Write the target of an SLO in its own precision, 6 cells: `99.95%`; five nines leave no cell for the sign."""
    if ratio is None or not math.isfinite(ratio):
        return MISSING
    number = f"{ratio * 100:.3f}".rstrip("0")
    number = f"{number}0" if number.endswith(".") else number
    text = f"{number}%"
    return text if len(text) <= OBJECTIVE_CELLS else number[:OBJECTIVE_CELLS]


def burn_rate(value: float | None) -> str:
    """Write how many times faster than allowed an error budget goes, 5 cells: `7.2×`, top `>99×`."""
    if value is None or math.isnan(value):
        return MISSING
    if value > 99.0:
        return f">99{TIMES}"
    return f"{max(0.0, value):.1f}{TIMES}"


def power(watts: float | None) -> str:
    """Write electric power, 6 cells: `412W`, `12.3kW`."""
    if watts is None or not math.isfinite(watts):
        return MISSING
    size = max(0.0, watts)
    return f"{size:.0f}W" if size < 999.5 else f"{_figures(size, 3)}W"


def unit_price(value: float | None) -> str:
    """Write dollars for so many units, which may be very small, in three figures, 8 cells: `0.0123`, `1.81`, `164`."""
    if value is None or not math.isfinite(value):
        return MISSING
    size = max(0.0, value)
    if size == 0:
        return "0.0"
    if size >= 0.9995:
        return _figures(size, 3)
    return f"{size:.{min(6, 2 - math.floor(math.log10(size)))}f}" if size >= 1e-6 else "<.000001"


def _sign(value: float, text: str) -> str:
    """Put a minus before the text of a negative number, unless all its digits are zero."""
    return f"{MINUS}{text}" if value < 0 and any(digit in text for digit in "123456789") else text


def _fixed(size: float) -> str:
    """One decimal below 10,000, then thousands and so on with one decimal."""
    if size < 9_999.95:
        return f"{size:.1f}"
    for power_of_ten, suffix in zip((1e3, 1e6, 1e9, 1e12), _SUFFIXES, strict=True):
        if size / power_of_ten < 999.95:
            return f"{size / power_of_ten:.1f}{suffix}"
    return ">999T"


def _rate_number(size: float) -> str:
    if size == 0:
        return "0.0"
    if size < 0.995:
        return f"{size:.2f}"
    if size < 999.95:
        return f"{size:.1f}"
    return f"{size:,.0f}" if size < 999_999.5 else _figures(size, 3)


def _figures(size: float, digits: int) -> str:
    """Write a number in so many figures, with a suffix for the power of a thousand."""
    suffix = ""
    for larger in _SUFFIXES:
        if size < 999.5:
            break
        size, suffix = size / 1_000, larger
    size = min(size, 999.0)
    text = ""
    for decimals in range(digits - 1, -1, -1):
        text = f"{size:.{decimals}f}"
        if len(text.replace(".", "")) <= digits:
            break
    return text + suffix


def _multiple(size: float) -> str:
    return f"{size:.1f}{TIMES}" if size < 999.95 else f">999{TIMES}"
