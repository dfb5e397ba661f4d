"""The SQL that adds up: run on SQLite, which has the same words but for `LEAST`."""

from __future__ import annotations

import sqlite3
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finops_tui.ledger.drill import DrillRow
from finops_tui.ledger.drill import dearest as expected
from finops_tui.sources.billing.drill_rows import read
from finops_tui.sources.billing.drill_sql import columns, dearest

CHARGES = st.lists(
    st.tuples(
        st.sampled_from("abcdefg"), st.sampled_from("xy"), st.sampled_from(["USD", "EUR"]),
        st.integers(-99, 99), st.integers(-99, 99),
    ),
    max_size=40,
)  # fmt: skip
LINES = (
    "SELECT a AS k0, b AS k1, currency, SUM(billed) AS billed, SUM(effective) AS effective "
    "FROM charges GROUP BY 1, 2, 3"
)


@given(CHARGES, st.integers(1, 6))
def test_the_dearest_and_what_is_left_are_all_of_the_sum(
    charges: list[tuple[str, str, str, int, int]], top: int
) -> None:
    database = sqlite3.connect(":memory:")
    try:
        database.create_function("LEAST", 2, min)
        database.execute("CREATE TABLE charges (a, b, currency, billed, effective)")
        database.executemany("INSERT INTO charges VALUES (?, ?, ?, ?, ?)", charges)
        answer = database.execute(dearest(LINES, 2, top))
        assert [name for name, *_ in answer.description] == list(columns(2))
        told = [[None if cell is None else str(cell) for cell in row] for row in answer]
    finally:
        database.close()
    sums: dict[tuple[tuple[str, str], str], tuple[int, int]] = {}
    for a, b, currency, billed, effective in charges:
        before = sums.get(((a, b), currency), (0, 0))
        sums[(a, b), currency] = before[0] + billed, before[1] + effective
    rows = [
        DrillRow(key=key, currency=currency, billed=Decimal(billed), effective=Decimal(effective))
        for (key, currency), (billed, effective) in sums.items()
    ]
    assert read(told, 2, top) == expected(rows, top)
