"""The outer part of a drill-down's SQL, the same in Athena and BigQuery: the dearest rows, the others as one."""

from __future__ import annotations

from collections.abc import Sequence

SUMS = ("billed", "effective")


def dearest(lines: str, keys: int, top: int) -> str:
    """Return the query over `lines`, which selects `k0`, `k1` … as many as `keys`, `currency`, and `SUMS`.

    Its columns are the keys, currency, place, the sums, and how many rows it stands for; the place after `top` is that
    of the others, whose keys are null.
    """
    names = [f"k{number}" for number in range(keys)]
    every = ", ".join((*names, "currency", *SUMS))
    order = ", ".join(("ABS(effective) DESC", "ABS(billed) DESC", *names))
    kept = ", ".join(f"CASE WHEN place <= {top} THEN {name} END AS {name}" for name in names)
    sums = ", ".join(f"SUM({name}) AS {name}" for name in SUMS)
    return (
        f"WITH lines AS (\n{lines}\n), placed AS (\n"
        f"SELECT {every}, ROW_NUMBER() OVER (PARTITION BY currency ORDER BY {order}) AS place FROM lines\n)\n"
        f"SELECT {kept}, currency, LEAST(place, {top + 1}) AS place, {sums}, COUNT(*) AS parts\n"
        f"FROM placed\nGROUP BY {numbered(keys + 2)}\nORDER BY {keys + 1}, {keys + 2}"
    )


def numbered(places: int) -> str:
    """Return the first so many columns as GROUP BY takes them."""
    return ", ".join(str(place + 1) for place in range(places))


def columns(keys: int) -> Sequence[str]:
    """Return the names of the columns that `dearest` answers with, in their order."""
    return (*(f"k{number}" for number in range(keys)), "currency", "place", *SUMS, "parts")
