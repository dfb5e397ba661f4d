"""Money, as a real moto server answers: Cost Explorer and Athena seeded, Budgets as they are made there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from finops_tui.ledger.costs import costs as billed
from finops_tui.ledger.drill import Drill
from finops_tui.ledger.query import CostQuery, CostRow
from finops_tui.model.cloud import Budget, BudgetsSeen
from finops_tui.model.health import HealthState
from finops_tui.model.observations import BillsSeen
from finops_tui.sources.aws.drill import AwsExport
from finops_tui.sources.aws.export_sql import COLUMNS
from finops_tui.sources.aws.settings import Athena
from finops_tui.sources.billing.drill_sql import columns as drill_columns
from tests.servers.moto_server import Moto, moto_fixture  # noqa: F401 - a fixture: pytest finds it here
from tests.sources.aws.world import (
    ACCOUNT,
    NOW,
    HandClock,
    bucket,
    costs,
    group,
    health,
    ledger,
    of,
    one_round,
    settings,
    source,
    until,
)

BILLS = {"bills": True, "forecast": False, "anomalies": False}
SAGEMAKER = "Amazon SageMaker"
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
EXPORT = {"region": "eu-west-1", "database": "billing", "table": "cur"}


def asked_ledger(folder: Path, *by: str) -> tuple[CostRow, ...]:
    query = CostQuery(since=NOVEMBER, until=NOVEMBER + timedelta(days=30), by=by)
    return billed(ledger(folder), query).rows


async def test_a_bill_of_several_pages_comes_into_the_ledger_view_by_view(moto: Moto, tmp_path: Path) -> None:
    first = bucket("2026-11-18", group(SAGEMAKER, "Usage", billed="100", effective="80"), estimated=False)
    second = bucket("2026-11-19", group(SAGEMAKER, "Usage", billed="20"), group("Tax", "Tax", billed="3"))
    moto.costs(
        costs(first, token="page 2"),
        costs(second),
        costs(bucket("2026-11-18", group("ml.p5.48xlarge", "Spot Instances", billed="100"))),
        costs(bucket("2026-11-18", group(SAGEMAKER, "USE1-Train:ml.p5.48xlarge", billed="100"))),
        costs(bucket("2026-11-18", group("team$research", SAGEMAKER, billed="100"))),
    )
    watched = source(tmp_path, tags=["team"], **BILLS)
    seen = await one_round(watched)
    (told,) = of(seen, BillsSeen)
    assert [(day.day, day.service, day.usage, day.effective, day.taxes, day.final) for day in told.days] == [
        (date(2026, 11, 18), SAGEMAKER, Decimal(100), Decimal(80), Decimal(0), True),
        (date(2026, 11, 19), SAGEMAKER, Decimal(20), Decimal(20), Decimal(0), False),
        (date(2026, 11, 19), "Tax", Decimal(0), Decimal(0), Decimal(3), False),
    ]
    assert told.through == datetime(2026, 11, 20, tzinfo=UTC)
    assert sum(row.usage for row in asked_ledger(tmp_path)) == 120
    assert [(row.key, row.usage) for row in asked_ledger(tmp_path, "instance")] == [(("ml.p5.48xlarge",), Decimal(100))]
    assert [(row.key, row.usage) for row in asked_ledger(tmp_path, "team")] == [(("research",), Decimal(100))]
    assert (health(seen).state, health(seen).missing, health(seen).warnings) == (HealthState.POLLED, (), ())
    assert watched.request_cost == "$0.05 of $4 this month"


async def test_what_is_restated_replaces_what_was_said(moto: Moto, tmp_path: Path) -> None:
    nothing = costs()
    moto.costs(
        costs(bucket("2026-11-18", group(SAGEMAKER, "Usage", billed="100"))),
        nothing,
        nothing,
        costs(bucket("2026-11-18", group(SAGEMAKER, "Usage", billed="90"), group(SAGEMAKER, "Credit", billed="-40"))),
    )
    seen = await until(source(tmp_path, HandClock(), **BILLS), lambda seen: len(of(seen, BillsSeen)) == 2)
    first, second = of(seen, BillsSeen)
    assert [(day.usage, day.credits) for day in first.days] == [(Decimal(100), Decimal(0))]
    assert [(day.usage, day.credits) for day in second.days] == [(Decimal(90), Decimal(-40))]
    assert second.at - first.at >= timedelta(hours=6)
    (row,) = asked_ledger(tmp_path)
    assert (row.usage, row.credits) == (Decimal(90), Decimal(-40))


async def test_an_account_without_charges_is_not_one_that_costs_nothing(moto: Moto, tmp_path: Path) -> None:
    moto.costs()
    seen = await one_round(source(tmp_path, **BILLS))
    assert of(seen, BillsSeen) == []
    assert asked_ledger(tmp_path) == ()
    assert health(seen).warnings == (
        "cost by service: AWS answered no charges at all, which is not the same as $0",
        "cost by usage type: AWS answered no charges at all, which is not the same as $0",
    )


async def test_what_is_answered_by_something_else_than_aws_is_said_in_few_words(moto: Moto, tmp_path: Path) -> None:
    """moto has no forecast: it answers with a page of HTML, as a proxy may."""
    moto.costs(costs(bucket("2026-11-18", group(SAGEMAKER, "Usage"))))
    seen = await one_round(source(tmp_path, **{**BILLS, "forecast": True}))
    said = health(seen)
    assert said.missing == ("the forecast of AWS: HTTP 500, not in the words of AWS",)
    assert said.hint.startswith("Check HTTPS_PROXY and AWS_ENDPOINT_URL")
    assert len(of(seen, BillsSeen)) == 1


async def test_budgets_say_how_far_they_are_used(moto: Moto, tmp_path: Path) -> None:
    spend = {"ActualSpend": {"Amount": "812.5", "Unit": "USD"}, "ForecastedSpend": {"Amount": "1400", "Unit": "USD"}}
    gpu = {"BudgetName": "gpu", "BudgetType": "COST", "TimeUnit": "MONTHLY", "CalculatedSpend": spend}
    limit = {"BudgetLimit": {"Amount": "1000", "Unit": "USD"}, "CostFilters": {"Service": [SAGEMAKER]}}
    hours = {"BudgetName": "hours", "BudgetType": "USAGE", "TimeUnit": "DAILY"}
    allowed = {"BudgetLimit": {"Amount": "96", "Unit": "Hrs"}}
    for budget in ({**gpu, **limit}, {**hours, **allowed}):
        moto.client("budgets").create_budget(AccountId=ACCOUNT, Budget=budget)
    (told,) = of(await one_round(source(tmp_path, budgets=True)), BudgetsSeen)
    assert told.budgets == (
        Budget(
            account=ACCOUNT, name="gpu", kind="COST", period="MONTHLY", unit="USD", limit=Decimal(1000),
            actual=Decimal("812.5"), forecast=Decimal(1400), about=f"Service: {SAGEMAKER}",
        ),
        Budget(
            account=ACCOUNT, name="hours", kind="USAGE", period="DAILY", unit="Hrs", limit=Decimal(96),
            actual=Decimal(0), forecast=Decimal(0),
        ),
    )  # fmt: skip
    assert told.at == NOW


async def test_cost_by_resource_and_hour_comes_out_of_a_query(moto: Moto, tmp_path: Path) -> None:
    row = (
        "2026-11-20 03:00:00.000", "222222222222", "AmazonEC2", "us-east-1", "p5.48xlarge", "i-1", "DiscountedUsage",
        "USD", "55.04", "32.5", None, "research",
    )  # fmt: skip
    moto.query_results((*COLUMNS, "tag0"), row, region="eu-west-1")
    watched = source(tmp_path, athena=EXPORT, tags=["team"])
    said = health(await one_round(watched))
    assert (said.missing, said.warnings) == ((), ())
    (found,) = asked_ledger(tmp_path, "resource", "team")
    assert (found.key, found.usage, found.effective) == (("i-1", "research"), Decimal("55.04"), Decimal("32.5"))
    assert watched.request_cost == "$0.00 of $4 this month"
    athena = moto.client("athena", region="eu-west-1")
    (query,) = athena.list_query_executions()["QueryExecutionIds"]
    asked = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
    assert 'FROM "billing"."cur"' in asked["Query"]
    assert (asked["QueryExecutionContext"], asked["WorkGroup"]) == ({"Database": "billing"}, "primary")


async def test_a_work_group_that_is_not_there_is_named(moto: Moto, tmp_path: Path) -> None:
    moto.query_results(COLUMNS, region="eu-west-1")
    seen = await one_round(source(tmp_path, athena={**EXPORT, "workgroup": "finops"}))
    assert health(seen).missing == ("cost by resource and hour: InvalidRequestException: WorkGroup does not exist",)


async def test_a_drill_down_comes_out_of_a_query(moto: Moto, tmp_path: Path) -> None:
    moto.query_results(
        drill_columns(1), ("i-1", "USD", "1", "55.04", "32.5", "1"), (None, "USD", "21", "4", "4", "9"),
        region="eu-west-1",
    )  # fmt: skip
    export = Athena.model_validate(EXPORT)
    asked = AwsExport(settings(), export, HandClock(), tmp_path, {"team": ("team",)})
    question = Drill(since=NOVEMBER, until=NOVEMBER + timedelta(days=2), by=("resource",))
    found = await asked.ask(question)
    assert [(row.key, row.effective) for row in found.rows] == [(("i-1",), Decimal("32.5"))]
    assert (found.totals["USD"].effective, found.usd) == (Decimal("36.5"), Decimal(0))
    athena = moto.client("athena", region="eu-west-1")
    (query,) = athena.list_query_executions()["QueryExecutionIds"]
    run = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
    assert "ROW_NUMBER() OVER (PARTITION BY currency" in run["Query"]
    assert run["QueryExecutionContext"] == {"Database": "billing"}
