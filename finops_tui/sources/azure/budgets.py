"""Budgets of one scope: `GET /SCOPE/providers/Microsoft.CostManagement/budgets`, with what is spent by now.

https://learn.microsoft.com/rest/api/cost-management/budgets
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finops_tui.model.cloud import Budget
from finops_tui.sources.azure.access import VERSION, Desk
from finops_tui.sources.azure.settings import AzureScope
from finops_tui.sources.billing.values import currency, number
from finops_tui.sources.clean import one_line


async def budgets(desk: Desk) -> tuple[Budget, ...]:
    """Return all of them. Raises SourceError, and others where the answer is of another shape."""
    return tuple([_budget(each, desk.scope) async for each in desk.pages(desk.address("budgets"), VERSION)])


def _budget(each: Mapping[str, Any], scope: AzureScope) -> Budget:
    told = each.get("properties") or {}
    spent, expected = told.get("currentSpend") or {}, told.get("forecastSpend") or {}
    return Budget(
        account=scope.account,
        name=one_line(each.get("name") or ""),
        kind=one_line(told.get("category") or "", 40),
        period=one_line(told.get("timeGrain") or "", 40),
        unit=currency(spent.get("unit")) or currency(expected.get("unit")),
        limit=number(told.get("amount")),
        actual=number(spent.get("amount")),
        forecast=number(expected.get("amount")),
        about=_about(told.get("filter") or {}),
    )


def _about(chosen: Mapping[str, Any]) -> str:
    """Say what the budget counts, where that is not everything."""
    every = chosen.get("and")
    if isinstance(every, list):
        return one_line(" and ".join(filter(None, map(_about, every))))
    one = chosen.get("dimensions") or chosen.get("tags") or {}
    values = ", ".join(map(str, one.get("values") or ()))
    return one_line(f"{one.get('name', '')}: {values}") if values else ""
