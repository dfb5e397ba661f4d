"""Who wrote to an object: the word by which a tool or a person's client calls itself.

Kubernetes notes the client of each write in `metadata.managedFields`; it does not note the user.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes.objects import ManagedFields, ManagedMetadata

ACTORS: Mapping[str, str] = {
    "argocd-controller": "argocd",
    "argocd-application-controller": "argocd",
    "argocd-server": "argocd",
    "kustomize-controller": "flux",
    "helm-controller": "flux",
    "flux-client-side-apply": "flux",
    "keda-operator": "keda",
}
"""Field managers by the names that people know them by; the others keep theirs, shortened at `-client`."""
GITOPS: Mapping[str, str] = {
    "argocd.argoproj.io/tracking-id": "argocd",
    "argocd.argoproj.io/instance": "argocd",
    "kustomize.toolkit.fluxcd.io/name": "flux",
    "helm.toolkit.fluxcd.io/name": "flux",
}
"""Annotations and labels by which GitOps tools mark what is theirs (Argo CD resource tracking, Flux controllers)."""
SCALE = "scale"
CONTROLLERS = "kube-controller-manager"
"""Scales for the HPA; besides, it notes things of its own on what others wrote, as a rollout's revision."""


class Write(NamedTuple):
    who: str
    """Empty where nothing says so."""
    at: datetime | None


NOBODY = Write("", None)


def last_write(metadata: ManagedMetadata) -> Write:
    """Return who wrote an object's fields last and when; writes of status do not count."""
    written = [entry for entry in metadata.managed_fields or () if entry.subresource != "status" and entry.time]
    by_others = [entry for entry in written if entry.manager != CONTROLLERS or entry.subresource == SCALE]
    newest = _newest(by_others or written)
    if newest is None or not newest.manager:
        return Write(_gitops(metadata), newest.time if newest is not None else None)
    return Write(_actor(newest), newest.time)


def last_scaling(metadata: ManagedMetadata) -> Write:
    """Return who set the number of replicas by itself last, and when."""
    newest = _newest([entry for entry in metadata.managed_fields or () if entry.subresource == SCALE and entry.time])
    return NOBODY if newest is None else Write(_actor(newest), newest.time)


def _newest(entries: list[ManagedFields]) -> ManagedFields | None:
    return max(
        entries,
        key=lambda entry: (entry.time is not None and entry.time.timestamp(), entry.subresource),
        default=None,
    )


def _actor(entry: ManagedFields) -> str:
    if entry.subresource == SCALE and entry.manager == CONTROLLERS:
        return "hpa"
    return ACTORS.get(entry.manager) or one_line(entry.manager, 30).partition("-client")[0]


def _gitops(metadata: ManagedMetadata) -> str:
    for marks in (metadata.annotations or {}, metadata.labels or {}):
        for key, tool in GITOPS.items():
            if key in marks:
                return tool
    return ""
