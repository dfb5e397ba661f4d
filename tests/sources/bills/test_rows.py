from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.errors import SourceError
from finops_tui.model.bill import BillRow, ChargeCategory, ChargeClass, PricingCategory
from finops_tui.sources.bills import columns
from finops_tui.sources.bills.rows import RowError, RowReader
from tests.sources.bills.files import WHOLE, WRITTEN, row


def read(zone: str = "UTC", complaints: list[str] | None = None, **changed: object) -> BillRow:
    return read_values({**WHOLE, **changed}, zone, complaints if complaints is not None else [])


def read_values(values: Mapping[str, object], zone: str = "UTC", complaints: list[str] | None = None) -> BillRow:
    said = complaints if complaints is not None else []
    reader = RowReader("focus bills", columns.find(list(values), "a.csv"), ZoneInfo(zone), WRITTEN, said.append)
    return reader.read(values)


def test_a_whole_row() -> None:
    charge = read(
        ChargeClass="Correction",
        PricingCategory="Dynamic",
        InvoiceId="inv-1",
        ConsumedQuantity="2.5e3",
        CommitmentDiscountStatus="Unused",
        RegionId="us-east-1",
        x_Internal="never seen",
    )
    assert (charge.billed_cost, charge.list_cost) == (Decimal("12.50"), Decimal("25.00"))
    assert (charge.provider_name, charge.sub_account_id, charge.instance_type) == ("AWS", "111", "p5.48xlarge")
    assert (charge.charge_class, charge.pricing_category) == (ChargeClass.CORRECTION, PricingCategory.DYNAMIC)
    assert (charge.consumed_quantity, charge.commitment_discount_status) == (Decimal(2500), "Unused")
    assert (charge.final, charge.retrieved_at, charge.tags) == (True, WRITTEN, {"team": "nlp"})
    assert charge.charge_period_end - charge.charge_period_start == timedelta(days=1)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("BilledCost", "1,234.50", "'1,234.50' is no number"),
        ("BilledCost", "NaN", "'NaN' is no amount"),
        ("BilledCost", "", "there is no amount"),
        ("BilledCost", "1_000", "is no number"),
        ("EffectiveCost", "null", "there is no amount"),
        ("ListCost", "free", "'free' is no number"),
        ("BilledCost", "1e40", "more than one charge may be"),
        ("BillingCurrency", "$", "is no currency"),
        ("BillingAccountId", " ", "there is no account"),
        ("ChargePeriodStart", "20/11/2026", "'20/11/2026' is no time"),
        ("ChargePeriodEnd", "2026-11-18T00:00:00Z", "no later than it begins"),
        ("ChargeCategory", "Usages", "is none of Usage, Purchase"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_column(column: str, value: str, said: str) -> None:
    with pytest.raises(RowError) as raised:
        read_values(row(**{column: value}))
    assert str(raised.value).startswith(f"column {column}: ")
    assert said in str(raised.value)


def test_negative_lines_and_tiny_ones_are_kept_to_the_last_digit() -> None:
    charge = read(BilledCost="-0.0000001234", ChargeCategory="Credit")
    assert (charge.billed_cost, charge.charge_category) == (Decimal("-0.0000001234"), ChargeCategory.CREDIT)


@pytest.mark.parametrize(
    ("zone", "told", "utc"),
    [
        ("UTC", "2026-11-18T00:00:00Z", "2026-11-18T00:00"),
        ("UTC", "2026-11-18T01:00:00+01:00", "2026-11-18T00:00"),
        ("UTC", "2026-11-18 00:00:00 UTC", "2026-11-18T00:00"),
        ("UTC", "2026-11-18", "2026-11-18T00:00"),
        ("America/Los_Angeles", "2026-11-17T16:00:00", "2026-11-18T00:00"),
        ("Europe/Berlin", "2026-07-01T02:00:00", "2026-07-01T00:00"),
        ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30"),  # there twice: the first
        ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30"),  # never there
    ],
)
def test_times_are_utc_in_the_end(zone: str, told: str, utc: str) -> None:
    charge = read(zone, ChargePeriodStart=told, ChargePeriodEnd="2027-01-01T00:00:00Z")
    assert charge.charge_period_start == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_tags_that_are_no_json_cost_themselves_alone() -> None:
    said: list[str] = []
    assert read(complaints=said, Tags="team=nlp").tags == {}
    assert said == ["column Tags: 'team=nlp' is no JSON object; the charge counts without it"]
    assert read(Tags="").tags == read(Tags="null").tags == {}
    assert read(Tags='{"gpu": 8, "on": true, "off": null}').tags == {"gpu": "8", "on": "true"}


def test_text_from_outside_is_made_harmless() -> None:
    charge = read(ResourceName="evil\x1b[2Jname\n", Tags='{"te\\u202eam": "a\\u0007b"}')
    assert (charge.resource_name, charge.tags) == ("evilname", {"team": "ab"})


def test_parquet_gives_values_of_its_own_types() -> None:
    charge = read(
        BilledCost=0.1,
        EffectiveCost=Decimal("0.1"),
        ChargePeriodStart=datetime(2026, 11, 18, tzinfo=UTC),
        ChargePeriodEnd=datetime(2026, 11, 18, 1),  # noqa: DTZ001 - as a file without a zone has it
        Tags=[("team", "nlp")],
        SkuPriceDetails={"InstanceType": "p5"},
        ResourceId=None,
    )
    assert (charge.billed_cost, charge.effective_cost) == (Decimal("0.1"), Decimal("0.1"))
    assert charge.charge_period_end == datetime(2026, 11, 18, 1, tzinfo=UTC)
    assert (charge.tags, charge.instance_type, charge.resource_id) == ({"team": "nlp"}, "p5", "")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("BilledCost", "billed_cost"),
        ("ProviderName", "ServiceProviderName"),
        ("ProviderName", "Provider"),
        ("BilledCost", "Billed Cost"),
        ("EffectiveCost", "AmortizedCost"),
        ("ChargeCategory", "ChargeType"),
    ],
)
def test_other_spellings_of_a_column_are_known(ours: str, theirs: str) -> None:
    header = [theirs if name == ours else name for name in WHOLE]
    assert columns.find(header, "a.csv")[ours] == theirs


def test_a_column_by_its_own_name_wins_over_an_older_one() -> None:
    assert columns.find([*WHOLE, "ServiceProviderName"], "a.csv")["ProviderName"] == "ProviderName"


def test_columns_of_the_exporter_are_left_out() -> None:
    found = columns.find([*WHOLE, "x_BilledCost", "x_Discount"], "a.csv")
    assert not any(column.startswith("x_") for column in found.values())


def test_missing_and_doubled_columns_are_named() -> None:
    short = [name for name in WHOLE if name not in {"BilledCost", "ServiceName"}]
    with pytest.raises(SourceError, match="the columns BilledCost and ServiceName are missing"):
        columns.find(short, "a.csv")
    with pytest.raises(SourceError, match="BilledCost twice"):
        columns.find([*WHOLE, "billedcost"], "a.csv")


@given(st.dictionaries(st.sampled_from(list(WHOLE)), st.text(max_size=40), max_size=4))
def test_nothing_that_a_row_may_hold_raises_anything_but_row_error(changed: dict[str, str]) -> None:
    try:
        charge = read_values(row(**changed))
    except RowError:
        return
    assert charge.billed_cost.is_finite()
    assert charge.service_name.isprintable()
