"""Objects of a Kubernetes API server as plain JSON: where one stands, what a field says, a patch that sets fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from finops_tui.errors import ActionError

Path = tuple[str, ...]
"""Keys from the top of an object: `("spec", "suspend")`.

In a list of conditions a type is a key; in any other list `groupName=gpu` is the item that says so.
"""
Document = Mapping[str, Any]
Fields = Mapping[Path, Any]
"""Values by path; None is a field that is not there."""
NAME = ":"
"""Besides letters, digits and `-._`, a name may hold this; whatever else an outside text has is no path of ours."""
ANNOTATIONS: Path = ("metadata", "annotations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """Where one object stands."""

    group: str
    version: str
    plural: str
    kind: str
    namespace: str
    """Empty for what belongs to no namespace."""
    name: str

    @property
    def base(self) -> str:
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    @property
    def collection(self) -> str:
        place = f"/namespaces/{quote(self.namespace, safe=NAME)}" if self.namespace else ""
        return f"{self.base}{place}/{self.plural}"

    @property
    def path(self) -> str:
        return f"{self.collection}/{quote(self.name, safe=NAME)}"

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def shown(self) -> str:
        """`job/retrain-v7`."""
        return f"{self.kind.lower()}/{self.name}"


def value(document: object, path: Path) -> Any:
    """Return what stands at a path; None where nothing does."""
    for key in path:
        if isinstance(document, Mapping):
            document = document.get(key)
        elif isinstance(document, list):
            name, _, wanted = key.rpartition("=")
            items = (item for item in document if isinstance(item, Mapping))
            document = next((item for item in items if item.get(name or "type") == wanted), None)
        else:
            return None
    return document


def text(document: object, *path: str) -> str:
    """Return the text at a path; empty where there is none."""
    found = value(document, path)
    return found if isinstance(found, str) else ""


def uid(document: Document) -> str:
    return text(document, "metadata", "uid")


def named(document: Document) -> str:
    return text(document, "metadata", "name")


def annotation(key: str) -> Path:
    return (*ANNOTATIONS, key)


def owner(document: Document) -> Mapping[str, Any] | None:
    """Return the reference to the controller of an object; None for one that stands by itself."""
    references = value(document, ("metadata", "ownerReferences"))
    if not isinstance(references, list):
        return None
    return next((each for each in references if isinstance(each, Mapping) and each.get("controller") is True), None)


def merge_patch(fields: Fields, document: Document | None = None) -> dict[str, Any]:
    """Return the JSON merge patch (RFC 7396) that sets these fields; None takes one away.

    Such a patch replaces whole lists: one that a path leads through is written as it is in `document`, with that field
    set. It may be sent only with the resource version that was read. Raises ActionError where the item is not there.
    """
    patch: dict[str, Any] = {}
    for path, wanted in fields.items():
        part, there = patch, document
        for depth, key in enumerate(path[:-1], 1):
            there = there.get(key) if isinstance(there, Mapping) else None
            if isinstance(there, list):
                _set_within(part.setdefault(key, deepcopy(there)), path[depth:], wanted)
                break
            part = part.setdefault(key, {})
        else:
            part[path[-1]] = wanted
    return patch


def _set_within(items: list[Any], path: Path, wanted: Any) -> None:
    part = value(items, path[:1])
    if not isinstance(part, dict):
        raise ActionError(f"{shown_path(path[:1])} is not there", "it was taken away since", "Plan it again.")
    for key in path[1:-1]:
        part = part.setdefault(key, {})
    if wanted is None:
        part.pop(path[-1], None)
    else:
        part[path[-1]] = wanted


def differing(document: Document, fields: Fields) -> tuple[Path, ...]:
    """Return the paths where an object does not say what these fields do."""
    return tuple(path for path, wanted in fields.items() if value(document, path) != wanted)


def pointer(path: Path) -> str:
    """Write a path as a JSON pointer (RFC 6901): `/spec/suspend`."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path)


def parsed_pointer(pointer: str) -> Path:
    """Read a JSON pointer. Raises ValueError."""
    if not pointer.startswith("/"):
        raise ValueError(pointer)
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in pointer[1:].split("/"))


def shown_path(path: Path) -> str:
    """Write a path for a person: `spec.suspend`, `spec.workers[gpu].replicas`, `annotation finops-tui/undo`."""
    if path[:-1] == ANNOTATIONS:
        return f"annotation {path[-1]}"
    return ".".join(f"[{key.rpartition('=')[2]}]" if "=" in key else key for key in path).replace(".[", "[")


def shown_value(wanted: object) -> str:
    """Write a value as JSON; `–` where there is none."""
    if wanted is None:
        return "–"
    return wanted if isinstance(wanted, str) else json.dumps(wanted, separators=(",", ":"), ensure_ascii=False)
