from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from finops_tui.ledger.costs import costs
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery
from finops_tui.model.bill import BillRow
from tests.ledger.charges import NOVEMBER, RETRIEVED, SCOPES, charge, statement

MONTH = CostQuery(since=NOVEMBER, until=NOVEMBER + timedelta(days=30))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "state" / "bills.sqlite", SCOPES)


def billed(ledger: Ledger, by: tuple[str, ...] = ()) -> dict[tuple[str, ...], Decimal]:
    answer = costs(ledger, CostQuery(since=MONTH.since, until=MONTH.until, by=by))
    return {row.key: row.billed for row in answer.rows}


def test_the_same_statement_twice_counts_once(ledger: Ledger) -> None:
    bill = statement(charge("1.5"), charge("2", day=2), part="a")
    first, second = ledger.restate(bill), ledger.restate(bill)
    assert (first.rows, first.gone, second.rows, second.gone) == (2, 0, 2, 2)
    assert billed(ledger) == {(): Decimal("3.5")}


def test_a_restated_day_replaces_its_rows_and_those_that_vanished_go(ledger: Ledger) -> None:
    ledger.restate(statement(charge("5", resource_id="i-1"), charge("7", resource_id="i-2"), charge("1", day=2)))
    ledger.restate(statement(charge("4", resource_id="i-1")))
    assert billed(ledger, ("resource",)) == {("i-1",): Decimal(4) + Decimal(1)}


def test_a_span_replaces_whole_days_that_it_does_not_name(ledger: Ledger) -> None:
    ledger.restate(statement(charge("5"), charge("7", day=2), charge("9", day=3), part="111"))
    span = {"start": NOVEMBER, "end": NOVEMBER + timedelta(days=2)}
    told = ledger.restate(statement(charge("6"), part="111"))
    assert told.gone == 1
    spanned = statement(charge("5"), charge("7", day=2), part="222", **span)
    ledger.restate(spanned)
    ledger.restate(statement(charge("8"), part="222", **span))
    assert billed(ledger) == {(): Decimal(8) + Decimal(9)}, "day 2 of both parts was one charge, and was taken back"


def test_an_empty_statement_over_a_span_takes_back_what_was_said(ledger: Ledger) -> None:
    span = {"start": NOVEMBER, "end": NOVEMBER + timedelta(days=2), "part": "111"}
    ledger.restate(statement(charge("5"), **span))
    ledger.restate(statement(charge("5", day=3), part="other"))
    assert ledger.restate(statement(source="focus bills", **span)).gone == 1
    assert billed(ledger) == {(): Decimal(5)}


def test_one_source_never_takes_back_what_another_said(ledger: Ledger) -> None:
    span = {"start": NOVEMBER, "end": NOVEMBER + timedelta(days=30)}
    ledger.restate(statement(charge("5", source="aws prod"), **span))
    ledger.restate(statement(charge("6", source="focus bills"), **span))
    ledger.restate(statement(charge("7", source="focus bills"), **span))
    assert billed(ledger, ("source",)) == {("aws prod",): Decimal(5), ("focus bills",): Decimal(7)}


def test_halves_of_one_charge_in_one_statement_are_added_up(ledger: Ledger) -> None:
    ledger.restate(statement(charge("0.1"), charge("0.2"), charge("-0.05")))
    assert billed(ledger) == {(): Decimal("0.25")}


def test_the_same_charge_in_another_part_takes_the_place_of_the_first(ledger: Ledger) -> None:
    ledger.restate(statement(charge("5"), part="november.csv"))
    ledger.restate(statement(charge("6"), part="november-final.csv"))
    assert billed(ledger) == {(): Decimal(6)}


def test_a_new_name_of_an_account_is_not_another_account(ledger: Ledger) -> None:
    ledger.restate(statement(charge("5", sub_account_name="old", resource_name="old")))
    ledger.restate(statement(charge("5", sub_account_name="new", resource_name="new"), part="again"))
    assert billed(ledger, ("account",)) == {("111",): Decimal(5)}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (charge("5", source="someone else"), "someone else"),
        (charge("5", day=9), "in a statement about"),
    ],
)
def test_a_row_that_does_not_belong_is_refused_and_nothing_of_it_is_kept(
    ledger: Ledger, row: BillRow, said: str
) -> None:
    ledger.restate(statement(charge("3")))
    span = {"start": NOVEMBER, "end": NOVEMBER + timedelta(days=2), "source": "focus bills"}
    with pytest.raises(ValueError, match=said):
        ledger.restate(statement(charge("4"), row, **span))
    assert billed(ledger) == {(): Decimal(3)}


def test_what_is_older_than_the_retention_goes_month_by_month(ledger: Ledger) -> None:
    october = NOVEMBER - timedelta(days=1)
    ledger.restate(statement(charge("5", charge_period_start=october, charge_period_end=NOVEMBER), charge("6")))
    assert ledger.forget(datetime(2026, 11, 15, tzinfo=UTC)) == 1
    answer = costs(ledger, CostQuery(since=october - timedelta(days=90), until=MONTH.until))
    assert [row.billed for row in answer.rows] == [Decimal(6)]
    assert ledger.forget(datetime(2026, 11, 15, tzinfo=UTC)) == 0


def test_other_labels_sort_what_is_there_anew(tmp_path: Path) -> None:
    path = tmp_path / "bills.sqlite"
    first = Ledger(path, {"team": ("team",)})
    first.restate(statement(charge("5", tags={"team": "nlp", "squad": "a"}), charge("6", tags={"squad": "b"})))
    assert billed(first, ("team",)) == {("nlp",): Decimal(5), ("",): Decimal(6)}
    second = Ledger(path, {"team": ("squad",)})
    assert billed(second, ("team",)) == {("a",): Decimal(5), ("b",): Decimal(6)}
    assert billed(second, ("service", "team")) == {("Amazon EC2", "a"): Decimal(5), ("Amazon EC2", "b"): Decimal(6)}


def test_restating_after_labels_changed_still_finds_the_same_charge(tmp_path: Path) -> None:
    path = tmp_path / "bills.sqlite"
    bill = statement(charge("5", tags={"team": "nlp", "squad": "a"}))
    Ledger(path, {"team": ("team",)}).restate(bill)
    second = Ledger(path, {"team": ("squad",)})
    second.restate(bill)
    assert billed(second, ("team",)) == {("a",): Decimal(5)}


def test_notes_outlive_the_program(tmp_path: Path) -> None:
    Ledger(tmp_path / "bills.sqlite", SCOPES).note("file a", "1")
    again = Ledger(tmp_path / "bills.sqlite", SCOPES)
    assert (again.noted("file a"), again.noted("file b")) == ("1", "")


def test_retrieved_at_is_told_with_the_answer(ledger: Ledger) -> None:
    ledger.restate(statement(charge("5", day=18), charge("5", day=20)))
    (told,) = costs(ledger, MONTH).told
    assert told.source == "focus bills"
    assert (told.first, told.retrieved_at) == (NOVEMBER + timedelta(days=17), RETRIEVED)
    assert told.through == RETRIEVED, "the charge of a day that has not ended reaches no further than it was read"
