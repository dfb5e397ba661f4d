"""The rows of a drill-down as they come back: text by column, checked before anybody adds them up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from finops_tui.errors import SourceError
from finops_tui.ledger.drill import DrillRow
from finops_tui.sources.billing.values import amount, currency
from finops_tui.sources.clean import one_line

NAME_CHARACTERS = 512

Rows = tuple[tuple[DrillRow, ...], tuple[DrillRow, ...]]


def read(cells: Iterable[Sequence[str | None]], keys: int, top: int) -> Rows:
    """Return the rows, and what is left of each currency. Raises SourceError: part of a sum is no sum."""
    rows: list[DrillRow] = []
    others: list[DrillRow] = []
    for row in cells:
        place, made = _row(row, keys)
        (rows if place <= top else others).append(made)
    return tuple(rows), tuple(others)


def _row(cells: Sequence[str | None], keys: int) -> tuple[int, DrillRow]:
    if len(cells) != keys + 5:
        raise SourceError(f"the answer has {len(cells)} columns, not {keys + 5}", "", "It is asked again.")
    names, (code, place, *told, parts) = cells[:keys], cells[keys:]
    unit = currency(code)
    billed, effective = (amount(each, unit) for each in told)
    if not unit or billed is None or effective is None:
        hint = "Check that the export has costs and a currency in each row."
        raise SourceError("a sum of the export makes no sense", one_line(" ".join(map(str, cells)), 200), hint)
    key = tuple(one_line(name or "", NAME_CHARACTERS) for name in names)
    return int(place or 0), DrillRow(key=key, currency=unit, billed=billed, effective=effective, parts=int(parts or 0))
