"""A cloud's REST API as tests see it: it answers as a test tells it to, and what it was asked is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from finops_tui.actions.cloud.rest import Door, RestHands, Seat
from finops_tui.actions.kube_client import KubeClient
from finops_tui.clock import Clock
from finops_tui.model.inventory import Node
from tests.actions.make import CLUSTER, Watch

TOKEN = "ya29.open-sesame"
Handler = Callable[[httpx.Request], httpx.Response]


@dataclass
class Served:
    """Answers every request by its handler, unless a fault stands in the way."""

    handler: Handler
    requests: list[httpx.Request] = field(default_factory=list)
    faults: dict[str, Handler] = field(default_factory=dict)
    """By method: what comes instead of an answer."""
    skip: dict[str, int] = field(default_factory=dict)
    """How many requests of a method go well before its fault."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        fault = self.faults.get(request.method)
        if fault is not None:
            left = self.skip.get(request.method, 0)
            if not left:
                return fault(request)
            self.skip[request.method] = left - 1
        return self.handler(request)

    def connect(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self))

    @property
    def writes(self) -> list[tuple[str, Any]]:
        """The last part of each path that something was sent to, with what was sent."""
        return [
            (request.url.path.rpartition("/")[2], json.loads(request.content))
            for request in self.requests
            if request.method != "GET"
        ]


def refused(status: int, body: Any = None, **headers: str) -> Handler:
    told = {name.replace("_", "-"): each for name, each in headers.items()}
    return lambda _: httpx.Response(status, json=body if body is not None else {}, headers=told)


def breaking(kind: type[httpx.RequestError]) -> Handler:
    def break_(request: httpx.Request) -> httpx.Response:
        raise kind("the line is dead", request=request)

    return break_


class Nodes:
    """A cluster that knows its nodes and nothing else."""

    def __init__(self, nodes: list[tuple[str, Mapping[str, str]]]) -> None:
        self.nodes = nodes

    async def send(
        self, method: str, path: str, body: object = None, *, query: Mapping[str, str] | None = None, accept: str = ""
    ) -> tuple[int, Any]:
        assert (method, path) == ("GET", "/api/v1/nodes"), (method, path, body, query, accept)
        items = [{"spec": {"providerID": machine}, "metadata": {"labels": labels}} for machine, labels in self.nodes]
        return 200, {"items": items, "metadata": {}}


async def token() -> str:
    return TOKEN


def door(served: Served, urls: Mapping[str, str], policy: str, **more: Any) -> Door:
    return Door(**{"token": token, "urls": urls, "policy": policy, "connect": served.connect, **more})


def hands(
    seat: Seat, nodes: list[tuple[str, Mapping[str, str]]], by: str = "ana", clock: Clock | None = None
) -> RestHands:
    numbers = count(1)
    return RestHands(
        seats={CLUSTER: seat},
        kube=lambda cluster: KubeClient(cluster, Nodes(nodes)),
        by=by,
        new_id=lambda: f"plan-{by}-{next(numbers)}",
        clock=clock or Watch(),
    )


def labelled(name: str, pool: str, label: str) -> Node:
    return Node(cluster=CLUSTER, name=name, uid=f"uid-{name}", pool=pool, gpus=8, labels={label: pool})
