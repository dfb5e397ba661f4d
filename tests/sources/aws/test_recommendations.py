from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # boto3 ships no types
import pytest
from botocore.stub import Stubber  # type: ignore[import-untyped]  # botocore ships no types

from finops_tui.model.cloud import RecommendationsSeen
from finops_tui.sources.aws.sessions import Door
from tests.sources.aws.double import Double, Fault
from tests.sources.aws.world import ACCOUNT, health, of, one_round, source

ARN = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"


@pytest.fixture
def optimizer(aws: Double, monkeypatch: pytest.MonkeyPatch) -> Stubber:
    """Compute Optimizer, which speaks a binary protocol that the double does not: botocore's own stub."""
    client = boto3.client("compute-optimizer", region_name="us-east-1")
    make = Door.client

    def choose(door: Door, service: str, region: str, sent: Any = None) -> Any:
        return client if service == "compute-optimizer" else make(door, service, region, sent)

    monkeypatch.setattr(Door, "client", choose)
    aws.answers["ListRecommendations"] = {"items": []}
    return Stubber(client)


async def test_the_hub_recommends(aws: Double, optimizer: Stubber, tmp_path: Path) -> None:
    aws.answers["ListRecommendations"] = {
        "items": [
            {
                "recommendationId": "r-1",
                "accountId": ACCOUNT,
                "region": "us-east-1",
                "resourceId": "i-1",
                "currentResourceType": "Ec2Instance",
                "currentResourceSummary": "p5.48xlarge",
                "recommendedResourceSummary": "p4d.24xlarge",
                "estimatedMonthlySavings": 1234.5,
                "currencyCode": "USD",
                "implementationEffort": "Medium",
                "restartNeeded": True,
                "actionType": "Rightsize",
                "rollbackPossible": False,
                "tags": [{"key": "colour", "value": "red"}, {"key": "team", "value": "nlp"}],
            }
        ]
    }
    optimizer.add_response("get_idle_recommendations", {"idleRecommendations": []}, {"maxResults": 1000})
    with optimizer:
        seen = await one_round(source(tmp_path, recommendations=True))
    hub, _ = of(seen, RecommendationsSeen)
    (found,) = hub.recommendations
    assert (found.action, found.resource, found.now, found.then) == ("Rightsize", "i-1", "p5.48xlarge", "p4d.24xlarge")
    assert (found.monthly_savings, found.needs_restart, found.can_be_undone) == (Decimal("1234.5"), True, False)
    assert found.owner == "nlp"


async def test_idle_resources_of_every_page(optimizer: Stubber, tmp_path: Path) -> None:
    savings = {"estimatedMonthlySavings": {"currency": "USD", "value": 88.0}, "savingsOpportunityPercentage": 100.0}
    idle = {
        "resourceArn": ARN,
        "resourceId": "i-1",
        "resourceType": "EC2Instance",
        "accountId": ACCOUNT,
        "finding": "Idle",
        "savingsOpportunity": savings,
    }
    failed = [{"identifier": "i-9", "code": "InternalError", "message": "x", "resourceType": "EC2Instance"}]
    first = {"idleRecommendations": [idle], "nextToken": "more", "errors": failed}
    optimizer.add_response("get_idle_recommendations", first, {"maxResults": 1000})
    second = {"idleRecommendations": [{"resourceArn": f"{ARN}2"}]}
    optimizer.add_response("get_idle_recommendations", second, {"maxResults": 1000, "nextToken": "more"})
    with optimizer:
        seen = await one_round(source(tmp_path, recommendations=True))
    found = of(seen, RecommendationsSeen)[-1].recommendations
    assert [(each.resource, each.monthly_savings, each.action) for each in found] == [
        ("i-1", Decimal("88.0"), "Stop"),
        (f"{ARN}2", None, "Stop"),
    ]
    assert health(seen).warnings == ("Compute Optimizer in us-east-1: 1 resources could not be looked at",)


async def test_tools_that_nobody_enabled_say_so(aws: Double, optimizer: Stubber, tmp_path: Path) -> None:
    aws.answers["ListRecommendations"] = Fault("ValidationException", "account is not enrolled")
    optimizer.add_client_error("get_idle_recommendations", "OptInRequiredException")
    with optimizer:
        seen = await one_round(source(tmp_path, recommendations=True))
    hub, optimized = health(seen).missing
    assert hub == "recommendations of the Cost Optimization Hub: ValidationException: account is not enrolled"
    assert optimized.endswith("found in us-east-1: not enabled in this account (OptInRequiredException)")
