"""The month, and the estimate against the bill, in words; amounts of any currency. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from finops_tui import phrases
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import BILLED, ESTIMATED, MINUS, MISSING, SEPARATOR
from finops_tui.ui.panes.facts import Fact
from finops_tui.ui.text import clean, cut_end

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.billing import BillCheck, MonthRow, Outlook

USD = "USD"
AMOUNT_CELLS = 10
"""`$18.2k`; with another currency behind it `18.2k EUR`."""
UNIT_CELLS = 3
TOO_FAR = 9.99
"""Ratio from which a deviation is only said to be more."""
SOON = "The month is worked out next."
APART = f" {SEPARATOR} "


def amount(value: float | None, unit: str = USD) -> str:
    """Write an amount in three figures, 10 cells; what is not US dollars says what it is: `8.1k EUR`, `64%`."""
    dollars = fmt.dollars(value)
    if unit == USD or dollars == MISSING:
        return dollars
    bare = dollars.replace("$", "")
    return f"{bare}%" if unit == "PERCENTAGE" else f"{bare} {cut_end(clean(unit), UNIT_CELLS, '')}"


def exactly(value: float | None, unit: str = USD) -> str:
    """Write an amount with its cents, for the details of a row."""
    return MISSING if value is None else f"{MINUS if value < 0 else ''}{abs(value):,.2f} {clean(unit)}"


def signed_tenths(ratio: float | None) -> str:
    """Write a small deviation with one decimal, 7 cells: `+3.1%`."""
    if ratio is None:
        return MISSING
    size = abs(ratio)
    text = f"{size * 100:.1f}%" if size < TOO_FAR else f">{TOO_FAR * 100:.0f}%"
    return text if text == "0.0%" else f"{MINUS if ratio < 0 else '+'}{text}"


def month_facts(month: MonthRow | None, now: datetime, check: BillCheck | None = None) -> Iterator[Fact]:
    """Yield how the month stands, how it is expected to end, and what came before it.

    What is estimated of it is corrected by the check against bills, unlike the sum of today on the money line.
    """
    if month is None:
        yield Fact("To date", MISSING, SOON)
        return
    seen = month.outlook
    corrected = check is not None and check.corrected_usd is not None
    yield _to_date(seen, now, ", corrected" if corrected else "")
    yield _end(seen)
    if month.limit_usd is not None:
        yield _budget(month, month.limit_usd)
    yield Fact(
        "Last 7 days",
        _estimated(month.week_usd),
        f"{signed_tenths(month.week_change)} over the 7 days before"
        if month.week_change is not None
        else month.week_missing,
    )
    since = (
        f"{_estimated(month.last_month_so_far_usd)} in as many days, {signed_tenths(month.month_change)} since"
        if month.month_change is not None
        else month.last_month_missing
    )
    yield Fact("Last month", _estimated(month.last_month_usd), since)
    for other in month.others:
        yield Fact("Apart", f"{BILLED}{amount(other.billed, other.currency)}", "billed this month, in no sum above")


def _estimated(usd: float | None) -> str:
    return phrases.estimated(fmt.dollars(usd))


def _to_date(seen: Outlook, now: datetime, corrected: str) -> Fact:
    if seen.usd is None:
        return Fact("To date", MISSING, seen.missing)
    if seen.billed_through is None:
        return Fact("To date", _estimated(seen.usd), "estimated; nothing of it is billed")
    parts = [f"{BILLED}{fmt.dollars(seen.billed_usd)} billed up to {fmt.short_time(seen.billed_through, now)}"]
    if seen.estimated_usd:
        parts.append(f"{_estimated(seen.estimated_usd)} estimated since{corrected}")
    if seen.carried_usd:
        parts.append(f"{_estimated(seen.carried_usd)} not estimated")
    sign = ESTIMATED if len(parts) > 1 else BILLED
    return Fact("To date", f"{sign}{fmt.dollars(seen.usd)}", APART.join(parts))


def _end(seen: Outlook) -> Fact:
    if seen.expected_usd is None:
        return Fact("Month-end", MISSING, seen.missing)
    parts = []
    if seen.low_usd is not None and seen.high_usd is not None:
        parts.append(f"{fmt.dollars(seen.low_usd)} to {fmt.dollars(seen.high_usd)} eight times of ten")
    if seen.straight_usd is not None:
        parts.append(f"straight on {_estimated(seen.straight_usd)}")
    return Fact("Month-end", _estimated(seen.expected_usd), APART.join(parts), "text bold")


def _budget(month: MonthRow, limit: float) -> Fact:
    used = month.outlook.usd / limit if month.outlook.usd is not None and limit else None
    parts = [f"{fmt.percent(used)} used", f"{fmt.percent(month.expected_ratio)} expected at the end"]
    over = (month.expected_ratio or 0.0) > 1
    return Fact("Budget", fmt.dollars(limit), APART.join(parts), "ticket" if over else "")


def check_facts(check: BillCheck) -> Iterator[Fact]:
    """Yield what stands apart from the comparison, over the same days."""
    if check.missing:
        return
    yield Fact(
        "Corrected",
        _estimated(check.corrected_usd),
        f"of {BILLED}{fmt.dollars(check.billed_usd)} billed; the days' ratios scatter by {fmt.percent(check.spread)}",
    )
    apart = (
        (check.credits_usd, "credits"),
        (check.taxes_usd, "tax"),
        (check.amortised_usd, "commitments"),
        (check.unestimated_usd, "not estimated"),
    )
    told = APART.join(f"{BILLED}{fmt.dollars(usd)} {what}" for usd, what in apart if usd is not None)
    if told:
        yield Fact("Apart", told, "in no difference")
