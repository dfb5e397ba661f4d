"""Which of a source's views answers a question, and which groups or cells count in it."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from finops_tui.ledger.cubes import Cube, name_of, smallest, told_of
from finops_tui.ledger.dimensions import GROUP_FIELDS, HOUR, Scopes, needed, of_lines, plain_field
from finops_tui.ledger.query import CostQuery, Grain
from finops_tui.ledger.totals import DAY
from finops_tui.model.bill import ALLOCATION

_ALWAYS_TOLD = frozenset({"source", "provider_name", "billing_account_id"})


class View(NamedTuple):
    id: int
    source: str
    dimensions: frozenset[str]
    name: str


class Key(NamedTuple):
    """What is told of a sum by groups and cells; values of lines come from the rows themselves."""

    values: tuple[str, ...]
    currency: str
    category: str


def chosen_views(
    connection: sqlite3.Connection, query: CostQuery, scopes: Scopes
) -> list[tuple[View, tuple[str, ...]]]:
    """Return for each source the view that answers, and what of the question it cannot tell apart.

    What only shares out what others bill answers where it is asked for by name, and is in no sum else.
    """
    by_source: defaultdict[str, list[View]] = defaultdict(list)
    for id_, source, name, dimensions in connection.execute("SELECT id, source, view, dimensions FROM views"):
        if name != ALLOCATION or _asked_for(connection, id_, query):
            by_source[source].append(View(id_, source, frozenset(json.loads(dimensions)), name))
    asked = tuple(dict.fromkeys((*query.by, *query.where)))
    hourly = query.grain is Grain.HOUR

    def lacks(view: View) -> tuple[str, ...]:
        if not view.dimensions:
            return ()
        told = {*map(plain_field, view.dimensions), *_ALWAYS_TOLD}
        lacking = tuple(name for name in asked if told.isdisjoint(needed(name, scopes)))
        return (*lacking, HOUR) if hourly and HOUR not in told else lacking

    def rank(view: View) -> tuple[int, bool, bool, str]:
        return len(lacks(view)), not hourly and HOUR in view.dimensions, bool(view.name), view.name

    sources = query.where.get("source", by_source.keys() if query.sources is None else query.sources)
    best = [min(views, key=rank) for source, views in sorted(by_source.items()) if source in sources]
    return [(view, lacks(view)) for view in best]


def _asked_for(connection: sqlite3.Connection, view: int, query: CostQuery) -> bool:
    """Tell whether somebody asks by name for what a view says."""
    if "source" in query.where:
        return True
    told = connection.execute("SELECT DISTINCT provider_name FROM groups WHERE view_id = ?", (view,))
    return not query.where.get("provider", frozenset()).isdisjoint(name for (name,) in told)


def cube_for(query: CostQuery, scopes: Scopes) -> Cube | None:
    """Return the cube that answers; None where groups, lines or charges must be asked."""
    if query.grain is Grain.HOUR or query.since.timestamp() % DAY or query.until.timestamp() % DAY:
        return None
    return smallest((*query.by, *query.where), scopes)


def mark_wanted(connection: sqlite3.Connection, query: CostQuery, views: Sequence[View], scopes: Scopes) -> list[Key]:
    """Make the table `wanted`: the cells or groups that count, each with the number of its key in what is returned."""
    sources = {view.id: view.source for view in views}
    by = [name for name in query.by if not of_lines(name, scopes)]
    where = {name: values for name, values in query.where.items() if not of_lines(name, scopes)}
    cube = cube_for(query, scopes)
    numbers: dict[Key, int] = {}
    wanted: list[tuple[int, int]] = []
    for id_, view, currency, told in _groups(connection) if cube is None else _cells(connection, cube):
        if view not in sources:
            continue
        told["source"] = sources[view]
        if all(told.get(name, "") in allowed for name, allowed in where.items()):
            key = Key(tuple([told.get(name, "") for name in by]), currency, told["category"])
            wanted.append((id_, numbers.setdefault(key, len(numbers))))
    connection.execute("CREATE TEMP TABLE wanted (id INTEGER PRIMARY KEY, key INTEGER NOT NULL)")
    connection.executemany("INSERT INTO wanted VALUES (?, ?)", wanted)
    return list(numbers)


_Told = Iterator[tuple[int, int, str, dict[str, str]]]
"""Id, view, currency, and what is told by dimension."""


def _groups(connection: sqlite3.Connection) -> _Told:
    columns = ("scopes", *GROUP_FIELDS)
    for id_, view, *values in connection.execute(f"SELECT id, view_id, {', '.join(columns)} FROM groups"):  # noqa: S608 - constants
        group = dict(zip(columns, values, strict=True))
        yield id_, view, group["billing_currency"], told_of(group)


def _cells(connection: sqlite3.Connection, cube: Cube) -> _Told:
    asked = "SELECT id, view_id, billing_currency, charge_category, told FROM cells WHERE cube = ?"
    for id_, view, currency, category, told in connection.execute(asked, (name_of(cube),)):
        yield id_, view, currency, {**dict(zip(cube, json.loads(told), strict=True)), "category": category}
