"""What was billed: by any dimensions, over any span, at the grain of an hour, a day or a month.

Currencies are never added together, nor are the views of one source: each source answers from the first of its views
that tells apart what is asked for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from finops_tui.errors import UsageError
from finops_tui.ledger.dimensions import check
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery, CostRow, Costs, Grain, Told
from finops_tui.ledger.sums import Sum, Sums, sums
from finops_tui.ledger.totals import DAY
from finops_tui.ledger.units import from_units
from finops_tui.ledger.views import View, chosen_views, mark_wanted
from finops_tui.model.bill import BilledDay, ChargeCategory

NOTHING = Decimal(0)
ACCOUNT = ("provider", "account", "service")


def costs(ledger: Ledger, query: CostQuery) -> Costs:
    """Return what was billed, in the order of key and time. Raises LedgerError, and UsageError for a bad question."""
    check((*query.by, *query.where), ledger.scopes)
    if query.since >= query.until:
        raise UsageError("The span of time is empty.", hint="It must begin before it ends.")
    with ledger.reading() as connection:
        views = chosen_views(connection, query, ledger.scopes)
        keys = mark_wanted(connection, query, [view for view, _ in views], ledger.scopes)
        found = sums(connection, query, keys, ledger.scopes)
        told = [_told(connection, view, missing, query) for view, missing in views]
    return Costs(rows=_rows(found), told=tuple(part for part in told if part is not None))


def left_out(ledger: Ledger, query: CostQuery) -> tuple[str, ...]:
    """Return which sources billed something in the span and are in no sum of the question. Raises LedgerError."""
    if query.sources is None or "source" in query.where:
        return ()
    found = costs(ledger, CostQuery(since=query.since, until=query.until, by=("source",)))
    return tuple(sorted({row.key[0] for row in found.rows} - query.sources))


def billed_days(ledger: Ledger, source: str, first: date, last: date) -> tuple[tuple[BilledDay, ...], datetime | None]:
    """Return what one source says of these days by account and service, and until when usage is billed.

    Both days are included. Raises LedgerError.
    """
    since = datetime(first.year, first.month, first.day, tzinfo=UTC)
    until = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    where = {"source": frozenset({source})}
    answer = costs(ledger, CostQuery(since=since, until=until, by=ACCOUNT, grain=Grain.DAY, where=where))
    with ledger.reading() as connection:
        names = dict(connection.execute("SELECT id, name FROM accounts"))
    days = []
    for row in answer.rows:
        assert row.start is not None, "it was asked by day"
        provider, account, service = row.key
        days.append(
            BilledDay(
                provider=provider,
                account=account,
                account_name=names.get(account, ""),
                service=service,
                day=row.start.date(),
                currency=row.currency,
                usage=row.usage,
                effective=row.effective_usage,
                credits=row.credits,
                taxes=row.taxes,
                purchases=row.purchases,
                adjustments=row.adjustments,
                final=row.final,
            )
        )
    return tuple(days), max((part.through for part in answer.told if part.source == source), default=None)


def _rows(found: Sums) -> tuple[CostRow, ...]:
    order = sorted(found, key=lambda each: (each[0], each[1] or 0, each[2]))
    return tuple([_row(place, found[place]) for place in order])


def _row(place: tuple[tuple[str, ...], int | None, str], categories: Mapping[str, Sum]) -> CostRow:
    key, start, currency = place
    parts = list(categories.values())
    whole = parts[0]
    if len(parts) > 1:
        whole = Sum()
        for each in parts:
            whole.add(each.final, each.measures)
    billed = {category: from_units(each.measures[0] or 0, currency) for category, each in categories.items()}
    _, effective, listed, contracted = whole.measures
    usage = categories.get(ChargeCategory.USAGE)
    return CostRow(
        key=key,
        start=None if start is None else datetime.fromtimestamp(start, UTC),
        currency=currency,
        usage=billed.get(ChargeCategory.USAGE, NOTHING),
        purchases=billed.get(ChargeCategory.PURCHASE, NOTHING),
        credits=billed.get(ChargeCategory.CREDIT, NOTHING),
        taxes=billed.get(ChargeCategory.TAX, NOTHING),
        adjustments=billed.get(ChargeCategory.ADJUSTMENT, NOTHING),
        effective_usage=NOTHING if usage is None else from_units(usage.measures[1] or 0, currency),
        effective=from_units(effective or 0, currency),
        list=None if listed is None else from_units(listed, currency),
        contracted=None if contracted is None else from_units(contracted, currency),
        final=whole.final,
    )


def _told(connection: sqlite3.Connection, view: View, missing: tuple[str, ...], query: CostQuery) -> Told | None:
    """Return how far the view reaches in the span; None where it has nothing to say of it."""
    first, through = connection.execute(
        "SELECT MIN(t.day), MAX(CASE WHEN c.charge_category = 'Usage' THEN t.until END) "
        "FROM cells c CROSS JOIN cell_days t ON t.cell_id = c.id "
        "WHERE c.view_id = ? AND c.cube = '' AND t.day >= ? AND t.day < ?",
        (view.id, int(query.since.timestamp()) // DAY * DAY, int(query.until.timestamp())),
    ).fetchone()
    if first is None:
        return None
    (retrieved,) = connection.execute(
        "SELECT MAX(retrieved_at) FROM deliveries WHERE view_id = ?", (view.id,)
    ).fetchone()
    return Told(
        source=view.source,
        first=datetime.fromtimestamp(first, UTC),
        through=datetime.fromtimestamp(first if through is None else min(through, retrieved), UTC),
        retrieved_at=datetime.fromtimestamp(retrieved, UTC),
        missing=missing,
    )
