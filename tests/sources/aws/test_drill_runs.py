"""The SQL for Athena, run: SQLite takes it once its words for time, maps and patterns are taught."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from finops_tui.ledger.drill import Drill, DrillRow
from finops_tui.sources.aws.drill_sql import query
from finops_tui.sources.aws.settings import Athena
from finops_tui.sources.aws.views import EC2
from finops_tui.sources.billing.drill_rows import read
from tests.ledger.charges import SCOPES
from tests.sources.aws.test_athena import EXPORT

HOUR = "2026-11-02 03:00:00"
SPAN: dict[str, Any] = {"since": datetime(2026, 11, 2, 2, tzinfo=UTC), "until": datetime(2026, 11, 3, 2, tzinfo=UTC)}
CUR = {
    "bill_billing_period_start_date": "2026-11-01 00:00:00", "bill_payer_account_id": "999", "line_item_operation": "",
    "line_item_usage_start_date": HOUR, "line_item_usage_account_id": "222", "line_item_product_code": "AmazonEC2",
    "product_servicecode": "AmazonEC2", "product_region_code": "us-east-1", "product_instance_type": "p5.48xlarge",
    "line_item_resource_id": "i-1", "line_item_usage_type": "BoxUsage:p5.48xlarge", "line_item_currency_code": "USD",
    "line_item_line_item_type": "Usage", "line_item_unblended_cost": 10.0, "resource_tags": '{"user_team": "nlp"}',
    "product": '{"product_name": "Amazon Elastic Compute Cloud"}', "reservation_effective_cost": 0.0,
    "savings_plan_savings_plan_effective_cost": 0.0, "savings_plan_total_commitment_to_date": 0.0,
    "savings_plan_used_commitment": 0.0, "reservation_unused_recurring_fee": 0.0,
    "reservation_unused_amortized_upfront_fee_for_billing_period": 0.0, "reservation_reservation_a_r_n": "",
}  # fmt: skip
FOCUS = {
    "billingperiodstart": "2026-11-01 00:00:00", "chargeperiodstart": HOUR, "billingaccountid": "999",
    "subaccountid": "222", "servicename": "Amazon Elastic Compute Cloud", "x_servicecode": "AmazonEC2",
    "regionid": "us-east-1", "resourceid": "i-1", "x_usagetype": "USE1-BoxUsage:p5.48xlarge", "x_operation": "",
    "billingcurrency": "USD", "billedcost": 10.0, "effectivecost": 8.0, "tags": '{"team": "nlp"}',
}  # fmt: skip


def extract(text: str, pattern: str, group: int) -> str | None:
    found = re.search(pattern, text)
    return found[group] if found else None


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:")
    made.execute("ATTACH ':memory:' AS billing")
    made.create_function("LEAST", 2, min)
    made.create_function("element_at", 2, lambda told, key: json.loads(told or "{}").get(key))
    made.create_function("regexp_like", 2, lambda text, pattern: re.search(pattern, text) is not None)
    made.create_function("regexp_extract", 3, extract)
    made.create_function("date_format", 2, lambda at, form: datetime.fromisoformat(at).strftime(form))
    yield made
    made.close()


def answered(
    database: sqlite3.Connection, form: str, rows: list[dict[str, Any]], *by: str, top: int = 20, **where: str
) -> tuple[dict[tuple[str, ...], DrillRow], list[DrillRow]]:
    """Return the rows by key, and what is left."""
    whole = CUR if form == "cur2" else FOCUS
    database.execute(f"CREATE TABLE billing.cur ({', '.join(whole)})")
    marks = ", ".join("?" * len(whole))
    database.executemany(f"INSERT INTO billing.cur VALUES ({marks})", [[*{**whole, **row}.values()] for row in rows])
    export = Athena.model_validate({**EXPORT, "format": form})
    chosen = {name: frozenset({value}) for name, value in where.items()}
    text = query(export, Drill(**SPAN, by=by, where=chosen, top=top), SCOPES)
    cells = database.execute(text.replace("TIMESTAMP '", "'")).fetchall()
    told, others = read([[None if cell is None else str(cell) for cell in row] for row in cells], len(by), top)
    return {row.key: row for row in told}, list(others)


def test_commitments_are_spread_over_what_uses_them_and_what_is_unused_counts(database: sqlite3.Connection) -> None:
    plan = "savings_plan_savings_plan_effective_cost"
    kind = "line_item_line_item_type"
    rows: list[dict[str, Any]] = [
        {},
        {kind: "SavingsPlanCoveredUsage", plan: 6.5},
        {kind: "SavingsPlanNegation", "line_item_unblended_cost": -10.0},
        {kind: "DiscountedUsage", "line_item_unblended_cost": 0.0, "reservation_effective_cost": 4.25},
        {
            kind: "SavingsPlanRecurringFee", "line_item_resource_id": "", "line_item_unblended_cost": 7.0,
            "savings_plan_total_commitment_to_date": 7.0, "savings_plan_used_commitment": 6.5,
        },
        {
            kind: "Fee", "line_item_resource_id": "", "line_item_unblended_cost": 90.0,
            "reservation_reservation_a_r_n": "r",
        },
        {kind: "Tax", "line_item_resource_id": None, "line_item_unblended_cost": 1.5},
        {"line_item_operation": "EKSPod-EC2", "line_item_resource_id": "pod"},
    ]  # fmt: skip
    told, others = answered(database, "cur2", rows, "resource")
    assert {key: (row.billed, row.effective) for key, row in told.items()} == {
        ("i-1",): (Decimal(10), Decimal("20.75")),
        ("",): (Decimal("98.5"), Decimal(2)),
    }
    assert others == []


@pytest.mark.parametrize("form", ["cur2", "focus"])
def test_each_thing_to_ask_by_tells_what_a_person_would_say(database: sqlite3.Connection, form: str) -> None:
    told, _ = answered(database, form, [{}], "instance", "hour", "team", "sku")
    ((instance, hour, team, sku),) = told
    assert (instance, hour, team) == ("p5.48xlarge", "2026-11-02 03:00Z", "nlp")
    assert sku.endswith("BoxUsage:p5.48xlarge")


@pytest.mark.parametrize("form", ["cur2", "focus"])
def test_only_the_hours_and_charges_that_are_asked_for_count(database: sqlite3.Connection, form: str) -> None:
    time, resource = ("line_item_usage_start_date", "line_item_resource_id") if form == "cur2" else (
        "chargeperiodstart", "resourceid",
    )  # fmt: skip
    rows = [
        {resource: "first", time: "2026-11-02 02:00:00"}, {resource: "before", time: "2026-11-02 01:00:00"},
        {resource: "last", time: "2026-11-03 01:00:00"}, {resource: "after", time: "2026-11-03 02:00:00"},
    ]  # fmt: skip
    told, _ = answered(database, form, rows, "resource", account="222", team="nlp", region="us-east-1")
    assert set(told) == {("first",), ("last",)}


@pytest.mark.parametrize("form", ["cur2", "focus"])
@pytest.mark.parametrize(
    ("service", "found"),
    [
        ("AmazonEC2", {"i-1", "vol-1"}),
        ("Amazon Elastic Compute Cloud", {"i-1", "vol-1"}),
        (EC2, {"i-1"}),
        ("EC2 - Other", {"vol-1"}),
        ("AmazonS3", set()),
    ],
)
def test_a_service_is_found_under_each_of_its_names(
    database: sqlite3.Connection, form: str, service: str, found: set[str]
) -> None:
    sku, resource = (
        ("line_item_usage_type", "line_item_resource_id") if form == "cur2" else ("x_usagetype", "resourceid")
    )
    told, _ = answered(
        database, form, [{}, {sku: "EBS:VolumeUsage.gp3", resource: "vol-1"}], "resource", service=service
    )
    assert {name for (name,) in told} == found


def test_hostile_values_find_nothing_and_break_nothing(database: sqlite3.Connection) -> None:
    told, others = answered(database, "cur2", [{}], "resource", account="222' OR '1'='1", team="'; DROP TABLE cur --")
    assert (told, others) == ({}, [])
    assert database.execute("SELECT COUNT(*) FROM billing.cur").fetchone() == (1,)


def test_charges_without_a_team_can_be_asked_for(database: sqlite3.Connection) -> None:
    rows: list[dict[str, Any]] = [{}, {"resource_tags": "{}", "line_item_resource_id": "i-2"}]
    told, _ = answered(database, "cur2", rows, "resource", team="")
    assert set(told) == {("i-2",)}
