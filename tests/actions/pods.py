"""Nodes with pods on them, as the double holds them."""

from __future__ import annotations

from typing import Any

from tests.actions.patch_double import PatchDouble

NODE = "gpu-1"
NODE_PATH = f"/api/v1/nodes/{NODE}"
SCRATCH = [{"name": "tmp", "emptyDir": {}}]
SHARED_MEMORY = [{"name": "shm", "emptyDir": {"medium": "Memory"}}]


def put_node(double: PatchDouble, **body: Any) -> None:
    double.put(NODE_PATH, {"spec": {}} | body, uid=f"uid-{NODE}")


def put_pod(
    double: PatchDouble, name: str, owner: str = "Job/train", *, gpus: int = 8, namespace: str = "nlp", **more: Any
) -> str:
    """Put a pod on the node; return its path."""
    kind, _, called = owner.partition("/")
    above = [{"kind": kind, "name": called, "uid": "u", "controller": True}] if owner else []
    metadata = {"namespace": namespace, "ownerReferences": above, "labels": {"app": called}} | more.pop("metadata", {})
    resources = {"requests": {"nvidia.com/gpu": str(gpus)}} if gpus else {}
    spec = {"nodeName": NODE, "containers": [{"name": "c", "resources": resources}]} | more.pop("spec", {})
    path = f"/api/v1/namespaces/{namespace}/pods/{name}"
    double.put(path, {"metadata": metadata, "spec": spec, "status": {"phase": "Running"}} | more, uid=f"uid-{name}")
    return path


def put_budget(double: PatchDouble, name: str, app: str, allowed: int, namespace: str = "nlp") -> str:
    path = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets/{name}"
    body = {"spec": {"selector": {"matchLabels": {"app": app}}}, "status": {"disruptionsAllowed": allowed}}
    double.put(path, body)
    return path
