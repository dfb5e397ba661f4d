"""Values that stand elsewhere: `${VARIABLE}`, `${VARIABLE:-default}` and `file:/path`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from finops_tui.config.document import Document, Path, dotted
from finops_tui.config.problem import Problem

LARGEST_SECRET = 65_536
"""Bytes: more than any token or bundle of certificates."""
FILE = "file:"

_REFERENCE = re.compile(r"(\$)?\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
"""`$${NAME}` stands for the text `${NAME}`. A lone `$`, as in PromQL, means nothing here."""


@dataclass(slots=True)
class Resolved:
    """The values with all references followed, and what came from where."""

    values: dict[str, Any]
    origins: dict[Path, str] = field(default_factory=dict)
    """In words, for values that stand elsewhere: `environment PROM_TOKEN`, `file /run/secrets/token`."""
    broken: set[Path] = field(default_factory=set)
    """Where a reference leads nowhere: what is wrong there has been said."""
    problems: list[Problem] = field(default_factory=list)


def resolve(document: Document, environment: Mapping[str, str]) -> Resolved:
    """Follow every reference in the document's values."""
    resolved = Resolved({})
    resolved.values = _follow(document.values, (), document, environment, resolved)
    return resolved


def _follow(value: Any, path: Path, document: Document, environment: Mapping[str, str], into: Resolved) -> Any:
    if isinstance(value, dict):
        return {key: _follow(each, (*path, key), document, environment, into) for key, each in value.items()}
    if isinstance(value, list):
        return [_follow(each, (*path, i), document, environment, into) for i, each in enumerate(value)]
    if not isinstance(value, str):
        return value
    text = _REFERENCE.sub(lambda match: _variable(match, path, document, environment, into), value)
    if text.startswith(FILE) and path not in into.broken:
        return _contents(text.removeprefix(FILE), path, document, into)
    return text


def _variable(
    match: re.Match[str], path: Path, document: Document, environment: Mapping[str, str], into: Resolved
) -> str:
    escaped, name, default = match.groups()
    if escaped:
        return match[0][1:]
    if environment.get(name):
        before = into.origins.get(path)
        into.origins[path] = f"{before}, {name}" if before else f"environment {name}"
        return environment[name]
    if default is not None:
        return str(default)
    state = "is empty" if name in environment else "is not set"
    into.broken.add(path)
    into.problems.append(
        Problem(
            mark=document.mark(path),
            where=dotted(path),
            what=f"the environment variable {name} {state}",
            fix=f"Set it (export {name}=...), or give a default: ${{{name}:-value}}.",
        )
    )
    return ""


def _contents(name: str, path: Path, document: Document, into: Resolved) -> str:
    file = FilePath(name.removeprefix("//"))
    try:
        file = FilePath(document.file).parent / file.expanduser()  # which stays what it is where it is absolute
        with file.open("rb") as stream:
            data = stream.read(LARGEST_SECRET + 1)
        text = data.decode().strip()
        trouble = f"it is larger than {LARGEST_SECRET:,} bytes" if len(data) > LARGEST_SECRET else ""
        trouble = trouble or ("" if text else "it is empty")
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: the home of nobody
        trouble = getattr(error, "strerror", None) or str(error)
    if trouble:
        into.broken.add(path)
        what = f"cannot read {file}: {trouble}"
        fix = "A relative path counts from the folder of the config file."
        into.problems.append(Problem(mark=document.mark(path), where=dotted(path), what=what, fix=fix))
        return ""
    into.origins[path] = f"file {file}"
    return text
