"""Reading a saved state: it comes from a file, so anything may stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite


def number(value: object) -> float:
    """Return a finite number as it was saved. Raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"A saved spend watch has {value!r:.40} where a number belongs.")
    return value


def numbers(value: object, count: int | None = None) -> list[float]:
    """Return a list of finite numbers, `count` of them where it is given. Raises ValueError."""
    if not isinstance(value, list) or (count is not None and len(value) != count):
        wanted = "numbers" if count is None else f"{count} numbers"
        raise ValueError(f"A saved spend watch has {value!r:.40} where a list of {wanted} belongs.")
    return [number(item) for item in value]


def rows(value: object, width: int, most: int) -> list[list[float]]:
    """Return at most `most` lists of `width` finite numbers. Raises ValueError."""
    if not isinstance(value, list) or len(value) > most:
        raise ValueError(f"A saved spend watch has {value!r:.40} where at most {most} rows belong.")
    return [numbers(item, width) for item in value]


def text(value: object, allowed: frozenset[str]) -> str:
    """Return one of the `allowed` words. Raises ValueError."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"A saved spend watch has {value!r:.40} where one of {sorted(allowed)} belongs.")
    return value


def field(saved: Mapping[str, object], name: str) -> object:
    """Return what stands under `name`. Raises ValueError where nothing does."""
    if name not in saved:
        raise ValueError(f"A saved spend watch has no {name!r}.")
    return saved[name]
