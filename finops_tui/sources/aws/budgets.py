"""AWS Budgets: spent so far and forecast, free of charge, 8 to 12 hours old."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from finops_tui.model.cloud import Budget, BudgetsSeen
from finops_tui.sources.aws.calls import BUDGETS
from finops_tui.sources.aws.desk import Question
from finops_tui.sources.aws.part import Asking, Outcome, Part
from finops_tui.sources.aws.settings import AwsSettings
from finops_tui.sources.aws.values import amount
from finops_tui.sources.clean import one_line

EVERY = timedelta(hours=2)


def parts(settings: AwsSettings) -> tuple[Part, ...]:
    return (Part(title=BUDGETS.why, every=EVERY, ask=_budgets),) if settings.budgets else ()


async def _budgets(asking: Asking) -> Outcome:
    account = asking.desk.account
    params = {"AccountId": account, "MaxResults": 100, "ShowFilterExpression": True}
    kept = await asking.desk.ask(Question(id="budgets", call=BUDGETS, params=params, good_for=EVERY))
    budgets = tuple(_budget(each, account) for page in kept.pages for each in page.get("Budgets", ()))
    told = BudgetsSeen(**asking.origin(kept.at), account=account, budgets=budgets)
    return Outcome(observations=(told,), at=kept.at, late=kept.late)


def _budget(each: Mapping[str, Any], account: str) -> Budget:
    spend = each.get("CalculatedSpend") or {}
    limit, health = each.get("BudgetLimit") or {}, each.get("HealthStatus") or {}
    unit = limit.get("Unit") or (spend.get("ActualSpend") or {}).get("Unit") or ""
    unhealthy = health.get("Status") == "UNHEALTHY"
    return Budget(
        account=account,
        name=one_line(each.get("BudgetName", "")),
        kind=one_line(each.get("BudgetType", "")),
        period=one_line(each.get("TimeUnit", "")),
        unit=one_line(unit, 20),
        limit=_of(each, "BudgetLimit"),
        actual=_of(spend, "ActualSpend"),
        forecast=_of(spend, "ForecastedSpend"),
        about=_about(each),
        trouble=one_line(health.get("StatusReason") or "unhealthy") if unhealthy else "",
    )


def _of(holder: Mapping[str, Any], name: str) -> Decimal | None:
    return amount((holder.get(name) or {}).get("Amount"))


def _about(each: Mapping[str, Any]) -> str:
    """Say what the budget counts, where that is not everything."""
    filters = each.get("CostFilters") or {}
    if filters:
        return one_line("; ".join(f"{key}: {', '.join(map(str, values))}" for key, values in sorted(filters.items())))
    return _expression(each.get("FilterExpression") or {})


def _expression(expression: Mapping[str, Any]) -> str:
    for joint in ("And", "Or"):
        if expression.get(joint):
            return one_line(f" {joint.lower()} ".join(_expression(part) for part in expression[joint]))
    if expression.get("Not"):
        return one_line(f"not {_expression(expression['Not'])}")
    for kind in ("Dimensions", "Tags", "CostCategories"):
        one = expression.get(kind)
        if one:
            return one_line(f"{one.get('Key', '')}: {', '.join(map(str, one.get('Values') or ()))}")
    return ""
