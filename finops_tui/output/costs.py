"""What was billed, in words: a table for people, JSON and CSV for programs. docs/bills.md explains the columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from finops_tui.ledger.query import CostQuery, CostRow, Costs, Grain, Told
from finops_tui.model.bill import ESTIMATE
from finops_tui.output import COSTS_FORMATS
from finops_tui.output.csv import FORMULA
from finops_tui.output.figures import MISSING, moment
from finops_tui.output.plain import cells, cut, one_line, pad

VERSION = 1
AMOUNTS = ("usage", "purchases", "credits", "taxes", "adjustments", "billed", "effective", "list")
_ALWAYS = frozenset({"usage", "billed", "effective"})
"""Other columns of the table are left out where they hold nothing but zeros."""
_NAME_CELLS = 40


def write(query: CostQuery, found: Costs, form: str) -> str:
    """Return the answer in one of `COSTS_FORMATS`."""
    return dict(zip(COSTS_FORMATS, (_table, _json, _csv), strict=True))[form](query, found)


def _table(query: CostQuery, found: Costs) -> str:
    rows = sorted(
        found.rows, key=lambda row: (row.currency, moment(row.start) if row.start else "", -row.billed, row.key)
    )
    shown = [name for name in AMOUNTS if name in _ALWAYS or any(_amount(row, name) for row in rows)]
    heads = [*(["when"] if query.grain else []), *query.by, *shown, ""]
    words = len(heads) - len(shown) - 1
    table = [heads]
    for currency in sorted({row.currency for row in rows}):
        ours = [row for row in rows if row.currency == currency]
        table += [[*_words(query, row), *(money(_amount(row, name)) for name in shown), currency] for row in ours]
        if len(ours) > 1 and words:
            table.append(["total", *[""] * (words - 1), *(money(_total(ours, name)) for name in shown), currency])
    widths = [max(cells(row[column]) for row in table) for column in range(len(heads))]
    lines = [
        "  ".join(
            pad(cell, widths[place], right=words <= place < len(heads) - 1) for place, cell in enumerate(row)
        ).rstrip()
        for row in table
    ]
    return "\n".join([*lines, "", *map(provenance, found.told)]) + "\n"


def _words(query: CostQuery, row: CostRow) -> list[str]:
    when = [] if row.start is None or query.grain is None else [_when(row, query.grain)]
    return [*when, *map(name_cell, row.key)]


def _when(row: CostRow, grain: Grain) -> str:
    forms = {Grain.HOUR: "%Y-%m-%dT%H:%MZ", Grain.DAY: "%Y-%m-%d", Grain.MONTH: "%Y-%m"}
    return "" if row.start is None else row.start.strftime(forms[grain])


def name_cell(value: str) -> str:
    """Return a value of a dimension as it stands in a table."""
    return cut(one_line(value), _NAME_CELLS) or MISSING


def provenance(told: Told) -> str:
    """Return the line that says until when a source has billed, and what it cannot tell apart."""
    known = "estimated" if told.source == ESTIMATE else "billed"
    line = f"{told.source}: {known} through {moment(told.through)}, read {moment(told.retrieved_at)}"
    if told.missing:
        line += f"; does not tell apart by {', '.join(told.missing)}"
    return one_line(line)


def _amount(row: CostRow, name: str) -> Decimal | None:
    amount: Decimal | None = getattr(row, name)
    return amount


def _total(rows: Sequence[CostRow], name: str) -> Decimal | None:
    amounts = [_amount(row, name) for row in rows]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def money(amount: Decimal | None) -> str:
    """Return an amount as people read it."""
    return MISSING if amount is None else f"{amount:,.2f}"


def _json(query: CostQuery, found: Costs) -> str:
    document: dict[str, Any] = {
        "version": VERSION,
        "since": moment(query.since),
        "until": moment(query.until),
        "by": list(query.by),
        "grain": query.grain,
        "rows": [
            {
                "key": dict(zip(query.by, row.key, strict=True)),
                "start": None if row.start is None else moment(row.start),
                "currency": row.currency,
                **{name: exact(_amount(row, name)) for name in (*AMOUNTS, "contracted")},
                "final": row.final,
            }
            for row in found.rows
        ],
        "sources": [
            {
                "source": told.source,
                "first": moment(told.first),
                "billed_through": moment(told.through),
                "retrieved_at": moment(told.retrieved_at),
                "missing": list(told.missing),
            }
            for told in found.told
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _csv(query: CostQuery, found: Costs) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["start", *query.by, "currency", *AMOUNTS, "contracted", "final"])
    for row in found.rows:
        table.writerow(
            [
                "" if row.start is None else moment(row.start),
                *map(cell, row.key),
                row.currency,
                *(exact(_amount(row, name)) or "" for name in (*AMOUNTS, "contracted")),
                str(row.final).lower(),
            ]
        )
    return text.getvalue()


def exact(amount: Decimal | None) -> str | None:
    """Return every digit, without zeros that say nothing: `12.5`, `0`."""
    if amount is None:
        return None
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def cell(text: str) -> str:
    """Return words from outside as a cell that no spreadsheet takes for a formula."""
    line = one_line(text)
    return f"'{line}" if line.lstrip().startswith(FORMULA) else line
