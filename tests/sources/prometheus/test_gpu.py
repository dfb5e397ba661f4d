from __future__ import annotations

import pytest

from finops_tui.model.gpu import GpuMethod, GpuReading, GpuScope
from finops_tui.model.observations import GpuErrorsSeen, GpuReadings, Observation, SourceHealth
from tests.sources.prometheus.collect import about, of, one_round, source, until


def readings(seen: list[Observation], scope: GpuScope) -> dict[str, GpuReading]:
    told = [observation for observation in of(seen, GpuReadings) if observation.scope is scope]
    assert len(told) == 1
    return {reading.name: reading for reading in told[0].readings}


async def test_nodes_of_every_kind_of_exporter(server: str) -> None:
    nodes = readings(await one_round(source(server)), GpuScope.NODE)
    assert set(nodes) == {"a-1", "a-2", "a-3", "a-4", "a-5", "b-1", "m-1"}
    assert nodes["a-1"] == GpuReading(
        name="a-1",
        gpus=2,
        active=2,
        utilization=about(0.6),
        memory_used=about(0.75),
        power_watts=about(500),
        method=GpuMethod.ENGINE_ACTIVE,
    )


async def test_a_device_without_profiling_falls_back_and_says_so(server: str) -> None:
    node = readings(await one_round(source(server)), GpuScope.NODE)["a-2"]
    assert node.utilization == about(0.9)
    assert node.method is GpuMethod.KERNEL_RUNNING
    assert node.power_watts is None


async def test_slices_of_one_gpu_are_one_device_of_their_mean_use(server: str) -> None:
    node = readings(await one_round(source(server)), GpuScope.NODE)["a-3"]
    assert (node.gpus, node.active, node.utilization) == (1, 1, about(0.4))


async def test_copies_of_a_shared_gpu_count_once_and_nan_is_no_figure(server: str) -> None:
    node = readings(await one_round(source(server)), GpuScope.NODE)["a-4"]
    assert (node.gpus, node.active, node.utilization) == (1, 1, about(0.5))


async def test_names_and_units_of_newer_exporters(server: str) -> None:
    node = readings(await one_round(source(server)), GpuScope.NODE)["b-1"]
    assert (node.gpus, node.active) == (1, 0)
    assert node.utilization == about(0.03)
    assert node.memory_used == about(0.25)
    assert node.power_watts == about(120)
    assert node.method is GpuMethod.ENGINE_ACTIVE


async def test_amd(server: str) -> None:
    seen = await one_round(source(server))
    node = readings(seen, GpuScope.NODE)["m-1"]
    assert (node.gpus, node.active) == (2, 2)
    assert node.utilization == about(0.75)
    assert node.memory_used == about(0.5)
    assert node.power_watts == about(800)
    assert "MI300X" in readings(seen, GpuScope.MODEL)


async def test_models_weigh_their_nodes_by_devices(server: str) -> None:
    model = readings(await one_round(source(server)), GpuScope.MODEL)["NVIDIA A100-SXM4-80GB"]
    assert model.gpus >= 5
    assert model.method is GpuMethod.KERNEL_RUNNING, "one of its devices reports only the fallback"


async def test_a_pod_younger_than_the_window_is_not_idle_yet(server: str) -> None:
    """It has had no time to work: its job has just been started again."""
    again = readings(await one_round(source(server)), GpuScope.WORKLOAD)["train/StatefulSet/again"]
    assert (again.gpus, again.active, again.utilization) == (1, 1, 0.0)


async def test_workloads_are_the_topmost_owners(server: str) -> None:
    workloads = readings(await one_round(source(server)), GpuScope.WORKLOAD)
    assert set(workloads) == {
        "search/Deployment/rerank", "train/CronJob/retrain", "lab/StatefulSet/notebook", "lab/Pod/scratch",
        "train/StatefulSet/again",
    }  # fmt: skip
    rerank = workloads["search/Deployment/rerank"]
    assert (rerank.gpus, rerank.active) == (2, 2)
    assert rerank.utilization == about(0.6)
    assert rerank.memory_used == about(0.75)
    assert rerank.power_watts == about(500)
    assert workloads["train/CronJob/retrain"].method is GpuMethod.KERNEL_RUNNING
    assert workloads["lab/StatefulSet/notebook"].utilization == about(0.6)


async def test_xids_of_the_last_hour_once_and_old_ones_never(server: str) -> None:
    seen = await until(source(server, interval_seconds=1), lambda seen: len(of(seen, SourceHealth)) >= 4)
    errors = [
        (error.node, error.device, error.xid, error.message)
        for told in of(seen, GpuErrorsSeen)
        for error in told.errors
    ]
    assert errors == [("a-2", "0", 79, "fallen off the bus")]
    told = of(seen, GpuErrorsSeen)[0]
    health = of(seen, SourceHealth)[0]
    assert (health.at - told.at).total_seconds() == pytest.approx(1200, abs=300)


async def test_a_query_of_the_config_replaces_the_catalogues(server: str) -> None:
    own = {"gpu.utilization": "0.5 * max by ($host, $model) ($utilization)"}
    nodes = readings(await one_round(source(server, queries=own)), GpuScope.NODE)
    assert nodes["a-1"].utilization == about(0.4)


async def test_matchers_narrow_every_selector(server: str) -> None:
    seen = await one_round(source(server, matchers={"replica": "prom-0"}))
    assert set(readings(seen, GpuScope.NODE)) == {"a-1"}


async def test_matchers_that_fit_nothing_are_told(server: str) -> None:
    health = of(
        await until(source(server, matchers={"cluster": "else"}), lambda s: len(of(s, SourceHealth)) >= 2), SourceHealth
    )
    assert health[-1].missing == ("gpu.utilization: the server holds no metric for it",)
