"""One mistake in a config file, told so that it can be mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from finops_tui.errors import ConfigError
from finops_tui.phrases import counted

MOST_SHOWN = 20


class Mark(NamedTuple):
    """A place in a file; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    mark: Mark
    where: str
    """The field: `sources[0].url`; empty for the file itself."""
    what: str
    """What stands there and what was expected."""
    fix: str = ""


def config_error(file: str, problems: Sequence[Problem]) -> ConfigError:
    """Return one error that tells all `problems` in the order of the file."""
    ordered = sorted(problems, key=lambda problem: problem.mark)
    lines = []
    for problem in ordered[:MOST_SHOWN]:
        where = f"{problem.where}: " if problem.where else ""
        lines.append(f"{file}:{problem.mark.line}:{problem.mark.column}: {where}{problem.what}")
        if problem.fix:
            lines.append(f"    {problem.fix}")
    if len(ordered) > MOST_SHOWN:
        lines.append(f"and {len(ordered) - MOST_SHOWN} more")
    count = counted(len(ordered), "mistake")
    return ConfigError(f"{file} has {count}.", "\n".join(lines), "finops-tui config example shows every field.")
