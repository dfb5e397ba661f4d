"""A drill-down into a billing export in BigQuery: planned, capped, counted, kept; nothing but parameters is trusted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.clock import SimulatedClock
from finops_tui.errors import SourceError
from finops_tui.ledger.drill import BY, WHERE, Drill
from finops_tui.sources.billing.drill_sql import columns
from finops_tui.sources.gcp.drill import GcpExport
from finops_tui.sources.gcp.drill_sql import query, tells
from finops_tui.sources.gcp.settings import GIB
from tests.ledger.charges import SCOPES
from tests.sources.billing.following import NOW, hurried, ledger_at
from tests.sources.gcp.answers import Asked, Fixed, answering
from tests.sources.gcp.test_gcp import settings

SPAN: dict[str, Any] = {"since": datetime(2026, 11, 17, 6, tzinfo=UTC), "until": datetime(2026, 11, 20, 6, tzinfo=UTC)}
QUESTION = Drill(**SPAN, by=("resource", "sku"), where={"account": frozenset({"ml-prod"})})
ROWS = (("vm-1", "A2 Instance", "USD", "1", "100", "80.5", "1"), (None, None, "USD", "21", "7.25", "7.25", "31"))
DETAILED = {"format": "detailed"}


def table(*rows: tuple[str | None, ...], complete: bool = True, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {"jobReference": {"jobId": "job_1", "location": "US"}, "jobComplete": complete}
    if complete:
        answer |= {
            "schema": {"fields": [{"name": name} for name in columns(2)]}, "totalRows": str(len(rows)),
            "totalBytesProcessed": str(2 * GIB), "cacheHit": False,
            "rows": [{"f": [{"v": each} for each in row]} for row in rows],
        }  # fmt: skip
    return answer | more


def asker(folder: Path, clock: SimulatedClock | None = None, /, **more: Any) -> GcpExport:
    return GcpExport(settings(**{**DETAILED, **more}), ledger_at(folder), clock or hurried(), SCOPES, Fixed())


def answers(*pages: dict[str, Any]) -> Callable[[httpx.Request], httpx.Response]:
    left = list(pages)
    return lambda _: httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    return answering(monkeypatch, answers(table(*ROWS)))


async def test_a_dry_run_tells_bytes_and_dollars_and_asks_nothing(asked: Asked, tmp_path: Path) -> None:
    plan = await asker(tmp_path).expect(QUESTION)
    assert (plan.bytes_read, plan.usd) == (2 * GIB, Decimal("6.25") * 2 / 1024)
    (body,) = asked.bodies()
    assert (body["dryRun"], body["maximumBytesBilled"]) == (True, str(20 * GIB))


async def test_only_sums_come_back_and_what_is_read_is_counted(asked: Asked, tmp_path: Path) -> None:
    clock = hurried()
    found = await asker(tmp_path, clock).ask(QUESTION)
    (row,), (rest,) = found.rows, found.others
    assert (row.key, row.billed, row.effective) == (("vm-1", "A2 Instance"), Decimal(100), Decimal("80.5"))
    assert (rest.parts, found.totals["USD"].effective) == (31, Decimal("87.75"))
    assert (found.bytes_read, found.usd, found.kept) == (2 * GIB, Decimal("6.25") * 2 / 1024, False)
    (body,) = asked.bodies()
    told = {each["name"]: each["parameterValue"]["value"] for each in body["queryParameters"]}
    assert (told["start"], told["until"]) == ("2026-11-17T06:00:00Z", "2026-11-20T06:00:00Z")
    assert "ml-prod" in told.values()
    assert "ml-prod" not in body["query"]
    assert ledger_at(tmp_path)().noted("gcp 010101-F0FFF0-61C528 bytes read in 2026-11") == str(2 * GIB)


async def test_the_same_question_within_the_hour_is_answered_from_the_ledger(asked: Asked, tmp_path: Path) -> None:
    now = [0.0]
    clock = SimulatedClock(NOW, monotonic=lambda: now[0])
    first = await asker(tmp_path, clock).ask(QUESTION)
    now[0] = 3_500
    assert (await asker(tmp_path, clock).expect(QUESTION)).usd == 0
    again = await asker(tmp_path, clock).ask(QUESTION)
    assert (again.rows, again.others, again.at, again.kept) == (first.rows, first.others, first.at, True)
    assert len(asked.bodies()) == 1
    await asker(tmp_path, clock).ask(replace(QUESTION, where={}))
    assert len(asked.bodies()) == 2
    now[0] = 3_700
    assert (await asker(tmp_path, clock).ask(QUESTION)).kept is False


async def test_a_slow_query_is_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = answering(monkeypatch, answers(table(complete=False), table(complete=False), table(*ROWS)))
    assert (await asker(tmp_path).ask(QUESTION)).rows
    assert [request.method for request in asked.requests] == ["POST", "GET", "GET"]


async def test_no_row_is_an_answer_without_rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answering(monkeypatch, answers(table()))
    assert (await asker(tmp_path).ask(QUESTION)).rows == ()


# What goes wrong


async def test_more_than_a_query_may_read_is_refused_before_it_is_asked(asked: Asked, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"it would read 2\.0 GiB: `gib_per_query` allows 1") as refused:
        await asker(tmp_path, gib_per_query=1).expect(QUESTION)
    assert "fewer days" in refused.value.hint
    assert [body.get("dryRun") for body in asked.bodies()] == [True]


async def test_a_months_reading_that_is_used_up_asks_nothing(asked: Asked, tmp_path: Path) -> None:
    small = {"gib_per_month": 2}
    await asker(tmp_path, **small).ask(QUESTION)
    for again in (asker(tmp_path, **small).ask, asker(tmp_path, **small).expect):
        with pytest.raises(SourceError, match=r"2\.0 of 2 GiB read this month, about \$0\.01: no more is asked"):
            await again(replace(QUESTION, top=3))
    assert len(asked.bodies()) == 1


@pytest.mark.parametrize(
    ("status", "message", "said"),
    [
        (400, "Unrecognized name: resource", "Check `export`"),
        (401, "Invalid Credentials", "gcloud auth"),
        (403, "Access Denied", "bigquery.tables.getData"),
        (403, "quotaExceeded", "quota"),
        (404, "Not found: Table", "location"),
        (503, "Backend Error", "asked again"),
    ],
)
async def test_each_refusal_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: int, message: str, said: str
) -> None:
    answering(monkeypatch, lambda _: httpx.Response(status, json={"error": {"message": message}}))
    for ask in (asker(tmp_path).expect, asker(tmp_path).ask):
        with pytest.raises(SourceError) as refused:
            await ask(QUESTION)
        assert said in str(refused.value)


@pytest.mark.parametrize("cells", [("a", "b", "USD", "1", "x", "1", "1"), ("a", "b", "", "1", "1", "1", "1")])
async def test_an_answer_that_lacks_a_part_of_the_sum_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cells: tuple[str, ...]
) -> None:
    answering(monkeypatch, answers(table(*ROWS, cells)))
    with pytest.raises(SourceError, match="a sum of the export makes no sense"):
        await asker(tmp_path).ask(QUESTION)


# The SQL


def test_the_standard_export_knows_no_resources_and_none_knows_operations() -> None:
    assert "resource" not in tells(settings(format="standard"))
    assert {"resource", "hour"} < set(tells(settings(**DETAILED)))
    assert "operation" not in tells(settings(**DETAILED))
    assert "instance" not in tells(settings(format="focus"))


FORMATS = st.sampled_from(["standard", "detailed", "focus"])
NAMES = st.sampled_from(["account", "service", "region", "sku", "team"])
VALUES = st.one_of(st.text(max_size=30), st.sampled_from(["'", "`", "x' OR '1'='1", "@v0", "{}"]))


@given(FORMATS, NAMES, VALUES, VALUES)
def test_no_value_and_no_label_stands_in_the_query(form: str, name: str, value: str, tag: str) -> None:
    def asked(value: str, tag: str) -> tuple[str, list[Any]]:
        where = {name: frozenset({value}), f"tag:{tag}": frozenset({value})}
        made = query(settings(format=form), Drill(**SPAN, by=("sku", f"tag:{tag}"), where=where), SCOPES)
        return made.text, list(made.parameters.values())

    text, parameters = asked(value, tag)
    assert text == asked("harmless", "harmless")[0]
    assert {value, tag} <= set(parameters)


@pytest.mark.parametrize("form", ["standard", "detailed", "focus"])
def test_every_parameter_is_named_and_given(form: str) -> None:
    config = settings(format=form)
    where = {name: frozenset({"x", "y"}) for name in WHERE if name in tells(config) or name == "billing_account"}
    made = query(config, Drill(**SPAN, by=tells(config)[:4], where={**where, "team": frozenset({""})}), SCOPES)
    assert set(re.findall(r"@(\w+)", made.text)) == set(made.parameters)
    assert ("_PARTITIONTIME" in made.text) is (form != "focus")
    assert all(name in BY for name in tells(config))
