"""Budgets of a billing account: `GET /v1/billingAccounts/ID/budgets`, free of charge.

https://cloud.google.com/billing/docs/reference/budget/rest/v1/billingAccounts.budgets
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from finops_tui.errors import SourceError
from finops_tui.model.cloud import Budget
from finops_tui.sources.billing.calls import Calls
from finops_tui.sources.billing.values import currency, number
from finops_tui.sources.clean import one_line
from finops_tui.sources.gcp.settings import GcpSettings

PAGES = 50
PAGE_SIZE = 100
_NANOS = Decimal("1e-9")


async def budgets(calls: Calls, settings: GcpSettings) -> tuple[Budget, ...]:
    """Return all of them. Raises SourceError, and others where the answer is of another shape."""
    address = f"{settings.budgets_url}/v1/billingAccounts/{settings.billing_account}/budgets"
    found: list[Budget] = []
    token = ""
    for _ in range(PAGES):
        more = (("pageToken", token),) if token else ()
        page = await calls.get(address, (("pageSize", str(PAGE_SIZE)), *more)) or {}
        found += [_budget(each, settings) for each in page.get("budgets", ())]
        token = str(page.get("nextPageToken") or "")
        if not token:
            return tuple(found)
    raise SourceError(f"there are more than {PAGES * PAGE_SIZE:,} budgets", "", "Set `budgets: false`.")


def _budget(each: Mapping[str, Any], settings: GcpSettings) -> Budget:
    told, limit = each.get("amount") or {}, None
    money = told.get("specifiedAmount") or {}
    unit = currency(money.get("currencyCode"))
    if unit:
        whole, part = number(money.get("units", 0)), number(money.get("nanos", 0))
        limit = None if whole is None or part is None else whole + part * _NANOS
    chosen = each.get("budgetFilter") or {}
    return Budget(
        account=settings.billing_account,
        name=one_line(each.get("displayName") or each.get("name") or ""),
        kind="COST",
        period=one_line(chosen.get("calendarPeriod") or ("CUSTOM" if chosen.get("customPeriod") else "MONTH"), 20),
        unit=unit,
        limit=limit,
        actual=None,  # the bill says it, Google's API does not
        forecast=None,
        about=_about(chosen),
    )


def _about(chosen: Mapping[str, Any]) -> str:
    """Say what the budget counts, where that is not everything."""
    listed = [str(each) for kind in ("projects", "subaccounts", "services") for each in chosen.get(kind) or ()]
    labels = chosen.get("labels") or {}
    listed += [f"{key}: {', '.join(map(str, values))}" for key, values in sorted(labels.items())]
    return one_line("; ".join(listed))
