"""What a line that is being typed means for a list: a new filter, or the one that was there before. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from finops_tui.ui.filter import FilterError


class Typed(NamedTuple):
    """What the list shows now, and what is wrong with the line."""

    filter: str
    error: FilterError | None = None
    """The line is not kept with it. One that is `unfinished` is no mistake yet."""


class TypedFilter:
    """Follows a line from letter to letter. A mistake leaves the last filter that was not on the way to it."""

    def __init__(
        self, before: str, names: Collection[str], check: Callable[[str], None], finds: Callable[[str], bool]
    ) -> None:
        """`before` is the filter that there was; `check` raises FilterError, `finds` tells whether a row passes."""
        self._before = before
        self._names = names
        self._check = check
        self._finds = finds
        self._good: list[str] = []

    def typed(self, text: str) -> Typed:
        """Take in another letter. While a word may still become a field's name, it empties no list."""
        try:
            self._check(text)
        except FilterError as error:
            return Typed(self._last_good(text, error.begins), error)
        begins = self._field_begun(text)
        if begins is not None and not self._finds(text):
            return Typed(self._last_good(text, begins))
        self._good.append(text)
        return Typed(text)

    def entered(self, text: str) -> Typed:
        """Take in that the line is to be kept: now a word is a word."""
        try:
            self._check(text)
        except FilterError as error:
            return Typed(self._last_good(text, error.begins), error)
        return Typed(text)

    def _last_good(self, text: str, begins: int) -> str:
        """Return the last filter that is not a piece of the term of `text` that begins there."""
        while self._good and begins < len(self._good[-1]) and text.startswith(self._good[-1]):
            self._good.pop()
        return self._good[-1] if self._good else self._before

    def _field_begun(self, text: str) -> int | None:
        """Return where the last word begins that may still become a field's name; None where it cannot."""
        word = text.rpartition(" ")[2]
        name = word.removeprefix("!").removesuffix("!").casefold()
        begun = bool(name) and any(known.startswith(name) for known in self._names)
        return len(text) - len(word) if begun else None
