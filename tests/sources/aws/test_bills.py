from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.model.bill import BillRow, ChargeCategory, PricingCategory
from finops_tui.sources.aws.bills import Bill, bill
from finops_tui.sources.aws.desk import Kept
from finops_tui.sources.aws.record_types import NOT_USAGE, category
from finops_tui.sources.aws.usage_types import instance_type, pricing
from finops_tui.sources.aws.views import EC2, SAGEMAKER, View, views
from tests.sources.aws.world import ACCOUNT, NOW, bucket, costs, group, settings

DAY = timedelta(days=1)


def view(name: str, part: str = "", **more: object) -> View:
    return next(view for view in views(settings(**more)) if (view.id, view.part) == (name, part))


def read(asked: View, *pages: Any) -> Bill:
    kept = Kept(at=NOW, pages=pages)
    return bill(asked, kept, source="aws prod", account=ACCOUNT, account_name="research")


def rows(asked: View, *pages: Any) -> list[BillRow]:
    found = read(asked, *pages)
    return list(found.statement.rows) if found.statement is not None else []


def test_a_group_is_a_row() -> None:
    answer = costs(bucket("2026-11-18", group(EC2, "Usage", billed="12.50", effective="11.75"), estimated=False))
    found = read(view(""), answer)
    assert found.statement is not None
    (row,) = found.statement.rows
    assert (row.service_name, row.service_category, row.charge_category) == (EC2, "Compute", ChargeCategory.USAGE)
    assert (row.billed_cost, row.effective_cost, row.billing_currency) == (Decimal("12.50"), Decimal("11.75"), "USD")
    assert (row.charge_period_start, row.charge_period_end) == (
        datetime(2026, 11, 18, tzinfo=UTC),
        datetime(2026, 11, 19, tzinfo=UTC),
    )
    assert row.billing_period_start == datetime(2026, 11, 1, tzinfo=UTC)
    assert (row.billing_account_id, row.sub_account_id, row.sub_account_name) == (ACCOUNT, ACCOUNT, "research")
    assert (row.final, row.retrieved_at, row.provider_name) == (True, NOW, "AWS")
    assert (found.statement.part, found.statement.start, found.statement.end) == (
        ACCOUNT,
        row.charge_period_start,
        row.charge_period_end,
    )


@pytest.mark.parametrize(
    ("record_type", "kind"),
    [
        ("SavingsPlanCoveredUsage", ChargeCategory.USAGE),
        ("SavingsPlanNegation", ChargeCategory.USAGE),
        ("Enterprise Discount Program Discount", ChargeCategory.USAGE),
        ("Credit", ChargeCategory.CREDIT),
        ("Refund", ChargeCategory.ADJUSTMENT),
        ("Tax", ChargeCategory.TAX),
        ("Fee", ChargeCategory.PURCHASE),
        ("Something that is new", ChargeCategory.ADJUSTMENT),
    ],
)
def test_negative_and_other_lines_keep_their_money_and_their_kind(record_type: str, kind: ChargeCategory) -> None:
    (row,) = rows(view(""), costs(bucket("2026-11-18", group(EC2, record_type, billed="-3.1"))))
    assert (row.charge_category, row.billed_cost, row.effective_cost) == (kind, Decimal("-3.1"), Decimal("-3.1"))
    assert row.charge_description == record_type


def test_what_nobody_used_of_a_commitment_is_usage_and_its_fee_a_purchase() -> None:
    fee, unused = rows(
        view(""),
        costs(bucket("2026-11-18", group(EC2, "SavingsPlanRecurringFee", billed="24", effective="5"))),
    )
    assert (fee.charge_category, fee.billed_cost, fee.effective_cost) == (
        ChargeCategory.PURCHASE,
        Decimal(24),
        Decimal(0),
    )
    assert (unused.charge_category, unused.billed_cost, unused.effective_cost) == (
        ChargeCategory.USAGE,
        Decimal(0),
        Decimal(5),
    )
    assert (unused.commitment_discount_type, unused.commitment_discount_status) == ("Savings Plan", "Unused")
    assert fee.identity != unused.identity


def test_nothing_at_all_is_not_the_same_as_nothing_to_pay() -> None:
    assert read(view(""), costs(bucket("2026-11-18"), bucket("2026-11-19"))).statement is None
    assert read(view(""), costs()).statement is None


