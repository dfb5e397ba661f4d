"""What was billed by day for some teams, models or other scopes: what budgets are held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from finops_tui.ledger.costs import costs
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery, Grain
from finops_tui.model.bill import ScopedDay


def scoped_days(
    ledger: Ledger, source: str, wanted: Iterable[tuple[str, str]], first: date, last: date
) -> tuple[ScopedDay, ...]:
    """Return what one source says of each wanted scope and name by account, both days included. Raises LedgerError.

    Scopes that the ledger does not tell apart are passed over.
    """
    since = datetime(first.year, first.month, first.day, tzinfo=UTC)
    until = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    names: defaultdict[str, set[str]] = defaultdict(set)
    for scope, name in wanted:
        if scope in ledger.scopes:
            names[scope].add(name)
    days = []
    for scope, asked in sorted(names.items()):
        where = {"source": frozenset({source}), scope: frozenset(asked)}
        query = CostQuery(since=since, until=until, by=(scope, "account"), grain=Grain.DAY, where=where)
        for row in costs(ledger, query).rows:
            assert row.start is not None, "it was asked by day"
            name, account = row.key
            days.append(
                ScopedDay(
                    scope=scope,
                    name=name,
                    account=account,
                    day=row.start.date(),
                    currency=row.currency,
                    effective=row.effective_usage,
                )
            )
    return tuple(days)
