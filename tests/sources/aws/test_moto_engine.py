"""A whole account in the real engine: moto over HTTP, and botocore's Stubber for the questions that moto lacks.

The Stubber holds question and answer against AWS's own model of the service, but nothing of it goes over the wire: for
that, the tests with the double are there.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # boto3 ships no types
import pytest
from botocore.stub import Stubber  # type: ignore[import-untyped]  # the same

from finops_tui.clock import WallClock
from finops_tui.engine.feed import Feed
from finops_tui.engine.settings import EngineSettings
from finops_tui.ledger.costs import costs as billed
from finops_tui.ledger.query import CostQuery
from finops_tui.model.health import HealthState
from finops_tui.model.snapshot import Mode, Snapshot
from finops_tui.sources.aws.sessions import Door
from finops_tui.wiring.engine import engine_on
from tests.servers.moto_server import Moto, moto_fixture  # noqa: F401 - a fixture: pytest finds it here
from tests.sources.aws.moto_machines import GPU, batch_queue, endpoint, node_group, scaling_group
from tests.sources.aws.world import ACCOUNT, bucket, costs, group, ledger, source

PATIENCE_SECONDS = 60.0
SAGEMAKER = "Amazon SageMaker"


class Half:
    """A client whose stubbed methods ask nobody."""

    def __init__(self, real: Any, stubbed: Any, methods: frozenset[str]) -> None:
        self._real, self._stubbed, self._methods = real, stubbed, methods

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stubbed if name in self._methods else self._real, name)


def stub(monkeypatch: pytest.MonkeyPatch, service: str, *answers: tuple[str, Mapping[str, Any]]) -> Stubber:
    """Answer some methods of a service in this order; all others are asked of moto."""
    client = boto3.client(service, region_name="us-east-1")
    stubber = Stubber(client)
    for method, answer in answers:
        stubber.add_response(method, answer)
    stubber.activate()
    whole, methods = Door.client, frozenset(method for method, _ in answers)

    def some(door: Door, wanted: str, *args: Any) -> Any:
        real = whole(door, wanted, *args)
        return Half(real, client, methods) if wanted == service else real

    monkeypatch.setattr(Door, "client", some)
    return stubber


def lacking(monkeypatch: pytest.MonkeyPatch, moto: Moto, today: datetime) -> list[Stubber]:
    """Return what stands in for moto's gaps."""
    day = {"Start": f"{today:%Y-%m-%d}", "End": f"{today + timedelta(days=1):%Y-%m-%d}"}
    daily = {"TimePeriod": day, "MeanValue": "50"}
    forecast = {"Total": {"Amount": "50", "Unit": "USD"}, "ForecastResultsByTime": [daily]}
    anomaly = {
        "AnomalyId": "a-1",
        "AnomalyStartDate": f"{today:%Y-%m-%d}",
        "DimensionValue": SAGEMAKER,
        "AnomalyScore": {"MaxScore": 1.0, "CurrentScore": 1.0},
        "Impact": {"MaxImpact": 900.0, "TotalImpact": 900.0},
        "MonitorArn": "arn:aws:ce::1:anomalymonitor/m",
    }
    filters = [{"Name": "instance-type", "Values": ["p*", "g*", "trn*", "inf*", "dl*"]}]
    types = moto.client("ec2").describe_instance_types(Filters=filters)["InstanceTypes"]
    offers = [("get_products", {"PriceList": [product(each["InstanceType"])]}) for each in types if accelerates(each)]
    saving = {"recommendationId": "r-1", "accountId": ACCOUNT, "actionType": "Stop", "estimatedMonthlySavings": 700.0}
    idle = {"resourceArn": "arn:aws:ec2:us-east-1:1:instance/i-1", "accountId": ACCOUNT, "finding": "Idle"}
    return [
        stub(monkeypatch, "ce", ("get_anomalies", {"Anomalies": [anomaly]}), ("get_cost_forecast", forecast)),
        stub(monkeypatch, "pricing", *offers),
        stub(monkeypatch, "cost-optimization-hub", ("list_recommendations", {"items": [saving]})),
        stub(monkeypatch, "compute-optimizer", ("get_idle_recommendations", {"idleRecommendations": [idle]})),
    ]


def accelerates(machine: Mapping[str, Any]) -> bool:
    return any(name in machine for name in ("GpuInfo", "NeuronInfo", "InferenceAcceleratorInfo"))


def product(machine: str) -> str:
    dimension = {"unit": "Hrs", "pricePerUnit": {"USD": "55.04"}}
    attributes = {"instanceType": machine, "regionCode": "us-east-1"}
    terms = {"OnDemand": {"T": {"priceDimensions": {"D": dimension}}}}
    return json.dumps({"product": {"attributes": attributes}, "terms": terms})


