"""The simulated export answers drill-downs as a cloud's would: at a price, and with sums that are all of the bill."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from finops_tui.clock import SimulatedClock
from finops_tui.errors import FinopsError
from finops_tui.ledger.costs import costs
from finops_tui.ledger.drill import Drill
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery
from finops_tui.model.bill import Statement
from finops_tui.simulation import exports
from finops_tui.simulation.billing import SCOPES, SimulatedBilling
from finops_tui.simulation.bills import SimulatedBills
from finops_tui.simulation.exports import SimulatedExport, written
from finops_tui.wiring import demo

NOW = datetime(2026, 3, 10, 14, tzinfo=UTC)
QUESTION = Drill(
    since=NOW - timedelta(days=2), until=NOW, by=("resource",), where={"account": frozenset({"111111111111"})}, top=5
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(tmp_path / "bills.sqlite", SCOPES)
    rows = tuple(SimulatedBills(7).rows((NOW - timedelta(days=2)).date(), NOW, SimulatedBilling.name))
    made.restate(Statement(source=SimulatedBilling.name, rows=rows))
    return made


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "SECONDS", 0.0)


async def test_its_sums_are_those_of_the_simulated_bill(ledger: Ledger) -> None:
    export = SimulatedExport(lambda: ledger, SimulatedClock(NOW, monotonic=lambda: 0.0))
    found = await export.ask(QUESTION)
    assert (len(found.rows), found.others[0].parts > 5) == (5, True)
    query = CostQuery(since=NOW.replace(day=8, hour=0), until=NOW.replace(day=11, hour=0), where=QUESTION.where)
    (whole,) = costs(ledger, query).rows
    total = found.totals["USD"]
    assert (total.billed, total.effective) == (whole.billed, whole.effective)


async def test_it_tells_its_price_before_and_is_free_for_an_hour(ledger: Ledger) -> None:
    now = [0.0]
    export = SimulatedExport(lambda: ledger, SimulatedClock(NOW, monotonic=lambda: now[0]))
    plan = await export.expect(QUESTION)
    found = await export.ask(QUESTION)
    assert (plan.bytes_read, plan.usd) == (found.bytes_read, found.usd) == (2 * 2 * 2**30, Decimal("0.02147483648"))
    now[0] = 3_500
    assert ((await export.expect(QUESTION)).usd, (await export.ask(QUESTION)).kept) == (Decimal(0), True)
    now[0] = 3_700
    assert (await export.ask(QUESTION)).kept is False


async def test_before_the_first_bill_it_says_so() -> None:
    billing = cast("Any", SimpleNamespace(told=None))
    for nothing in (None, billing):
        with pytest.raises(FinopsError, match="No bill is written yet"):
            written(nothing)
    answers = demo.answers([], SimulatedClock(NOW, monotonic=lambda: 0.0))
    with pytest.raises(FinopsError, match="No bill is written yet"):
        await answers.plan(QUESTION)


async def test_the_demo_answers_from_what_is_billed_by_now(ledger: Ledger) -> None:
    billing = cast("Any", SimpleNamespace(told=SimpleNamespace(ledger=ledger)))
    answers = demo.answers([billing], SimulatedClock(NOW, monotonic=lambda: 0.0))
    asked = replace(QUESTION, where={**QUESTION.where, "source": frozenset({SimulatedBilling.name})})
    plan = await answers.plan(asked)
    assert (plan.export, plan.free) == ("the clouds' billing exports, simulated", False)
    assert (await answers.ask(asked)).rows
    longer = await answers.plan(replace(asked, since=NOW - timedelta(days=9)))
    assert (plan.wants_yes, longer.wants_yes) == (False, True)
