"""Plain JSON objects: fields by path, merge patches, metadata, time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from finops_tui.simulation.api.answers import Document
from finops_tui.simulation.machines import moment

Path = tuple[str, ...]


def value(document: object, path: Path) -> Any:
    """Return what stands at a path; None where nothing does."""
    for key in path:
        if not isinstance(document, Mapping):
            return None
        document = document.get(key)
    return document


def merged(into: object, patch: object) -> Any:
    """Apply a JSON merge patch (RFC 7396)."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(into) if isinstance(into, Mapping) else {}
    for key, wanted in patch.items():
        if wanted is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), wanted)
    return result


def without(patch: Mapping[str, Any], paths: Sequence[Path]) -> Document:
    """Return a patch less the fields at these paths."""
    here = {path[0] for path in paths if len(path) == 1}
    below = {path[0] for path in paths}
    rest: Document = {}
    for key, wanted in patch.items():
        if key in here:
            continue
        if key in below and isinstance(wanted, Mapping):
            wanted = without(wanted, [path[1:] for path in paths if path[0] == key and len(path) > 1])  # noqa: PLW2901
            if not wanted:
                continue
        rest[key] = wanted
    return rest


def leaves(patch: Mapping[str, Any], above: Path = ()) -> Iterator[Path]:
    """Yield the path of every field that a patch sets."""
    for key, wanted in patch.items():
        if isinstance(wanted, Mapping) and wanted:
            yield from leaves(wanted, (*above, key))
        else:
            yield (*above, key)


def stamp(seconds: float) -> str:
    """Write unix seconds as Kubernetes writes times."""
    return f"{moment(int(seconds)):%Y-%m-%dT%H:%M:%SZ}"


def metadata(
    name: str,
    uid: str,
    created_at: float,
    *,
    namespace: str = "",
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    owner: Document | None = None,
) -> Document:
    told: Document = {"name": name, "uid": uid, "creationTimestamp": stamp(created_at)}
    if namespace:
        told["namespace"] = namespace
    if labels:
        told["labels"] = dict(labels)
    if annotations:
        told["annotations"] = dict(annotations)
    if owner is not None:
        told["ownerReferences"] = [owner]
    return told


def reference(api_version: str, kind: str, name: str, uid: str) -> Document:
    """Return what an object says of its controller."""
    return {"apiVersion": api_version, "kind": kind, "name": name, "uid": uid, "controller": True}


def condition(kind: str, *, so: bool, since: float | None = None, reason: str = "") -> Document:
    told: Document = {"type": kind, "status": "True" if so else "False"}
    if since is not None:
        told["lastTransitionTime"] = stamp(since)
    if reason:
        told["reason"] = reason
    return told
