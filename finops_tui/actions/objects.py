"""Objects of a Kubernetes API server as plain JSON: where one stands, what a field says, a patch that sets fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

Path = tuple[str, ...]
"""Keys from the top of an object: `("spec", "suspend")`. In `status.conditions` a type is a key."""
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
    def shown(self) -> str:
        """`job/retrain-v7`."""
        return f"{self.kind.lower()}/{self.name}"


def value(document: object, path: Path) -> Any:
    """Return what stands at a path; None where nothing does."""
    for key in path:
        if isinstance(document, Mapping):
            document = document.get(key)
        elif isinstance(document, list):
            document = next((item for item in document if isinstance(item, Mapping) and item.get("type") == key), None)
        else:
            return None
    return document


def text(document: object, *path: str) -> str:
    """Return the text at a path; empty where there is none."""
    found = value(document, path)
    return found if isinstance(found, str) else ""


def uid(document: Document) -> str:
    return text(document, "metadata", "uid")


def annotation(key: str) -> Path:
    return (*ANNOTATIONS, key)


def owner(document: Document) -> Mapping[str, Any] | None:
    """Return the reference to the controller of an object; None for one that stands by itself."""
    references = value(document, ("metadata", "ownerReferences"))
    if not isinstance(references, list):
        return None
    return next((each for each in references if isinstance(each, Mapping) and each.get("controller") is True), None)


def merge_patch(fields: Fields) -> dict[str, Any]:
    """Return the JSON merge patch (RFC 7396) that sets these fields; None takes one away."""
    patch: dict[str, Any] = {}
    for path, wanted in fields.items():
        part = patch
        for key in path[:-1]:
            part = part.setdefault(key, {})
        part[path[-1]] = wanted
    return patch


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
    """Write a path for a person: `spec.suspend`, `annotation finops-tui/undo`."""
    return f"annotation {path[-1]}" if path[:-1] == ANNOTATIONS else ".".join(path)


def shown_value(wanted: object) -> str:
    """Write a value as JSON; `–` where there is none."""
    if wanted is None:
        return "–"
    return wanted if isinstance(wanted, str) else json.dumps(wanted, separators=(",", ":"), ensure_ascii=False)
