"""The last week or month that is billed, beside as many days before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from finops_tui.errors import FinopsError
from finops_tui.ledger.costs import costs
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery, CostRow, Told

DAY = timedelta(days=1)
WEEK_DAYS = 7
LOOKED_BACK = timedelta(days=70)
NOTHING = Decimal(0)

Days = tuple[datetime, datetime]
"""Whole UTC days; the end is exclusive."""


class Span(StrEnum):
    WEEK = "week"
    """Seven days beside the seven before."""
    MONTH = "month"
    """The days of a month that are billed beside as many of the month before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One key in both spans. Days without a charge of it cost nothing: both spans are billed."""

    key: tuple[str, ...]
    currency: str
    billed_before: Decimal
    billed: Decimal
    effective_before: Decimal
    effective: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    by: tuple[str, ...]
    before: Days
    last: Days
    changes: tuple[Change, ...]
    told: tuple[Told, ...]


def compare(
    ledger: Ledger,
    span: Span,
    now: datetime,
    *,
    by: tuple[str, ...],
    where: Mapping[str, frozenset[str]],
    sources: frozenset[str] | None = None,
) -> Comparison | None:
    """Return both spans, up to the last day that every source has billed; None where no bill is known.

    `sources` are those that count, as in `CostQuery`.
    Raises LedgerError, UsageError for a bad question, FinopsError where bills do not reach back to the days before.
    """
    today = _midnight(now)
    query = CostQuery(since=today - LOOKED_BACK, until=today + DAY, by=by, where=where, sources=sources)
    whole = costs(ledger, query)
    if not whole.told:
        return None
    until = min(_midnight(told.through) for told in whole.told)
    before, last = spans(span, until)
    first = min(told.first for told in whole.told)
    if first > before[0]:
        raise FinopsError(
            "There are too few days to compare.",
            f"Bills are known from {first:%Y-%m-%d} until {until:%Y-%m-%d}.",
            f"They must reach back to {before[0]:%Y-%m-%d}: raise `history_days` of the source.",
        )
    was, is_ = (
        {(row.key, row.currency): row for row in costs(ledger, replace(query, since=since, until=end)).rows}
        for since, end in (before, last)
    )
    changes = [_change(place, was.get(place), is_.get(place)) for place in sorted({*was, *is_})]
    return Comparison(by=by, before=before, last=last, changes=tuple(changes), told=whole.told)


def spans(span: Span, until: datetime) -> tuple[Days, Days]:
    """Return the days before and those that end at `until`; a month may have fewer days before it."""
    if span is Span.WEEK:
        middle = until - WEEK_DAYS * DAY
        return (middle - WEEK_DAYS * DAY, middle), (middle, until)
    first = (until - DAY).replace(day=1)
    month_before = (first - DAY).replace(day=1)
    return (month_before, min(first, month_before + (until - first))), (first, until)


def _change(place: tuple[tuple[str, ...], str], was: CostRow | None, is_: CostRow | None) -> Change:
    key, currency = place
    return Change(
        key=key,
        currency=currency,
        billed_before=NOTHING if was is None else was.billed,
        billed=NOTHING if is_ is None else is_.billed,
        effective_before=NOTHING if was is None else was.effective,
        effective=NOTHING if is_ is None else is_.effective,
    )


def _midnight(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
