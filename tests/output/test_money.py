"""Bills, the month, budgets and deeds in reports."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from finops_tui.model.action import ActionRow
from finops_tui.model.billing import (
    BillCheck,
    BillRow,
    BudgetRow,
    CheckedService,
    MonthRow,
    OtherCurrency,
    Outlook,
    Period,
)  # fmt: skip
from finops_tui.model.plan import Outcome, TargetKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.output import markdown, text
from tests.output.samples import HOSTILE
from tests.samples import NOON, empty_snapshot

OUTLOOK = Outlook(
    first=date(2026, 3, 1), last=date(2026, 3, 31), billed_usd=194_000.0,
    billed_through=datetime(2026, 3, 10, tzinfo=UTC), estimated_usd=12_000.0, carried_usd=750.0, usd=206_750.0, gaps=0,
    daily_usd=21_500.0, expected_usd=612_000.0, low_usd=590_000.0, high_usd=640_000.0, straight_usd=668_000.0,
    days_left=22,
)  # fmt: skip
BILL = BillRow(
    key="aws/111/USD", source="aws", provider="AWS", account="111", name="ml-prod", currency="USD",
    month=date(2026, 3, 1), usage=98_037.0, effective=119_341.0, credits=-50.0, taxes=7.0, purchases=0.0,
    adjustments=0.0, last_month=None, last_day=date(2026, 3, 10), through=NOON - timedelta(hours=9), final=False,
    counted=True, at=NOON, stale=False,
)  # fmt: skip
CHECK = BillCheck(
    line="estimate vs bill +3.1 % over 7 d", difference=0.031, spread=0.01, estimated_usd=103.1, billed_usd=100.0,
    corrected_usd=100.0, unestimated_usd=870.0, amortised_usd=16.0, credits_usd=-9.0, taxes_usd=3.0, days=7,
    through=date(2026, 3, 8), at=NOON, unmatched=("lab: the config names no account for it under bills",),
    services=(
        CheckedService(
            key="k", account="111", service="EC2", clusters=("prod-us",), estimated_usd=103.1, billed_usd=100.0,
            difference=0.031, factor=0.97, spread=0.01, days=7, remarkable=False,
        ),
    ),
)  # fmt: skip
BUDGET = BudgetRow(
    key="company", name="company", kind="team", scope="nlp", period=Period.MONTH, limit_usd=600_000.0, outlook=OUTLOOK,
    used=0.344, prorated=0.3, daily_allowance_usd=17_900.0, expected=1.02, reached=None, breach_on=date(2026, 3, 31),
    at=NOON,
)  # fmt: skip
DEED = ActionRow(
    key="plan", at=NOON, action="pause", title="Pause retrain-v7", target="prod-us/Job/nlp/retrain-v7",
    target_kind=next(iter(TargetKind)), name="retrain-v7", cluster="prod-us", who="ana",
    outcome=next(iter(Outcome)), words="9 of 9 pods are gone.", promised_usd_per_hour=412.0,
    saved_usd_per_hour=398.5,
)  # fmt: skip


def full() -> Snapshot:
    month = MonthRow(
        outlook=OUTLOOK, limit_usd=600_000.0, expected_ratio=1.02, week_usd=151_392.0, week_change=-0.004,
        last_month_so_far_usd=193_837.0, month_change=0.001,
        others=(OtherCurrency(currency="EUR", billed=1_234.0),), at=NOON,
    )  # fmt: skip
    return replace(
        empty_snapshot(), bills=(BILL,), reconciliation=CHECK, month=month, budgets=(BUDGET,), actions=(DEED,)
    )


def flat(said: str) -> str:
    return " ".join(said.split())


@pytest.mark.parametrize("write", [text.write, markdown.write])
def test_a_report_says_what_the_month_has_cost_and_will(write: object) -> None:
    assert callable(write)
    said = flat(write(full()))
    for words in (
        "$207k: $194k billed up to 2026-03-10T00:00:00Z; $12.0k estimated since, corrected; $750 for what no estimate",
        "$612k of $600k, 102%, $590k to $640k eight times of ten; straight on $668k",
        "$151k, -0.4% over the 7 days before",
        "EUR 1,234 billed this month, in no sum above",
        "estimate vs bill +3.1 % over 7 d",
        "$870 for what no estimate covers, −$9.00 credits, $16.0 amortised, $3.00 taxes",
        "lab: the config names no account for it under bills",
        "Pause retrain-v7: 9 of 9 pods are gone.",
    ):
        assert words in said


def test_an_estimate_that_no_bill_has_corrected_is_not_called_so() -> None:
    said = flat(text.write(replace(full(), reconciliation=replace(CHECK, corrected_usd=None))))
    assert "$12.0k estimated since; $750" in said


def test_what_rounds_to_nothing_has_no_sign() -> None:
    said = flat(text.write(replace(full(), reconciliation=replace(CHECK, credits_usd=-0.004, taxes_usd=-0.51))))
    assert " $0 credits" in said
    assert "−$0.51 taxes" in said


def test_tables_have_bills_services_budgets_and_deeds() -> None:
    lines = [line.split() for line in text.write(full()).splitlines()]
    assert ["ml-prod", "AWS", "USD", "98,037", "119,341", "-50", "7", "–", "no", "9h00m"] in lines
    assert ["111", "EC2", "prod-us", "103", "100", "+3.1%", "0.970", "0.010", "7"] in lines
    assert ["company", "team", "nlp", "month", "600,000", "34", "30", "612,000", "102", "17,900", "21d"] in lines
    assert [*["Pause", "retrain-v7", "ana"], str(DEED.outcome), "2026-03-10T12:00:00Z", "412.0", "398.5"] in lines


def test_what_is_not_known_says_why() -> None:
    gap = replace(OUTLOOK, usd=None, expected_usd=None, missing="3 of its 9 days are not known.")
    said = flat(text.write(replace(full(), month=MonthRow(outlook=gap))))
    assert said.count("– (3 of its 9 days are not known.)") == 2
    nothing = replace(OUTLOOK, billed_through=None, billed_usd=0.0)
    assert "estimated; nothing of it is billed" in flat(text.write(replace(full(), month=MonthRow(outlook=nothing))))


def test_without_bills_and_deeds_there_are_no_empty_tables() -> None:
    said = text.write(empty_snapshot())
    assert "Month" not in said
    assert "Billed" not in said
    assert "What was done" not in said


def test_names_from_outside_leave_it_harmless() -> None:
    hostile = replace(
        full(),
        bills=(replace(BILL, name=HOSTILE, provider=HOSTILE, counted=False),),
        actions=(replace(DEED, title=HOSTILE, who=HOSTILE, words=HOSTILE),),
        budgets=(replace(BUDGET, name=HOSTILE, scope=HOSTILE, missing=HOSTILE),),
    )
    for said in (text.write(hostile), markdown.write(hostile)):
        assert all(each.isprintable() or each == "\n" for each in said)
