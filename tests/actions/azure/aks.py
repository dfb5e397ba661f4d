"""An AKS cluster with one agent pool, as far as Azure Resource Manager is asked about it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from finops_tui.actions.azure.resize import AzureResize
from finops_tui.actions.cloud.places import AZURE, Place
from finops_tui.actions.cloud.rest import RestHands, Seat
from tests.actions.cloud.rest import Served, door, hands

SUBSCRIPTION = "00000000-1111-2222-3333-444444444444"
LABEL = "kubernetes.azure.com/agentpool"
HOST = "https://management.azure.com"
PATH = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ml-rg/providers/Microsoft.ContainerService"
    "/managedClusters/prod-aks/agentPools/h100"
)
OPERATION = f"{HOST}/subscriptions/{SUBSCRIPTION}/providers/Microsoft.ContainerService/locations/eastus/operations/op-1"
MACHINE = (
    f"azure:///subscriptions/{SUBSCRIPTION}/resourceGroups/mc_ml/providers/Microsoft.Compute"
    "/virtualMachineScaleSets/aks-h100-1-vmss/virtualMachines/0"
)


@dataclass
class Aks:
    count: int = 4
    bounds: tuple[int, int] | None = None
    more: dict[str, Any] = field(default_factory=dict)
    """Further properties of the pool."""
    version: int = 1
    """Of the pool: its etag."""
    state: str = "Succeeded"
    operation: dict[str, Any] = field(default_factory=lambda: {"status": "InProgress"})
    operation_url: str = OPERATION
    properties: dict[str, Any] = field(init=False)
    served: Served = field(init=False)

    def __post_init__(self) -> None:
        scaled = self.bounds is not None
        self.properties = {
            "count": self.count, "vmSize": "Standard_ND96isr_H100_v5", "mode": "User", "osType": "Linux",
            "type": "VirtualMachineScaleSets", "orchestratorVersion": "1.33", "currentOrchestratorVersion": "1.33.2",
            "nodeImageVersion": "AKSUbuntu-2204", "powerState": {"code": "Running"}, "scaleDownMode": "Delete",
            "enableAutoScaling": scaled, "nodeTaints": ["sku=gpu:NoSchedule"], "tags": {"team": "nlp"},
            **(dict(zip(("minCount", "maxCount"), self.bounds, strict=True)) if self.bounds else {}), **self.more,
        }  # fmt: skip
        self.served = Served(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == httpx.URL(self.operation_url).path:
            return httpx.Response(200, json=self.operation)
        assert (request.url.path, request.url.query) == (PATH, b"api-version=2025-10-01")
        if request.method == "PUT":
            if request.headers["If-Match"] != self.etag:
                return httpx.Response(412, json={"code": "PreconditionFailed", "message": "the etag is another"})
            sent = json.loads(request.content)["properties"]
            read_only = ("currentOrchestratorVersion", "nodeImageVersion")
            self.properties = {**sent, **{name: self.properties[name] for name in read_only}}
            self.version += 1
            return httpx.Response(201, json=self.told, headers={"Azure-AsyncOperation": self.operation_url})
        return httpx.Response(200, json=self.told)

    @property
    def etag(self) -> str:
        return f"etag-{self.version}"

    @property
    def told(self) -> dict[str, Any]:
        properties = {**self.properties, "provisioningState": self.state, "eTag": self.etag}
        return {"id": PATH, "name": "h100", "properties": properties}

    @property
    def sizes(self) -> tuple[Any, ...]:
        return tuple(self.properties.get(name) for name in ("minCount", "maxCount", "count"))

    @property
    def tags(self) -> dict[str, str]:
        return dict(self.properties["tags"])

    def hands(self, by: str = "ana") -> RestHands:
        urls = {"management": HOST}
        way = door(self.served, urls, "finops-tui permissions --azure")
        seat = Seat(Place(SUBSCRIPTION, "ml-rg", AZURE), "prod-aks", way)
        return hands(seat, [(MACHINE, {LABEL: "h100"})], by)

    def resize(self, by: str = "ana") -> AzureResize:
        return AzureResize(self.hands(by))
