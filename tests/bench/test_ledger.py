from __future__ import annotations

from bench.ledger import DAYS, statement
from bench.sections.ledger import QUESTIONS


def test_the_made_up_year_is_as_long_as_asked_for_and_always_the_same() -> None:
    rows = list(statement(20 * DAYS).rows)
    assert len(rows) == 20 * DAYS
    assert rows == list(statement(20 * DAYS).rows)
    assert len({row.identity for row in rows}) == len(rows)


def test_questions_ask_for_spans_that_the_year_has() -> None:
    assert all(0 < days <= DAYS for days, _, _ in QUESTIONS.values())
