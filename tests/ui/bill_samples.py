"""A snapshot with bills: the month, what the estimate is off by, budgets, anomalies and recommendations."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from msgspec.structs import replace

from finops_tui.model.billing import (
    BillCheck,
    BillRow,
    BudgetRow,
    CheckedDay,
    CheckedService,
    MonthRow,
    OtherCurrency,
    Outlook,
    Period,
)
from finops_tui.model.cloud import Anomaly, Budget, Recommendation, RootCause
from finops_tui.model.cloud_facts import CloudFacts
from finops_tui.model.finding import Remedy, Severity
from finops_tui.model.plan import Risk
from finops_tui.model.scope import Scope, ScopeKind
from tests.ui.desk import RETRAIN_TARGET
from tests.ui.outside_samples import OUTSIDE
from tests.ui.samples import FINDINGS, HEADLINE, INCIDENT, JUDGE, NOW, ago, dollars, finding

MIDNIGHT = datetime(2026, 3, 12, tzinfo=UTC)


def bill(account: str, name: str, usage: float, *, currency: str = "USD", source: str = "aws prod") -> BillRow:
    return BillRow(
        key=f"{source}/{account}/{currency}",
        source=source,
        provider=source.partition(" ")[0],
        account=account,
        name=name,
        currency=currency,
        month=date(2026, 3, 1),
        usage=usage,
        effective=usage * 1.016,
        credits=-usage * 0.006,
        taxes=usage * 0.005,
        purchases=0.0,
        adjustments=0.0,
        last_month=usage * 2.4,
        last_day=date(2026, 3, 11),
        through=MIDNIGHT,
        final=False,
        counted=True,
        at=ago(18_000),
        stale=False,
    )


BILLS = (
    bill("111111111111", "prod", 198_412.07),
    bill("222222222222", "research", 31_004.5),
    replace(bill("ml-project", "", 9_120.0, source="gcp"), last_month=None, through=None),
    replace(bill("eu-subscription", "EU", 8_104.6, currency="EUR", source="azure"), final=True),
    replace(bill("222222222222", "research", 30_990.0, source="clouds"), counted=False),
)


def service(account: str, name: str, billed: float, difference: float, **given: object) -> CheckedService:
    fields: dict[str, object] = {
        "key": f"{account}/{name}",
        "account": account,
        "service": name,
        "clusters": ("prod-us",),
        "estimated_usd": billed * (1 + difference),
        "billed_usd": billed,
        "difference": difference,
        "factor": 1 / (1 + difference),
        "spread": 0.012,
        "days": 7,
        "remarkable": False,
    }
    return CheckedService(**(fields | given))  # type: ignore[arg-type]  # test data by name


SERVICES = (
    service("111111111111", "Amazon Elastic Compute Cloud", 121_800.0, 0.022),
    service("ml-project", "Compute Engine", 5_210.0, 0.182, clusters=("prod-eu", "edge-eu"), spread=0.094, days=5,
            remarkable=True),
)  # fmt: skip
CHECK = BillCheck(
    line="estimate vs bill +3.1 % over 7 d",
    difference=0.031,
    spread=0.021,
    estimated_usd=130_947.0,
    billed_usd=127_010.0,
    corrected_usd=126_800.0,
    unestimated_usd=11_320.0,
    amortised_usd=2_040.0,
    credits_usd=-1_190.0,
    taxes_usd=940.0,
    days=7,
    through=date(2026, 3, 10),
    services=SERVICES,
    rows=(
        CheckedDay(
            key="a", account="ml-project", service="Compute Engine", day=date(2026, 3, 10), estimated_usd=1_240.0,
            billed_usd=1_050.0, difference=0.181,
        ),
    ),
    unmatched=("prod-eu-2: no entry under bills.clusters: names its account.",),
    at=ago(18_000),
)  # fmt: skip
OUTLOOK = Outlook(
    first=date(2026, 3, 1),
    last=date(2026, 3, 31),
    billed_usd=238_536.0,
    billed_through=MIDNIGHT,
    estimated_usd=31_400.0,
    carried_usd=2_310.0,
    usd=272_246.0,
    gaps=0,
    daily_usd=21_160.0,
    expected_usd=612_300.0,
    low_usd=598_200.0,
    high_usd=640_900.0,
    straight_usd=655_960.0,
    days_left=19,
)
MONTH = MonthRow(
    outlook=OUTLOOK,
    limit_usd=600_000.0,
    expected_ratio=1.0205,
    week_usd=148_300.0,
    week_before_usd=142_500.0,
    week_change=0.041,
    last_month_usd=558_100.0,
    last_month_so_far_usd=231_000.0,
    month_change=-0.028,
    others=(OtherCurrency(currency="EUR", billed=8_234.0),),
    at=NOW,
)
UNKNOWN_OUTLOOK = replace(
    OUTLOOK,
    billed_usd=0.0,
    billed_through=None,
    estimated_usd=0.0,
    carried_usd=0.0,
    usd=None,
    gaps=3,
    expected_usd=None,
    low_usd=None,
    high_usd=None,
    straight_usd=None,
    missing="3 days are neither billed nor were watched.",
)

TEAM_BUDGET = BudgetRow(
    key="nlp",
    name="nlp",
    kind="team",
    scope="nlp",
    period=Period.MONTH,
    limit_usd=180_000.0,
    outlook=replace(OUTLOOK, usd=96_400.0, expected_usd=221_000.0),
    used=0.536,
    prorated=0.41,
    daily_allowance_usd=4_400.0,
    expected=1.228,
    reached=0.5,
    breach_on=date(2026, 3, 24),
    at=NOW,
)


def cloud_budget(name: str, limit: str | None, actual: str | None, forecast: str | None, **given: str) -> Budget:
    fields = {"account": "111111111111", "name": name, "kind": "COST", "period": "MONTHLY", "unit": "USD"} | given
    return Budget(
        limit=None if limit is None else Decimal(limit),
        actual=None if actual is None else Decimal(actual),
        forecast=None if forecast is None else Decimal(forecast),
        **fields,
    )


CLOUD = CloudFacts(
    budgets=(
        cloud_budget("sagemaker", "40000", "36800", "39100", about="Service: Amazon SageMaker"),
        cloud_budget("eu-all", "25000", "8104.6", "19800", unit="EUR", account="eu-subscription"),
        cloud_budget("sp-use", "95", "88", None, unit="PERCENTAGE", kind="SAVINGS_PLANS_UTILIZATION"),
        cloud_budget("auto", None, "1200", None),
    ),
    anomalies=(
        Anomaly(
            id="an-1",
            account="111111111111",
            start=date(2026, 3, 11),
            end=None,
            subject="Amazon Elastic Compute Cloud",
            impact=Decimal("4120.5"),
            actual=Decimal(9120),
            expected=Decimal("4999.5"),
            causes=(
                RootCause(
                    service="Amazon EC2", region="us-east-1", usage_type="BoxUsage:p5", contribution=Decimal(4000)
                ),
            ),
            feedback="PLANNED_ACTIVITY",
        ),
        Anomaly(
            id="an-2",
            account="222222222222",
            start=date(2026, 3, 9),
            end=date(2026, 3, 10),
            subject="AWS Data Transfer",
            impact=Decimal(310),
            actual=None,
            expected=None,
        ),
    ),
    recommendations=(
        Recommendation(
            id="r-1",
            account="111111111111",
            region="us-east-1",
            action="Rightsize",
            resource="i-0abc1234def567890",
            resource_type="Ec2Instance",
            now="p4d.24xlarge",
            then="g5.48xlarge",
            monthly_savings=Decimal("11250.4"),
            can_be_undone=True,
            needs_restart=True,
            effort="Medium",
            by="Compute Optimizer",
        ),
        Recommendation(
            id="r-2",
            account="222222222222",
            region="",
            action="PurchaseSavingsPlans",
            resource="ComputeSavingsPlans",
            resource_type="",
            monthly_savings=Decimal(6400),
            can_be_undone=False,
            by="Cost Optimization Hub",
        ),
        Recommendation(
            id="r-3",
            account="eu-subscription",
            region="westeurope",
            action="Delete",
            resource="disk-ckpt-old",
            resource_type="Disk",
            monthly_savings=Decimal(420),
            currency="EUR",
            effort="VeryLow",
            by="Advisor",
        ),
        Recommendation(
            id="r-4",
            account="111111111111",
            region="us-west-2",
            action="Stop",
            resource="i-0ffffffffffffffff",
            resource_type="Ec2Instance",
            by="Compute Optimizer",
        ),
    ),
    outside=OUTSIDE,
)  # fmt: skip
STOP = Remedy(
    action="scale",
    target=RETRAIN_TARGET,
    what="scale 2→0",
    saves_usd_per_hour=6.1,
    saves_when="at once",
    slo_risk=Risk.NONE,
)
ZOMBIE = replace(JUDGE, kind="zombie", key="zombie/workload/judge-70b", remedies=(STOP,))
UNOWNED = replace(
    finding(
        "(unowned)",
        Severity.INFO,
        "",
        6.1,
        None,
        18_000,
        kind="unowned",
        cluster="",
        scope=Scope(ScopeKind.TEAM, "(unowned)"),
        why="$6.1/h of $1,284/h has no owner.",
    ),
    excess_usd_per_hour=None,
)

BILLED = replace(
    INCIDENT,
    headline=replace(
        HEADLINE,
        today_budget_usd=21_000.0,
        month_to_date_usd=dollars(272_246.0, "USD"),
        month_end_usd=dollars(612_300.0, "USD"),
        month_budget_usd=600_000.0,
    ),
    findings=(*FINDINGS[:-1], ZOMBIE, UNOWNED),
    bills=BILLS,
    reconciliation=CHECK,
    month=MONTH,
    budgets=(TEAM_BUDGET,),
    cloud=CLOUD,
)
NOTHING_BILLED = replace(
    INCIDENT,
    reconciliation=replace(
        CHECK,
        line="estimate vs bill –: nothing is billed in US dollars yet.",
        missing="nothing is billed in US dollars yet.",
        **dict.fromkeys(
            ("difference", "spread", "estimated_usd", "billed_usd", "corrected_usd", "unestimated_usd", "amortised_usd",
             "credits_usd", "taxes_usd", "through", "at"),
        ),
        days=0,
        services=(),
        rows=(),
        unmatched=(),
    ),
    month=MonthRow(
        outlook=UNKNOWN_OUTLOOK, week_missing="3 days are missing.", last_month_missing="28 days are missing."
    ),
)  # fmt: skip
OLD_BILLS = replace(BILLED, bills=tuple(replace(row, stale=row.source == "aws prod", at=ago(90_000)) for row in BILLS))
