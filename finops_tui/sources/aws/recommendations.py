"""What AWS's own tools would do to save: the Cost Optimization Hub, and idle resources of Compute Optimizer. Free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from finops_tui.model.cloud import Recommendation, RecommendationsSeen
from finops_tui.sources.aws.calls import IDLE, RECOMMENDATIONS
from finops_tui.sources.aws.desk import Desk, Kept, Question
from finops_tui.sources.aws.part import Asking, Outcome, Part
from finops_tui.sources.aws.settings import AwsSettings
from finops_tui.sources.aws.values import amount
from finops_tui.sources.clean import one_line

HUB = "Cost Optimization Hub"
OPTIMIZER = "Compute Optimizer"
EVERY = timedelta(hours=24)
"""Both look anew once a day."""


_Found = tuple[Recommendation, Mapping[str, Any]]
"""With what AWS says of it."""


def parts(settings: AwsSettings, desk: Desk) -> tuple[Part, ...]:
    if not settings.recommendations:
        return ()
    idle = (Part(title=f"{IDLE.why} in {region}", every=EVERY, ask=partial(_idle, region)) for region in desk.regions)
    return (Part(title=RECOMMENDATIONS.why, every=EVERY, ask=_hub), *idle)


async def _hub(asking: Asking) -> Outcome:
    params = {"includeAllRecommendations": False, "maxResults": 100}
    kept = await asking.desk.ask(Question(id="hub", call=RECOMMENDATIONS, params=params, good_for=EVERY))
    items = [item for page in kept.pages for item in page.get("items", ())]
    return await _seen(asking, kept, HUB, [(_hub_item(item), item) for item in items])


def _hub_item(item: Mapping[str, Any]) -> Recommendation:
    return Recommendation(
        id=one_line(item.get("recommendationId", "")),
        account=one_line(item.get("accountId", "")),
        region=one_line(item.get("region", "")),
        action=one_line(item.get("actionType", "")),
        resource=one_line(item.get("resourceId") or item.get("resourceArn") or "", 512),
        resource_type=one_line(item.get("currentResourceType", "")),
        now=one_line(item.get("currentResourceSummary", "")),
        then=one_line(item.get("recommendedResourceSummary", "")),
        monthly_savings=amount(item.get("estimatedMonthlySavings")),
        currency=one_line(item.get("currencyCode", "USD"), 3),
        can_be_undone=item.get("rollbackPossible"),
        needs_restart=item.get("restartNeeded"),
        effort=one_line(item.get("implementationEffort", "")),
        by=HUB,
    )


async def _idle(region: str, asking: Asking) -> Outcome:
    kept = await asking.desk.ask(
        Question(id="idle", call=IDLE, params={"maxResults": 1000}, region=region, good_for=EVERY)
    )
    items = [item for page in kept.pages for item in page.get("idleRecommendations", ())]
    failed = [error for page in kept.pages for error in page.get("errors", ())]
    warning = f"{OPTIMIZER} in {region}: {len(failed)} resources could not be looked at" if failed else ""
    by = f"{OPTIMIZER} {region}"
    return await _seen(asking, kept, by, [(_idle_item(item, region), item) for item in items], warning)


def _idle_item(item: Mapping[str, Any], region: str) -> Recommendation:
    savings = (item.get("savingsOpportunity") or {}).get("estimatedMonthlySavings") or {}
    return Recommendation(
        id=one_line(item.get("resourceArn", ""), 512),
        account=one_line(item.get("accountId", "")),
        region=region,
        action="Stop",
        resource=one_line(item.get("resourceId") or item.get("resourceArn") or "", 512),
        resource_type=one_line(item.get("resourceType", "")),
        now=one_line(item.get("findingDescription") or item.get("finding") or ""),
        monthly_savings=amount(savings.get("value")),
        currency=one_line(savings.get("currency", "USD"), 3),
        by=OPTIMIZER,
    )


async def _seen(asking: Asking, kept: Kept, by: str, found: Sequence[_Found], warning: str = "") -> Outcome:
    tags = {each.id: _tags(item) for each, item in found}
    owned = await asking.owned([each for each, _ in found], tags, asking.now)
    told = RecommendationsSeen(**asking.origin(kept.at), account=asking.desk.account, by=by, recommendations=owned)
    warnings = (warning,) if warning else ()
    return Outcome(observations=(told,), at=kept.at, late=kept.late, warnings=warnings)


def _tags(item: Mapping[str, Any]) -> Mapping[str, str]:
    return {str(tag["key"]): one_line(tag.get("value", ""), 256) for tag in item.get("tags") or ()}
