# ruff: noqa: PLR2004  the numbers are where one form ends and the next begins
"""Figures as people read them: one form per kind, never wider than its cells.

Pure functions from numbers to text. None, NaN and infinity are `–`: not known. Signs are the Unicode ones; the widgets
fold them where the terminal needs ASCII. The `*_CELLS` constants are the widths of table columns. What stands in
sentences too is written by `finops_tui.phrases`.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

from finops_tui import phrases
from finops_tui.phrases import LARGER, MONTHS, WEEK, WEEKDAYS, figures, rate_number, signed
from finops_tui.ui.glyphs import MINUS, MISSING, TIMES

RATE_CELLS = 7
DELTA_CELLS = 8
DOLLARS_CELLS = 6
PERCENT_CELLS = 4
DURATION_CELLS = 5
TIME_CELLS = 9
COUNT_CELLS = 5
OBJECTIVE_CELLS = 6
BURN_RATE_CELLS = 5
POWER_CELLS = 6
UNIT_PRICE_CELLS = 8


def known(value: float | None) -> bool:
    """Tell whether there is a number to show."""
    return value is not None and math.isfinite(value)


def rate_cell(value: float | None) -> str:
    """Write dollars per hour in a table, 7 cells: `412.0`, from 10,000 `12.3k`."""
    if value is None or not math.isfinite(value):
        return MISSING
    return signed(value, _fixed(abs(value)))


def delta_cell(value: float | None) -> str:
    """Write a difference in dollars per hour, 8 cells, always signed but for zero: `+374.0`, `−57.7`."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = _fixed(abs(value))
    return f"+{text}" if value > 0 and text != "0.0" else signed(value, text)


def rate(value: float | None) -> str:
    """Write dollars per hour in prose: `$412.0/h`, from 1,000 `$1,284/h`, below 1 `$0.42/h`."""
    return MISSING if value is None else phrases.rate(value)


def rate_bare(value: float | None) -> str:
    """Write dollars per hour where the words around it say so: `normal $812`, `$38.0`; whole dollars from 100."""
    if value is None or not math.isfinite(value):
        return MISSING
    size = abs(value)
    return signed(value, f"${size:,.0f}" if 99.95 <= size < 1e6 else f"${rate_number(size)}")


def signed_rate(value: float | None) -> str:
    """Write a difference in prose: `+$374.0/h`, `−$57.7/h`."""
    return MISSING if value is None else phrases.signed_rate(value)


def dollars(value: float | None) -> str:
    """Write dollars in three figures, 6 cells: `$320`, `$18.2k`, `$1.24M`; one figure less behind a minus."""
    return MISSING if value is None else phrases.dollars(value)


def percent(ratio: float | None) -> str:
    """Write a ratio in prose as a whole percentage, from 1,000 % as a multiple: `58%`, `10.8×`."""
    return MISSING if ratio is None else phrases.percent(ratio)


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
    whole = signed(ratio, f"{abs(ratio):.0f}{TIMES}")
    if len(whole) <= PERCENT_CELLS:
        return whole
    return f">99{TIMES}" if ratio > 0 else f"<{MINUS}9{TIMES}"


def duration(seconds: float | None) -> str:
    """Write a length of time or an age, 5 cells, two units at most: `4s`, `14m`, `2h05m`, `19h`, `3d04h`, `84d`."""
    return MISSING if seconds is None else phrases.duration(seconds)


def clock_time(at: datetime | None) -> str:
    """Write a moment, 9 cells: `14:02:31Z`. `at` is in UTC, as all moments here are."""
    return MISSING if at is None else f"{at.hour:02}:{at.minute:02}:{at.second:02}Z"


def short_time(at: datetime | None, now: datetime | None = None) -> str:
    """Write a moment in a sentence: `13:47Z`, on another day than `now` `Thu 13:47Z`, in other weeks `3 Nov 13:47Z`."""
    return MISSING if at is None else phrases.clock(at, now)


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
    if abs(now.date() - at.date()) < WEEK:
        return f"{WEEKDAYS[at.weekday()]} {at.hour:02}:{at.minute:02}"
    return f"{at.day} {MONTHS[at.month - 1]}"


def count(value: float | None) -> str:
    """Write a number of things, 5 cells: `72`, `9,999`, `12.3k`; shares of a GPU keep one decimal: `0.5`."""
    if value is None or not math.isfinite(value):
        return MISSING
    size = abs(value)
    if size < 9_999.5:
        text = f"{size:.1f}" if size < 100 and round(size, 1) != round(size) else f"{size:,.0f}"
        whole = signed(value, text)
        if len(whole) <= COUNT_CELLS:
            return whole
    return signed(value, figures(size, 3 if value >= 0 else 2))


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
    return MISSING if value is None else phrases.burn_rate(value)


def power(watts: float | None) -> str:
    """Write electric power, 6 cells: `412W`, `12.3kW`."""
    if watts is None or not math.isfinite(watts):
        return MISSING
    size = max(0.0, watts)
    return f"{size:.0f}W" if size < 999.5 else f"{figures(size, 3)}W"


def unit_price(value: float | None) -> str:
    """Write dollars for so many units, which may be very small, in three figures, 8 cells: `0.0123`, `1.81`, `164`."""
    if value is None or not math.isfinite(value):
        return MISSING
    size = max(0.0, value)
    if size == 0:
        return "0.0"
    if size >= 0.9995:
        return figures(size, 3)
    return f"{size:.{min(6, 2 - math.floor(math.log10(size)))}f}" if size >= 1e-6 else "<.000001"


def _fixed(size: float) -> str:
    """One decimal below 10,000, then thousands and so on with one decimal."""
    if size < 9_999.95:
        return f"{size:.1f}"
    for power_of_ten, suffix in zip((1e3, 1e6, 1e9, 1e12), LARGER, strict=True):
        if size / power_of_ten < 999.95:
            return f"{size / power_of_ten:.1f}{suffix}"
    return ">999T"
