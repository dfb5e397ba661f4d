"""Answers of OpenCost's allocation API in the shape that its documentation and version 1.11x give them."""

from __future__ import annotations

import json
from typing import Any

from tests.servers.scripted import Reply


def allocation(name: str, total: float | None, **more: Any) -> dict[str, Any]:
    """Return one allocation; `properties` go by the parts of its name."""
    cluster, *rest = name.split("/")
    properties: dict[str, Any] = {"cluster": cluster}
    if len(rest) == 3:
        properties |= dict(zip(("namespace", "controllerKind", "controller"), rest, strict=True))
    facts = {
        "name": name,
        "properties": properties,
        "window": {"start": "2026-11-19T00:00:00Z", "end": "2026-11-20T00:00:00Z"},
        "start": "2026-11-19T00:00:00Z",
        "end": "2026-11-20T00:00:00Z",
        "minutes": 1440.0,
        "cpuCoreHours": 48.0,
        "cpuCost": 0.0,
        "cpuCostAdjustment": 0.0,
        "gpuHours": 24.0,
        "gpuCost": total,
        "gpuCostAdjustment": 0.0,
        "networkCost": 0.0,
        "loadBalancerCost": 0.0,
        "pvByteHours": 0.0,
        "pvCost": 0.0,
        "ramByteHours": 1.0,
        "ramCost": 0.0,
        "sharedCost": 0.0,
        "externalCost": 0.0,
        "totalCost": total,
        "totalEfficiency": 0.4,
    }
    return facts | more


def answer(*allocations: dict[str, Any], **more: Any) -> Reply:
    """Return the answer for a window of one step."""
    data = [{each["name"]: each for each in allocations}]
    return Reply(body=json.dumps({"code": 200, "data": data, **more}).encode())
