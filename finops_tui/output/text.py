"""A snapshot as plain text of 100 columns: no colour, no cursor movement, fit for a pipe, a mail or a ticket."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from finops_tui.model.snapshot import Snapshot
from finops_tui.output.plain import cells, cut, one_line, pad
from finops_tui.output.report import report
from finops_tui.output.tables import Column, Table

WIDTH = 100
GAP = 2
NARROWEST = (20, 8)
"""Cells that the first column of words, which names the row, and the others keep, however many columns there are."""


def write(snapshot: Snapshot) -> str:
    said = report(snapshot)
    width = max(len(name) for name, _ in said.facts)
    lines = [*_wrapped(said.title, ""), ""]
    for name, fact in said.facts:
        lines += _wrapped(f"{name.ljust(width)}  {fact}", " " * (width + 2))
    for table in said.tables:
        lines += ["", *_table(table)]
    return "\n".join(lines) + "\n"


def _table(table: Table) -> list[str]:
    rows = [[one_line(cell) for cell in row] for row in table.rows]
    widths = _widths(table.columns, rows)
    lines = [table.title, _line([column.head for column in table.columns], table.columns, widths)]
    lines += [_line(row, table.columns, widths) for row in rows]
    for note in table.notes:
        lines += _wrapped(f"  {note}", "    ")
    return lines


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return each column's cells: figures are never cut, the widest words give way."""
    widths = [
        max(cells(text) for text in (column.head, *(row[position] for row in rows)))
        for position, column in enumerate(columns)
    ]
    spare = WIDTH - GAP * (len(columns) - 1) - sum(widths)
    while spare < 0:
        words = [i for i, column in enumerate(columns) if column.outside and widths[i] > NARROWEST[i > 0]]
        if not words:
            break
        widest = max(words, key=lambda i: widths[i])
        widths[widest] -= 1
        spare += 1
    return widths


def _line(row: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    parts = []
    for text, column, width in zip(row, columns, widths, strict=True):
        fitting = cut(text, width)
        parts.append(pad(fitting, width, right=not column.outside))
    return (" " * GAP).join(parts).rstrip()


def _wrapped(text: str, indent: str) -> list[str]:
    line = one_line(text)
    wide = min(cells(line) - len(line), WIDTH // 2)  # the library counts characters; wide ones take two cells
    return textwrap.wrap(line, WIDTH - max(wide, 0), subsequent_indent=indent, break_on_hyphens=False) or [""]
