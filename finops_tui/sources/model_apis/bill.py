"""All pages of a vendor's bill as charges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from finops_tui.errors import SourceError
from finops_tui.model.bill import BillRow, ChargeCategory, Statement
from finops_tui.sources.billing.calls import Calls
from finops_tui.sources.billing.values import DAY, month
from finops_tui.sources.model_apis.vendor import Cost, Vendor

PAGES = 200
DIMENSIONS = frozenset(
    {"sub_account_id", "service_name", "charge_category", "charge_description", "sku_id", "tag:model"}
)  # fmt: skip


@dataclass(slots=True)
class Bill:
    """What a vendor says of a span of days."""

    days: list[tuple[datetime, tuple[Cost, ...]]] = field(default_factory=list)
    """Also those that cost nothing; a day may come twice."""
    unusable: int = 0
    """Amounts that make no sense; they are left out."""


async def read(calls: Calls, vendor: Vendor, url: str, span: tuple[datetime, datetime]) -> Bill:
    """Return what a span of days costs. Raises SourceError, and others where the answer is of another shape."""
    bill = Bill()
    page = ""
    for _ in range(PAGES):
        more = (("page", page),) if page else ()
        answer = await calls.get(f"{url}{vendor.path}", (*vendor.ask(*span), *more))
        for bucket in answer["data"]:
            _take(bill, vendor, bucket, span)
        page = str(answer.get("next_page") or "")
        if not answer["has_more"]:
            return bill
        if not page:
            raise SourceError(
                "the bill is incomplete", "There are more pages, but it does not say where.", "It is asked again."
            )
    raise SourceError(f"the bill has more than {PAGES} pages", "", "Lower `history_days`.")


def _take(bill: Bill, vendor: Vendor, bucket: Mapping[str, Any], span: tuple[datetime, datetime]) -> None:
    told = vendor.span(bucket)
    if told is None or told[1] - told[0] > DAY or not span[0] <= told[0] < span[1]:
        bill.unusable += max(1, len(bucket["results"]))
        return
    costs = [vendor.cost(result) for result in bucket["results"]]
    bill.unusable += costs.count(None)
    bill.days.append((told[0], tuple(cost for cost in costs if cost is not None)))


def statement(bill: Bill, vendor: Vendor, *, source: str, account: str, at: datetime) -> Statement | None:
    """Return what is said of the days that are told; None where none is."""
    if not bill.days:
        return None
    first, last = min(day for day, _ in bill.days), max(day for day, _ in bill.days)
    about = {
        "source": source,
        "retrieved_at": at,
        "provider_name": vendor.provider,
        "publisher_name": vendor.provider,
        "billing_account_id": account,
        "service_name": vendor.service,
        "service_category": "AI and Machine Learning",
    }
    rows = [_row(cost, day, about) for day, costs in bill.days for cost in costs if cost.amount]
    return Statement(source=source, dimensions=DIMENSIONS, start=first, end=last + DAY, rows=rows)


def _row(cost: Cost, day: datetime, about: Mapping[str, Any]) -> BillRow:
    return BillRow(
        **about,
        sub_account_id=cost.project,
        sub_account_name=cost.project_name,
        billing_period_start=month(day),
        charge_period_start=day,
        charge_period_end=day + DAY,
        charge_category=ChargeCategory.CREDIT if cost.amount < 0 else ChargeCategory.USAGE,
        charge_description=cost.line,
        sku_id=cost.sku,
        tags={"model": cost.model} if cost.model else {},
        billing_currency=cost.currency,
        billed_cost=cost.amount,
        effective_cost=cost.amount,
    )
