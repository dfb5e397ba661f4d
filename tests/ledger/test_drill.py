"""Drill-downs: what may be asked, who answers, and that nothing of the sum is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.clock import SimulatedClock
from finops_tui.errors import FinopsError, UsageError
from finops_tui.ledger.drill import Drill, Drilled, DrillRow, Expected, Export, check, dearest, tag_keys
from finops_tui.ledger.drilling import Drilling
from finops_tui.ledger.ledger import Ledger
from finops_tui.model.bill import Statement
from tests.ledger.charges import SCOPES, charge, statement

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
QUESTION = Drill(since=NOW - timedelta(days=3), until=NOW, by=("resource",))


class ExportDouble:
    """An export that answers as it is told."""

    def __init__(self, source: str, provider: str = "AWS", usd: str | None = "0.01") -> None:
        self.source, self.provider, self.words = source, provider, f"the export of {source}"
        self.tells: tuple[str, ...] = ("resource", "sku", "account")
        self.hint = "Ask its owner."
        self.usd = usd
        self.asked: list[Drill] = []

    async def expect(self, question: Drill) -> Expected:
        del question
        return Expected(bytes_read=5, usd=None if self.usd is None else Decimal(self.usd))

    async def ask(self, question: Drill) -> Drilled:
        self.asked.append(question)
        return Drilled(by=question.by, rows=(), others=(), source=self.source, export=self.words, at=NOW)


def clock() -> SimulatedClock:
    return SimulatedClock(NOW, monotonic=lambda: 0.0)


def drilling(folder: Path, *exports: Export, **more: Any) -> Drilling:
    return Drilling(lambda: exports, lambda: Ledger(folder / "bills.sqlite", SCOPES), clock(), **more)


def asking(question: Drill = QUESTION, /, **where: str) -> Drill:
    return replace(question, where={name: frozenset({value}) for name, value in where.items()})


# What may be asked


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"by": ()}, "one to 4 things"),
        ({"by": ("teams",)}, "'teams' is nothing to drill down by"),
        ({"by": ("source",)}, "'source' is nothing"),
        ({"by": ("tag:",)}, "'tag:' is nothing"),
        ({"by": ("resource", "sku", "hour", "day", "region")}, "one to 4 things"),
        ({"where": {"day": frozenset({"2026-11-01"})}}, "'day' is nothing"),
        ({"where": {"team": frozenset({"a\x00"})}}, "a value that no bill has"),
        ({"where": {"team": frozenset({"a" * 2_000})}}, "a value that no bill has"),
        ({"where": {"tag:a\nb": frozenset({"x"})}}, "a value that no bill has"),
        ({"where": {"team": frozenset(map(str, range(101)))}}, "100 values at most"),
        ({"until": QUESTION.since}, "empty or too long"),
        ({"since": NOW - timedelta(days=500)}, "empty or too long"),
        ({"top": 0}, "1 to 1,000 rows"),
    ],
)
def test_a_question_that_nobody_could_answer_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check(replace(QUESTION, **wrong), SCOPES)


def test_a_question_may_be_by_scopes_and_tags() -> None:
    where = {"team": frozenset({"nlp", ""}), "source": frozenset({"x"}), "tag:Env": frozenset({"prod"})}
    question = replace(QUESTION, by=("team", "tag:cost centre", "hour"), where=where)
    check(question, SCOPES)
    assert tag_keys("team", SCOPES) == tuple(SCOPES["team"])
    assert (tag_keys("tag:Env", SCOPES), tag_keys("account", SCOPES)) == (("Env",), ())
    assert question.filters == {"tag:Env": ("prod",), "team": ("", "nlp")}, "the source chooses who is asked"


# The sum


ROWS = st.lists(
    st.builds(
        DrillRow,
        key=st.tuples(st.sampled_from("abcdefgh")),
        currency=st.sampled_from(["USD", "EUR"]),
        billed=st.decimals(-1_000, 1_000, places=10),
        effective=st.decimals(-1_000, 1_000, places=10),
    ),
    max_size=30,
)


@given(ROWS, st.integers(1, 5))
def test_rows_and_others_are_all_of_it_in_each_currency(rows: list[DrillRow], top: int) -> None:
    shown, others = dearest(rows, top)
    answer = Drilled(by=("resource",), rows=shown, others=others, source="", export="", at=NOW)
    for currency in {row.currency for row in rows}:
        ours = [row for row in rows if row.currency == currency]
        total = answer.totals[currency]
        assert (total.billed, total.effective) == (sum(r.billed for r in ours), sum(r.effective for r in ours))
        assert total.parts == len(ours)
        told = [abs(row.effective) for row in shown if row.currency == currency]
        assert told == sorted((abs(row.effective) for row in ours), reverse=True)[:top]


# Who answers


async def test_the_one_export_is_asked_and_told_beforehand(tmp_path: Path) -> None:
    export = ExportDouble("aws prod")
    answers = drilling(tmp_path, export)
    plan = await answers.plan(QUESTION)
    assert (plan.export, plan.expected.bytes_read, plan.wants_yes) == ("the export of aws prod", 5, False)
    assert export.asked == [], "a plan asks nothing"
    await answers.ask(QUESTION)
    assert export.asked == [QUESTION]


@pytest.mark.parametrize(("usd", "wants"), [("0", False), ("0.049", False), ("0.05", True), (None, True)])
async def test_what_is_dear_or_not_known_wants_a_yes(tmp_path: Path, usd: str | None, *, wants: bool) -> None:
    plan = await drilling(tmp_path, ExportDouble("aws prod", usd=usd)).plan(QUESTION)
    assert plan.wants_yes is wants
    assert (await drilling(tmp_path, ExportDouble("x", usd="0"), ask_from_usd=Decimal(0)).plan(QUESTION)).wants_yes


class Slow(ExportDouble):
    """Takes until it is let go."""

    def __init__(self) -> None:
        super().__init__("aws prod")
        self.begun, self.go_on, self.ended = threading.Event(), threading.Event(), threading.Event()

    async def ask(self, question: Drill) -> Drilled:
        self.begun.set()
        assert self.go_on.wait(10)
        answer = await super().ask(question)
        self.ended.set()
        return answer


async def test_a_question_goes_on_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    export = Slow()
    waiting = asyncio.ensure_future(drilling(tmp_path, export).ask(QUESTION))
    assert await asyncio.to_thread(export.begun.wait, 10), "it holds up no loop"
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    export.go_on.set()
    assert await asyncio.to_thread(export.ended.wait, 10), "what was paid for is counted and kept"


async def test_of_several_exports_one_must_be_chosen(tmp_path: Path) -> None:
    exports = (ExportDouble("aws prod"), ExportDouble("gcp x", "Google Cloud"))
    answers = drilling(tmp_path, *exports)
    with pytest.raises(UsageError, match="Several exports could answer") as refused:
        await answers.plan(QUESTION)
    assert refused.value.detail == "aws prod, gcp x"
    assert (await answers.plan(asking(source="gcp x"))).source == "gcp x"
    assert (await answers.plan(asking(provider="AWS"))).source == "aws prod"


async def test_an_account_that_the_ledger_knows_chooses_its_export(tmp_path: Path) -> None:
    Ledger(tmp_path / "bills.sqlite", SCOPES).restate(
        statement(charge(day=19, source="gcp x", provider_name="Google Cloud", sub_account_id="ml"))
    )
    answers = drilling(tmp_path, ExportDouble("aws prod"), ExportDouble("gcp x", "Google Cloud"))
    assert (await answers.plan(asking(account="ml"))).source == "gcp x"
    only = drilling(tmp_path, ExportDouble("aws prod"))
    assert (await only.plan(asking(account="ml"))).export == "the ledger here", "no export tells of Google's account"
    assert (await only.plan(asking(account="nobody knows it"))).source == "aws prod"


async def test_what_an_export_does_not_tell_is_said_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(FinopsError, match=r"does not tell apart by hour\.") as refused:
        await drilling(tmp_path, ExportDouble("aws prod")).plan(replace(QUESTION, by=("sku", "hour")))
    assert (refused.value.detail, refused.value.hint) == ("It tells resource, sku, account.", "Ask its owner.")


# The ledger in place of an export


def told(*statements: Statement, folder: Path) -> None:
    Ledger(folder / "bills.sqlite", SCOPES).restate(*statements)


async def test_without_an_export_the_ledger_answers_by_resource(tmp_path: Path) -> None:
    told(
        statement(
            charge(day=18, resource_id="i-1", billed_cost=Decimal(7), effective_cost=Decimal(5)),
            charge(day=19, resource_id="i-1", billed_cost=Decimal(7), effective_cost=Decimal(5)),
            charge(day=19, resource_id="i-2", billed_cost=Decimal(2), effective_cost=Decimal(20)),
            charge(day=19, resource_id="i-3", billed_cost=Decimal(1), effective_cost=Decimal(1)),
        ),
        folder=tmp_path,
    )
    answers = drilling(tmp_path)
    plan = await answers.plan(QUESTION)
    assert (plan.export, plan.free, plan.wants_yes) == ("the ledger here", True, False)
    found = await answers.ask(replace(QUESTION, top=2))
    assert [(row.key, row.effective, row.billed) for row in found.rows] == [
        (("i-2",), Decimal(20), Decimal(2)), (("i-1",), Decimal(10), Decimal(14)),
    ]  # fmt: skip
    (rest,) = found.others
    assert (rest.parts, rest.effective) == (1, Decimal(1))
    assert any("billed through" in remark for remark in found.remarks)
    by_day = await answers.ask(replace(QUESTION, by=("day", "resource"), where={"resource": frozenset({"i-1"})}))
    assert sorted(row.key for row in by_day.rows) == [("2026-11-18", "i-1"), ("2026-11-19", "i-1")]


async def test_the_ledger_answers_of_the_sources_that_count(tmp_path: Path) -> None:
    told(
        statement(charge(day=19, source="focus old", resource_id="i-1")),
        statement(charge(day=19, source="focus new", resource_id="i-1")),
        folder=tmp_path,
    )
    counted = drilling(tmp_path, sources=frozenset({"focus new"}))
    assert (await counted.ask(QUESTION)).totals["USD"].billed == Decimal(10), "one that was renamed counts once"
    assert (await counted.ask(asking(source="focus old"))).totals["USD"].billed == Decimal(10)


async def test_where_nobody_knows_resources_it_says_what_to_configure(tmp_path: Path) -> None:
    view: Mapping[str, Any] = {"dimensions": frozenset({"service_name", "sub_account_id"})}
    rows: Sequence[Any] = [charge(day=19, resource_id="")]
    told(Statement(source=rows[0].source, rows=rows, **view), folder=tmp_path)
    with pytest.raises(FinopsError, match=r"Neither an export nor the ledger tells this apart: resource\.") as refused:
        await drilling(tmp_path).ask(QUESTION)
    assert "`athena`" in refused.value.hint