def test_a_newest_day_without_charges_is_left_open() -> None:
    found = read(view(""), costs(bucket("2026-11-18", group(EC2, "Usage")), bucket("2026-11-19")))
    assert found.statement is not None
    assert found.statement.end == datetime(2026, 11, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    "odd",
    [
        group(EC2, "Usage", billed="nonsense"),
        group(EC2, "Usage", billed="NaN"),
        group(EC2, "Usage", billed="Infinity"),
        group(EC2, "Usage", unit="N/A"),
        group(EC2, "Usage", unit=""),
        group(EC2, "Usage", "one key too many"),
        {"Keys": [EC2, "Usage"], "Metrics": {}},
        {"Keys": [EC2, "Usage"], "Metrics": {"UnblendedCost": {"Amount": "1", "Unit": "USD"}}},
    ],
)
def test_a_group_that_makes_no_sense_is_counted_and_the_others_are_kept(odd: Any) -> None:
    found = read(view(""), costs(bucket("2026-11-18", odd, group(SAGEMAKER, "Usage"))))
    assert (found.unusable, found.rows) == (1, 1)


def test_other_currencies_stay_what_they_are() -> None:
    yuan, dollars = rows(
        view(""),
        costs(bucket("2026-11-18", group(EC2, "Usage", billed="70", unit="CNY"), group(EC2, "Usage", billed="10"))),
    )
    assert (yuan.billing_currency, yuan.billed_cost, dollars.billing_currency) == ("CNY", Decimal(70), "USD")
    assert yuan.identity != dollars.identity


def test_text_of_a_bill_is_harmless() -> None:
    (row,) = rows(view(""), costs(bucket("2026-11-18", group("Mark\x1b[2Jet\nplace", "Usage"))))
    assert row.service_name == "Market place"


def test_net_costs_are_read_where_they_were_asked_for() -> None:
    one = group(EC2, "Usage")
    net = {**one, "Metrics": {f"Net{name}": value for name, value in one["Metrics"].items()}}
    (row,) = rows(view(""), costs(bucket("2026-11-18", net)))
    assert row.billed_cost == 1
    params = view("").params(NOW, settings(net=True), NOW)
    assert params["Metrics"] == ["NetUnblendedCost", "NetAmortizedCost"]


def test_instances_by_hour() -> None:
    asked = view("instances", hourly=True)
    hour = bucket(
        "2026-11-20T10:00:00Z",
        group("p5.48xlarge", "Spot Instances"),
        group("ml.p4d.24xlarge", "On Demand Instances"),
        group("NoInstanceType", ""),
        end="2026-11-20T11:00:00Z",
    )
    spot, training, nothing = rows(asked, costs(hour))
    assert (spot.instance_type, spot.pricing_category, spot.service_name) == (
        "p5.48xlarge",
        PricingCategory.DYNAMIC,
        EC2,
    )
    assert (spot.charge_period_start.hour, spot.charge_period_end.hour) == (10, 11)
    assert (training.service_name, training.pricing_category) == (SAGEMAKER, PricingCategory.STANDARD)
    assert (nothing.instance_type, nothing.pricing_category) == ("", PricingCategory.UNKNOWN)
    assert asked.params(NOW, settings(), NOW)["TimePeriod"] == {
        "Start": "2026-11-16T00:00:00Z",
        "End": "2026-11-20T15:00:00Z",
    }


def test_usage_types_name_machines_and_how_they_are_bought() -> None:
    spot, box, other = rows(
        view("usage types"),
        costs(
            bucket(
                "2026-11-18",
                group(EC2, "USE2-SpotUsage:p5.48xlarge"),
                group(EC2, "BoxUsage:g6e.xlarge"),
                group("EC2 - Other", "EBS:VolumeUsage.gp3"),
            )
        ),
    )
    assert (spot.instance_type, spot.pricing_category, spot.sku_id) == (
        "p5.48xlarge",
        PricingCategory.DYNAMIC,
        "USE2-SpotUsage:p5.48xlarge",
    )
    assert (box.instance_type, box.pricing_category) == ("g6e.xlarge", PricingCategory.STANDARD)
    assert (other.instance_type, other.pricing_category) == ("", PricingCategory.UNKNOWN)


@pytest.mark.parametrize(
    ("usage_type", "machine"),
    [
        ("USE1-Train:ml.p5.48xlarge", "ml.p5.48xlarge"),
        ("Host:ml.g5.2xlarge", "ml.g5.2xlarge"),
        ("EUC1-BoxUsage:p6-b200.48xlarge", "p6-b200.48xlarge"),
        ("DedicatedUsage:g4dn.metal", "g4dn.metal"),
        ("USE1-SpotUsage:trn2u.48xlarge", "trn2u.48xlarge"),
        ("DataTransfer-Out-Bytes", ""),
        ("EBS:VolumeUsage.gp3", ""),
    ],
)
def test_machines_in_usage_types(usage_type: str, machine: str) -> None:
    assert instance_type(usage_type) == machine


