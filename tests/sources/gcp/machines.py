"""Answers of GKE and Compute Engine in the shapes that their references give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.sources.gcp.answers import Answer

PROJECT = "ml-prod"
API = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}"
ZONES = ("us-central1-a", "us-central1-c")


def link(zone: str, name: str) -> str:
    return f"{API}/zones/{zone}/instanceGroupManagers/{name}"


def cluster(*pools: dict[str, Any], name: str = "train", location: str = "us-central1", **more: Any) -> dict[str, Any]:
    return {"name": name, "location": location, "locations": list(ZONES), "nodePools": list(pools), **more}


def pool(name: str, *zones: str, behind: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """Return one node pool of H100 machines, with an instance group in each of its zones."""
    return {
        "name": name,
        "status": "RUNNING",
        "locations": list(zones or ZONES),
        "initialNodeCount": 1,
        "instanceGroupUrls": list(behind),
        "config": {
            "machineType": "a3-highgpu-8g",
            "accelerators": [{"acceleratorCount": "8", "acceleratorType": "nvidia-h100-80gb"}],
        },
        **more,
    }


def manager(name: str, zone: str = ZONES[0], *, size: int = 3, running: int = 2, **more: Any) -> dict[str, Any]:
    """Return one managed instance group, which starts the machines that are not there yet."""
    return {
        "name": name,
        "selfLink": link(zone, name),
        "targetSize": size,
        "currentActions": {
            "none": running, "creating": max(0, size - running), "deleting": 1, "verifying": 0, "abandoning": 0,
        },
        "instanceTemplate": f"{API}/global/instanceTemplates/{name}-v1",
        "versions": [{"instanceTemplate": f"{API}/global/instanceTemplates/{name}-v1", "name": "0-1"}],
        "status": {"isStable": size == running},
        "creationTimestamp": "2026-11-01T05:00:00.000-07:00",
        **more,
    }  # fmt: skip


def autoscaler(name: str, zone: str = ZONES[0], *, mode: str = "ON") -> dict[str, Any]:
    return {"target": link(zone, name), "autoscalingPolicy": {"minNumReplicas": 1, "maxNumReplicas": 8, "mode": mode}}


def template(name: str, machine_type: str = "g2-standard-8", **more: Any) -> dict[str, Any]:
    properties = {"machineType": machine_type, "scheduling": {"preemptible": False}, **more}
    return {"selfLink": f"{API}/global/instanceTemplates/{name}", "properties": properties}


@dataclass
class Machines:
    """A project with clusters and instance groups; all else as `rest` answers it."""

    rest: Answer
    clusters: list[dict[str, Any]] = field(default_factory=list)
    missing_zones: list[str] = field(default_factory=list)
    listed: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Pages of each aggregated list, every page by zone."""
    unreachable: list[str] = field(default_factory=list)
    refused: dict[str, list[httpx.Response]] = field(default_factory=dict)
    """By what an address ends in: one after the other, the last of them always."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        host, what = request.url.host, request.url.path.rpartition("/")[2]
        if not host.startswith(("compute", "container")):
            return self.rest(request)
        refusals = self.refused.get(what)
        if refusals:
            return refusals.pop(0) if len(refusals) > 1 else refusals[0]
        if what == "clusters":
            told = {"clusters": self.clusters, "missingZones": self.missing_zones}
            return httpx.Response(200, json={name: value for name, value in told.items() if value})
        pages = self.listed.get(what) or [{}]
        number = int(request.url.params.get("pageToken", "0"))
        items = {place: {what: found} for place, found in pages[number].items()}
        items["zones/europe-west4-a"] = {"warning": {"code": "NO_RESULTS_ON_PAGE"}}
        more = {"nextPageToken": str(number + 1)} if number + 1 < len(pages) else {}
        gone = {"unreachables": self.unreachable} if self.unreachable else {}
        return httpx.Response(200, json={"kind": "compute#list", "items": items, **more, **gone})
