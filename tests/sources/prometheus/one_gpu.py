"""A server with one GPU and nothing else, and what a source tells of its health there."""

from __future__ import annotations

from finops_tui.model.observations import Observation, SourceHealth
from tests.servers.scripted import Reply, Request, vector
from tests.sources.prometheus.collect import of

ENGINE = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
NODE = {"Hostname": "n-1", "modelName": "A100"}
CHEAPEST = "1"


def gpu_server(request: Request) -> Reply:
    """Answer as it would."""
    if request.query == CHEAPEST:
        return vector(({}, 1))
    if request.query.startswith("group by (__name__)"):
        return vector(({"__name__": ENGINE}, 1)) if ENGINE in request.query else vector()
    if request.query.startswith(("avg", "count")) and "namespace" not in request.query:
        return vector((NODE, 1 if request.query.startswith("count") else 0.5))
    return vector()


def health(seen: list[Observation]) -> list[SourceHealth]:
    return of(seen, SourceHealth)
