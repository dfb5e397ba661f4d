"""Which totals are kept by day beside those by group: small ones, for the questions that are asked most.

A group is everything that is told of a charge but resource, SKU and the like. A cube has a few dimensions of it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping

from finops_tui.ledger.dimensions import FIELDS, GROUP_FIELDS, Scopes

Cube = tuple[str, ...]
ALWAYS_TOLD = frozenset({"category", "source"})
"""Kept apart in every cube, as is the currency."""
_CUBES: tuple[Cube, ...] = (
    (),
    ("provider",),
    ("account",),
    ("service",),
    ("region",),
    ("instance",),
    ("pricing",),
    ("provider", "account", "service"),
)


def cubes(scopes: Scopes) -> tuple[Cube, ...]:
    """Return the dimensions of every cube."""
    return (*_CUBES, *((name,) for name in scopes))


def smallest(asked: Collection[str], scopes: Scopes) -> Cube | None:
    """Return the smallest cube that tells apart what is asked for; None where none does."""
    wanted = set(asked) - ALWAYS_TOLD
    fitting = [cube for cube in cubes(scopes) if wanted.issubset(cube)]
    return min(fitting, key=len, default=None)


def told_of(group: Mapping[str, str]) -> dict[str, str]:
    """Return what a row of `groups` tells, by dimension."""
    told = {name: group[field] for name, field in FIELDS.items() if field in GROUP_FIELDS}
    told["account"] = group["sub_account_id"] or group["billing_account_id"]
    return {**json.loads(group["scopes"]), **told}


def name_of(cube: Cube) -> str:
    return ",".join(cube)


def sort_in(connection: sqlite3.Connection, group_id: int, view: int, group: Mapping[str, str], scopes: Scopes) -> None:
    """Say of one group in which cell of every cube it counts."""
    told = told_of(group)
    for cube in cubes(scopes):
        values = json.dumps([told.get(name, "") for name in cube], ensure_ascii=False)
        (cell,) = connection.execute(
            "INSERT INTO cells (view_id, cube, told, billing_currency, charge_category) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (view_id, cube, told, billing_currency, charge_category) DO UPDATE SET told = excluded.told "
            "RETURNING id",
            (view, name_of(cube), values, group["billing_currency"], group["charge_category"]),
        ).fetchone()
        connection.execute("INSERT OR IGNORE INTO cells_of_groups VALUES (?, ?)", (group_id, cell))
