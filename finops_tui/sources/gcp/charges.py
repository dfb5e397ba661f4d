"""Rows of the billing export, added up by day, as charges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from finops_tui.model.bill import BillRow, ChargeCategory, PricingCategory
from finops_tui.sources.billing.values import DAY, amount, currency
from finops_tui.sources.clean import one_line
from finops_tui.sources.gcp.export_sql import label_column
from finops_tui.sources.gcp.settings import GcpSettings

PROVIDER = "Google Cloud"
CLOSED_AFTER = timedelta(days=7)
"""The invoice of a month is made in the first days of the next one."""
_PACIFIC = ZoneInfo("America/Los_Angeles")
"""Months of invoices begin and end in this zone."""
_KINDS = {"regular": ChargeCategory.USAGE, "tax": ChargeCategory.TAX} | {each.lower(): each for each in ChargeCategory}
_PRICINGS = {each.value: each for each in PricingCategory}

Row = Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    rows: tuple[BillRow, ...]
    unusable: int
    """Rows that make no sense; they are left out."""


def bill(
    rows: Iterable[Row], settings: GcpSettings, *, source: str, view: str, span: tuple[datetime, datetime], at: datetime
) -> Bill:
    """Return the charges of a span of days."""
    charges: list[BillRow] = []
    unusable = 0
    for row in rows:
        facts = _facts(row, settings, source, view, at)
        if facts is None or not span[0] <= facts["charge_period_start"] < span[1]:
            unusable += 1
            continue
        found = _charges(row, facts)
        if found is None:
            unusable += 1
        else:
            charges += found
    return Bill(rows=tuple(charges), unusable=unusable)


def _facts(row: Row, settings: GcpSettings, source: str, view: str, at: datetime) -> Mapping[str, Any] | None:
    day, invoice = _day(row.get("day"), "%Y-%m-%d"), _day(row.get("invoice_month"), "%Y%m")
    code = currency(row.get("currency_code"))
    if day is None or invoice is None or not code:
        return None
    kind = _word(row, "kind")
    category = _KINDS.get(kind.lower(), ChargeCategory.ADJUSTMENT)
    labels = {key: _word(row, label_column(number)) for number, key in enumerate(settings.labels)}
    return {
        "source": source,
        "view": view,
        "retrieved_at": at,
        "final": f"{invoice:%Y%m}" < f"{(at - CLOSED_AFTER).astimezone(_PACIFIC):%Y%m}",
        "provider_name": PROVIDER,
        "publisher_name": PROVIDER,
        "billing_account_id": settings.billing_account,
        "billing_account_name": settings.name,
        "sub_account_id": _word(row, "account"),
        "sub_account_name": _word(row, "account_name"),
        "billing_period_start": invoice,
        "charge_period_start": day,
        "charge_period_end": day + DAY,
        "charge_category": category,
        "charge_description": kind if category is ChargeCategory.ADJUSTMENT else "",
        "service_name": _word(row, "service_name") or "No service",
        "region_id": _word(row, "region_id"),
        "resource_id": _word(row, "resource"),
        "instance_type": _word(row, "machine"),
        "pricing_category": _PRICINGS.get(_word(row, "pricing"), PricingCategory.OTHER),
        "tags": {key: value for key, value in labels.items() if value},
        "billing_currency": code,
    }


def _charges(row: Row, facts: Mapping[str, Any]) -> list[BillRow] | None:
    """Return the charge and, each as one of its own, what credits take off it; None where an amount makes no sense.

    A discount is in the effective cost of what it makes cheaper: as a credit it counts for what is billed alone.
    """
    code = facts["billing_currency"]
    billed, effective = amount(row.get("billed"), code), amount(row.get("effective"), code)
    discounts, gifts = amount(row.get("discounts"), code), amount(row.get("gifts"), code)
    if billed is None or effective is None or discounts is None or gifts is None:
        return None
    listed = amount(row.get("listed"), code)
    found = []
    if billed or effective:
        found.append(BillRow(**facts, billed_cost=billed, effective_cost=effective, list_cost=listed))
    return [*found, *_credits(facts, discounts, gifts)]


def _credits(facts: Mapping[str, Any], discounts: Decimal, gifts: Decimal) -> Iterator[BillRow]:
    for words, billed, effective in (("Discounts", discounts, Decimal(0)), ("Credits", gifts, gifts)):
        if billed:
            about = {**facts, "charge_category": ChargeCategory.CREDIT, "charge_description": words}
            yield BillRow(**about, billed_cost=billed, effective_cost=effective, list_cost=Decimal(0))


def _day(value: str | None, shape: str) -> datetime | None:
    try:
        return datetime.strptime(value or "", shape).replace(tzinfo=UTC)
    except ValueError:
        return None


def _word(row: Row, name: str) -> str:
    return one_line(row.get(name) or "", 512)
