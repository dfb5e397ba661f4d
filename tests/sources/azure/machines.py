"""Answers of AKS and of scale sets in the shapes that their specifications' examples give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.sources.azure.answers import SUBSCRIPTION

CLUSTERS, SCALE_SETS = "managedClusters", "virtualMachineScaleSets"


def pool(name: str, *, count: int = 3, **more: Any) -> dict[str, Any]:
    """Return one agent pool of H100 machines."""
    return {
        "name": name,
        "count": count,
        "vmSize": "Standard_ND96isr_H100_v5",
        "mode": "User",
        "type": "VirtualMachineScaleSets",
        "provisioningState": "Succeeded",
        "powerState": {"code": "Running"},
        "enableAutoScaling": False,
        **more,
    }


def cluster(*pools: dict[str, Any], name: str = "train", power: str = "Running") -> dict[str, Any]:
    return {
        "id": f"/{SUBSCRIPTION}/resourcegroups/gpu/providers/Microsoft.ContainerService/managedClusters/{name}",
        "name": name,
        "type": "Microsoft.ContainerService/ManagedClusters",
        "location": "westeurope",
        "properties": {
            "provisioningState": "Succeeded",
            "powerState": {"code": power},
            "agentPoolProfiles": list(pools),
            "nodeResourceGroup": f"MC_gpu_{name}_westeurope",
        },
    }


def scale_set(name: str, *, group: str = "GPU", capacity: int | None = 4, **more: Any) -> dict[str, Any]:
    """Return one scale set; `more` are further properties."""
    return {
        "id": f"/{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}",
        "name": name,
        "type": "Microsoft.Compute/virtualMachineScaleSets",
        "location": "West Europe",
        "tags": {"team": "nlp"},
        "sku": {"name": "Standard_NC24ads_A100_v4", "tier": "Standard", "capacity": capacity},
        "properties": {
            "provisioningState": "Succeeded",
            "orchestrationMode": "Uniform",
            "virtualMachineProfile": {"storageProfile": {}},
            "timeCreated": "2026-11-01T12:00:00.1234567+00:00",
            **more,
        },
    }


@dataclass
class Subscription:
    """A subscription with clusters and scale sets, each list in pages; all else as `rest` answers it."""

    rest: Callable[[httpx.Request], httpx.Response]
    listed: dict[str, list[list[dict[str, Any]]]] = field(default_factory=dict)
    refused: dict[str, list[httpx.Response]] = field(default_factory=dict)
    """By list: one after the other, the last of them always."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        what = request.url.path.rpartition("/")[2]
        if what not in {CLUSTERS, SCALE_SETS}:
            return self.rest(request)
        refusals = self.refused.get(what)
        if refusals:
            return refusals.pop(0) if len(refusals) > 1 else refusals[0]
        pages = self.listed.get(what) or [[]]
        number = int(request.url.params.get("$skiptoken", "0"))
        link = f"https://management.azure.com{request.url.path}?api-version=x&$skiptoken={number + 1}"
        more = {"nextLink": link} if number + 1 < len(pages) else {}
        return httpx.Response(200, json={"value": pages[number], **more})
