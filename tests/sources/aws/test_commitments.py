"""How Savings Plans are used, and that an account without any pays for one question alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from finops_tui.model.cloud import CommitmentsSeen
from finops_tui.model.health import HealthState
from tests.sources.aws.double import Double, Fault
from tests.sources.aws.world import ACCOUNT, HandClock, bucket, costs, group, health, of, one_round, source

COVERED = {
    "Attributes": {},
    "Coverage": {
        "SpendCoveredBySavingsPlans": "750.5", "OnDemandCost": "249.5", "TotalCost": "1000", "CoveragePercentage": "75",
    },
    "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-20"},
}  # fmt: skip
USED = {
    "Utilization": {
        "TotalCommitment": "600", "UsedCommitment": "570", "UnusedCommitment": "30", "UtilizationPercentage": "95",
    },
    "Savings": {"NetSavings": "150.5", "OnDemandCostEquivalent": "750.5"},
    "AmortizedCommitment": {"TotalAmortizedCommitment": "600"},
}  # fmt: skip
ASKED = {"bills": True, "anomalies": False, "forecast": False, "savings_plans": True}


def plans(aws: Double, *covered: Mapping[str, object]) -> None:
    aws.answers["GetCostAndUsage"] = costs(bucket("2026-11-18", group("a", "b")))
    aws.answers["GetSavingsPlansCoverage"] = {"SavingsPlansCoverages": list(covered)}
    aws.answers["GetSavingsPlansUtilization"] = {"SavingsPlansUtilizationsByTime": [], "Total": USED}


async def test_what_plans_cover_and_what_of_them_is_used(aws: Double, tmp_path: Path) -> None:
    none = {**COVERED, "Coverage": {"SpendCoveredBySavingsPlans": "0", "OnDemandCost": "500"}}
    plans(aws, COVERED, none)
    seen = await one_round(source(tmp_path, **ASKED))
    (told,) = of(seen, CommitmentsSeen)
    (found,) = told.commitments
    assert (found.account, found.kind, found.first, found.last) == (
        ACCOUNT, "Savings Plans", date(2026, 10, 21), date(2026, 11, 19),
    )  # fmt: skip
    assert (found.covered, found.not_covered) == (Decimal("750.5"), Decimal("749.5"))
    assert abs(found.coverage - 750.5 / 1500) < 1e-12
    assert (found.committed, found.unused, found.saved) == (Decimal(600), Decimal(30), Decimal("150.5"))
    assert found.utilization == 0.95
    (asked,) = aws.of("GetSavingsPlansCoverage")
    assert asked.params["TimePeriod"] == {"Start": "2026-10-21", "End": "2026-11-20"}
    assert health(seen).state is HealthState.POLLED


async def test_without_plans_one_question_is_paid_and_nothing_is_missing(aws: Double, tmp_path: Path) -> None:
    plans(aws, {**COVERED, "Coverage": {"SpendCoveredBySavingsPlans": "0", "OnDemandCost": "500"}})
    aws.answers["GetSavingsPlansUtilization"] = Fault("DataUnavailableException")
    seen = await one_round(source(tmp_path, **ASKED))
    assert [told.commitments for told in of(seen, CommitmentsSeen)] == [()]
    assert health(seen).missing == ()
    assert aws.counts["GetSavingsPlansUtilization"] == 0


async def test_answers_are_kept_for_a_week_over_restarts(aws: Double, tmp_path: Path) -> None:
    plans(aws, COVERED)
    clock = HandClock()
    for hours in (0, 24, 24):
        clock.advance(hours=hours)
        seen = await one_round(source(tmp_path, clock, **ASKED))
        assert [each.utilization for told in of(seen, CommitmentsSeen) for each in told.commitments] == [0.95]
    assert (aws.counts["GetSavingsPlansCoverage"], aws.counts["GetSavingsPlansUtilization"]) == (1, 1)


async def test_plans_whose_use_is_not_told_are_covered_still(aws: Double, tmp_path: Path) -> None:
    plans(aws, COVERED)
    aws.answers["GetSavingsPlansUtilization"] = {
        "SavingsPlansUtilizationsByTime": [], "Total": {"Utilization": {"TotalCommitment": "0"}},
    }  # fmt: skip
    seen = await one_round(source(tmp_path, **ASKED))
    (found,) = of(seen, CommitmentsSeen)[0].commitments
    assert (found.covered, found.utilization, found.unused) == (Decimal("750.5"), None, None)
