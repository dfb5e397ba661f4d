"""Rows of bills, and of the estimate held against them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import fsum

from msgspec.structs import replace

from finops_tui.analysis.bill_links import Linked, believed
from finops_tui.analysis.reconcile import Reconciliation
from finops_tui.model.bill import BilledDay
from finops_tui.model.billing import BillCheck, BillRow, CheckedDay, CheckedService
from finops_tui.model.fleet import Fleet
from finops_tui.model.money import USD
from finops_tui.model.observations import BillsSeen


def bill_rows(fleet: Fleet, stale: Collection[str], today: date) -> tuple[BillRow, ...]:
    """Return what is billed this month, the largest first."""
    whose = believed(fleet.bills)
    month = today.replace(day=1)
    rows = []
    for seen in fleet.bills.values():
        parts: defaultdict[tuple[str, str], list[BilledDay]] = defaultdict(list)
        for day in seen.days:
            parts[day.account, day.currency].append(day)
        first_told = min((day.day for day in seen.days), default=today)
        for (account, _), days in parts.items():
            counted = whose[account] == seen.source
            row = _bill_row(seen, days, month, first_told)
            rows.append(replace(row, counted=counted, stale=seen.source in stale))
    return tuple(sorted(rows, key=lambda row: (-row.effective, row.key)))


def _bill_row(seen: BillsSeen, days: Sequence[BilledDay], month: date, first_told: date) -> BillRow:
    """Return what is billed of one account in one currency; `first_told` is the first day that the source tells of."""
    account, currency = days[-1].account, days[-1].currency
    before = (month - timedelta(days=1)).replace(day=1)
    this = [day for day in days if day.day >= month]

    def sum_of(amount: Callable[[BilledDay], Decimal]) -> float:
        return float(sum(map(amount, this), Decimal(0)))

    last = [float(day.effective) for day in days if before <= day.day < month]
    return BillRow(
        key=f"{seen.source}/{account}/{currency}",
        source=seen.source,
        provider=days[-1].provider,
        account=account,
        name=days[-1].account_name,
        currency=currency,
        month=month,
        usage=sum_of(lambda day: day.usage),
        effective=sum_of(lambda day: day.effective),
        credits=sum_of(lambda day: day.credits),
        taxes=sum_of(lambda day: day.taxes),
        purchases=sum_of(lambda day: day.purchases),
        adjustments=sum_of(lambda day: day.adjustments),
        last_month=fsum(last) if first_told <= before else None,
        last_day=max(day.day for day in days),
        through=seen.through,
        final=bool(this) and all(day.final for day in this),
        counted=True,
        at=seen.at,
        stale=False,
    )


def check_of(compared: Reconciliation, linked: Linked, days: Sequence[BilledDay], at: datetime | None) -> BillCheck:
    """Return the comparison with what stands apart from it over the same days."""
    some = not compared.missing
    over = {each.day for each in compared.compared}
    same = [day for day in days if day.day in over and day.currency == USD]
    clusters = {(group.account, group.service): group.clusters for group in linked.groups}
    weights = fsum(each.billed_usd for each in compared.corrections)

    def apart(amount: Callable[[BilledDay], Decimal]) -> float | None:
        return float(sum(map(amount, same), Decimal(0))) if some else None

    return BillCheck(
        line=compared.line,
        difference=_difference(compared.estimated_usd, compared.billed_usd),
        spread=fsum(each.spread * each.billed_usd for each in compared.corrections) / weights if weights else None,
        estimated_usd=compared.estimated_usd if some else None,
        billed_usd=compared.billed_usd if some else None,
        corrected_usd=compared.corrected_usd if some else None,
        unestimated_usd=compared.unestimated_usd if some else None,
        amortised_usd=apart(lambda day: day.effective - day.usage),
        credits_usd=apart(lambda day: day.credits),
        taxes_usd=apart(lambda day: day.taxes),
        days=compared.days,
        through=compared.through,
        services=tuple(
            CheckedService(
                key=f"{each.account}/{each.service}",
                account=each.account,
                service=each.service,
                clusters=clusters[each.account, each.service],
                estimated_usd=each.estimated_usd,
                billed_usd=each.billed_usd,
                difference=_difference(each.estimated_usd, each.billed_usd),
                factor=each.factor,
                spread=each.spread,
                days=each.days,
                remarkable=each.remarkable,
            )
            for each in compared.corrections
        ),
        rows=tuple(
            CheckedDay(
                key=f"{each.account}/{each.service}/{each.day}",
                account=each.account,
                service=each.service,
                day=each.day,
                estimated_usd=each.estimated_usd,
                billed_usd=each.billed_usd,
                difference=_difference(each.estimated_usd, each.billed_usd),
            )
            for each in compared.compared
        ),
        unmatched=linked.unmatched,
        at=at,
        missing=compared.missing,
    )


def _difference(estimated: float, billed: float) -> float | None:
    return estimated / billed - 1 if billed else None
