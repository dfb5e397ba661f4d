"""Adding up in SQL: each part of the span from the smallest table that can answer for it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from finops_tui.ledger.dimensions import FIELDS, TAG, Scopes, of_lines
from finops_tui.ledger.query import CostQuery, Grain
from finops_tui.ledger.totals import DAY, month_of, next_month
from finops_tui.ledger.views import Key, cube_for

_MEASURES = 4
"""Billed, effective, list and contracted cost."""
_STEPS: Mapping[Grain | None, str] = {
    None: "0",
    Grain.HOUR: "{0} / 3600 * 3600",
    Grain.DAY: "{0} / 86400 * 86400",
    Grain.MONTH: "CAST(strftime('%s', {0}, 'unixepoch', 'start of month') AS INTEGER)",
}
_STARTS = {"charges": "start", "days": "day", "cell_days": "day", "months": "month"}
_JOINED = {
    "cell_days": "wanted w CROSS JOIN cell_days t ON t.cell_id = w.id",
    "days": "days t CROSS JOIN wanted w ON w.id = t.group_id",
}
_SUMS = """MIN(t.final) AS final, SUM(t.billed) AS billed, SUM(t.effective) AS effective,
    CASE WHEN COUNT(t.list) = COUNT(*) THEN SUM(t.list) END AS list,
    CASE WHEN COUNT(t.contracted) = COUNT(*) THEN SUM(t.contracted) END AS contracted"""


@dataclass(slots=True)
class Sum:
    """Units of one category. A measure is None where not every charge states it."""

    measures: list[int | None] = field(default_factory=lambda: [0] * _MEASURES)
    final: bool = True

    def add(self, final: int, units: Sequence[int | None]) -> None:
        self.final = self.final and bool(final)
        for place, (before, more) in enumerate(zip(self.measures, units, strict=True)):
            self.measures[place] = None if before is None or more is None else before + more


Sums = dict[tuple[tuple[str, ...], int | None, str], dict[str, Sum]]
"""By (key, start, currency), then by category."""


def sums(connection: sqlite3.Connection, query: CostQuery, keys: Sequence[Key], scopes: Scopes) -> Sums:
    """Return the sums of what is in the table `wanted`, whose numbers stand for `keys`."""
    try:
        return _added(connection, query, keys, scopes, _STEPS[query.grain])
    except sqlite3.OperationalError as error:
        if query.grain is not None or "integer overflow" not in str(error):
            raise
    return _added(connection, query, keys, scopes, _STEPS[Grain.MONTH])  # smaller sums, which are added up here


def _added(connection: sqlite3.Connection, query: CostQuery, keys: Sequence[Key], scopes: Scopes, step: str) -> Sums:
    found: Sums = {}
    from_lines = [of_lines(name, scopes) for name in query.by]
    lines = sum(from_lines)
    for table, since, until in _segments(query, scopes):
        for number, at, *rest in connection.execute(*_select(table, (since, until), query, scopes, step)):
            key = keys[number]
            told, own = iter(key.values), iter(rest[:lines])
            whole = tuple([next(own if of_line else told) for of_line in from_lines])
            start = None if query.grain is None else at
            into = found.setdefault((whole, start, key.currency), {})
            final, measures = rest[lines], rest[lines + 1 :]
            if (before := into.get(key.category)) is None:
                into[key.category] = Sum(measures, bool(final))
            else:
                before.add(final, measures)
    return found


def _segments(query: CostQuery, scopes: Scopes) -> list[tuple[str, int, int]]:
    """Cut the span into parts, each with its table."""
    since, until = int(query.since.timestamp()), int(query.until.timestamp())
    if cube_for(query, scopes) is not None:
        return [("cell_days", since, until)]
    if query.grain is Grain.HOUR or since % DAY or until % DAY:
        return [("charges", since, until)]
    fine = "charges" if any(of_lines(name, scopes) for name in (*query.by, *query.where)) else "days"
    first, last = (since if month_of(since) == since else next_month(month_of(since))), month_of(until)
    if query.grain is Grain.DAY or first >= last:
        return [(fine, since, until)]
    segments = [(fine, since, first), ("months", first, last), (fine, last, until)]
    return [(table, begin, end) for table, begin, end in segments if begin < end]


def _select(
    table: str, span: tuple[int, int], query: CostQuery, scopes: Scopes, step: str
) -> tuple[str, tuple[object, ...]]:
    """Return SQL and its values: number of the key, start, what lines tell, whether final, sums.

    CROSS JOIN makes SQLite join in this order: it keeps no statistics of a table that is made for one question.
    """
    start = f"t.{_STARTS[table]}"
    at = step.format(start)
    within = f"{start} >= ? AND {start} < ?"
    if table in _JOINED:
        text = f"SELECT w.key, {at}, {_SUMS} FROM {_JOINED[table]} WHERE {within} GROUP BY 1, 2"  # noqa: S608 - constants
        return text, span
    values: list[object] = []
    own = [_expression(name, values) for name in query.by if of_lines(name, scopes)]
    values += span
    filters = ""
    for name, allowed in query.where.items():
        if of_lines(name, scopes):
            filters += f" AND {_expression(name, values)} IN (SELECT value FROM json_each(?))"  # noqa: S608 - no outside text
            values.append(json.dumps(sorted(allowed)))
    # By line first: that sorts numbers instead of text, and tags are looked at once a line.
    by_line = f"SELECT line_id, {at} AS at, {_SUMS} FROM {table} t WHERE {within} GROUP BY 1, 2"  # noqa: S608 - constants
    if table == "months" and query.grain is Grain.MONTH:  # a line has one row there already
        by_line = f"SELECT t.*, month AS at FROM months t WHERE {within}"  # noqa: S608 - constants
    columns = ", ".join(("w.key", "t.at", *own))
    places = ", ".join(str(place) for place in range(1, 3 + len(own)))
    joined = "CROSS JOIN lines l ON l.id = t.line_id CROSS JOIN wanted w ON w.id = l.group_id"
    text = f"SELECT {columns}, {_SUMS} FROM ({by_line}) t {joined} WHERE TRUE{filters} GROUP BY {places}"  # noqa: S608 - no outside text
    return text, tuple(values)


def _expression(name: str, values: list[object]) -> str:
    """Return what gives the dimension of a line in SQL; a tag's key joins `values`, never the text."""
    if not name.startswith(TAG):
        return f"l.{FIELDS[name]}"
    values.append(name.removeprefix(TAG))
    return "COALESCE((SELECT value FROM json_each(l.tags) WHERE key = ?), '')"
