"""What is wrong in files of objectives, told with its place, all of it at once."""

from __future__ import annotations

from typing import NamedTuple

from finops_tui.errors import ConfigError
from finops_tui.phrases import counted

MOST_SHOWN = 20


class Place(NamedTuple):
    """Where something stands; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Mistake(NamedTuple):
    place: Place
    where: str
    """The field: `slos[0].objective`; empty for the file itself."""
    what: str
    fix: str


class Mistakes:
    """Collects them, so that one run tells all."""

    def __init__(self) -> None:
        self._found: list[Mistake] = []

    def add(self, place: Place, where: str, what: str, fix: str = "") -> None:
        self._found.append(Mistake(place, where, what, fix))

    def raise_if_any(self) -> None:
        """Raise ConfigError that tells every mistake, in the order of the files' names and lines."""
        if not self._found:
            return
        ordered = sorted(dict.fromkeys(self._found))
        files = sorted({mistake.place.file for mistake in ordered})
        lines: list[str] = []
        for place, where, what, fix in ordered[:MOST_SHOWN]:
            lines.append(f"{place}:{place.column}: {where}{': ' if where else ''}{what}")
            if fix:
                lines.append(f"    {fix}")
        if len(ordered) > MOST_SHOWN:
            lines.append(f"and {len(ordered) - MOST_SHOWN} more")
        count = counted(len(ordered), "mistake")
        subject = f"{files[0]} has" if len(files) == 1 else f"{len(files)} SLO files have"
        raise ConfigError(f"{subject} {count}.", "\n".join(lines), "docs/slos.md explains what is read of each format.")
