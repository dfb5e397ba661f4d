"""Forecast, anomalies and budgets: what AWS itself thinks of the bill."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from finops_tui.model.cloud import AnomaliesSeen, BudgetsSeen, ForecastSeen
from finops_tui.model.health import HealthState
from tests.sources.aws.double import Double
from tests.sources.aws.world import ACCOUNT, NOW, HandClock, bucket, costs, group, health, of, one_round, source


def bills(aws: Double) -> None:
    aws.answers["GetCostAndUsage"] = costs(bucket("2026-11-18", group("a", "b")))


async def test_the_forecast_runs_from_today_to_the_end_of_the_month(aws: Double, tmp_path: Path) -> None:
    bills(aws)
    aws.answers["GetCostForecast"] = {
        "Total": {"Amount": "110", "Unit": "USD"},
        "ForecastResultsByTime": [
            {
                "TimePeriod": {"Start": "2026-11-20", "End": "2026-11-21"},
                "MeanValue": "11.5",
                "PredictionIntervalLowerBound": "9",
                "PredictionIntervalUpperBound": "14",
            },
            {"TimePeriod": {"Start": "2026-11-21", "End": "2026-11-22"}, "MeanValue": "12"},
            {"TimePeriod": {"Start": "2026-11-22", "End": "2026-11-23"}, "MeanValue": "?"},
        ],
    }
    seen = await one_round(source(tmp_path, bills=True, anomalies=False))
    (told,) = of(seen, ForecastSeen)
    first, second = told.days
    assert (first.day, first.mean, first.low, first.high) == (
        date(2026, 11, 20),
        Decimal("11.5"),
        Decimal(9),
        Decimal(14),
    )
    assert (second.low, second.mean, second.high) == (Decimal(12), Decimal(12), Decimal(12))
    assert (told.currency, told.likelihood, told.account, told.at) == ("USD", 0.8, ACCOUNT, NOW)
    (asked,) = aws.of("GetCostForecast")
    assert asked.params["TimePeriod"] == {"Start": "2026-11-20", "End": "2026-12-01"}
    assert asked.params["PredictionIntervalLevel"] == 80


async def test_a_forecast_that_aws_cannot_make_is_missing_not_zero(aws: Double, tmp_path: Path) -> None:
    bills(aws)
    aws.answers["GetCostForecast"] = {"Total": {"Amount": "0", "Unit": "USD"}, "ForecastResultsByTime": []}
    seen = await one_round(source(tmp_path, bills=True, anomalies=False))
    assert of(seen, ForecastSeen) == []
    assert health(seen).missing == ("the forecast of AWS: AWS gives no forecast",)


async def test_the_last_day_of_a_month_has_a_forecast_too(aws: Double, tmp_path: Path) -> None:
    bills(aws)
    day = {"TimePeriod": {"Start": "2026-12-31", "End": "2027-01-01"}, "MeanValue": "1"}
    aws.answers["GetCostForecast"] = {"Total": {"Amount": "1", "Unit": "USD"}, "ForecastResultsByTime": [day]}
    clock = HandClock(datetime(2026, 12, 31, 23, tzinfo=UTC))
    await one_round(source(tmp_path, clock, bills=True, anomalies=False))
    assert aws.of("GetCostForecast")[0].params["TimePeriod"] == {"Start": "2026-12-31", "End": "2027-01-01"}


async def test_anomalies_come_with_their_root_causes(aws: Double, tmp_path: Path) -> None:
    bills(aws)
    anomaly = {
        "AnomalyId": "a-1",
        "AnomalyStartDate": "2026-11-18T00:00:00Z",
        "AnomalyEndDate": "2026-11-19T00:00:00Z",
        "DimensionValue": "Amazon SageMaker",
        "AnomalyScore": {"MaxScore": 0.9, "CurrentScore": 0.8},
        "Impact": {"MaxImpact": 900.5, "TotalImpact": 1200.25, "TotalActualSpend": 1500.25, "TotalExpectedSpend": 300},
        "MonitorArn": "arn:aws:ce::123456789012:anomalymonitor/1",
        "RootCauses": [
            {
                "Service": "Amazon SageMaker",
                "Region": "us-east-1",
                "LinkedAccount": "222222222222",
                "LinkedAccountName": "training",
                "UsageType": "USE1-Train:ml.p5.48xlarge",
                "Impact": {"Contribution": 1100},
            }
        ],
        "Feedback": "PLANNED_ACTIVITY",
    }
    odd = {**anomaly, "AnomalyId": "a-2", "AnomalyStartDate": "", "RootCauses": []}
    aws.answers["GetAnomalies"] = {"Anomalies": [anomaly, odd]}
    seen = await one_round(source(tmp_path, bills=True, forecast=False))
    (told,) = of(seen, AnomaliesSeen)
    (found,) = told.anomalies
    assert (found.id, found.start, found.end) == ("a-1", date(2026, 11, 18), date(2026, 11, 19))
    assert (found.impact, found.actual, found.expected) == (Decimal("1200.25"), Decimal("1500.25"), Decimal(300))
    (cause,) = found.causes
    assert (cause.account, cause.usage_type, cause.contribution) == (
        "training",
        "USE1-Train:ml.p5.48xlarge",
        Decimal(1100),
    )
    assert found.feedback == "PLANNED_ACTIVITY"
    assert health(seen).warnings == ("anomalies: 1 without a day or an amount are left out",)
    assert aws.of("GetAnomalies")[0].params["DateInterval"] == {"StartDate": "2026-10-21"}


async def test_budgets_are_read_for_nothing(aws: Double, tmp_path: Path) -> None:
    spend = {"ActualSpend": {"Amount": "812.5", "Unit": "USD"}, "ForecastedSpend": {"Amount": "1300", "Unit": "USD"}}
    gpu = {
        "BudgetName": "gpu",
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": "1000", "Unit": "USD"},
        "CalculatedSpend": spend,
        "FilterExpression": {
            "And": [
                {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon SageMaker"]}},
                {"Not": {"Tags": {"Key": "team", "Values": ["platform"]}}},
            ]
        },
        "HealthStatus": {"Status": "UNHEALTHY", "StatusReason": "BILLING_VIEW_NO_ACCESS"},
    }
    planned = {"BudgetName": "planned", "BudgetType": "COST", "TimeUnit": "ANNUALLY"}
    aws.answers["DescribeBudgets"] = {"Budgets": [gpu, planned]}
    watched = source(tmp_path, budgets=True)
    seen = await one_round(watched)
    (told,) = of(seen, BudgetsSeen)
    first, second = told.budgets
    assert (first.limit, first.actual, first.forecast, first.unit) == (
        Decimal(1000),
        Decimal("812.5"),
        Decimal(1300),
        "USD",
    )
    assert first.about == "SERVICE: Amazon SageMaker and not team: platform"
    assert first.trouble == "BILLING_VIEW_NO_ACCESS"
    assert (second.limit, second.actual, second.forecast) == (None, None, None)
    assert watched.request_cost == "$0.00 of $4 this month"
    assert health(seen).state is HealthState.POLLED
