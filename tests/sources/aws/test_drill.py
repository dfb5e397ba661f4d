"""A drill-down into a cost and usage export: its SQL, what it costs, and what goes wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.errors import SourceError
from finops_tui.ledger.drill import BY, MOST_CHARACTERS, MOST_VALUES, WHERE, Drill, Drilled
from finops_tui.sources.aws.drill import AwsExport
from finops_tui.sources.aws.drill_sql import query
from finops_tui.sources.aws.faults import AwsError
from finops_tui.sources.aws.settings import Athena
from finops_tui.sources.aws.store import Store
from finops_tui.sources.aws.views import EC2
from finops_tui.sources.billing.drill_sql import columns
from tests.ledger.charges import SCOPES
from tests.sources.aws.double import Asked, Double, Fault
from tests.sources.aws.test_athena import EXPORT, state
from tests.sources.aws.world import ACCOUNT, KEY, NOW, SECRET, HandClock, settings

SPAN: dict[str, Any] = {"since": datetime(2026, 10, 31, 2, tzinfo=UTC), "until": datetime(2026, 11, 3, 2, tzinfo=UTC)}
QUESTION = Drill(**SPAN, by=("resource",), where={"account": frozenset({"222222222222"})})
ROWS = (("i-1", "USD", "1", "55.04", "32.5", "1"), ("i-2", "USD", "2", "5", "7.25", "1"))
REST = (None, "USD", "21", "40", "30.125", "1204")
FORMATS = [Athena.model_validate({**EXPORT, "format": form}) for form in ("cur2", "focus")]


def result(*rows: tuple[str | None, ...], keys: int = 1) -> dict[str, Any]:
    cells = [
        {"Data": [{} if each is None else {"VarCharValue": each} for each in row]} for row in (columns(keys), *rows)
    ]
    return {"ResultSet": {"Rows": cells}}


@pytest.fixture
def export(aws: Double) -> Double:
    states = iter([state("QUEUED"), state("RUNNING")])
    aws.answers["StartQueryExecution"] = {"QueryExecutionId": "q"}
    aws.answers["GetQueryExecution"] = lambda _: next(states, state("SUCCEEDED", read=20_000_000_000))
    aws.answers["GetQueryResults"] = result(*ROWS, REST)
    return aws


def asker(folder: Path, clock: HandClock | None = None, /, **more: object) -> AwsExport:
    told = settings(athena=EXPORT, **more)
    assert told.athena is not None
    return AwsExport(told, told.athena, clock or HandClock(), folder, SCOPES)


def amounts(found: Drilled) -> dict[str, Decimal]:
    return {row.key[0]: row.effective for row in found.rows}


# The answer


async def test_only_sums_come_back_and_they_are_all_of_it(export: Double, tmp_path: Path) -> None:
    found = await asker(tmp_path).ask(QUESTION)
    assert amounts(found) == {"i-1": Decimal("32.5"), "i-2": Decimal("7.25")}
    (rest,) = found.others
    assert (rest.parts, rest.billed, rest.effective) == (1204, Decimal(40), Decimal("30.125"))
    assert (found.totals["USD"].billed, found.totals["USD"].effective) == (Decimal("100.04"), Decimal("69.875"))
    assert (found.bytes_read, found.usd, found.kept) == (20_000_000_000, Decimal("0.1"), False)
    assert (found.source, found.export) == ("aws prod", "billing.cur in Athena (eu-west-1)")
    (asked,) = export.of("StartQueryExecution")
    assert 'FROM "billing"."cur"' in asked.params["QueryString"]
    assert "222222222222" in asked.params["QueryString"]
    assert Store(tmp_path).spent(ACCOUNT, NOW) == (1, 100_000)


async def test_the_same_question_within_the_hour_is_answered_from_disk(export: Double, tmp_path: Path) -> None:
    clock = HandClock()
    first = await asker(tmp_path, clock).ask(QUESTION)
    clock.advance(minutes=50)
    plan = await asker(tmp_path, clock).expect(QUESTION)
    assert (plan.usd, plan.bytes_read) == (Decimal(0), None)
    assert "it was asked at 14:30Z" in plan.how
    again = await asker(tmp_path, clock).ask(QUESTION)
    assert (again.kept, again.at, again.rows) == (True, first.at, first.rows)
    assert export.counts["StartQueryExecution"] == 1
    await asker(tmp_path, clock).ask(replace(QUESTION, top=5))
    assert export.counts["StartQueryExecution"] == 2, "another question is asked"
    clock.advance(minutes=15)
    await asker(tmp_path, clock).ask(QUESTION)
    assert export.counts["StartQueryExecution"] == 3, "after an hour it is asked again"


async def test_a_price_is_not_known_before_the_first_and_then_that_of_the_last(export: Double, tmp_path: Path) -> None:
    plan = await asker(tmp_path).expect(QUESTION)
    assert (plan.usd, plan.bytes_read) == (None, None)
    assert "afterwards" in plan.how
    await asker(tmp_path).ask(QUESTION)
    plan = await asker(tmp_path).expect(replace(QUESTION, by=("sku",)))
    assert (plan.usd, plan.bytes_read, plan.how) == (Decimal("0.1"), 20_000_000_000, "as the last one did")
    assert export.counts["StartQueryExecution"] == 1, "to plan asks no query"


async def test_the_request_budget_holds_for_drill_downs_too(export: Double, tmp_path: Path) -> None:
    export.answers["GetQueryExecution"] = state("SUCCEEDED", read=200_000_000_000)
    capped = {"requests_usd_per_month": 1.5}
    await asker(tmp_path, **capped).ask(QUESTION)
    with pytest.raises(AwsError, match=r"request budget: \$1\.00 of \$1\.50 this month") as refused:
        await asker(tmp_path, **capped).ask(replace(QUESTION, by=("sku",)))
    assert "requests_usd_per_month" in refused.value.hint
    assert export.counts["StartQueryExecution"] == 1


async def test_no_row_is_an_answer_without_rows(export: Double, tmp_path: Path) -> None:
    export.answers["GetQueryResults"] = result()
    found = await asker(tmp_path).ask(QUESTION)
    assert (found.rows, found.others, dict(found.totals)) == ((), (), {})


async def test_names_from_the_export_are_cleaned(export: Double, tmp_path: Path) -> None:
    export.answers["GetQueryResults"] = result(("i-\x1b[31m1\n\u202e", "USD", "1", "1", "1", "1"))
    (row,) = (await asker(tmp_path).ask(QUESTION)).rows
    assert row.key == ("i-1",)


# What goes wrong


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ((None, "USD", "1", "x", "1", "1"), "a sum of the export makes no sense"),
        (("i-1", "Dollars", "1", "1", "1", "1"), "a sum of the export makes no sense"),
        (("i-1", "USD", "1", None, "1", "1"), "a sum of the export makes no sense"),
        (("i-1", "USD", "one", "1", "1", "1"), "the answer makes no sense"),
        (("i-1", "USD"), "the answer has 2 columns, not 6"),
    ],
)
async def test_an_answer_that_lacks_a_part_of_the_sum_is_no_answer(
    export: Double, tmp_path: Path, row: tuple[str | None, ...], said: str
) -> None:
    export.answers["GetQueryResults"] = result(*ROWS, row)
    with pytest.raises(SourceError, match=said):
        await asker(tmp_path).ask(QUESTION)


@pytest.mark.parametrize(
    ("answers", "said", "hint"),
    [
        (
            {"GetQueryExecution": state("FAILED", "TABLE_NOT_FOUND: cur")},
            "Athena query failed: TABLE_NOT_FOUND",
            "Check",
        ),
        ({"GetQueryExecution": state("CANCELLED")}, "Athena query cancelled", "Check `athena`"),
        ({"GetQueryExecution": state("RUNNING")}, "runs longer than 300s", "Ask for fewer days."),
        ({"StartQueryExecution": Fault("TooManyRequestsException")}, "throttled", "asked again"),
        ({"StartQueryExecution": Fault("AccessDeniedException", "no", 400)}, "no permission", "athena:StartQuery"),
        ({"GetCallerIdentity": Fault("ExpiredToken", "expired", 403)}, "expired", "sign in again"),
    ],
)
async def test_each_way_to_fail_says_what_to_do(
    export: Double, tmp_path: Path, answers: Mapping[str, Any], said: str, hint: str
) -> None:
    export.answers.update(answers)
    with pytest.raises(AwsError) as failed:
        await asker(tmp_path).ask(QUESTION)
    assert said.casefold() in str(failed.value).casefold()
    assert hint.casefold() in str(failed.value).casefold()


async def test_a_query_that_failed_is_begun_anew_when_it_is_asked_again(export: Double, tmp_path: Path) -> None:
    clock = HandClock()
    export.answers["GetQueryExecution"] = state("FAILED", "no access to the bucket")
    with pytest.raises(AwsError):
        await asker(tmp_path, clock).ask(QUESTION)
    clock.advance(minutes=1)
    export.answers["GetQueryExecution"] = state("SUCCEEDED", read=1)
    assert (await asker(tmp_path, clock).ask(QUESTION)).rows
    first, second = (asked.params["ClientRequestToken"] for asked in export.of("StartQueryExecution"))
    assert first != second, "Athena would answer with the query that failed"


# Several accounts


def roles(*numbers: str) -> Callable[[Asked], dict[str, Any]]:
    left = iter(numbers)
    return lambda _: {"Account": next(left), "UserId": "u", "Arn": "arn:aws:iam::1:user/a"}


@pytest.mark.parametrize(("account", "asked_of"), [("222222222222", "222222222222"), ("333333333333", "111111111111")])
async def test_of_several_accounts_the_one_that_is_named_is_asked_else_the_first(
    export: Double, tmp_path: Path, account: str, asked_of: str
) -> None:
    export.answers["GetCallerIdentity"] = roles("111111111111", "222222222222")
    keys = f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\nregion = us-east-1\n"
    (tmp_path / "credentials").write_text(f"[a]\n{keys}[b]\n{keys}")
    many = asker(tmp_path, accounts=[{"profile": "a"}, {"profile": "b"}])
    await many.ask(replace(QUESTION, where={"account": frozenset({account})}))
    assert Store(tmp_path).spent(asked_of, NOW)[0] == 1


# The SQL


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.format)
def test_a_question_reads_its_months_and_hours_and_no_more(form: Athena) -> None:
    text = query(form, replace(QUESTION, by=("resource", "hour", "team"), top=7), SCOPES)
    month, hour = ("billingperiodstart", "chargeperiodstart") if form.format == "focus" else (
        "bill_billing_period_start_date", "line_item_usage_start_date",
    )  # fmt: skip
    for words in (
        f"{month} >= TIMESTAMP '2026-10-01 00:00:00'", f"{month} < TIMESTAMP '2026-11-03 02:00:00'",
        f"{hour} >= TIMESTAMP '2026-10-31 02:00:00'", f"{hour} < TIMESTAMP '2026-11-03 02:00:00'",
        "IN ('222222222222')", 'FROM "billing"."cur"', "LEAST(place, 8)",
    ):  # fmt: skip
        assert words in text
    assert "SELECT *" not in text
    assert text.index("'team'") < text.index("'owner'"), "the first key that a charge carries wins"


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.format)
@pytest.mark.parametrize(
    ("service", "words"),
    [("AmazonEC2", "= 'AmazonEC2'"), ("Amazon Simple Storage Service", "= 'Amazon Simple Storage Service'")],
)
def test_a_service_is_found_by_its_code_and_by_its_name(form: Athena, service: str, words: str) -> None:
    asked = replace(QUESTION, where={"service": frozenset({service})})
    assert query(form, asked, SCOPES).count(words) == 2, "the name, and the code or the name of the product"


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.format)
def test_cost_explorers_two_halves_of_ec2_are_told_by_usage_type(form: Athena) -> None:
    machines = query(form, replace(QUESTION, where={"service": frozenset({EC2})}), SCOPES)
    rest = query(form, replace(QUESTION, where={"service": frozenset({"EC2 - Other"})}), SCOPES)
    assert "= 'AmazonEC2' AND regexp_like(" in machines
    assert "= 'AmazonEC2' AND NOT regexp_like(" in rest


LITERAL = re.compile(r"'(?:[^']|'')*'")
NAMES = st.sampled_from([name for name in WHERE if name not in {"source", "provider"}])
HOSTILE = st.one_of(
    st.text(max_size=40), st.sampled_from(["'", "''", "\\'", "x' OR '1'='1", "'; DROP TABLE x --", "/*"])
)


def skeleton(text: str) -> str:
    """Return SQL without its literals, several of them in a row as one."""
    bare = LITERAL.sub("?", text)
    return re.sub(r"\?(, \?)*", "?", bare)


@given(st.sampled_from(FORMATS), NAMES, HOSTILE, HOSTILE)
def test_no_value_and_no_tag_is_ever_more_than_a_literal(form: Athena, name: str, value: str, tag: str) -> None:
    def asked(value: str, tag: str) -> str:
        where = {name: frozenset({value}), f"tag:{tag}": frozenset({value})}
        return query(form, Drill(**SPAN, by=("resource", f"tag:{tag}"), where=where), SCOPES)

    if name == "service":  # a name with a blank is looked for as a product's name
        value = value.replace(" ", "")
    text = skeleton(asked(value, tag))
    assert "'" not in text
    assert text == skeleton(asked("harmless", "harmless"))


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.format)
def test_everything_that_may_be_asked_is_told_by_both_formats(form: Athena) -> None:
    for name in (*BY, "team", "tag:x"):
        assert " AS k0" in query(form, Drill(**SPAN, by=(name,)), SCOPES)
    longest = frozenset(f"{number:03}{'v' * (MOST_CHARACTERS - 3)}" for number in range(MOST_VALUES))
    assert len(query(form, replace(QUESTION, where={"service": longest}), SCOPES)) < 262_144, "Athena takes no more"
    chosen = {name: frozenset({f"the {name}"}) for name in WHERE}
    text = query(form, Drill(**SPAN, by=("resource",), where=chosen), SCOPES)
    assert [name for name in WHERE if f"'the {name}'" not in text] == ["source", "provider"], (
        "those choose who is asked"
    )


async def test_one_account_that_keeps_us_out_costs_itself_alone(export: Double, tmp_path: Path) -> None:
    keys = f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\nregion = us-east-1\n"
    (tmp_path / "credentials").write_text(f"[b]\n{keys}")
    assert (await asker(tmp_path, accounts=[{"profile": "a"}, {"profile": "b"}]).ask(QUESTION)).rows
    assert export.counts["StartQueryExecution"] == 1
    with pytest.raises(AwsError, match="no AWS profile a"):
        await asker(tmp_path, accounts=[{"profile": "a"}, {"profile": "c"}]).ask(QUESTION)
