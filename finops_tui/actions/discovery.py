"""Kinds that are not known here but can be scaled: whatever has a scale subresource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from finops_tui.actions.kinds import Scalable
from finops_tui.actions.kube_client import ROLE, CallError, KubeClient
from finops_tui.actions.objects import text, value
from finops_tui.errors import ActionError

AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
)
"""Everything that a server serves in one answer (Kubernetes 1.27 and later)."""
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


async def find_scalable(client: KubeClient, kind: str) -> Scalable:
    """Return how a kind is scaled that a cluster extension defines. Raises ActionError where it cannot be."""
    served = await client.get("/apis", "the list of kinds", AGGREGATED)
    found = [each for each in _resources(served) if each[2].get("responseKind", {}).get("kind") == kind]
    if not found:
        raise ActionError(
            f"{kind} is not known here and not served by {client.cluster}", "nothing says how to pause or scale it"
        )
    groups = sorted({group for group, _, _ in found})
    if len(groups) > 1:
        raise ActionError(f"{kind} may mean several things in {client.cluster}", f"groups {', '.join(groups)}")
    group, version, resource = found[0]
    if not any(sub.get("subresource") == "scale" for sub in resource.get("subresources") or ()):
        raise ActionError(
            f"{kind} cannot be paused or scaled from here", "it is not a kind that is known, and it has no scale"
        )
    plural = str(resource.get("resource"))
    return Scalable(
        kind=kind, group=group, versions=(version,), plural=plural, **await _paths(client, group, version, plural, kind)
    )


def _resources(served: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield group, preferred version and resource of everything that is served."""
    for group in served.get("items") or ():
        for version in (group.get("versions") or ())[:1]:
            for resource in version.get("resources") or ():
                yield text(group, "metadata", "name"), str(version.get("version")), resource


async def _paths(client: KubeClient, group: str, version: str, plural: str, kind: str) -> dict[str, Any]:
    """Return where the kind's definition says that its replicas stand."""
    try:
        definition = await client.get(f"{DEFINITIONS}/{plural}.{group}", f"the definition of {kind}")
    except CallError as error:
        if error.status == HTTPStatus.FORBIDDEN:
            raise ActionError(f"Where {kind} keeps its replicas may not be read", error.detail, ROLE) from error
        raise
    for each in value(definition, ("spec", "versions")) or ():
        wanted = text(each, "subresources", "scale", "specReplicasPath")
        if each.get("name") == version and wanted:
            now = text(each, "subresources", "scale", "statusReplicasPath") or wanted
            return {name: tuple(path.strip(".").split(".")) for name, path in (("path", wanted), ("now", now))}
    raise ActionError(f"{kind} cannot be scaled from here", "its definition does not say where its replicas stand")
