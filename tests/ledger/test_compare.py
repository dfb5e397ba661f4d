"""Spans beside each other: only days that every source has billed, and as many before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.errors import FinopsError
from finops_tui.ledger.compare import DAY, Span, compare, spans
from finops_tui.ledger.ledger import Ledger
from tests.ledger.charges import SCOPES, charge, statement

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_source_that_reaches_least_far_says_where_both_spans_end(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "bills.sqlite", SCOPES)
    ledger.restate(statement(*(charge("10", day=day) for day in range(1, 20))))
    ledger.restate(statement(*(charge("1", day=day, source="focus other") for day in range(1, 17))))
    found = compare(ledger, Span.WEEK, NOW, by=(), where={})
    assert found is not None
    assert (found.before[0].day, found.last[0].day, found.last[1].day) == (3, 10, 17)
    (change,) = found.changes
    assert (change.billed_before, change.billed) == (Decimal(77), Decimal(77))


def test_what_is_new_or_gone_stands_beside_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "bills.sqlite", SCOPES)
    old = [charge("10", day=day, tags={"team": "old"}) for day in range(1, 8)]
    new = [charge("20", day=day, tags={"team": "new"}) for day in range(8, 15)]
    ledger.restate(statement(*old, *new))
    found = compare(ledger, Span.WEEK, NOW, by=("team",), where={})
    assert found is not None
    assert [(each.key, each.billed_before, each.billed) for each in found.changes] == [
        (("new",), Decimal(0), Decimal(140)), (("old",), Decimal(70), Decimal(0)),
    ]  # fmt: skip


def test_without_bills_there_is_nothing_and_with_few_days_it_is_said(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "bills.sqlite", SCOPES)
    assert compare(ledger, Span.WEEK, NOW, by=(), where={}) is None
    ledger.restate(statement(*(charge("10", day=day) for day in range(3, 15))))
    with pytest.raises(FinopsError, match="too few days") as caught:
        compare(ledger, Span.WEEK, NOW, by=(), where={})
    assert caught.value.hint.startswith("They must reach back to 2026-11-01")


@given(st.integers(0, 3_000), st.sampled_from(Span))
def test_spans_are_of_one_length_and_never_overlap(days: int, span: Span) -> None:
    until = datetime(2020, 3, 1, tzinfo=UTC) + timedelta(days=days)
    before, last = spans(span, until)
    assert before[0] < before[1] <= last[0] < last[1] == until
    shorter = (last[1] - last[0]) - (before[1] - before[0])
    assert timedelta(0) <= shorter <= 3 * DAY, "a month may have three days more than the one before"
