from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from finops_tui.model.cloud import BudgetsSeen
from finops_tui.model.health import HealthState
from finops_tui.sources.gcp import bigquery, export_sql
from finops_tui.sources.gcp.charges import bill
from finops_tui.sources.gcp.settings import GIB, GcpSettings
from finops_tui.sources.gcp.source import Gcp
from tests.sources.billing.following import NOW, Following, billed, charged, following, hurried, ledger_at
from tests.sources.gcp.answers import BUDGETS, MORE_BUDGETS, Asked, Fixed, answering, row, table

TODAY = NOW.replace(hour=0)
ACCOUNT = "010101-F0FFF0-61C528"
SPAN = TODAY - timedelta(days=30), TODAY + timedelta(days=1)
EUROPE = {"currency_code": "EUR", "account": "eu", "discounts": "0", "gifts": "0"}


def settings(**more: Any) -> GcpSettings:
    facts = {"billing_account": ACCOUNT, "project": "finops", "export": "finops.billing.gcp_billing_export_v1_X"}
    return GcpSettings(**{**facts, "labels": ("team",), **more})


@asynccontextmanager
async def asking(
    folder: Path, monkeypatch: pytest.MonkeyPatch, script: Callable[[httpx.Request], httpx.Response], **more: Any
) -> AsyncIterator[tuple[Following, Asked]]:
    asked = answering(monkeypatch, script)
    async with following(Gcp(settings(**more), ledger_at(folder), hurried(), Fixed())) as one:
        yield one, asked


def answers(*bill_pages: dict[str, Any]) -> Callable[[httpx.Request], httpx.Response]:
    """Answer the questions for the bill one after the other, and those for budgets always alike."""
    left = list(bill_pages)

    def script(request: httpx.Request) -> httpx.Response:
        if request.url.host.startswith("billingbudgets"):
            return httpx.Response(200, json=MORE_BUDGETS if "pageToken" in request.url.params else BUDGETS)
        return httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0])

    return script


async def test_the_bill_is_in_the_ledger_with_credits_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (row(), row(kind="tax", billed="7", effective="7", discounts="0", gifts="0"), row(**EUROPE))
    async with asking(tmp_path, monkeypatch, answers(table(*rows))) as (one, asked):
        await one.answered()
        assert one.state is HealthState.POLLED
        found = charged(tmp_path, "account", "team")
        prod, europe = found["ml-prod", "nlp"], found["eu", "nlp"]
        assert (prod.usage, prod.credits, prod.taxes) == (Decimal("100.5"), Decimal("-25.25"), Decimal(7))
        assert prod.billed == Decimal("82.25")
        assert (prod.effective_usage, prod.effective) == (Decimal("80.5"), Decimal("82.25")), "discounts count once"
        assert (europe.currency, europe.billed) == ("EUR", Decimal("100.5"))
        assert set(charged(tmp_path, "instance", "region")) == {("a3-highgpu-8g", "us-central1")}
        assert asked.requests[0].headers["authorization"] == "Bearer ya29.open-sesame"
        (body,) = asked.bodies()
        assert body["maximumBytesBilled"] == str(20 * GIB)
        assert body["useLegacySql"] is False
        told = {each["name"]: each["parameterValue"]["value"] for each in body["queryParameters"]}
        assert told == {"start": "2026-09-22T00:00:00Z", "until": "2026-11-21T00:00:00Z", "label_0": "team"}
        assert one.bills is not None
        assert {day.currency for day in one.bills.days} == {"USD", "EUR"}


