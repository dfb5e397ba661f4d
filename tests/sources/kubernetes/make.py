"""Kubernetes objects for tests, as the API writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
LONG_AGO = "2026-01-01T00:00:00Z"

Json = dict[str, Any]


def raw(body: Json) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(body))


def node(name: str, *, labels: Json | None = None, taints: list[str] | None = None, **more: Any) -> Json:
    capacity = {"cpu": "64", "memory": "256Gi"} | more.get("capacity", {})
    ready = more.get("ready", {"type": "Ready", "status": "True", "message": ""})
    return {
        "metadata": {
            "name": name,
            "uid": more.get("uid", f"node-{name}"),
            "labels": labels or {},
            "creationTimestamp": more.get("created", LONG_AGO),
            "managedFields": more.get("managed", []),
        },
        "spec": {"taints": [{"key": key, "effect": "NoSchedule"} for key in taints or ()]} | more.get("spec", {}),
        "status": {"capacity": capacity, "conditions": [ready]},
    }


def pod(name: str, *, owner: tuple[str, str] | None = None, on: str = "", gpus: int = 0, **more: Any) -> Json:
    requests = (
        {"cpu": "1", "memory": "1Gi"} | ({"nvidia.com/gpu": str(gpus)} if gpus else {}) | more.get("requests", {})
    )
    metadata: Json = {
        "name": name,
        "namespace": more.get("namespace", "ml"),
        "uid": more.get("uid", f"pod-{name}"),
        "labels": more.get("labels", {}),
        "annotations": more.get("annotations", {}),
        "creationTimestamp": more.get("created", LONG_AGO),
    }
    if owner is not None:
        metadata["ownerReferences"] = [{"kind": owner[0], "name": owner[1], "uid": "u", "controller": True}]
    spec: Json = {"containers": [{"name": "c", "resources": {"requests": requests}}]} | more.get("spec", {})
    if on:
        spec["nodeName"] = on
    status = {"phase": "Running" if on else "Pending"} | more.get("status", {})
    return {"metadata": metadata, "spec": spec, "status": status}


def controller(name: str, *, replicas: int | None = None, image: str = "reg.test/app:v1", **more: Any) -> Json:
    """Make a Deployment, StatefulSet or Job; they differ in `spec` only."""
    metadata: Json = {
        "name": name,
        "namespace": more.get("namespace", "ml"),
        "uid": more.get("uid", f"c-{name}"),
        "generation": more.get("generation", 1),
        "labels": more.get("labels", {}),
        "annotations": more.get("annotations", {}),
        "creationTimestamp": more.get("created", LONG_AGO),
        "managedFields": more.get("managed", []),
    }
    if "owner" in more:
        metadata["ownerReferences"] = [{"kind": more["owner"][0], "name": more["owner"][1], "controller": True}]
    template = pod_template(image, more.get("gpus", 0), **more.get("pods", {}))
    spec: Json = {"template": template} | more.get("spec", {})
    if replicas is not None:
        spec["replicas"] = replicas
    return {"metadata": metadata, "spec": spec, "status": more.get("status", {})}


def pod_template(image: str = "reg.test/app:v1", gpus: int = 0, container: Json | None = None, **spec: Any) -> Json:
    limits = {"nvidia.com/gpu": str(gpus)} if gpus else {}
    main = {"name": "c", "image": image, "resources": {"limits": limits}} | (container or {})
    return {"spec": {"containers": [main]} | spec}


def custom(name: str, spec: Json, status: Json | None = None, **metadata: Any) -> Json:
    """Make a controller of an extension."""
    base = {"name": name, "namespace": "ml", "uid": f"x-{name}", "generation": 1, "creationTimestamp": LONG_AGO}
    return {"metadata": base | metadata, "spec": spec, "status": status or {}}


def budget(name: str, allowed: int, selector: Json | None, **metadata: Any) -> Json:
    base = {"name": name, "namespace": "ml", "uid": f"b-{name}"}
    spec = {} if selector is None else {"selector": selector}
    return {"metadata": base | metadata, "spec": spec, "status": {"disruptionsAllowed": allowed}}


def event(reason: str, about: tuple[str, str], message: str = "", **more: Any) -> Json:
    kind, name = about
    return {
        "metadata": {"name": f"{name}.{reason}", "namespace": "default", "uid": more.get("uid", f"e-{reason}-{name}")},
        "involvedObject": {
            "kind": kind,
            "name": name,
            "namespace": more.get("namespace", ""),
            "uid": more.get("on", ""),
        },
        "reason": reason,
        "message": message,
        "source": {"component": more.get("component", "")},
        "lastTimestamp": more.get("at", "2026-09-01T11:30:00Z"),
    }
