"""Tables of words: what a report is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

MOST_ROWS = 20
"""A report is read, not searched: JSON and CSV have every row."""


class Column(NamedTuple):
    head: str
    outside: bool = False
    """Holds words from outside, aligned left; else figures, aligned right."""


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


Row = TypeVar("Row")


def columns(heads: Sequence[str], outside: int) -> list[Column]:
    """Return columns of which the first `outside` hold words and the others figures."""
    return [Column(head, outside=position < outside) for position, head in enumerate(heads)]


def table(
    title: str, heads: Sequence[Column], rows: Sequence[Row], cells: Callable[[Row], list[str]], notes: Iterable[str]
) -> Table:
    """Return the first rows as cells, and how many more there are."""
    more = [f"and {len(rows) - MOST_ROWS} more (--format json or csv has them)"] if len(rows) > MOST_ROWS else []
    return Table(title, heads, [cells(row) for row in rows[:MOST_ROWS]], [*more, *list(notes)[:MOST_ROWS]])
