"""Exporters with and without `honorLabels` in one store: `pod` is the workload's here, the exporter's there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from finops_tui.model.gpu import GpuReading, GpuScope
from finops_tui.model.observations import GpuReadings
from tests.servers.prometheus import prometheus_with
from tests.servers.victoriametrics import victoriametrics_with
from tests.sources.prometheus.collect import about, of, one_round, source
from tests.sources.prometheus.samples import Samples
from tests.sources.prometheus.world import HOUR, held_by

ENGINE = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"


@pytest.fixture(scope="module", params=["prometheus", "victoriametrics"])
def mixed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    samples = Samples.around_now(HOUR)
    exporter = {"pod": "dcgm-exporter-x", "namespace": "gpu-operator"}
    for index in range(4):
        _gpu(samples, "a1", index, {"pod": "left-0", "namespace": "w"}, 0.9)
        _gpu(samples, "b1", index, {**exporter, **(held_by("w", "right-0") if index else {})}, 0.6)
    for namespace, pod, kind, gpus in (
        ("w", "left-0", "StatefulSet", 4),
        ("w", "right-0", "StatefulSet", 3),
        ("gpu-operator", "dcgm-exporter-x", "DaemonSet", 0),
    ):
        identity = {"namespace": namespace, "pod": pod}
        owner = {"owner_kind": kind, "owner_name": pod.rpartition("-")[0], "owner_is_controller": "true"}
        samples.add("kube_pod_owner", {**identity, **owner}, 1)
        resource = "nvidia_com_gpu" if gpus else "cpu"
        samples.add("kube_pod_container_resource_requests", {**identity, "resource": resource, "node": "n"}, gpus or 1)
    start = {"prometheus": prometheus_with, "victoriametrics": victoriametrics_with}[request.param]
    with start(samples.text(), tmp_path_factory.mktemp("mixed")) as url:
        yield url


def _gpu(samples: Samples, node: str, index: int, more: Mapping[str, str], active: float) -> None:
    labels = {"Hostname": node, "UUID": f"GPU-{node}-{index}", "modelName": "NVIDIA A100", **more}
    samples.add(ENGINE, labels, active)


async def _workloads(url: str, **more: Any) -> dict[str, GpuReading]:
    seen = of(await one_round(source(url, **more)), GpuReadings)
    return {reading.name: reading for told in seen if told.scope is GpuScope.WORKLOAD for reading in told.readings}


async def test_both_halves_have_their_figures(mixed: str) -> None:
    workloads = await _workloads(mixed)
    left, right = workloads["w/StatefulSet/left"], workloads["w/StatefulSet/right"]
    assert (left.gpus, left.active, left.utilization) == (4, 4, about(0.9))
    assert (right.gpus, right.active, right.utilization) == (3, 3, about(0.6))


async def test_labels_of_the_config_are_taken_at_their_word(mixed: str) -> None:
    told = {"pod": "exported_pod", "namespace": "exported_namespace"}
    assert set(await _workloads(mixed, labels=told)) == {"w/StatefulSet/right"}
