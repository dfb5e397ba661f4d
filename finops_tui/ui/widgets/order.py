"""The order in which rows stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic

from finops_tui.ui.widgets.columns import Column, RowT


class Order(Generic[RowT]):
    """Sorts rows by one column, or leaves them as they come while none is chosen."""

    def __init__(self, columns: Sequence[Column[RowT]], column_id: str | None = None) -> None:
        self._columns = {column.id: column for column in columns}
        self.column_id = ""
        self.descending = False
        if column_id is not None:
            self.choose(column_id)

    def choose(self, column_id: str, *, descending: bool | None = None) -> None:
        """Sort by a column, in its own direction unless told."""
        self.column_id = column_id
        self.descending = self._columns[column_id].descending_first if descending is None else descending

    def sort(self, rows: list[RowT]) -> list[RowT]:
        """Return the rows in order; what is missing comes last whichever way they stand."""
        if not self.column_id:
            return rows
        key = self._columns[self.column_id].sort
        assert key is not None, self.column_id
        values = list(map(key, rows))
        there = [at for at, value in enumerate(values) if value is not None]
        there.sort(key=values.__getitem__, reverse=self.descending)
        missing = [row for row, value in zip(rows, values, strict=True) if value is None]
        return [rows[at] for at in there] + missing

    def still(self, rows: list[RowT], before: Sequence[str], key: Callable[[RowT], str]) -> list[RowT]:
        """Return the rows where the things they are about stood before; new things come last."""
        by_key = {key(row): row for row in rows}
        kept = [by_key.pop(one) for one in before if one in by_key]
        return kept + self.sort(list(by_key.values()))
