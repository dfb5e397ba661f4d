"""A drill-down in words: a table for people, JSON and CSV for programs. docs/bills.md explains the columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from finops_tui.ledger.drill import Drill, Drilled, DrillRow, Expected
from finops_tui.output.costs import cell, exact, money, name_cell
from finops_tui.output.figures import moment
from finops_tui.output.plain import cells, one_line, pad
from finops_tui.phrases import counted

VERSION = 1
_GIB = 2**30
_MIB = 2**20
_CENT = Decimal("0.01")
_FIGURES = 2


def write(question: Drill, found: Drilled, form: str) -> str:
    """Return the answer as `table`, `json` or `csv`."""
    return {"table": _table, "json": _json, "csv": _csv}[form](question, found)


def expected_words(expected: Expected) -> str:
    """Say what a question will read and cost: `3.2 GiB, about $0.02, as the last one did`."""
    read = "" if expected.bytes_read is None else size(expected.bytes_read)
    cost = "nobody knows at what price" if expected.usd is None else usd(expected.usd)
    return ", ".join(filter(None, (read, cost, expected.how)))


def answered_words(found: Drilled) -> str:
    """Say when it was asked and what that cost: `asked 2026-11-20T06:00:00Z, 3.2 GiB, $0.02`."""
    parts = [f"asked {moment(found.at)}"]
    if found.bytes_read is not None:
        parts += [size(found.bytes_read), usd(found.usd)]
    if found.kept:
        parts.append("kept from then, nothing is paid now")
    if found.late:
        parts.append(f"not asked again: {found.late}")
    return ", ".join(parts)


def size(read: int) -> str:
    """Write bytes in three figures: `3.2 GiB`, `12 MiB`."""
    return f"{read / _GIB:,.1f} GiB" if read >= _GIB else f"{read / _MIB:,.0f} MiB"


def usd(amount: Decimal) -> str:
    """Write what a question costs; a part of a cent is no zero."""
    if amount == 0:
        return "$0"
    return f"${amount:,.2f}" if amount >= _CENT else f"${amount:.{_FIGURES + 4}f}".rstrip("0")


def others_name(row: DrillRow) -> str:
    """Name the row that the others are summed in."""
    return counted(row.parts, "other")


def _table(question: Drill, found: Drilled) -> str:
    table = [[*question.by, "effective", "billed", ""]]
    for currency, total in found.totals.items():
        ours = [row for row in found.rows if row.currency == currency]
        others = [row for row in found.others if row.currency == currency]
        table += [_cells([name_cell(name) for name in row.key], row) for row in ours]
        blank = [""] * (len(question.by) - 1)
        table += [_cells([others_name(row), *blank], row) for row in others]
        if len(ours) + len(others) > 1:
            table.append(_cells(["total", *blank], total))
    words = len(question.by)
    widths = [max(cells(row[column]) for row in table) for column in range(words + 3)]
    lines = [
        "  ".join(pad(each, widths[at], right=words <= at < words + 2) for at, each in enumerate(row)).rstrip()
        for row in table
    ]
    return "\n".join([*lines, "", *map(one_line, (f"{found.export}: {answered_words(found)}", *found.remarks))]) + "\n"


def _cells(names: Sequence[str], row: DrillRow) -> list[str]:
    return [*names, money(row.effective), money(row.billed), row.currency]


def _json(question: Drill, found: Drilled) -> str:
    document: dict[str, Any] = {
        "version": VERSION,
        "since": moment(question.since),
        "until": moment(question.until),
        "by": list(question.by),
        "where": {name: sorted(values) for name, values in question.where.items()},
        "rows": [{"key": dict(zip(question.by, row.key, strict=True)), **_amounts(row)} for row in found.rows],
        "others": [{"rows": row.parts, **_amounts(row)} for row in found.others],
        "totals": [_amounts(row) for row in found.totals.values()],
        "source": found.source,
        "export": found.export,
        "asked_at": moment(found.at),
        "bytes_read": found.bytes_read,
        "usd": exact(found.usd),
        "kept": found.kept,
        "late": found.late,
        "remarks": list(found.remarks),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _amounts(row: DrillRow) -> dict[str, str | None]:
    return {"currency": row.currency, "effective": exact(row.effective), "billed": exact(row.billed)}


def _csv(question: Drill, found: Drilled) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([*question.by, "currency", "effective", "billed", "rows"])
    for row in (*found.rows, *found.others):
        table.writerow([*map(cell, row.key), row.currency, exact(row.effective), exact(row.billed), row.parts])
    return text.getvalue()
