"""Cost by resource and hour, by a query that runs at AWS."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from finops_tui.ledger.ledger import Ledger
from finops_tui.model.bill import BillRow, PricingCategory, Statement
from finops_tui.sources.aws.athena_run import price
from finops_tui.sources.aws.export_sql import COLUMNS, query
from finops_tui.sources.aws.settings import Athena
from tests.sources.aws.double import Double
from tests.sources.aws.world import NOW, HandClock, health, one_round, source, until

EXPORT = {"region": "eu-west-1", "database": "billing", "table": "cur"}
ROW = (
    "2026-11-20 03:00:00.000", "222222222222", "AmazonEC2", "us-east-1", "p5.48xlarge", "i-1", "DiscountedUsage", "USD",
    "55.04", "32.5", "55.04", "research",
)  # fmt: skip


def result(*rows: tuple[str | None, ...], header: bool = True) -> dict[str, Any]:
    told = ([(*COLUMNS, "tag0")] if header else []) + list(rows)
    cells = [{"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in told]
    return {"ResultSet": {"Rows": cells}}


def state(name: str, reason: str = "", read: int = 0) -> dict[str, Any]:
    status = {"State": name, "StateChangeReason": reason}
    return {"QueryExecution": {"QueryExecutionId": "q", "Status": status, "Statistics": {"DataScannedInBytes": read}}}


@pytest.fixture
def export(aws: Double) -> Double:
    states = iter([state("QUEUED"), state("RUNNING")])
    aws.answers["StartQueryExecution"] = {"QueryExecutionId": "q"}
    aws.answers["GetQueryExecution"] = lambda _: next(states, state("SUCCEEDED", read=200_000_000_000))
    aws.answers["GetQueryResults"] = result(ROW)
    return aws


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[BillRow]:
    """What went into the ledger."""
    rows: list[BillRow] = []
    restate = Ledger.restate

    def keep(ledger: Ledger, *statements: Statement) -> object:
        rows.extend(row for statement in statements for row in statement.rows)
        return restate(ledger, *statements)

    monkeypatch.setattr(Ledger, "restate", keep)
    return rows


async def test_resources_by_hour_come_into_the_ledger(export: Double, tmp_path: Path, written: list[BillRow]) -> None:
    watched = source(tmp_path, athena=EXPORT, tags=["team"])
    seen = await one_round(watched)
    (row,) = written
    assert (row.resource_id, row.instance_type, row.sub_account_id) == ("i-1", "p5.48xlarge", "222222222222")
    assert (row.billed_cost, row.effective_cost, row.list_cost) == (Decimal("55.04"), Decimal("32.5"), Decimal("55.04"))
    assert row.charge_period_start == datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert (row.pricing_category, dict(row.tags)) == (PricingCategory.COMMITTED, {"team": "research"})
    assert health(seen).missing == ()
    assert watched.request_cost == "$1.00 of $4 this month"
    (asked,) = export.of("StartQueryExecution")
    assert asked.params["WorkGroup"] == "primary"
    assert "ResultConfiguration" not in asked.params
    assert 32 <= len(asked.params["ClientRequestToken"]) <= 128


async def test_pages_of_results_have_one_header(export: Double, tmp_path: Path, written: list[BillRow]) -> None:
    other = (*ROW[:5], "i-2", *ROW[6:])
    export.answers["GetQueryResults"] = lambda asked: (
        result(other, header=False) if asked.params.get("NextToken") else {**result(ROW), "NextToken": "more"}
    )
    await one_round(source(tmp_path, athena=EXPORT, tags=["team"]))
    assert [row.resource_id for row in written] == ["i-1", "i-2"]


async def test_rows_that_make_no_sense_are_counted_and_absent_values_are_none(
    export: Double, tmp_path: Path, written: list[BillRow]
) -> None:
    export.answers["GetQueryResults"] = result(
        (*ROW[:10], None, None), (None, *ROW[1:]), (*ROW[:8], "x", *ROW[9:]), ROW[:5]
    )
    seen = await one_round(source(tmp_path, athena=EXPORT, tags=["team"]))
    (row,) = written
    assert (row.list_cost, dict(row.tags)) == (None, {})
    assert health(seen).warnings == ("cost by resource and hour: 3 rows make no sense and are left out",)


async def test_only_the_dearest_rows_are_read_and_it_says_so(
    export: Double, tmp_path: Path, written: list[BillRow]
) -> None:
    export.answers["GetQueryResults"] = result(ROW, (*ROW[:5], "i-2", *ROW[6:]))
    seen = await one_round(source(tmp_path, athena={**EXPORT, "rows": 1}, tags=["team"]))
    assert [row.resource_id for row in written] == ["i-1"]
    assert health(seen).warnings == ("cost by resource and hour: only the dearest 1 rows are read",)
    assert "LIMIT 2" in export.of("StartQueryExecution")[0].params["QueryString"]


async def test_no_rows_are_said_not_written_as_zero(export: Double, tmp_path: Path, written: list[BillRow]) -> None:
    export.answers["GetQueryResults"] = result()
    seen = await one_round(source(tmp_path, athena=EXPORT))
    assert written == []
    assert health(seen).warnings == (
        "cost by resource and hour: no machine with accelerators in 48 h, or the export is late",
    )


@pytest.mark.parametrize("state_name", ["FAILED", "CANCELLED"])
async def test_a_query_that_fails_says_why(export: Double, tmp_path: Path, state_name: str) -> None:
    export.answers["GetQueryExecution"] = state(state_name, "TABLE_NOT_FOUND: cur")
    said = health(await one_round(source(tmp_path, athena=EXPORT)))
    assert said.missing == (f"cost by resource and hour: Athena query {state_name.lower()}: TABLE_NOT_FOUND: cur",)
    assert said.hint == "Check `athena`: database, table, format, workgroup and output."


async def test_a_query_that_never_ends_is_given_up(export: Double, tmp_path: Path) -> None:
    export.answers["GetQueryExecution"] = state("RUNNING")
    said = health(await one_round(source(tmp_path, athena=EXPORT)))
    assert said.missing == ("cost by resource and hour: Athena query runs longer than 300s",)


async def test_a_query_is_run_a_few_times_a_day_and_stops_at_the_cap(export: Double, tmp_path: Path) -> None:
    clock = HandClock()
    watched = source(tmp_path, clock, athena=EXPORT, requests_usd_per_month=3)
    seen = await until(watched, lambda _: clock.now() - NOW > timedelta(days=2))
    assert export.counts["StartQueryExecution"] == 2
    assert watched.request_cost == "$2.00 of $3 this month"
    assert "request budget: $2.00 of $3 this month" in " ".join(health(seen).warnings)


@pytest.mark.parametrize(
    ("statistics", "micro_usd"),
    [
        ({"DataScannedInBytes": 10**12}, 5_000_000),
        ({"DataScannedInBytes": 1}, 50),
        ({"DataScannedInBytes": 0}, 0),
        ({}, 0),
        ({"DataScannedInBytes": 10**12, "ResultReuseInformation": {"ReusedPreviousResult": True}}, 0),
    ],
)
def test_what_a_query_costs(statistics: dict[str, Any], micro_usd: int) -> None:
    assert price(statistics) == micro_usd


@pytest.mark.parametrize("form", ["cur2", "focus"])
def test_the_query_reads_some_hours_and_no_more(form: str) -> None:
    export = Athena.model_validate({**EXPORT, "format": form})
    text = query(
        export, ["team", "o'brien"], datetime(2026, 10, 31, 2, tzinfo=UTC), datetime(2026, 11, 2, 2, tzinfo=UTC)
    )
    start, hour = ("billingperiodstart", "chargeperiodstart") if form == "focus" else (
        "bill_billing_period_start_date",
        "line_item_usage_start_date",
    )  # fmt: skip
    assert f"{start} >= TIMESTAMP '2026-10-01 00:00:00'" in text
    assert f"{hour} >= TIMESTAMP '2026-10-31 02:00:00'" in text
    assert f"{hour} < TIMESTAMP '2026-11-02 02:00:00'" in text
    assert 'FROM "billing"."cur"' in text
    assert "o''brien'" in text
    assert "*" not in text.replace("(ml\\.)?", "")
    assert text.endswith("GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 12, 13\nORDER BY 10 DESC\nLIMIT 5001")


@pytest.mark.parametrize(
    ("field", "value"),
    [("table", 'cur"; DROP TABLE x'), ("database", "a.b"), ("output", "https://example.org"), ("region", "Europe")],
)
def test_names_that_could_be_more_than_names_are_refused(field: str, value: str) -> None:
    with pytest.raises(ValidationError):
        Athena.model_validate({**EXPORT, field: value})
