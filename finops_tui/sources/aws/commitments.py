"""How far Savings Plans cover the spend, and how far they are used: two paid questions a week.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetSavingsPlansCoverage.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from finops_tui.model.cloud import Commitment, CommitmentsSeen
from finops_tui.sources.aws.calls import COVERAGE, UTILIZATION
from finops_tui.sources.aws.desk import Kept, Question
from finops_tui.sources.aws.part import Asking, Outcome, Part
from finops_tui.sources.aws.settings import AwsSettings
from finops_tui.sources.aws.values import amount

EVERY = timedelta(days=7)
DAYS = 30
"""Of the days that are over."""
NOTHING = Decimal(0)


def parts(settings: AwsSettings) -> tuple[Part, ...]:
    if not (settings.bills and settings.savings_plans):
        return ()
    return (Part(title=COVERAGE.why, every=EVERY, ask=_savings_plans, paid=True),)


async def _savings_plans(asking: Asking) -> Outcome:
    """Ask what is covered; only where something is, how far it is used: without plans AWS refuses that question."""
    last = asking.now.date()
    first = last - timedelta(days=DAYS)
    period = {"Start": first.isoformat(), "End": last.isoformat()}
    params = {"TimePeriod": period, "Granularity": "MONTHLY", "MaxResults": 100}
    kept = await asking.desk.ask(Question(id="plans cover", call=COVERAGE, params=params, good_for=EVERY))
    covered, on_demand = _coverage(kept)
    used: Mapping[str, Any] = {}
    at, late = kept.at, kept.late
    if covered:
        question = Question(id="plans used", call=UTILIZATION, params={"TimePeriod": period}, good_for=EVERY)
        answer = await asking.desk.ask(question)
        used = answer.pages[0].get("Total") or {}
        at, late = min(at, answer.at), late or answer.late
    found = _commitment(asking.desk.account, (first, last), covered, on_demand, used)
    told = CommitmentsSeen(**asking.origin(at), account=asking.desk.account, commitments=(found,) if found else ())
    return Outcome(observations=(told,), at=at, late=late)


def _coverage(kept: Kept) -> tuple[Decimal, Decimal]:
    """Return what plans covered and what they did not, of all months that the period touches."""
    told = [each.get("Coverage") or {} for page in kept.pages for each in page.get("SavingsPlansCoverages", ())]
    return _sum(told, "SpendCoveredBySavingsPlans"), _sum(told, "OnDemandCost")


def _sum(told: Iterable[Mapping[str, Any]], name: str) -> Decimal:
    return sum((amount(each.get(name)) or NOTHING for each in told), NOTHING)


def _commitment(
    account: str, days: tuple[date, date], covered: Decimal, on_demand: Decimal, used: Mapping[str, Any]
) -> Commitment | None:
    """Return what is said of the plans; None where there are none."""
    if not covered:
        return None
    told, savings = used.get("Utilization") or {}, used.get("Savings") or {}
    committed, unused = amount(told.get("TotalCommitment")), amount(told.get("UnusedCommitment"))
    ratio = None if not committed or unused is None else float(1 - unused / committed)
    return Commitment(
        account=account,
        kind="Savings Plans",
        first=days[0],
        last=days[1] - timedelta(days=1),
        covered=covered,
        not_covered=on_demand,
        coverage=float(covered / (covered + on_demand)),
        committed=committed,
        unused=unused,
        utilization=ratio,
        saved=amount(savings.get("NetSavings")),
    )