async def test_budgets_for_a_team_are_held_against_its_label(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (row(), row(label_0="chat"), row(day="2026-11-18", **EUROPE), row(label_0=""))
    answering(monkeypatch, answers(table(*rows)))
    scopes = (("team", "nlp"), ("team", "nosuch"), ("model", "llama"))
    source = Gcp(settings(), ledger_at(tmp_path), hurried(), Fixed(), scopes=scopes)
    async with following(source) as one:
        await one.answered()
        assert one.bills is not None
        told = {(each.name, each.account, each.day.day, each.currency): each.effective for each in one.bills.scoped}
    assert told == {
        ("nlp", "ml-prod", 19, "USD"): Decimal("80.5"), ("nlp", "eu", 18, "EUR"): Decimal("80.5"),
    }  # fmt: skip


async def test_budgets_are_told_over_all_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with asking(tmp_path, monkeypatch, answers(table(row()))) as (one, _):
        await one.answered()
        (seen,) = [each for each in one.seen if isinstance(each, BudgetsSeen)]
        ml, floating = seen.budgets
        assert (ml.name, ml.unit, ml.limit, ml.period) == ("ML", "EUR", Decimal("1000.5"), "MONTH")
        assert ml.about == "projects/123; team: nlp"
        assert (floating.limit, floating.actual) == (None, None), "what is not told is not zero"


async def test_a_slow_answer_of_several_pages_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = table(row(), pageToken="p2", totalRows="2")
    second = table(row(day="2026-11-18"), totalRows="2")
    script = answers(table(complete=False), table(complete=False), first, second)
    async with asking(tmp_path, monkeypatch, script) as (one, asked):
        await one.answered()
        assert one.state is HealthState.POLLED
        assert charged(tmp_path)[()].usage == Decimal(201)
        assert [request.url.params.get("pageToken") for request in asked.requests[:4]] == [None, None, None, "p2"]
        assert asked.requests[1].url.path.endswith("/queries/job_1")


async def test_an_answer_that_lacks_rows_counts_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with asking(tmp_path, monkeypatch, answers(table(row(), totalRows="3"))) as (one, _):
        health = await one.answered()
        assert health.state is HealthState.DOWN
        assert health.reason == "the bill is incomplete 1 of 3 rows came"
        assert not billed(tmp_path)


async def test_an_empty_export_is_told_and_takes_nothing_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with asking(tmp_path, monkeypatch, answers(table(row()), table())) as (one, asked):
        await one.answered()
        before = billed(tmp_path)
        await one.source.refresh()
        await one.until(lambda: len(asked.bodies()) == 2)
        await one.until(lambda: one.health.warnings)
        assert one.health.warnings == ("the export has no charges 2026-11-11 to 2026-11-20",)
        assert billed(tmp_path) == before != {}


async def test_a_restated_day_replaces_what_was_said_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = answers(table(row(), row(day="2026-10-01", invoice_month="202610")), table(row(billed="1", effective="1")))
    async with asking(tmp_path, monkeypatch, script) as (one, asked):
        await one.answered()
        assert charged(tmp_path)[()].usage == Decimal(201)
        await one.source.refresh()
        await one.until(lambda: len(asked.bodies()) == 2)
        await one.until(lambda: charged(tmp_path)[()].usage == Decimal("101.5"))
        (start,) = {each["parameterValue"]["value"] for each in asked.bodies()[1]["queryParameters"][:1]}
        assert start == "2026-11-11T00:00:00Z", "the second look reads the last days alone"


async def test_days_while_nobody_looked_are_asked_for_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with asking(tmp_path, monkeypatch, answers(table(row())), history_days=200) as (one, _):
        await one.answered()
    asked = answering(monkeypatch, answers(table(row(day="2027-02-01"))))
    later = hurried(NOW + timedelta(days=90))
    async with following(Gcp(settings(history_days=200), ledger_at(tmp_path), later, Fixed())) as one:
        await one.answered()
        start = asked.bodies()[0]["queryParameters"][0]["parameterValue"]["value"]
        assert start == "2026-10-01T00:00:00Z", "from the month before the one that was read last"


async def test_a_bill_is_not_newer_because_somebody_looks_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with asking(tmp_path, monkeypatch, answers(table(row()))) as (one, asked):
        await one.answered()
        answered = one.health.at
        await one.source.refresh()
        await one.until(lambda: len(asked.bodies()) == 2)
        await one.until(lambda: one.health.at > answered)
        assert one.health.at - answered >= timedelta(minutes=30)


async def test_no_more_is_read_than_the_month_allows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with asking(tmp_path, monkeypatch, answers(table(row())), gib_per_month=2, every_hours=1) as (one, asked):
        await one.until(lambda: one.seen and one.health.warnings)
        assert one.health.warnings == (
            "2.0 of 2 GiB read this month, about $0.01: no more is asked before next month; raise `gib_per_month`",
        )
        assert len(asked.bodies()) == 1
        assert isinstance(one.source, Gcp)
        assert one.source.request_cost == "2.0 of 2 GiB read this month, about $0.01"


@pytest.mark.parametrize(
    ("status", "message", "hint"),
    [
        (400, "Unrecognized name: _PARTITIONTIME", "`partitioned`"),
        (401, "Request had invalid authentication credentials.", "gcloud auth application-default login"),
        (403, "Access Denied: Project finops", "bigquery.jobs.create in project finops"),
        (403, "Access Denied: Table", "bigquery.tables.getData on finops.billing"),
        (404, "Not found: Table", "location"),
        (503, "busy", "asked again"),
    ],
)
async def test_a_refusal_names_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, message: str, hint: str
) -> None:
    refusal = {"error": {"code": status, "message": message, "status": "X"}}
    async with asking(tmp_path, monkeypatch, lambda _: httpx.Response(status, json=refusal)) as (one, _):
        health = await one.answered()
        assert health.state is HealthState.DOWN
        assert health.reason.startswith(str(status))
        assert message in health.reason
        assert hint in health.hint
        assert one.bills is None


