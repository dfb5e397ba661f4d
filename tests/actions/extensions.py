"""Extensions without their controllers: just as much of their definitions as pausing and scaling touches."""

from __future__ import annotations

from typing import Any

from tests.actions.real import wait
from tests.servers.kube_apiserver import ControlPlane

ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def define(
    plane: ControlPlane,
    group: str,
    version: str,
    plural: str,
    kind: str,
    *,
    namespaced: bool = True,
    scale: dict[str, str] | None = None,
) -> None:
    """Make a kind and wait until it is served."""
    schema = {"type": "object", "properties": {"spec": ANYTHING, "status": ANYTHING}}
    subresources: dict[str, Any] = {"status": {}} | ({"scale": scale} if scale else {})
    served = {
        "name": version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": subresources,
    }
    definition = {
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"},
            "scope": "Namespaced" if namespaced else "Cluster",
            "versions": [served],
        },
    }
    if group.endswith((".k8s.io", ".x-k8s.io")):  # such names are protected unless their definition says so
        definition["metadata"]["annotations"] = {"api-approved.kubernetes.io": "https://example.test"}  # type: ignore[index]
    plane.create(DEFINITIONS, definition)
    wait(lambda: _established(plane, f"{plural}.{group}") and _served(plane, group, version, plural))


def _established(plane: ControlPlane, name: str) -> bool:
    conditions = plane.request("GET", f"{DEFINITIONS}/{name}").get("status", {}).get("conditions") or ()
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)


def _served(plane: ControlPlane, group: str, version: str, plural: str) -> bool:
    try:
        plane.request("GET", f"/apis/{group}/{version}/{plural}")
    except OSError:
        return False
    return True
