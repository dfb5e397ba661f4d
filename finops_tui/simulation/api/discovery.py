"""Which kinds a server serves, as clients ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from finops_tui.simulation.api.answers import Document
from finops_tui.simulation.api.resource import Resource

READ = ("get", "list")
SCALED = frozenset({"deployments", "replicasets", "statefulsets"})
AGGREGATED = "APIGroupDiscoveryList"
"""Part of the content type by which a client asks for everything in one answer (Kubernetes 1.27 and later)."""
AGGREGATED_VERSION = "apidiscovery.k8s.io/v2"

Served = Sequence[Resource[Any]]


def groups(served: Served, accept: str) -> Document:
    """Return what stands at `/apis`."""
    named = _by_group([resource for resource in served if resource.group])
    if AGGREGATED in accept:
        items = [_discovered(group, resources) for group, resources in named]
        return {"kind": AGGREGATED, "apiVersion": AGGREGATED_VERSION, "metadata": {}, "items": items}
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(name, each) for name, each in named]}


def group(served: Served, name: str) -> Document | None:
    """Return what stands at `/apis/<group>`; None where it is not served."""
    found = [resource for resource in served if resource.group == name]
    return _group(name, found) | {"kind": "APIGroup", "apiVersion": "v1"} if found else None


def resources(served: Served, name: str, version: str) -> Document | None:
    """Return what stands at `/apis/<group>/<version>`; None where it is not served."""
    found = [resource for resource in served if (resource.group, resource.version) == (name, version)]
    if not found:
        return None
    listed = [
        {"name": each.plural, "kind": each.kind, "namespaced": each.namespaced, "singularName": "", "verbs": READ}
        for each in found
    ]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": found[0].api_version,
        "resources": listed,
    }


def _by_group(served: Iterable[Resource[Any]]) -> list[tuple[str, list[Resource[Any]]]]:
    ordered = sorted(served, key=lambda resource: resource.group)
    return [(name, list(each)) for name, each in groupby(ordered, key=lambda resource: resource.group)]


def _group(name: str, served: list[Resource[Any]]) -> Document:
    versions = sorted({resource.version for resource in served}, reverse=True)
    told = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": told, "preferredVersion": told[0]}


def _discovered(name: str, served: list[Resource[Any]]) -> Document:
    listed = [
        {
            "resource": each.plural,
            "responseKind": {"group": name, "version": each.version, "kind": each.kind},
            "scope": "Namespaced" if each.namespaced else "Cluster",
            "verbs": READ,
            "subresources": [{"subresource": "scale"}] if each.plural in SCALED else [],
        }
        for each in served
    ]
    return {"metadata": {"name": name}, "versions": [{"version": served[0].version, "resources": listed}]}
