"""What exporters say when they do not know: DCGM's blank values, infinities, NaN. Such a device has no figure."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from finops_tui.model.gpu import GpuReading, GpuScope
from finops_tui.model.observations import GpuErrorsSeen, GpuReadings, Observation
from tests.servers.prometheus import prometheus_with
from tests.sources.prometheus.collect import about, of, one_round, source
from tests.sources.prometheus.samples import Samples, Value
from tests.sources.prometheus.world import HOUR, gpu

BLANK, BLANK_32, BLANK_64 = 140737488355328, 2147483632, 9223372036854775792
ENGINE, FALLBACK = "DCGM_FI_PROF_GR_ENGINE_ACTIVE", "DCGM_FI_DEV_GPU_UTIL_RATIO"
FIRST_GPU: dict[str, Value] = {
    "blank": BLANK,
    "infinite": math.inf,
    "negative": -math.inf,
    "nan": math.nan,
}


@pytest.fixture(scope="module")
def absurd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    samples = Samples.around_now(HOUR)
    for node, first in FIRST_GPU.items():
        for index in range(8):
            samples.add(ENGINE, gpu(node, index), 0.5 if index else first)
    idle = [gpu("idle", index) for index in range(8)]
    for index, labels in enumerate(idle):
        samples.add(ENGINE, labels, 0.0 if index else BLANK)
    # Once two minutes ago, else busy; nobody knows more exactly when "now" is asked for than to the minute.
    middle = samples.start + HOUR
    samples.add(ENGINE, gpu("once", 0), lambda at: BLANK if at == middle - 120 else 0.9)
    for index in range(2):
        more = gpu("more", index)
        samples.add(FALLBACK, more, 0.25 if index else BLANK)
        samples.add("DCGM_FI_DEV_POWER_USAGE", more, 300 if index else BLANK)
        samples.add("DCGM_FI_DEV_XID_ERRORS", more, lambda at: BLANK_32 if at > middle - 600 else 0)
        samples.add("DCGM_FI_DEV_FB_USED", more, 10 if index else BLANK_32)
        samples.add("DCGM_FI_DEV_FB_FREE", more, 30)
    for node, used, total in (("zero", 0, 0), ("none", 10 * 1024**3, BLANK_64)):
        for index in range(2):
            labels = {"hostname": node, "UUID": f"GPU-{node}-{index}", "modelName": "B200"}
            samples.add("DCGM_FI_DEV_FB_USED_BYTES", labels, used if not index else 10 * 1024**3)
            samples.add("DCGM_FI_DEV_FB_CAPACITY_BYTES", labels, total if not index else 40 * 1024**3)
            samples.add(ENGINE, labels, 0.5)
    with prometheus_with(samples.text(), tmp_path_factory.mktemp("absurd")) as url:
        yield url


def by_node(seen: list[Observation]) -> dict[str, GpuReading]:
    (told,) = (one for one in of(seen, GpuReadings) if one.scope is GpuScope.NODE)
    return {reading.name: reading for reading in told.readings}


@pytest.mark.parametrize("node", FIRST_GPU)
async def test_one_device_without_a_figure_leaves_the_others_theirs(absurd: str, node: str) -> None:
    reading = by_node(await one_round(source(absurd)))[node]
    assert (reading.gpus, reading.active, reading.utilization) == (7, 7, about(0.5))


async def test_idle_gpus_beside_a_blank_one_are_idle(absurd: str) -> None:
    reading = by_node(await one_round(source(absurd)))["idle"]
    assert (reading.gpus, reading.active, reading.utilization) == (7, 0, 0.0)


async def test_a_blank_value_of_before_does_not_hide_that_a_device_works(absurd: str) -> None:
    reading = by_node(await one_round(source(absurd)))["once"]
    assert (reading.gpus, reading.active, reading.utilization) == (1, 1, about(0.9))


async def test_a_blank_value_is_no_sign_of_a_percentage(absurd: str) -> None:
    assert by_node(await one_round(source(absurd)))["more"].utilization == about(0.25)


async def test_watts_memory_and_xids_are_bounded_too(absurd: str) -> None:
    seen = await one_round(source(absurd))
    nodes = by_node(seen)
    assert (nodes["more"].power_watts, nodes["more"].memory_used) == (about(300), about(0.25))
    assert nodes["zero"].memory_used == nodes["none"].memory_used == about(0.25)
    assert not of(seen, GpuErrorsSeen)