async def test_a_token_that_google_takes_back_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = answers(table(row()))

    def script(request: httpx.Request) -> httpx.Response:
        again = request.headers["authorization"].endswith("-again")
        return good(request) if again else httpx.Response(401, json={})

    async with asking(tmp_path, monkeypatch, script) as (one, asked):
        assert (await one.answered()).state is HealthState.POLLED
        assert len(asked.bodies()) == 2
        assert asked.bodies()[0]["query"] == asked.bodies()[1]["query"]


async def test_without_the_budgets_there_is_still_the_bill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(request: httpx.Request) -> httpx.Response:
        if request.url.host.startswith("billingbudgets"):
            return httpx.Response(403, json={"error": {"message": "The caller does not have permission"}})
        return httpx.Response(200, json=table(row()))

    async with asking(tmp_path, monkeypatch, script) as (one, asked):
        health = await one.answered()
        assert health.state is HealthState.PARTIAL
        assert health.missing == ("budgets: 403 Forbidden: The caller does not have permission",)
        assert "billing.budgets.list" in health.hint
        assert billed(tmp_path)
        assert asked.requests[-1].headers["x-goog-user-project"] == "finops"


async def test_who_asks_to_be_left_alone_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(_: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"Retry-After": "1800"})

    async with asking(tmp_path, monkeypatch, script) as (one, asked):
        first = (await one.answered()).at
        assert len(asked.requests) == 1, "half an hour is not waited for within one question"
        await one.source.refresh()
        await one.until(lambda: len(asked.requests) == 2)
        await one.until(lambda: one.health.at > first)
        assert one.health.at - first >= timedelta(minutes=30)


async def test_the_doctor_plans_the_query_and_reads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(request: httpx.Request) -> httpx.Response:
        if request.url.host.startswith("billingbudgets"):
            return httpx.Response(404, json={})
        return httpx.Response(200, json={"jobComplete": True, "totalBytesProcessed": str(3 * GIB)})

    asked = answering(monkeypatch, script)
    checks = await Gcp(settings(), ledger_at(tmp_path), hurried(), Fixed()).diagnose()
    assert [(check.subject, check.state) for check in checks] == [("billing export", "ok"), ("budgets", "warn")]
    assert "3.00 GiB" in checks[0].detail
    assert asked.bodies()[0]["dryRun"] is True


