"""What the screen uses of Textual that Textual promises nobody: decision 5 lists it, for whoever raises the version."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from finops_tui import ui

DECISION = next(Path(__file__).parents[2].glob("docs/decisions/0005-*.md")).read_text(encoding="utf-8")
PRIVATE = re.compile(r"_(?!_)\w+")
LIBRARIES = ("textual", "rich")


def test_every_private_part_of_textual_is_listed_and_nothing_else() -> None:
    modules = [importlib.import_module(each.name) for each in pkgutil.walk_packages(ui.__path__, f"{ui.__name__}.")]
    used = {name for module in modules for name in (*_imported(module), *_of_others(module), *_inherited(module))}
    listed = DECISION.partition("**Private parts.**")[2]
    assert set(re.findall(r"`([\w.]+)`", "\n".join(re.findall(r"^\| (`.*?) \|", listed, re.MULTILINE)))) == used


def _imported(module: ModuleType) -> Iterator[str]:
    """Names of private modules."""
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and re.match(r"(textual|rich)\b.*\._", node.module or ""):
            yield from (alias.name for alias in node.names)


def _of_others(module: ModuleType) -> Iterator[str]:
    """Names that the linter had to be told of."""
    for line in inspect.getsource(module).splitlines():
        if "noqa: SLF001" in line:
            yield from re.findall(r"\.(_\w+)", line.partition("#")[0])


def _inherited(module: ModuleType) -> Iterator[str]:
    """Names of the library's classes that a class of ours takes up or stands in for."""
    for node in ast.walk(_tree(module)):
        made = getattr(module, node.name, None) if isinstance(node, ast.ClassDef) else None
        if not isinstance(made, type):
            continue
        bases = [base for base in made.__mro__ if base.__module__.partition(".")[0] in LIBRARIES]
        theirs = {name for base in bases for name in _private(base)}
        for part in ast.walk(node):
            named = part.attr if isinstance(part, ast.Attribute) and _is_own(part.value) else getattr(part, "name", "")
            if named in theirs:
                yield named


def _is_own(value: ast.expr) -> bool:
    return ast.unparse(value) in {"self", "super()"}


@cache
def _private(base: type) -> frozenset[str]:
    stored = re.findall(r"self\.(_\w+)\b[^\n=(]*=", inspect.getsource(base))
    return frozenset(name for name in (*vars(base), *stored) if PRIVATE.fullmatch(name))


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))
