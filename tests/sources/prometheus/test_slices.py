"""GPUs that are cut into slices (MIG): who holds a slice is idle by slices, not by devices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from finops_tui.model.gpu import GpuReading, GpuScope
from finops_tui.model.observations import GpuReadings
from tests.servers.prometheus import prometheus_with
from tests.servers.victoriametrics import victoriametrics_with
from tests.sources.prometheus.collect import about, of, one_round, source
from tests.sources.prometheus.samples import Samples
from tests.sources.prometheus.world import HOUR, gpu, held_by

ENGINE = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
# Device, namespace, pod, profile, instance, how active. GPUs 2 and 3 are whole. Before them comes GPU 0, in seven
# slices of one owner, one of which works.
OTHERS = (
    (1, "train", "big-0", "4g.20gb", 1, 1.0),
    (1, "train", "lazy-0", "3g.20gb", 2, 0.0),
    (2, "train", "whole-0", "", 0, 0.0),
    (3, "train", "whole-0", "", 0, 0.5),
    (4, "train", "both-0", "3g.20gb", 1, 0.0),
    (4, "train", "both-0", "1g.5gb+me", 2, 0.8),
)


@pytest.fixture(scope="module", params=[True, False], ids=["sized", "unsized"])
def sized(request: pytest.FixtureRequest) -> bool:
    """Whether slices say how large they are."""
    return bool(request.param)


@pytest.fixture(scope="module", params=["prometheus", "victoriametrics"])
def sliced(request: pytest.FixtureRequest, sized: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    samples = Samples.around_now(HOUR)
    small = [(0, "nb", f"small-{index}", "1g.5gb", 7 + index, 0.0 if index else 0.7) for index in range(7)]
    for index, namespace, pod, profile, number, active in (*small, *OTHERS):
        told = {"GPU_I_ID": str(number)} if number else {}
        if profile and sized:
            told["GPU_I_PROFILE"] = profile
        for metric, value in ((ENGINE, active), ("DCGM_FI_DEV_POWER_USAGE", 100.0)):
            samples.add(metric, gpu("n-1", index, **told, **held_by(namespace, pod)), value)
        controller = {"owner_kind": "StatefulSet", "owner_name": pod.rpartition("-")[0], "owner_is_controller": "true"}
        samples.add("kube_pod_owner", {"namespace": namespace, "pod": pod, **controller}, 1)
    start = {"prometheus": prometheus_with, "victoriametrics": victoriametrics_with}[request.param]
    with start(samples.text(), tmp_path_factory.mktemp("sliced")) as url:
        yield url


async def _readings(url: str, scope: GpuScope, **more: Any) -> dict[str, GpuReading]:
    (told,) = (one for one in of(await one_round(source(url, **more)), GpuReadings) if one.scope is scope)
    return {reading.name.rpartition("/")[2]: reading for reading in told.readings}


async def test_a_workload_is_idle_by_its_slices(sliced: str) -> None:
    small = (await _readings(sliced, GpuScope.WORKLOAD))["small"]
    assert (small.gpus, small.active, small.utilization) == (1, about(1 / 7), about(0.1))


async def test_large_slices_weigh_more_where_they_say_how_large_they_are(sliced: str, sized: bool) -> None:
    both = (await _readings(sliced, GpuScope.WORKLOAD))["both"]
    share = 1 / 4 if sized else 1 / 2
    assert (both.gpus, both.active, both.utilization) == (1, about(share), about(0.8 * share))


async def test_whole_gpus_count_as_ever(sliced: str) -> None:
    workloads = await _readings(sliced, GpuScope.WORKLOAD)
    whole, big, lazy = (workloads[name] for name in ("whole", "big", "lazy"))
    assert (whole.gpus, whole.active, whole.utilization) == (2, 1, about(0.25))
    assert (big.active, big.utilization, lazy.active, lazy.utilization) == (1, 1.0, 0, 0.0)


async def test_a_node_weighs_each_gpu_alike_and_its_slices_by_size(sliced: str, sized: bool) -> None:
    node = (await _readings(sliced, GpuScope.NODE))["n-1"]
    parts = (4 / 7, 1 / 4) if sized else (1 / 2, 1 / 2)
    assert node.gpus == 5
    assert node.active == about(1 / 7 + parts[0] + 0 + 1 + parts[1])
    assert node.utilization == about((0.1 + parts[0] + 0 + 0.5 + 0.8 * parts[1]) / 5)
    assert node.power_watts == about(500), "power is the whole GPU's"


async def test_a_query_of_the_config_is_not_replaced_by_ours(sliced: str) -> None:
    own = {"workload.utilization": "max by (namespace, owner_kind, owner_name) (($utilization * 0 + 0.33) * on "
           "(namespace, pod) group_left (owner_kind, owner_name) ($owners))"}  # fmt: skip
    assert (await _readings(sliced, GpuScope.WORKLOAD, queries=own))["both"].utilization == about(0.33)
