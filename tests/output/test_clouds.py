"""What clouds say of money themselves, in reports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from finops_tui.model.cloud import Anomaly, Budget, Forecast, ForecastDay, Recommendation, RootCause
from finops_tui.model.cloud_facts import CloudFacts
from finops_tui.model.snapshot import Snapshot
from finops_tui.output import markdown, text
from tests.output.samples import HOSTILE, full_snapshot
from tests.output.test_money import BILL
from tests.samples import empty_snapshot

BUDGET = Budget(
    account="111111111111", name="gpu", kind="COST", period="MONTHLY", unit="USD", limit=Decimal(30_000),
    actual=Decimal(18_000), forecast=Decimal(31_500), about="Service: Amazon SageMaker",
)  # fmt: skip
ANOMALY = Anomaly(
    id="an-1", account="111111111111", start=date(2026, 3, 8), end=None, subject="Amazon EC2", impact=Decimal("4120.5"),
    actual=None, expected=Decimal(5000), causes=(RootCause(service="Amazon EC2", usage_type="BoxUsage:p5"),),
)  # fmt: skip
ADVICE = Recommendation(
    id="r-1", account="111111111111", region="us-east-1", action="Rightsize", resource="i-0abc", resource_type="",
    monthly_savings=Decimal("11250.4"), owner="nlp", by="Compute Optimizer",
)  # fmt: skip
EXPECTED = Forecast(
    account="111111111111", currency="USD", likelihood=0.8,
    days=tuple(
        ForecastDay(day=date(2026, 3, day), mean=Decimal(700), low=Decimal(600), high=Decimal(800)) for day in (30, 31)
    ),
)  # fmt: skip


def told(**facts: object) -> Snapshot:
    return replace(empty_snapshot(), cloud=CloudFacts(**facts))  # type: ignore[arg-type] # test data by name


def rows(snapshot: Snapshot) -> list[list[str]]:
    return [line.split() for line in text.write(snapshot).splitlines()]


def test_budgets_anomalies_and_recommendations_stand_in_a_report() -> None:
    said = rows(told(budgets=(BUDGET,), anomalies=(ANOMALY,), recommendations=(ADVICE,)))
    account = "111111111111"
    money = ["30,000", "18,000", "60", "31,500", "105"]
    assert ["gpu", account, *["Service:", "Amazon", "SageMaker"], "monthly", "USD", *money] in said
    cause = ["Amazon", "EC2", "BoxUsage:p5"]
    assert ["Amazon", "EC2", account, *cause, "–", "2026-03-08", "4,120", "5,000"] in said
    assert ["i-0abc", "Rightsize", account, "nlp", "Compute", "Optimizer", "USD", "11,250"] in said


def test_what_a_cloud_does_not_tell_is_no_zero() -> None:
    said = rows(told(budgets=(replace(BUDGET, limit=None, actual=None, forecast=None, trouble="no data"),)))
    assert ["gpu:", "no", "data"] in said
    assert any(line[-5:] == ["–"] * 5 for line in said)


def test_without_a_cloud_there_are_no_empty_tables() -> None:
    said = text.write(empty_snapshot())
    assert "of the clouds" not in said
    assert "the clouds found" not in said


def test_what_a_cloud_expects_and_what_asking_has_cost_are_told() -> None:
    whole = full_snapshot()
    source = replace(whole.sources[0], name="aws prod", note="$0.22 of $4 this month")
    snapshot = replace(whole, sources=(source,), bills=(BILL,), cloud=CloudFacts(forecasts=(EXPECTED,)))
    said = " ".join(text.write(snapshot).split())
    assert "aws prod: what asking has cost: $0.22 of $4 this month" in said
    assert "111111111111: its cloud expects 1,400 USD more until 2026-03-31" in said


def test_names_from_outside_leave_it_harmless() -> None:
    hostile = told(
        budgets=(replace(BUDGET, name=HOSTILE, about=HOSTILE, trouble=HOSTILE),),
        anomalies=(replace(ANOMALY, subject=HOSTILE),),
        recommendations=(replace(ADVICE, resource=HOSTILE, action=HOSTILE, owner=HOSTILE),),
    )
    for said in (text.write(hostile), markdown.write(hostile)):
        assert all(each.isprintable() or each == "\n" for each in said)
