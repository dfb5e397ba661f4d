"""What Azure Advisor would do to save: `GET /subscriptions/ID/providers/Microsoft.Advisor/recommendations`, free.

It lists by subscription; management groups and billing accounts have no list of their own.
https://learn.microsoft.com/rest/api/advisor/recommendations/list
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from finops_tui.errors import SourceError
from finops_tui.model.cloud import Recommendation
from finops_tui.sources.azure.access import Desk
from finops_tui.sources.azure.settings import AzureScope
from finops_tui.sources.billing.values import currency, number
from finops_tui.sources.clean import one_line

BY = "Azure Advisor"
_VERSION = ("api-version", "2025-01-01")
_GROUPS_VERSION = ("api-version", "2021-04-01")
_MONTHS = Decimal(12)
_OPEN = {"", "new", "inprogress", "none"}
"""States that nobody has put aside; those that are told by suppressions have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    recommendations: tuple[Recommendation, ...]
    tags: Mapping[str, Mapping[str, str]]
    """By id of a recommendation, those of the resource group that it is about."""


async def advice(desk: Desk) -> Found:
    """Return what is open for a subscription or a resource group.

    Raises SourceError, and others where the answer is of another shape.
    """
    scope = desk.scope
    wanted = "Category eq 'Cost'" + (f" and ResourceGroup eq '{scope.group}'" if scope.group else "")
    base = f"{desk.settings.endpoint}/subscriptions/{scope.subscription}"
    address = f"{base}/providers/Microsoft.Advisor/recommendations"
    listed = [each async for each in desk.pages(address, (_VERSION, ("$filter", wanted))) if _is_open(each)]
    groups = await _groups(desk, f"{base}/resourcegroups") if listed else {}
    found = [_recommendation(each, scope) for each in listed]
    tags = {told.id: groups.get(_group(each), {}) for each, told in zip(listed, found, strict=True)}
    return Found(recommendations=tuple(found), tags=tags)


async def _groups(desk: Desk, address: str) -> dict[str, Mapping[str, str]]:
    """Return the tags of each resource group; none where they may not be read: then nobody is named."""
    try:
        listed = [each async for each in desk.pages(address, (_GROUPS_VERSION,))]
    except SourceError:
        return {}
    return {
        str(each["name"]).casefold(): {str(key): one_line(value) for key, value in (each.get("tags") or {}).items()}
        for each in listed
    }


def _is_open(each: Mapping[str, Any]) -> bool:
    told = each["properties"]
    state = str(told.get("recommendationStatus") or "").casefold()
    return told["category"] == "Cost" and not told.get("suppressionIds") and state in _OPEN


def _group(each: Mapping[str, Any]) -> str:
    """Return the resource group that a recommendation is about; empty where it is about a whole subscription."""
    _, found, rest = str(each["id"]).casefold().partition("/resourcegroups/")
    return rest.partition("/")[0] if found else ""


def _recommendation(each: Mapping[str, Any], scope: AzureScope) -> Recommendation:
    told = each["properties"]
    about, words = told.get("extendedProperties") or {}, told.get("shortDescription") or {}
    resource = (told.get("resourceMetadata") or {}).get("resourceId") or ""
    return Recommendation(
        id=one_line(each["name"]),
        account=scope.account,
        region=one_line(about.get("regionId") or about.get("region") or about.get("location") or "", 60),
        action=one_line(words.get("solution") or words.get("problem") or "", 200),
        resource=one_line(told.get("impactedValue") or resource, 512),
        resource_type=one_line(told.get("impactedField") or "", 200),
        now=one_line(about.get("currentSku") or "", 80),
        then=one_line(about.get("targetSku") or "", 80),
        monthly_savings=_savings(about),
        currency=currency(about.get("savingsCurrency")) or "USD",
        by=BY,
    )


def _savings(about: Mapping[str, Any]) -> Decimal | None:
    """Return what a month costs less, of the year's savings where they are told; None without a currency."""
    if not currency(about.get("savingsCurrency")):
        return None
    year = number(about.get("annualSavingsAmount"))
    return number(about.get("savingsAmount")) if year is None else year / _MONTHS
