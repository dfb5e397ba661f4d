"""Rows into tables. Charges that differ only in time and money share one line, and few lines share a group."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from datetime import datetime
from hashlib import blake2b
from operator import attrgetter

from finops_tui.ledger.cubes import sort_in
from finops_tui.ledger.dimensions import GROUP_FIELDS, LINE_FIELDS, Scopes, compact, scoped
from finops_tui.ledger.totals import DAY
from finops_tui.ledger.units import to_units
from finops_tui.model.bill import BillRow, Statement

BATCH = 5_000
LINES_REMEMBERED = 200_000
"""Numbers of lines at hand; further ones are looked up."""

_group_values = attrgetter(*GROUP_FIELDS)
_line_values = attrgetter(*LINE_FIELDS)
_GROUP_COLUMNS = ("digest", "view_id", *GROUP_FIELDS, "scopes")
_LINE_COLUMNS = ("digest", "group_id", *LINE_FIELDS, "tags")
_INSERT = "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT (digest) DO UPDATE SET {} RETURNING id"
_NAMES_FOR_PEOPLE = frozenset({"resource_name", "commitment_discount_name"})
"""They may change without making it another charge."""
_CHARGE = """
    INSERT INTO charges VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (start, line_id, until, billing_period) DO UPDATE SET
        billed = excluded.billed + CASE WHEN delivery_id = excluded.delivery_id THEN billed ELSE 0 END,
        effective = excluded.effective + CASE WHEN delivery_id = excluded.delivery_id THEN effective ELSE 0 END,
        list = excluded.list + CASE WHEN delivery_id = excluded.delivery_id THEN list ELSE 0 END,
        contracted = excluded.contracted + CASE WHEN delivery_id = excluded.delivery_id THEN contracted ELSE 0 END,
        quantity = excluded.quantity + CASE WHEN delivery_id = excluded.delivery_id THEN quantity ELSE 0 END,
        final = excluded.final, delivery_id = excluded.delivery_id
