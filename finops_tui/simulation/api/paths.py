"""Where a request goes."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote


class Place(NamedTuple):
    """What a path names: a group, a collection, one object, or a part of one."""

    group: str
    version: str = ""
    plural: str = ""
    namespace: str = ""
    """Empty for all of them, and for what belongs to none."""
    name: str = ""
    """Empty for the whole collection."""
    part: str = ""
    """Subresource: `status`, `eviction`."""


def parsed(path: str) -> Place | None:
    """Read a path of an API server; None for one that has no such form."""
    root, *parts = [unquote(part) for part in path.strip("/").split("/")]
    if root == "api":
        parts = ["", *parts]
    elif root != "apis":
        return None
    if len(parts) < len(("group", "version")):
        return Place(parts[0] if parts else "")
    group, version, *rest = parts
    namespace = ""
    if rest[:1] == ["namespaces"] and len(rest) > len(("namespaces", "its name")):
        namespace, rest = rest[1], rest[2:]
    if len(rest) > len(("plural", "name", "part")):
        return None
    plural, name, part = [*rest, "", "", ""][:3]
    return Place(group, version, plural, namespace, name, part)
