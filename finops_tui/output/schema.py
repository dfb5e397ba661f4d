"""The JSON Schema of a snapshot, made from the model.

`python -m finops_tui.output.schema > docs/snapshot.schema.json` writes it anew.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from itertools import pairwise
from typing import Any, get_args, get_type_hints

import msgspec
from msgspec import Struct

from finops_tui.model import cloud, cloud_facts, outside, snapshot
from finops_tui.model.billing import BillCheck, BillRow, BudgetRow, MonthRow
from finops_tui.model.scope import Scope
from finops_tui.model.snapshot import VERSION, Snapshot

DRAFT = "https://json-schema.org/draft/2020-12/schema"
LATE = {
    snapshot: (BillCheck, BillRow, BudgetRow, MonthRow),
    cloud_facts: tuple(each for each in (*vars(cloud).values(), outside.OutsideRow) if isinstance(each, type)),
}
"""What modules do not load by themselves, and their annotations name."""


def schema() -> dict[str, Any]:
    """Return the schema. What the model's docstrings say of a field becomes its description."""
    for module, kinds in LATE.items():
        for kind in kinds:
            setattr(module, kind.__name__, kind)
    made = msgspec.json.schema(Snapshot)
    definitions = made["$defs"]
    definitions["Scope"] = _object(definitions["Scope"])
    for kind in _kinds(Snapshot, set()):
        if issubclass(kind, Struct):
            _complete(definitions[kind.__name__], kind)
    return {
        "$schema": DRAFT,
        "title": f"finops-tui snapshot, version {VERSION}",
        "description": inspect.cleandoc(inspect.getmodule(Snapshot).__doc__ or ""),
        **made,
    }


def text() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _object(named: dict[str, Any]) -> dict[str, Any]:
    """Describe the named tuple `Scope` as the object that is written of it (docs/decisions/0013)."""
    fields = dict(zip(Scope._fields, named["prefixItems"], strict=True))
    told = {"title": named["title"], "description": named["description"]}
    return {**told, "type": "object", "properties": fields, "required": list(fields)}


def _complete(definition: dict[str, Any], kind: type) -> None:
    """Say that every field is always there, which of them are moments, and what each means."""
    definition["required"] = list(definition["properties"])
    hints, said = get_type_hints(kind), _field_docs(kind)
    for name, field in definition["properties"].items():
        field.pop("default", None)
        if name in said:
            field["description"] = said[name]
        if datetime in (hints[name], *get_args(hints[name])):
            for part in (field, *field.get("anyOf", ())):
                if part.get("type") == "string":
                    part["format"] = "date-time"


def _field_docs(kind: type) -> dict[str, str]:
    """Return the docstring under each field of a class."""
    (tree,) = ast.parse(inspect.getsource(kind)).body
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    docs = {}
    for field, after in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(after, ast.Expr):
            value = after.value.value if isinstance(after.value, ast.Constant) else None
            docs[field.target.id] = inspect.cleandoc(str(value))
    return docs


def _kinds(kind: Any, seen: set[Any]) -> Iterator[type]:
    """Yield every class that a snapshot holds, each once."""
    for part in get_args(kind):
        yield from _kinds(part, seen)
    if kind in seen or not isinstance(kind, type) or not issubclass(kind, Struct | Enum):
        return
    seen.add(kind)
    yield kind
    if issubclass(kind, Struct):
        for hint in get_type_hints(kind).values():
            yield from _kinds(hint, seen)


if __name__ == "__main__":
    sys.stdout.write(text())