async def test_resources_beyond_the_dearest_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = table(row(gifts="0", discounts="0"))
    split = table(
        row(resource="gpu-1", billed="90", effective="70", discounts="0", gifts="0"),
        row(resource="", billed="10.5", effective="10.5", discounts="0", gifts="0"),
    )
    async with asking(
        tmp_path, monkeypatch, answers(whole, split), format="detailed", resources=True, resource_rows=1
    ) as (one, asked):
        await one.answered()
        assert billed(tmp_path, "resource") == {("",): Decimal("10.5"), ("gpu-1",): Decimal(90)}
        assert billed(tmp_path) == {(): Decimal("100.5")}, "two views of one source are not added up"
        names = [each["name"] for each in asked.bodies()[1]["queryParameters"]]
        assert names == ["start", "until", "label_0", "resource_rows"]


def read(*rows: dict[str, str | None], at: datetime = NOW, **more: Any) -> list[Any]:
    return list(bill(rows, settings(**more), source="s", view="", span=SPAN, at=at).rows)


def test_rows_that_make_no_sense_are_left_out_and_counted() -> None:
    wrong = [
        row(day="yesterday"), row(day=None), row(day="2025-01-01"), row(invoice_month="2026"), row(currency_code="$"),
        row(billed="much"), row(effective=None), row(billed="NaN"), row(billed="1e30"),
    ]  # fmt: skip
    found = bill([*wrong, row()], settings(), source="s", view="", span=SPAN, at=NOW)
    assert found.unusable == len(wrong)
    assert len(found.rows) == 3


def test_a_month_is_final_once_its_invoice_is_made_in_pacific_time() -> None:
    october = row(invoice_month="202610")
    assert not read(october, at=datetime(2026, 11, 8, 2, tzinfo=UTC))[0].final, (
        "seven days later it is still October there"
    )
    assert read(october, at=datetime(2026, 11, 8, 9, tzinfo=UTC))[0].final
    assert not read(row())[0].final


def test_negative_lines_and_unknown_kinds_keep_their_money() -> None:
    (refund,) = read(row(billed="-3", effective="-3", discounts="0", gifts="0", kind="rounding_error"))
    assert (refund.charge_category, refund.billed_cost, refund.charge_description) == (
        "Adjustment",
        -3,
        "rounding_error",
    )
    (spot,) = read(row(discounts="0", gifts="0", pricing="Dynamic", kind="Usage"))
    assert (spot.pricing_category, spot.charge_category) == ("Dynamic", "Usage")


@pytest.mark.parametrize("form", ["standard", "detailed", "focus"])
@pytest.mark.parametrize("ask", [export_sql.by_service, export_sql.by_resource])
def test_questions_add_up_where_the_data_lies(form: str, ask: Callable[[GcpSettings], str]) -> None:
    text = ask(settings(format=form))
    columns = re.findall(r" AS (\w+)", text)
    for name in (*export_sql.SUMS, "day", "label_0", "account_name"):
        assert name in columns
    assert text.count("(") == text.count(")")
    assert "@start" in text
    assert "@until" in text
    assert ("_PARTITIONTIME" in text) is (form != "focus")
    assert ("@resource_rows" in text) is (ask is export_sql.by_resource)
    assert "SELECT *" not in text.partition("placed")[0], "an export may grow more columns"
    assert "IF(LOGICAL_OR(listed IS NULL), NULL, SUM(listed)) AS listed" in text, "partly known is not known"


def test_a_view_has_no_partitions() -> None:
    assert "_PARTITIONTIME" not in export_sql.by_service(settings(partitioned=False))


@pytest.mark.parametrize(
    "wrong",
    [
        {"billing_account": "123"},
        {"export": "a.b"},
        {"export": "a.b.c` WHERE 1=1 --"},
        {"labels": ("Team",)},
        {"resources": True},
        {"bigquery_url": "bigquery"},
        {"every_hours": 0.1},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)


async def test_an_answer_that_is_far_too_large_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bigquery, "ROWS", 3)
    page = table(row(), row(day="2026-11-18"), pageToken="more", totalRows="9")
    async with asking(tmp_path, monkeypatch, answers(page)) as (one, _):
        health = await one.answered()
        assert (health.reason, health.hint) == ("the bill has more than 3 rows", "Tell it apart by fewer `labels`.")
        assert not billed(tmp_path)
