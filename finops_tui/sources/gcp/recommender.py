"""What Google's Recommender would do to save, project by project. It is free, but reads of it are few.

An organization has 100 a day for each kind of recommendation, a million with a support package.
https://cloud.google.com/recommender/docs/reference/rest/v1/projects.locations.recommenders.recommendations
https://cloud.google.com/recommender/quotas
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from finops_tui.errors import SourceError
from finops_tui.model.cloud import Recommendation
from finops_tui.sources.billing.calls import Calls, Query
from finops_tui.sources.billing.values import currency, number
from finops_tui.sources.clean import one_line
from finops_tui.sources.gcp.settings import GcpSettings

BY = "Recommender"
PAGES = 50
PAGE_SIZE = 100
MONTH_SECONDS = Decimal(30 * 86_400)
"""Google says what is saved in 30 days, as a rule."""
_NANOS = Decimal("1e-9")
_ZONE = re.compile(r"[a-z]+-[a-z]+\d+-[a-z]")
_REGION = re.compile(r"[a-z]+-[a-z]+\d+")
_EITHER = re.compile(f"{_ZONE.pattern}|{_REGION.pattern}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One of Google's recommenders, and what it advises."""

    id: str
    where: re.Pattern[str]
    """Locations that it knows."""
    action: str
    resource_type: str
    can_be_undone: bool
    needs_restart: bool | None = None


KINDS = (
    Kind(
        id="google.compute.instance.IdleResourceRecommender",
        where=_ZONE, action="Stop", resource_type="Instance", can_be_undone=True,
    ),
    Kind(
        id="google.compute.instance.MachineTypeRecommender",
        where=_ZONE, action="Rightsize", resource_type="Instance", can_be_undone=True, needs_restart=True,
    ),
    Kind(
        id="google.compute.disk.IdleResourceRecommender",
        where=_EITHER, action="Delete", resource_type="Disk", can_be_undone=False,
    ),
    Kind(
        id="google.compute.commitment.UsageCommitmentRecommender",
        where=_REGION, action="PurchaseCommitment", resource_type="Commitment", can_be_undone=False,
    ),
)  # fmt: skip


async def recommendations(calls: Calls, settings: GcpSettings, project: str) -> tuple[Recommendation, ...]:
    """Return what is open for a project. Raises SourceError, and others where the answer is of another shape."""
    found: list[Recommendation] = []
    for location in await locations(calls, settings, project):
        for kind in KINDS:
            if kind.where.fullmatch(location):
                place = f"{_place('v1', settings, project)}/locations/{location}/recommenders/{kind.id}"
                asked = _all(calls, f"{place}/recommendations", "recommendations")
                told = [_recommendation(each, kind, project, location) async for each in asked if _is_open(each)]
                found += told
    return tuple(found)


async def locations(calls: Calls, settings: GcpSettings, project: str) -> tuple[str, ...]:
    """Return the zones and regions that Google has something to say of. Raises as `recommendations`."""
    address = f"{_place('v1beta1', settings, project)}/locations"  # v1 does not list them
    return tuple(sorted({str(each["locationId"]) async for each in _all(calls, address, "locations")}))


def _place(version: str, settings: GcpSettings, project: str) -> str:
    return f"{settings.recommender_url}/{version}/projects/{quote(project, safe=':')}"


async def _all(calls: Calls, address: str, name: str) -> AsyncIterator[Mapping[str, Any]]:
    token = ""
    for _ in range(PAGES):
        more: Query = (("pageToken", token),) if token else ()
        page = await calls.get(address, (("pageSize", str(PAGE_SIZE)), *more)) or {}
        for each in page.get(name, ()):
            yield each
        token = str(page.get("nextPageToken") or "")
        if not token:
            return
    raise SourceError(f"there are more than {PAGES * PAGE_SIZE:,} {name}", "", "Leave out some `recommendations`.")


def _is_open(each: Mapping[str, Any]) -> bool:
    return (each.get("stateInfo") or {}).get("state") == "ACTIVE"


def _recommendation(each: Mapping[str, Any], kind: Kind, project: str, location: str) -> Recommendation:
    steps = [
        step for group in (each.get("content") or {}).get("operationGroups", ()) for step in group.get("operations", ())
    ]
    paths = [str(step["resource"]) for step in steps if step.get("resource")] or each.get("targetResources") or [""]
    savings, code = _savings((each.get("primaryImpact") or {}).get("costProjection") or {})
    return Recommendation(
        id=one_line(each["name"].rpartition("/")[2]),
        account=project,
        region=location,
        action=kind.action,
        resource=one_line(str(paths[-1]).rpartition("/")[2] or location, 512),
        resource_type=kind.resource_type,
        now=one_line(each.get("description") or ""),
        then=_machine(steps),
        monthly_savings=savings,
        currency=code,
        can_be_undone=kind.can_be_undone,
        needs_restart=kind.needs_restart,
        by=BY,
    )


def _savings(told: Mapping[str, Any]) -> tuple[Decimal | None, str]:
    """Return what a month costs less, and the currency; None where it is not said of how long it is true."""
    money = told.get("cost") or {}
    code = currency(money.get("currencyCode"))
    whole, part = number(money.get("units", 0)), number(money.get("nanos", 0))
    seconds = number(str(told.get("duration", "")).removesuffix("s"))
    if not code or whole is None or part is None or not seconds:
        return None, code or "USD"
    return -(whole + part * _NANOS) * MONTH_SECONDS / seconds, code


def _machine(steps: list[Mapping[str, Any]]) -> str:
    """Return the machine type that is recommended."""
    types = [step.get("value") for step in steps if step.get("path") == "/machineType" and step["action"] == "replace"]
    return one_line(str(types[-1]).rpartition("/")[2], 80) if types and types[-1] else ""
