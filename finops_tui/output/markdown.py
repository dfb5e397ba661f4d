"""A snapshot as Markdown tables, for a ticket or a chat. Words from outside stand in code spans: they are data."""

from __future__ import annotations

from finops_tui.model.snapshot import Snapshot
from finops_tui.output.plain import one_line
from finops_tui.output.report import report
from finops_tui.output.tables import Column, Table


def write(snapshot: Snapshot) -> str:
    said = report(snapshot)
    lines = [f"# {_code(said.title)}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {_code(fact)} |" for name, fact in said.facts]
    for table in said.tables:
        lines += ["", *_table(table)]
    return "\n".join(lines) + "\n"


def _table(table: Table) -> list[str]:
    heads = " | ".join(column.head for column in table.columns)
    rules = "|".join("---" if column.outside else "---:" for column in table.columns)
    lines = [f"## {table.title}", "", f"| {heads} |", f"|{rules}|"]
    for row in table.rows:
        cells = (_cell(text, column) for text, column in zip(row, table.columns, strict=True))
        lines.append(f"| {' | '.join(cells)} |")
    if table.notes:
        lines += ["", *(f"- {_code(note)}" for note in table.notes)]
    return lines


def _cell(text: str, column: Column) -> str:
    return _code(text) if column.outside and text else text


def _code(text: str) -> str:
    """Return a code span, in which nothing is markup; a pipe would still end the cell and a backtick the span."""
    return f"`{one_line(text).replace('`', chr(39)).replace('|', '¦')}`"
