"""The rows of a table that a person marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

from finops_tui.ui.widgets.columns import RowT


class Marks(Generic[RowT]):
    """Belong to things, by their keys. `rows` of those that are there is kept until marks or rows change."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._last: str | None = None
        self._rows: tuple[RowT, ...] | None = None

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def rows(self, rows: Sequence[RowT], keys: Sequence[str]) -> tuple[RowT, ...]:
        """Return the marked ones among the rows whose keys are given, in their order."""
        if not self._keys:  # asked with every key, and nearly always so
            return ()
        if self._rows is None:
            self._rows = tuple(row for row, key in zip(rows, keys, strict=True) if key in self._keys)
        return self._rows

    def rows_changed(self) -> None:
        self._rows = None

    def turn(self, key: str) -> None:
        """Mark a thing, or take its mark away."""
        self._keys ^= {key}
        self._last, self._rows = key, None

    def up_to(self, at: int, keys: Sequence[str]) -> None:
        """Mark everything from what was marked last up to the thing at a place among the keys."""
        known = self._last is not None and self._last in self._keys and self._last in keys
        first, last = sorted((keys.index(self._last) if known and self._last is not None else at, at))
        self._keys.update(keys[first : last + 1])
        self._last, self._rows = keys[at], None

    def clear(self) -> None:
        self._keys.clear()
        self._rows = None
