"""Who wrote a field: Kubernetes notes the client of each write in `metadata.managedFields`, not the user."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from finops_tui.actions.objects import Document, Path, text, value
from finops_tui.actions.words import plain
from finops_tui.phrases import clock

KNOWN: Mapping[str, str] = {
    "argocd-controller": "argocd",
    "argocd-application-controller": "argocd",
    "argocd-server": "argocd",
    "kustomize-controller": "flux",
    "helm-controller": "flux",
    "flux-client-side-apply": "flux",
    "keda-operator": "keda",
}
"""Field managers by the names that people know them by; the others keep theirs, shortened at `-client`."""
CONTROLLERS = "kube-controller-manager"


def last_writer(document: Document, path: Path) -> tuple[str, str]:
    """Return who wrote a field last, and when (RFC 3339); empty where nothing says so."""
    writes = [
        (text(entry, "time"), _name(entry))
        for entry in value(document, ("metadata", "managedFields")) or ()
        if isinstance(entry, Mapping) and _holds(entry.get("fieldsV1"), path)
    ]
    at, who = max(writes, default=("", ""))
    return who, at


def by_whom(document: Document, path: Path, now: datetime | None = None) -> str:
    """Say who wrote a field last: `by hpa at 14:09Z`; empty where nothing says so."""
    who, at = last_writer(document, path)
    if not who:
        return ""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return f"by {who}"
    return f"by {who} at {clock(moment, now or moment)}"


def managed_by(document: Document) -> frozenset[str]:
    """Return all who wrote to an object, by the names that people know them by."""
    entries = value(document, ("metadata", "managedFields")) or ()
    return frozenset(_name(entry) for entry in entries if isinstance(entry, Mapping))


def _holds(fields: object, path: Path) -> bool:
    for key in path:
        if not isinstance(fields, Mapping):
            return False
        if "=" in key:  # who writes an item writes its whole list, unless its definition makes it a map
            return True
        fields = fields.get(f"f:{key}")
    return fields is not None


def _name(entry: Mapping[str, object]) -> str:
    manager = plain(entry.get("manager") or "", 40)
    if manager == CONTROLLERS and entry.get("subresource") == "scale":
        return "hpa"
    return KNOWN.get(manager) or manager.partition("-client")[0]
