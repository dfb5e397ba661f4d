"""What a source says before it has answered, and where it can tell of no nodes."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from finops_tui.clock import SimulatedClock
from finops_tui.model.health import HealthState
from finops_tui.model.observations import Observation, SourceHealth
from tests.servers.scripted import Reply, Request, scripted, vector
from tests.sources.prometheus.collect import of, one_round, source, until

ENGINE = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
SENTENCE = (
    "not there: kube_node_info, kube_node_status_capacity, kube_pod_info, kube_pod_status_phase, "
    "kube_pod_container_resource_requests; no nodes and no dollars, no workloads; "
    "install kube-state-metrics and let Prometheus scrape it"
)


def only_gpus(request: Request) -> Reply:
    if request.query.startswith("group by (__name__)"):
        return vector(({"__name__": ENGINE}, 1)) if ENGINE in request.query else vector()
    if request.query.startswith(("avg", "count")) and "namespace" not in request.query:
        return vector(({"Hostname": "n-1", "modelName": "A100"}, 1))
    return vector()


def reasons(seen: list[Observation]) -> list[str]:
    return [told.reason for told in of(seen, SourceHealth)]


async def test_what_the_first_answer_waits_for_is_said() -> None:
    with scripted(lambda _: Reply(delay_seconds=30)) as server:
        clock = SimulatedClock(datetime.now(UTC), speed=10)
        watched = source(server.url, clock=clock, timeout_seconds=1.2)
        seen = await until(watched, lambda seen: "no answer" in reasons(seen)[-1])
    last = of(seen, SourceHealth)[-1]
    assert reasons(seen)[0] == ""
    assert reasons(seen)[1] == "waits for an answer, for 5s"
    assert last.state is HealthState.CONNECTING
    assert last.reason.startswith("no answer within 1.2s; waits for an answer, for 1")
    assert "`timeout_seconds`" in last.hint


async def test_credentials_that_do_not_come_are_what_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finops_tui.sources.prometheus.client.open_access", lambda _: time.sleep(1))
    clock = SimulatedClock(datetime.now(UTC), speed=20)
    seen = await until(source("http://127.0.0.1:1", clock=clock), lambda seen: bool(reasons(seen)[-1]))
    assert reasons(seen)[-1] == "waits for its credentials, for 5s"


async def test_gpus_without_kube_state_metrics_say_what_is_missing() -> None:
    with scripted(only_gpus) as server:
        seen = await one_round(source(server.url, inventory=True))
    last = of(seen, SourceHealth)[-1]
    assert last.state is HealthState.PARTIAL
    assert last.missing == (f"kube-state-metrics: {SENTENCE}",)
    assert last.without_nodes == f"kube-state-metrics {SENTENCE}"


async def test_where_kubernetes_tells_nothing_is_missing() -> None:
    with scripted(only_gpus) as server:
        seen = await one_round(source(server.url))
    last = of(seen, SourceHealth)[-1]
    assert (last.missing, last.without_nodes) == ((), "")