"""
"""The same charge twice in one delivery is two halves of it; in another delivery it is a restatement."""


class Intake:
    """Takes statements within one transaction."""

    def __init__(self, connection: sqlite3.Connection, scopes: Scopes) -> None:
        self._db = connection
        self._scopes = scopes
        self._lines: dict[tuple[object, ...], int] = {}
        self._groups: dict[bytes, int] = {}
        self._accounts: dict[str, str] = {}
        self.days: defaultdict[int, set[int]] = defaultdict(set)
        """View -> midnights of the days whose totals have changed."""
        self.rows = 0
        self.gone = 0
        self.first: int | None = None
        self.last: int | None = None

    def take(self, statement: Statement) -> None:
        """Take one statement. Raises ValueError for a row that is not about its span, or names another source."""
        if (statement.start is None) is not (statement.end is None):
            raise ValueError("a span has a start and an end, or neither")
        view = self._view(statement)
        deliveries: dict[str, int] = {}
        cleared: set[tuple[str, int]] = set()
        spanned = statement.start is not None
        if statement.start is not None and statement.end is not None:
            self._clear((view, statement.part, ""), _seconds(statement.start), _seconds(statement.end))
        batch: list[tuple[object, ...]] = []
        for row in statement.rows:
            _check(row, statement)
            account = "" if spanned else row.billing_account_id
            delivery = deliveries.get(account)
            if delivery is None:
                delivery = deliveries[account] = self._delivery(view, statement.part, account, row.retrieved_at)
            start = _seconds(row.charge_period_start)
            day = start // DAY * DAY
            if not spanned and (account, day) not in cleared:
                cleared.add((account, day))
                self._write(batch)
                self._clear((view, statement.part, account), day, day + DAY, but=delivery)
            self.days[view].add(day)
            batch.append(self._charge(row, self._line(view, row), start, delivery))
            if len(batch) >= BATCH:
                self._write(batch)
        self._write(batch)

    def finish(self) -> None:
        """Write down what was gathered on the way."""
        self._db.executemany("INSERT OR REPLACE INTO accounts VALUES (?, ?)", self._accounts.items())

    def regroup(self) -> None:
        """Put every line into the group that it belongs to by these scopes."""
        columns = ", ".join(f"g.{name}" for name in ("view_id", *GROUP_FIELDS))
        rows = self._db.execute(
            f"SELECT l.id, l.tags, {columns} FROM lines l JOIN groups g ON g.id = l.group_id"  # noqa: S608 - constants
        ).fetchall()
        self._db.execute("DELETE FROM cells")
        self._db.execute("DELETE FROM cells_of_groups")
        self._db.execute("DELETE FROM cell_days")
        moved = [
            (self._group(view, tuple(values), compact(scoped(json.loads(tags), self._scopes))), line)
            for line, tags, view, *values in rows
        ]
        self._db.executemany("UPDATE lines SET group_id = ? WHERE id = ?", moved)

    def _view(self, statement: Statement) -> int:
        dimensions = json.dumps(sorted(statement.dimensions))
        (view,) = self._db.execute(
            "INSERT INTO views (source, view, dimensions) VALUES (?, ?, ?) "
            "ON CONFLICT (source, view) DO UPDATE SET dimensions = excluded.dimensions RETURNING id",
            (statement.source, statement.view, dimensions),
        ).fetchone()
        return int(view)

    def _delivery(self, view: int, part: str, account: str, at: datetime) -> int:
        made = self._db.execute(
            "INSERT INTO deliveries (view_id, part, account, retrieved_at) VALUES (?, ?, ?, ?)",
            (view, part, account, _seconds(at)),
        ).lastrowid
        assert made is not None
        return made

    def _clear(self, whose: tuple[int, str, str], start: int, end: int, *, but: int = -1) -> None:
        """Take back what view, part and account said before of a span; `but` is the delivery that is being taken."""
        view = whose[0]
        chosen = (
            "start >= ? AND start < ? AND delivery_id IN "
            "(SELECT id FROM deliveries WHERE view_id = ? AND part = ? AND account = ? AND id <> ?)"
        )
        values = (start, end, *whose, but)
        days = self._db.execute(f"SELECT DISTINCT start / {DAY} * {DAY} FROM charges WHERE {chosen}", values)  # noqa: S608 - constants
        self.days[view].update(day for (day,) in days)
        self.gone += self._db.execute(f"DELETE FROM charges WHERE {chosen}", values).rowcount  # noqa: S608 - constants

    def _charge(self, row: BillRow, line: int, start: int, delivery: int) -> tuple[object, ...]:
        currency = row.billing_currency
        until = _seconds(row.charge_period_end)
        self.rows += 1
        self.first = start if self.first is None else min(self.first, start)
        self.last = until if self.last is None else max(self.last, until)
        return (
            start,
            line,
            until,
            _seconds(row.billing_period_start),
            delivery,
            row.final,
            to_units(row.billed_cost, currency),
            to_units(row.effective_cost, currency),
            None if row.list_cost is None else to_units(row.list_cost, currency),
            None if row.contracted_cost is None else to_units(row.contracted_cost, currency),
            None if row.consumed_quantity is None else float(row.consumed_quantity),
        )

    def _write(self, batch: list[tuple[object, ...]]) -> None:
        self._db.executemany(_CHARGE, batch)
        batch.clear()

    def _line(self, view: int, row: BillRow) -> int:
        tags = row.tags
        groups, own = _group_values(row), _line_values(row)
        key = (view, groups, own, tuple(tags.items()))
        line = self._lines.get(key)
        if line is None:
            if len(self._lines) >= LINES_REMEMBERED:
                self._lines.clear()
            for account, name in (
                (row.billing_account_id, row.billing_account_name),
                (row.sub_account_id, row.sub_account_name),
            ):
                if account and name:
                    self._accounts[account] = name
            packed = compact(tags)
            group = self._group(view, groups, compact(scoped(tags, self._scopes)))
            plain = [value for name, value in zip(LINE_FIELDS, own, strict=True) if name not in _NAMES_FOR_PEOPLE]
            digest = _digest(view, *groups, *plain, packed)
            line = self._lines[key] = self._put("lines", _LINE_COLUMNS, (digest, group, *own, packed), "resource_name")
        return line

    def _group(self, view: int, values: tuple[str, ...], scopes: str) -> int:
        digest = _digest(view, *values, scopes)
        group = self._groups.get(digest)
        if group is None:
            made = self._put("groups", _GROUP_COLUMNS, (digest, view, *values, scopes), "view_id")
            group = self._groups[digest] = made
            told = dict(zip((*GROUP_FIELDS, "scopes"), (*values, scopes), strict=True))
            sort_in(self._db, group, view, told, self._scopes)
        return group

    def _put(self, table: str, columns: tuple[str, ...], values: tuple[object, ...], renewed: str) -> int:
        """Return the row with this digest, made where it is not there."""
        marks = ", ".join("?" * len(columns))
        text = _INSERT.format(table, ", ".join(columns), marks, f"{renewed} = excluded.{renewed}")
        (found,) = self._db.execute(text, values).fetchone()
        return int(found)


def _check(row: BillRow, statement: Statement) -> None:
    if (row.source, row.view) != (statement.source, statement.view):
        raise ValueError(f"a row of {row.source} {row.view} in a statement of {statement.source} {statement.view}")
    if statement.start is None or statement.end is None:
        return
    if not statement.start <= row.charge_period_start < statement.end:
        raise ValueError(f"a charge from {row.charge_period_start} in a statement about {statement.start} on")


def _digest(*parts: object) -> bytes:
    return blake2b(json.dumps(parts).encode(), digest_size=16).digest()


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
