"""A GKE cluster with one node pool, as far as its REST API is asked about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from finops_tui.actions.cloud.places import GCP, Place
from finops_tui.actions.cloud.rest import RestHands, Seat
from finops_tui.actions.gcp.resize import GcpResize
from finops_tui.clock import Clock
from tests.actions.cloud.rest import Served, door, hands

PROJECT, LOCATION = "ml-prod", "us-central1"
LABEL = "cloud.google.com/gke-nodepool"
PARENT = f"/v1/projects/{PROJECT}/locations/{LOCATION}"
PATH = f"{PARENT}/clusters/prod-gke/nodePools/h100"
LINK = f"https://container.googleapis.com{PATH}"
URLS = {"container": "https://container.googleapis.com", "compute": "https://compute.googleapis.com"}
POLICY = "finops-tui permissions --gcp"


@dataclass
class Gke:
    sizes: list[int] = field(default_factory=lambda: [4])
    """Machines in each zone."""
    autoscaling: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    """Further fields of the node pool."""
    status: str = "RUNNING"
    operations: list[dict[str, Any]] = field(default_factory=list)
    """What is told of operations, one after the other; done where nothing is left."""
    actions: Mapping[str, int] = field(default_factory=dict)
    """What the instance group of the first zone is doing."""
    served: Served = field(init=False)

    def __post_init__(self) -> None:
        self.served = Served(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == PATH:
            return httpx.Response(200, json=self.pool)
        if request.url.host == "compute.googleapis.com":
            zone = int(path.rpartition("-")[2])
            assert path == f"/compute/v1/projects/{PROJECT}/zones/zone-{zone}/instanceGroupManagers/gke-h100-{zone}"
            doing = self.actions if not zone else {}
            return httpx.Response(200, json={"targetSize": self.sizes[zone], "currentActions": doing})
        if path.startswith(f"{PARENT}/operations/"):
            told = self.operations.pop(0) if self.operations else {"status": "DONE"}
            return httpx.Response(200, json=told)
        body = json.loads(request.content)
        if path == f"{PATH}:setSize":
            self.sizes = [body["nodeCount"]] * len(self.sizes)
        elif path == f"{PATH}:setAutoscaling":
            self.autoscaling = body["autoscaling"]
        else:
            return httpx.Response(404, json={"error": {"message": f"no such method {path}", "status": "NOT_FOUND"}})
        return httpx.Response(200, json={"name": f"operation-{len(self.served.writes)}", "status": "RUNNING"})

    @property
    def pool(self) -> dict[str, Any]:
        groups = [
            f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/zones/zone-{each}/instanceGroupManagers/gke-h100-{each}"
            for each in range(len(self.sizes))
        ]
        return {
            "name": "h100", "selfLink": LINK, "status": self.status, "instanceGroupUrls": groups, "etag": "e1",
            "locations": [f"zone-{each}" for each in range(len(self.sizes))], "initialNodeCount": 1,
            **({"autoscaling": self.autoscaling} if self.autoscaling else {}), **self.more,
        }  # fmt: skip

    def hands(self, by: str = "ana", clock: Clock | None = None) -> RestHands:
        seat = Seat(Place(PROJECT, LOCATION, GCP), "prod-gke", door(self.served, URLS, POLICY))
        return hands(seat, [(f"gce://{PROJECT}/zone-0/gke-1", {LABEL: "h100"})], by, clock)

    def resize(self, by: str = "ana", clock: Clock | None = None) -> GcpResize:
        return GcpResize(self.hands(by, clock))


def scaled(least: int, most: int, *, total: bool = False) -> dict[str, Any]:
    names = ("totalMinNodeCount", "totalMaxNodeCount") if total else ("minNodeCount", "maxNodeCount")
    return {"enabled": True, "locationPolicy": "BALANCED", **dict(zip(names, (least, most), strict=True))}