@given(st.text())
def test_any_text_may_be_a_usage_type(text: str) -> None:
    assert instance_type(text) in text
    assert isinstance(pricing(text), PricingCategory)


def test_a_tag_is_a_tag_and_its_absence_none() -> None:
    asked = view("tag team", tags=["team"])
    research, untagged = rows(asked, costs(bucket("2026-11-18", group("team$research", EC2), group("team$", EC2))))
    assert (dict(research.tags), dict(untagged.tags)) == ({"team": "research"}, {})
    assert "tag:team" in asked.dimensions
    assert asked.params(NOW, settings(), NOW)["GroupBy"][0] == {"Type": "TAG", "Key": "team"}


def test_bedrock_by_model() -> None:
    (row,) = rows(view("models", models=True), costs(bucket("2026-11-18", group("model$claude-5", "Amazon Bedrock"))))
    assert (dict(row.tags), row.service_name) == ({"model": "claude-5"}, "Amazon Bedrock")


def test_a_payers_accounts_have_their_names() -> None:
    answer = {
        **costs(bucket("2026-11-18", group("222222222222", EC2))),
        "DimensionValueAttributes": [{"Value": "222222222222", "Attributes": {"description": "training"}}],
    }
    (row,) = rows(view("", payer=True), answer)
    assert (row.sub_account_id, row.sub_account_name, row.billing_account_id) == ("222222222222", "training", ACCOUNT)
    (tax,) = rows(view("", "other", payer=True), costs(bucket("2026-11-18", group("222222222222", "Tax"))))
    assert (tax.charge_category, tax.service_name) == (ChargeCategory.TAX, "All services")


def test_the_two_parts_of_a_payers_bill_are_all_of_it_and_share_nothing() -> None:
    usage, other = (view("", part, payer=True).params(NOW, settings(), NOW) for part in ("", "other"))
    assert usage["Filter"] == {"Not": other["Filter"]}
    assert all(category(name) is not ChargeCategory.USAGE for name in NOT_USAGE)


@pytest.mark.parametrize(
    ("now", "start"),
    [
        (datetime(2026, 11, 10, 23, 59, tzinfo=UTC), "2026-10-01"),
        (datetime(2026, 11, 11, 0, 0, tzinfo=UTC), "2026-11-01"),
        (datetime(2026, 3, 1, 5, 0, tzinfo=UTC), "2026-02-01"),
        (datetime(2027, 1, 3, 5, 0, tzinfo=UTC), "2026-12-01"),
    ],
)
def test_days_that_may_still_change_are_asked_again(now: datetime, start: str) -> None:
    asked = view("").params(now, settings(), now)["TimePeriod"]
    assert asked == {"Start": start, "End": (now + DAY).strftime("%Y-%m-%d")}


@pytest.mark.parametrize(
    ("name", "known", "start"),
    [
        ("", None, "2026-08-22"),
        ("usage types", None, "2026-10-20"),
        ("usage types", NOW - DAY, "2026-11-15"),
        ("usage types", NOW - 20 * DAY, "2026-10-27"),
        ("usage types", NOW - 200 * DAY, "2026-10-20"),
        ("", NOW - 200 * DAY, "2026-08-22"),
    ],
)
def test_what_is_not_known_yet_is_asked_for(name: str, known: datetime | None, start: str) -> None:
    asked = view(name).params(NOW, settings(history_days=90), known)["TimePeriod"]
    assert asked["Start"] == start


def test_hours_are_asked_for_as_long_as_they_are_kept() -> None:
    asked = view("instances", hourly=True).params(NOW, settings(), None)["TimePeriod"]
    assert asked["Start"] == "2026-11-07T00:00:00Z"


def test_a_tag_that_no_charge_has_is_seen() -> None:
    assert view("tag team", tags=["team"]).tagged
    assert not view("").tagged


def test_every_view_stays_within_what_cost_explorer_allows() -> None:
    for asked in views(settings(tags=["team"], models=True, hourly=True, payer=True)):
        params = asked.params(NOW, settings(), None)
        assert len(params["GroupBy"]) <= 2
        form = r"\d{4}-\d\d-\d\dT\d\d:00:00Z" if asked.hourly else r"\d{4}-\d\d-\d\d"
        assert all(re.fullmatch(form, moment) for moment in params["TimePeriod"].values())


@given(st.lists(st.decimals(min_value=-10_000, max_value=10_000, places=6), max_size=8))
def test_no_money_is_lost_between_an_answer_and_its_rows(amounts: list[Decimal]) -> None:
    groups = [group(f"service {index}", "Usage", billed=str(amount)) for index, amount in enumerate(amounts)]
    assert sum(row.billed_cost for row in rows(view(""), costs(bucket("2026-11-18", *groups)))) == sum(amounts)
