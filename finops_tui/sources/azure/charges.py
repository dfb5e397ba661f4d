"""What Cost Management answers as charges: actual cost is what is billed, amortised cost the effective one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from finops_tui.model.bill import BillRow, ChargeCategory, Statement
from finops_tui.sources.azure.cost_query import Answer, Line, View
from finops_tui.sources.azure.settings import AzureScope
from finops_tui.sources.billing.values import DAY, month

PROVIDER = "Microsoft Azure"
ALL_SERVICES = "All services"
"""Service of charges that are told by tag alone."""
NO_SERVICE = "No service"
UNUSED = "Unused"
_KINDS = {
    "usage": ChargeCategory.USAGE,
    "purchase": ChargeCategory.PURCHASE,
    "tax": ChargeCategory.TAX,
    "refund": ChargeCategory.CREDIT,
    "credit": ChargeCategory.CREDIT,
    "unusedreservation": ChargeCategory.USAGE,
    "unusedsavingsplan": ChargeCategory.USAGE,
}
"""Other types, such as RoundingAdjustment, are adjustments."""


def statement(
    actual: Answer, amortized: Answer, *, source: str, scope: AzureScope, view: View, until: datetime, at: datetime
) -> Statement | None:
    """Return what is said of the days from the first that is told; None where nothing is.

    Azure may tell less days than it was asked for: what it said of the others before is not taken back.
    """
    lines = sorted(
        (actual.amounts.keys() | amortized.amounts.keys()) - actual.unknown - amortized.unknown,
        key=lambda line: (line.day, line.subject, line.charge_type, line.currency),
    )
    if not lines:
        return None
    nothing = Decimal(0)
    rows = []
    for line in lines:
        billed, effective = actual.amounts.get(line, nothing), amortized.amounts.get(line, nothing)
        if billed or effective:
            facts = _facts(line, source, scope, view, at)
            rows.append(BillRow(**facts, billed_cost=billed, effective_cost=effective))
    told = {"charge_category", "charge_description", "commitment_discount_status", "sub_account_id"}
    told.add(f"tag:{view.tag}" if view.tag else "service_name")
    return Statement(
        source=source,
        view=view.id,
        part=scope.scope,
        dimensions=frozenset(told),
        start=lines[0].day,
        end=until,
        rows=rows,
    )


def _facts(line: Line, source: str, scope: AzureScope, view: View, at: datetime) -> dict[str, Any]:
    kind = line.charge_type.lower()
    category = _KINDS.get(kind, ChargeCategory.ADJUSTMENT)
    return {
        "source": source,
        "view": view.id,
        "retrieved_at": at,
        "provider_name": PROVIDER,
        "billing_account_id": scope.account,
        "billing_account_name": scope.name,
        "sub_account_id": scope.account,
        "sub_account_name": scope.name,
        "billing_period_start": month(line.day),
        "charge_period_start": line.day,
        "charge_period_end": line.day + DAY,
        "charge_category": category,
        "charge_description": "" if kind in {"usage", "tax"} else line.charge_type,
        "service_name": ALL_SERVICES if view.tag else line.subject or NO_SERVICE,
        "commitment_discount_status": UNUSED if kind.startswith("unused") else "",
        "tags": {view.tag: line.subject} if view.tag and line.subject else {},
        "billing_currency": line.currency,
    }
