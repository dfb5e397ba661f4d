"""Bills, the estimate against them, the month and budgets in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from finops_tui.model.billing import BillRow, BudgetRow, CheckedService, Outlook
from finops_tui.model.snapshot import Snapshot
from finops_tui.output.figures import MISSING, age, duration, moment, number, percent, whole
from finops_tui.output.tables import Table, columns, table
from finops_tui.phrases import dollars


def month_facts(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield what is to be said of the month, as a name and a sentence."""
    month = snapshot.month
    if month is None:
        return
    seen = month.outlook
    check = snapshot.reconciliation
    corrected = check is not None and check.corrected_usd is not None
    yield "Month to date", _to_date(seen, ", corrected" if corrected else "")
    yield "Month-end", _end(seen, month.limit_usd)
    if month.week_change is not None:
        yield "Last 7 days", f"{_usd(month.week_usd)}, {_signed(month.week_change)} over the 7 days before"
    if month.month_change is not None:
        before = _usd(month.last_month_so_far_usd)
        yield "Last month", f"{before} in as many days, {_signed(month.month_change)} since"
    for other in month.others:
        yield "Other currency", f"{other.currency} {number(other.billed, 0)} billed this month, in no sum above"
    if check is not None:
        yield "Bills", check.line


def _to_date(seen: Outlook, corrected: str) -> str:
    if seen.usd is None:
        return f"{MISSING} ({seen.missing})"
    if seen.billed_through is None:
        return f"{_usd(seen.usd)}, estimated; nothing of it is billed"
    since = f"{_usd(seen.estimated_usd)} estimated since{corrected}"
    parts = [f"{_usd(seen.billed_usd)} billed up to {moment(seen.billed_through)}", since]
    if seen.carried_usd:
        parts.append(f"{_usd(seen.carried_usd)} for what no estimate covers")
    return f"{_usd(seen.usd)}: {'; '.join(parts)}"


def _end(seen: Outlook, limit: float | None) -> str:
    if seen.expected_usd is None:
        return f"{MISSING} ({seen.missing})"
    share = f" of {_usd(limit)}, {percent(seen.expected_usd / limit)}%" if limit else ""
    between = f"{_usd(seen.low_usd)} to {_usd(seen.high_usd)} eight times of ten"
    return f"{_usd(seen.expected_usd)}{share}, {between}; straight on {_usd(seen.straight_usd)}"


def bills(snapshot: Snapshot) -> Table:
    def cells(row: BillRow) -> list[str]:
        return [
            row.name or row.account,
            row.provider,
            row.currency,
            whole(row.usage),
            whole(row.effective),
            whole(row.credits),
            whole(row.taxes),
            whole(row.last_month),
            "yes" if row.final else "no",
            age(row.through, snapshot.at, stale=row.stale),
        ]

    words = ["ACCOUNT", "PROVIDER", "CURRENCY"]
    heads = columns(
        [*words, "USAGE", "EFFECTIVE", "CREDITS", "TAXES", "LAST MONTH", "FINAL", "BILLED UNTIL"], len(words)
    )
    notes = [
        f"{row.name or row.account}: another source tells of it too; {row.source} is in no sum"
        for row in snapshot.bills
        if not row.counted
    ]
    notes += [
        f"{told.account}: its cloud expects {whole(float(told.total))} {told.currency} more until {told.days[-1].day}"
        for told in snapshot.cloud.forecasts
        if told.days
    ]
    return table("Billed this month, by account", heads, snapshot.bills, cells, notes)


def check(snapshot: Snapshot) -> Table:
    def cells(row: CheckedService) -> list[str]:
        return [
            row.account,
            row.service,
            ", ".join(row.clusters),
            whole(row.estimated_usd),
            whole(row.billed_usd),
            _signed(row.difference),
            number(row.factor, 3),
            number(row.spread, 3),
            whole(row.days),
        ]

    words = ["ACCOUNT", "SERVICE", "CLUSTERS"]
    heads = columns([*words, "ESTIMATED $", "BILLED $", "OFF BY", "FACTOR", "SPREAD", "DAYS"], len(words))
    seen = snapshot.reconciliation
    if seen is None:
        return table("Estimate against bill", heads, (), cells, ())
    apart = (
        (seen.unestimated_usd, "for what no estimate covers"),
        (seen.credits_usd, "credits"),
        (seen.amortised_usd, "amortised"),
        (seen.taxes_usd, "taxes"),
    )
    notes = [
        f"Apart from it over the same days: {', '.join(f'{_usd(usd)} {what}' for usd, what in apart)}",
        *seen.unmatched,
    ]
    return table(f"Estimate against bill: {seen.line}", heads, seen.services, cells, notes)


def budgets(snapshot: Snapshot) -> Table:
    def cells(row: BudgetRow) -> list[str]:
        return [
            row.name,
            row.scope if row.kind == "total" else f"{row.kind} {row.scope}",
            row.period,
            whole(row.limit_usd),
            percent(row.used),
            percent(row.prorated),
            whole(row.outlook.expected_usd),
            percent(row.expected),
            whole(row.daily_allowance_usd),
            duration(_seconds_left(row.outlook, snapshot)),
        ]

    words = ["BUDGET", "FOR", "PER"]
    figures = ["LIMIT $", "USED %", "TIME %", "END $", "END %", "FITS $/DAY", "LEFT"]
    notes = [f"{row.name}: {row.missing}" for row in snapshot.budgets if row.missing]
    return table("Budgets", columns([*words, *figures], len(words)), snapshot.budgets, cells, notes)


def _seconds_left(seen: Outlook, snapshot: Snapshot) -> float:
    after = seen.last + timedelta(days=1)
    return (datetime(after.year, after.month, after.day, tzinfo=UTC) - snapshot.at).total_seconds()


def _usd(amount: float | None) -> str:
    return MISSING if amount is None else dollars(amount)


def _signed(ratio: float | None) -> str:
    return MISSING if ratio is None else f"{ratio * 100:+.1f}%"
