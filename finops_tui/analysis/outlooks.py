"""How a month and budgets stand, and how they will end."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from math import fsum

from finops_tui.analysis.forecast import Coming, coming
from finops_tui.analysis.known_days import KnownDays
from finops_tui.model.billing import BudgetRow, MonthRow, Outlook, Period

DAY_SECONDS = 86_400.0
WEEK = 7
MOST_GAPS = 1 / 3
"""Share of the days that are over (0-1) that may be missing for an end to be foretold."""
UNEVEN = 0.05
"""Share of a day's cost (0-1) by which noon may lie off the half of it on a usual day: hours do not cost the same."""


def span(period: Period, today: date) -> tuple[date, date]:
    """Return the first and last day of the period that `today` is in."""
    if period is Period.DAY:
        return today, today
    if period is Period.WEEK:
        first = today - timedelta(days=today.weekday())
        return first, first + timedelta(days=WEEK - 1)
    return today.replace(day=1), today.replace(day=monthrange(today.year, today.month)[1])


def elapsed(now: datetime) -> float:
    """Return the share of today (UTC, 0-1) that is over."""
    now = now.astimezone(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return (now - midnight).total_seconds() / DAY_SECONDS


def ahead(known: KnownDays, last: date, today: date) -> Coming | None:
    """Return what today and the days up to `last` will cost by what the days before today did."""
    return coming(known.usd, today - timedelta(days=1), (last - today).days + 1)


def outlook(known: KnownDays, first: date, last: date, now: datetime, to_come: Coming | None) -> Outlook:
    """Return how [first, last] stands; `to_come` is `ahead` of the same days."""
    now = now.astimezone(UTC)
    today, over = now.date(), elapsed(now)
    parts = [known.days[day] for day in known.days if first <= day < today]
    gaps = (today - first).days - len(parts)
    whole = fsum(part.usd for part in parts)
    so_far = known.today
    missing = ""
    if gaps:
        missing = f"{gaps} of its {(today - first).days} days so far are neither billed nor were watched."
    elif so_far is None:
        missing = "Today is not watched." if known.days else "Nothing is known of these days."
    mean = whole / len(parts) if parts else None
    end = None
    if to_come is not None and gaps <= MOST_GAPS * (today - first).days:
        shift = _ahead_of(so_far.usd, to_come.each[0], over) if so_far is not None else 0.0
        base = whole + gaps * (mean or 0.0) + shift
        end = (base + to_come.expected, base + to_come.low, base + to_come.high)
    elif not missing:
        missing = "No day before today is known."
    today_part = [so_far] if so_far is not None else []
    return Outlook(
        first=first,
        last=last,
        billed_usd=fsum(part.billed for part in parts),
        billed_through=_midnight(max(known.billed_through, first)) if known.billed_through is not None else None,
        estimated_usd=fsum(part.estimated for part in (*parts, *today_part)),
        carried_usd=fsum(part.carried for part in (*parts, *today_part)),
        usd=whole + so_far.usd if so_far is not None and not gaps else None,
        gaps=gaps,
        daily_usd=mean,
        expected_usd=end[0] if end else None,
        low_usd=end[1] if end else None,
        high_usd=end[2] if end else None,
        straight_usd=mean * ((last - first).days + 1) if mean is not None else None,
        days_left=(last - today).days + 1,
        missing=missing,
    )


def _ahead_of(spent: float, expected: float, over: float) -> float:
    """Return by how much today has cost more than expected by now; 0 as long as that may be its usual course."""
    more = spent - over * expected
    return 0.0 if abs(more) <= UNEVEN * 4 * over * (1 - over) * expected else more


def month_row(known: KnownDays, seen: Outlook, limit: float | None, now: datetime) -> MonthRow:
    """Return the month beside the last one, and the last week beside the one before."""
    today, usd = now.astimezone(UTC).date(), known.usd
    yesterday = today - timedelta(days=1)
    week = _sum(usd, today - timedelta(days=WEEK), yesterday)
    week_before = _sum(usd, today - timedelta(days=2 * WEEK), today - timedelta(days=WEEK + 1))
    last_end = seen.first - timedelta(days=1)
    last_first = last_end.replace(day=1)
    same = min(last_first + (yesterday - seen.first), last_end)
    so_far = _sum(usd, seen.first, yesterday) if yesterday >= seen.first else None
    last_so_far = _sum(usd, last_first, same) if yesterday >= seen.first else None
    last = _sum(usd, last_first, last_end)
    reach = min(usd, default=None)
    back = f"What is known reaches back to {reach}." if reach is not None else "No day is known."
    return MonthRow(
        outlook=seen,
        limit_usd=limit,
        expected_ratio=seen.expected_usd / limit if limit and seen.expected_usd is not None else None,
        week_usd=week,
        week_before_usd=week_before,
        week_change=_change(week, week_before),
        last_month_usd=last,
        last_month_so_far_usd=last_so_far,
        month_change=_change(so_far, last_so_far),
        week_missing="" if week is not None and week_before is not None else back,
        last_month_missing="" if last is not None else back,
    )


def budget_row(
    *, name: str, kind: str, scope: str, period: Period, limit: float, thresholds: tuple[float, ...],
    known: KnownDays, seen: Outlook, to_come: Coming | None, now: datetime,
) -> BudgetRow:  # fmt: skip
    """Hold an outlook against a limit (US dollars, above zero)."""
    spent = seen.usd
    used = spent / limit if spent is not None else None
    over = elapsed(now)
    length = (seen.last - seen.first).days + 1
    left = seen.days_left - over
    return BudgetRow(
        key=name,
        name=name,
        kind=kind,
        scope=scope,
        period=period,
        limit_usd=limit,
        outlook=seen,
        used=used,
        prorated=(length - left) / length,
        daily_allowance_usd=max(0.0, limit - spent) / left if spent is not None and left > 0 else None,
        expected=seen.expected_usd / limit if seen.expected_usd is not None else None,
        reached=max((each for each in thresholds if used is not None and used >= each), default=None),
        breach_on=_breach(known, seen, to_come, limit, now),
        at=now,
        missing=seen.missing,
    )


def _breach(known: KnownDays, seen: Outlook, to_come: Coming | None, limit: float, now: datetime) -> date | None:
    today = now.astimezone(UTC).date()
    if seen.usd is None:
        return None
    total = 0.0
    for day in sorted(day for day in known.days if seen.first <= day < today):
        total += known.days[day].usd
        if total >= limit:
            return day
    total = seen.usd
    rest = 1 - elapsed(now)
    for offset, usd in enumerate(to_come.each if to_come is not None else ()):
        if total >= limit:
            return today + timedelta(days=max(0, offset - 1))
        total += usd * rest
        rest = 1.0
    return seen.last if total >= limit else None


def _sum(days: dict[date, float], first: date, last: date) -> float | None:
    """Return the sum of days, both ends included; None where one is missing."""
    found = [days.get(first + timedelta(days=offset)) for offset in range((last - first).days + 1)]
    whole = [usd for usd in found if usd is not None]
    return fsum(whole) if len(whole) == len(found) and found else None


def _change(now: float | None, before: float | None) -> float | None:
    return now / before - 1 if now is not None and before else None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
