"""The simulation's exporter, scraped by a real Prometheus, read by the source, held against the world behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from finops_tui.clock import SimulatedClock
from finops_tui.model.gpu import GpuScope
from finops_tui.model.observations import (
    GpuReadings,
    NodesSeen,
    PricesSeen,
    ServingReadings,
    SlosSeen,
    SourceHealth,
    UsageReadings,
    WorkloadsSeen,
)
from finops_tui.simulation.exporter import serve
from tests.servers.prometheus import prometheus_scraping
from tests.servers.text_format import Samples, samples_of
from tests.sources.prometheus.collect import about, of, one_round, source

CLUSTER = "prod-us"
SEED = 7


@pytest.fixture(scope="module")
def exporter() -> Iterator[str]:
    """URL of one cluster's metrics. Its time stands still, so that what is scraped is what is compared."""
    stop, ready = threading.Event(), threading.Event()
    address: list[str] = []

    def listening(url: str) -> None:
        address.append(url)
        ready.set()

    clock = SimulatedClock(datetime.now(UTC), speed=0.001)
    thread = threading.Thread(
        target=serve, args=(SEED, clock, "127.0.0.1", 0), kwargs={"ready": listening, "stop": stop}, daemon=True
    )
    thread.start()
    assert ready.wait(30)
    yield f"{address[0]}/metrics/{CLUSTER}"
    stop.set()
    thread.join(10)


@pytest.fixture(scope="module")
def truth(exporter: str) -> Samples:
    return samples_of(exporter)


@pytest.fixture(scope="module")
def scraping(exporter: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prometheus_scraping(exporter, tmp_path_factory.mktemp("scraping"), 2.0) as url:
        yield url


async def test_nothing_is_lost_and_nothing_invented(scraping: str, truth: Samples) -> None:
    seen = await one_round(source(scraping, inventory=True, cluster=CLUSTER))
    nodes = {node.name: node for node in of(seen, NodesSeen)[-1].nodes}
    assert set(nodes) == {labels["node"] for labels, _ in truth["kube_node_info"]}
    gpus = sum(value for labels, value in truth["kube_node_status_capacity"] if labels["resource"] == "nvidia_com_gpu")
    assert sum(node.gpus for node in nodes.values()) == gpus
    assert all(node.pool != "default" and node.instance_type for node in nodes.values())

    engine = truth["DCGM_FI_PROF_GR_ENGINE_ACTIVE"]
    by_node = next(told for told in reversed(of(seen, GpuReadings)) if told.scope is GpuScope.NODE)
    assert sum(reading.gpus for reading in by_node.readings) == len(engine)
    for reading in by_node.readings:
        active = [value for labels, value in engine if labels["Hostname"] == reading.name]
        assert reading.utilization == about(sum(active) / len(active), rel=0.001)

    held = [pod for pod, _ in truth["kube_pod_info"] if pod["node"]]
    workloads = of(seen, WorkloadsSeen)[-1].workloads
    assert sum(workload.pods for workload in workloads) == len(held)
    asked = sum(
        value
        for labels, value in truth["kube_pod_container_resource_requests"]
        if labels["resource"] == "nvidia_com_gpu" and labels["node"]
    )
    assert sum(workload.gpus for workload in workloads) == about(asked)
    assert "Deployment" in {workload.kind for workload in workloads}
    assert "ReplicaSet" not in {workload.kind for workload in workloads}

    by_workload = next(told for told in reversed(of(seen, GpuReadings)) if told.scope is GpuScope.WORKLOAD)
    named = {f"{workload.namespace}/{workload.kind}/{workload.name}" for workload in workloads}
    assert {reading.name for reading in by_workload.readings} <= named
    assert sum(reading.gpus for reading in by_workload.readings) == len(
        [labels for labels, _ in engine if labels.get("exported_pod")]
    )

    usage = {reading.namespace: reading for reading in of(seen, UsageReadings)[-1].readings}
    capacity = {labels["persistentvolume"]: value for labels, value in truth["kube_persistentvolume_capacity_bytes"]}
    claimed = [
        (claim["namespace"], capacity[claim["volumename"]]) for claim, _ in truth["kube_persistentvolumeclaim_info"]
    ]
    assert sum(reading.volume_bytes or 0.0 for reading in usage.values()) == sum(held for _, held in claimed)
    assert all(reading.volume_usd_per_hour and reading.unmetered_bytes is None for reading in usage.values())

    prices = {price.node: price.usd_per_hour for price in of(seen, PricesSeen)[-1].prices}
    assert prices == {labels["node"]: about(value) for labels, value in truth["node_total_hourly_cost"]}
    assert {reading.server for reading in of(seen, ServingReadings)[-1].readings} >= {"vLLM"}
    assert {slo.origin for slo in of(seen, SlosSeen)[-1].slos} == {"Sloth"}
    assert not of(seen, SourceHealth)[-1].missing
