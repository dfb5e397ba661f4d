"""Two spans of a bill beside each other: a table for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from decimal import Decimal

from finops_tui.ledger.compare import DAY, Change, Comparison, Days
from finops_tui.output.costs import VERSION, cell, exact, money, name_cell, provenance
from finops_tui.output.figures import MISSING, moment
from finops_tui.output.plain import cells, pad

AMOUNTS = ("billed_before", "billed", "effective_before", "effective")
_HEADS = ("billed before", "billed", "change", "effective before", "effective", "change")


def write(found: Comparison, form: str) -> str:
    """Return the comparison in one of the forms of `costs`."""
    return {"table": _table, "json": _json, "csv": _csv}[form](found)


def _table(found: Comparison) -> str:
    ours = sorted(found.changes, key=lambda each: (-abs(each.effective - each.effective_before), each.key))
    table = [[*found.by, *_HEADS, ""]]
    for currency in sorted({each.currency for each in ours}):
        rows = [each for each in ours if each.currency == currency]
        table += [[*map(name_cell, each.key), *_figures([each]), currency] for each in rows]
        if len(rows) > 1 and found.by:
            table.append(["total", *[""] * (len(found.by) - 1), *_figures(rows), currency])
    widths = [max(cells(row[column]) for row in table) for column in range(len(table[0]))]
    words, last = len(found.by), len(widths) - 1
    lines = [
        "  ".join(pad(text, widths[place], right=words <= place < last) for place, text in enumerate(row)).rstrip()
        for row in table
    ]
    spans = f"{_days(found.last)} beside {_days(found.before)}"
    return "\n".join([*lines, "", spans, *map(provenance, found.told)]) + "\n"


def _figures(rows: Sequence[Change]) -> list[str]:
    was, is_, before, now = (sum((getattr(row, name) for row in rows), Decimal(0)) for name in AMOUNTS)
    return [money(was), money(is_), _ratio(was, is_), money(before), money(now), _ratio(before, now)]


def _ratio(before: Decimal, now: Decimal) -> str:
    """Return the change in percent; of nothing there is none."""
    return MISSING if before <= 0 else f"{float(now / before - 1):+.1%}"


def _days(days: Days) -> str:
    return f"{days[0]:%Y-%m-%d} to {days[1] - DAY:%Y-%m-%d}"


def _json(found: Comparison) -> str:
    document = {
        "version": VERSION,
        "by": list(found.by),
        "before": {"since": moment(found.before[0]), "until": moment(found.before[1])},
        "last": {"since": moment(found.last[0]), "until": moment(found.last[1])},
        "rows": [
            {
                "key": dict(zip(found.by, each.key, strict=True)),
                "currency": each.currency,
                **{name: exact(getattr(each, name)) for name in AMOUNTS},
            }
            for each in found.changes
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _csv(found: Comparison) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([*found.by, "currency", *AMOUNTS])
    for each in found.changes:
        table.writerow([*map(cell, each.key), each.currency, *(exact(getattr(each, name)) for name in AMOUNTS)])
    return text.getvalue()