async def shown(folder: Path, clock: WallClock, **asked: object) -> Snapshot:
    """Return the first snapshot in which the source has been asked for everything."""
    feed = Feed()
    watched = source(folder, clock, **asked)
    engine = engine_on((watched,), clock, feed, settings=EngineSettings(refresh_seconds=0.2), mode=Mode.LIVE)
    told: asyncio.Future[Snapshot] = asyncio.get_running_loop().create_future()

    def look() -> None:
        snapshot = feed.snapshot
        rows = snapshot.sources if snapshot is not None else ()
        if snapshot is not None and rows and rows[0].state is not HealthState.CONNECTING and not told.done():
            told.set_result(snapshot)

    feed.subscribe(look)
    running = asyncio.create_task(engine.run())
    try:
        return await asyncio.wait_for(told, PATIENCE_SECONDS)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_everything_that_aws_says_stands_in_the_snapshot_and_in_the_ledger(
    moto: Moto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = WallClock()
    today = clock.now()
    spend = {"ActualSpend": {"Amount": "812.5", "Unit": "USD"}}
    limit = {"Amount": "1000", "Unit": "USD"}
    budget = {"BudgetName": "gpu", "BudgetLimit": limit, "TimeUnit": "MONTHLY", "BudgetType": "COST"}
    moto.client("budgets").create_budget(AccountId=ACCOUNT, Budget={**budget, "CalculatedSpend": spend})
    scaling_group(moto, "train")
    node_group(moto, "prod", "gpu")
    endpoint(moto, "chat", machines=2)
    batch_queue(moto, "jobs", environment="batch", state="ENABLED")
    day = f"{today - timedelta(days=2):%Y-%m-%d}"
    moto.costs(
        costs(bucket(day, group(SAGEMAKER, "Usage", billed="120"))),
        costs(bucket(day, group(GPU, "On Demand Instances", billed="100"))),
        costs(bucket(day, group(SAGEMAKER, "USE1-Train:ml.p5.48xlarge", billed="120"))),
    )
    stubbers = lacking(monkeypatch, moto, today)
    whole = ("bills", "budgets", "prices", "groups", "machine_learning", "recommendations")
    snapshot = await shown(tmp_path, clock, **dict.fromkeys(whole, True))
    (row,) = snapshot.sources
    assert (row.name, row.state, row.missing, row.stale) == ("aws prod", HealthState.POLLED, (), False)
    cloud = snapshot.cloud
    assert [(each.name, each.actual, each.limit) for each in cloud.budgets] == [
        ("gpu", Decimal("812.5"), Decimal(1000))
    ]
    assert [each.why for each in snapshot.findings if each.kind == "budget"] == [
        f"Budget gpu of {ACCOUNT} has passed 75%: 812 USD of 1,000 USD are spent, as its cloud tells."
    ]
    assert {(each.kind, each.name, each.desired) for each in cloud.groups} == {
        ("asg", "train", 2),
        ("eks-nodegroup", "gpu", 3),
        ("sagemaker-endpoint", "blue", 2),
        ("batch-environment", "batch", 96),
    }
    assert [(each.name, each.open) for each in cloud.queues] == [("jobs", True)]
    assert [(each.account, each.currency, each.total) for each in cloud.forecasts] == [(ACCOUNT, "USD", Decimal(50))]
    assert [(each.subject, each.impact) for each in cloud.anomalies] == [(SAGEMAKER, Decimal(900))]
    assert {(each.by, each.resource or each.id) for each in cloud.recommendations} == {
        ("Cost Optimization Hub", "r-1"),
        ("Compute Optimizer", "arn:aws:ec2:us-east-1:1:instance/i-1"),
    }
    for stubber in stubbers:
        stubber.assert_no_pending_responses()
    query = CostQuery(since=today - timedelta(days=5), until=today, by=("service",))
    assert [(row.key, row.usage) for row in billed(ledger(tmp_path), query).rows] == [((SAGEMAKER,), Decimal(120))]


async def test_what_is_lacking_stands_in_the_snapshot_beside_what_is_there(moto: Moto, tmp_path: Path) -> None:
    scaling_group(moto, "train")
    snapshot = await shown(tmp_path, WallClock(), groups=True, recommendations=True)
    (row,) = snapshot.sources
    assert row.state is HealthState.PARTIAL
    assert row.missing == (
        "recommendations of the Cost Optimization Hub: HTTP 500, not in the words of AWS",
        "idle resources that Compute Optimizer found in us-east-1: HTTP 500, not in the words of AWS",
    )
    assert [each.name for each in snapshot.cloud.groups] == ["train"]
