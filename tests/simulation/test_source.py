from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from finops_tui.clock import SimulatedClock, VirtualTimeLoop
from finops_tui.model.fleet import Fleet
from finops_tui.model.gpu import GpuScope
from finops_tui.model.inventory import Node, Workload
from finops_tui.model.observations import (
    HistorySeen,
    NodesSeen,
    Observation,
    ServingReadings,
    SliReadings,
    SourceHealth,
    WorkloadsSeen,
)
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.simulation.happenings import told as told_before
from finops_tui.simulation.readings import node_of, workload_of
from finops_tui.simulation.source import SimulatedCloud
from finops_tui.simulation.world import World

START = datetime(2026, 11, 24, 15, 0, 7, tzinfo=UTC)


def told(
    seed: int,
    seconds: float,
    *,
    speed: float = 60.0,
    interval: float | None = None,
    dawdle: float = 0.0,
    scenario: str | None = None,
) -> tuple[list[Observation], SimulatedCloud]:
    """Return all that is said within so many simulated seconds; a slow reader dawdles (simulated seconds) each time."""

    async def collect() -> tuple[list[Observation], SimulatedCloud]:
        clock = SimulatedClock(START, speed, asyncio.get_running_loop().time)
        cloud = SimulatedCloud(seed, clock, interval, scenario)
        heard: list[Observation] = []
        end = START.replace(second=0) + timedelta(seconds=seconds)
        async for observation in cloud.observe():
            if isinstance(observation, SourceHealth) and observation.at >= end:
                break
            heard.append(observation)
            if dawdle and isinstance(observation, SliReadings):
                await clock.sleep(dawdle)
        return heard, cloud

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(collect())


def test_the_same_seed_tells_the_same_story_byte_for_byte() -> None:
    assert repr(told(7, 3600)[0]) == repr(told(7, 3600)[0])


def test_another_seed_tells_another() -> None:
    assert repr(told(7, 600)[0]) != repr(told(8, 600)[0])


def test_the_story_does_not_depend_on_the_pace_of_the_reader_or_the_clock() -> None:
    swift = told(7, 1800, speed=60, interval=120)[0]
    slow = told(7, 1800, speed=60, interval=120, dawdle=400)[0]
    other = told(7, 1800, speed=5, interval=120)[0]
    assert repr(swift) == repr(slow) == repr(other)


@pytest.mark.parametrize("slow", [0.0, 0.3, 1.1])
def test_what_happened_before_the_start_does_not_depend_on_how_long_starting_takes(slow: float) -> None:
    """At 60 times real time a program that is half a second late would begin half a minute late."""
    real = 0.0
    clock = SimulatedClock(START, 60.0, lambda: real)
    real = slow
    world = SimulatedCloud(7, clock).world
    assert (world.start, world.now) == (START.replace(second=0).timestamp(),) * 2
    expected = World(7, int(START.timestamp()))
    assert repr(told_before(world)) == repr(told_before(expected))


def test_folding_all_changes_gives_the_state_of_the_world() -> None:
    heard, cloud = told(11, 4 * 3600)
    fleet = Fleet()
    for observation in heard:
        fleet.fold(observation)
    nodes: dict[str, dict[str, Node]] = {}
    for machine in cloud.world.machines():
        nodes.setdefault(machine.pool.cluster.name, {})[machine.name] = node_of(machine)
    works: dict[str, dict[str, Workload]] = {}
    for work in cloud.world.works.values():
        works.setdefault(work.cluster, {})[work.key] = workload_of(work)
    # The report in which the collector stopped had been folded up to its health, which comes last.
    assert {name: cluster.nodes for name, cluster in fleet.clusters.items()} == nodes
    assert {name: cluster.workloads for name, cluster in fleet.clusters.items()} == works


def test_only_what_changed_is_told_again() -> None:
    heard, _ = told(7, 1800)
    again = [o for o in heard if isinstance(o, NodesSeen | WorkloadsSeen) and not o.complete]
    assert again
    assert all(len(o.nodes if isinstance(o, NodesSeen) else o.workloads) < 20 for o in again)


def test_what_is_allocated_fits_on_the_nodes_and_pods_stand_on_nodes_that_are_there() -> None:
    fleet = Fleet()
    for observation in told(5, 6 * 3600)[0]:
        fleet.fold(observation)
    for cluster in fleet.clusters.values():
        held: dict[str, float] = {}
        for workload in cluster.workloads.values():
            for placement in workload.placements:
                held[placement.node] = held.get(placement.node, 0.0) + placement.gpus
        assert held.keys() <= cluster.nodes.keys()
        assert all(gpus <= cluster.nodes[name].gpus for name, gpus in held.items())


def test_readings_cover_every_gpu_and_name_things_as_promised() -> None:
    heard, cloud = told(7, 600)
    fleet = Fleet()
    for observation in heard:
        fleet.fold(observation)
    for cluster in fleet.clusters.values():
        by_node = cluster.gpu[GpuScope.NODE].value
        assert by_node.keys() == cluster.nodes.keys()
        gpus = sum(reading.gpus for reading in by_node.values())
        assert gpus == sum(node.gpus for node in cluster.nodes.values())
        assert gpus == sum(reading.gpus for reading in cluster.gpu[GpuScope.MODEL].value.values())
        for reading in by_node.values():
            assert reading.active is not None
            assert reading.utilization is not None
            assert 0 <= reading.active <= reading.gpus
            assert 0.0 <= reading.utilization <= 1.0
        names = {f"{w.namespace}/{w.kind}/{w.name}" for w in cluster.workloads.values()}
        assert cluster.gpu[GpuScope.WORKLOAD].value.keys() <= names
    assert "chat/Deployment/chat-api-70b" in fleet.clusters["prod-us"].gpu[GpuScope.WORKLOAD].value
    assert cloud.world.now > cloud.world.start


def test_the_first_words_are_the_present_and_then_the_past() -> None:
    heard = told(7, 60)[0]
    first_readings = next(i for i, o in enumerate(heard) if isinstance(o, SliReadings))
    history = next(i for i, o in enumerate(heard) if isinstance(o, HistorySeen))
    assert first_readings < history
    seen = heard[history]
    assert isinstance(seen, HistorySeen)
    by_scope = {series.scope: series for series in seen.series}
    for kind in (
        ScopeKind.CLUSTER, ScopeKind.POOL, ScopeKind.TEAM, ScopeKind.NAMESPACE, ScopeKind.MODEL, ScopeKind.WORKLOAD,
    ):  # fmt: skip
        assert any(scope.kind is kind for scope in by_scope)
    total = by_scope[TOTAL].points
    assert total[-1][0] - total[0][0] > 13.9 * 86_400
    assert list(total) == sorted(total)
    assert Scope(ScopeKind.POOL, "prod-us/a100-spot") in by_scope
    assert Scope(ScopeKind.WORKLOAD, "prod-eu/Deployment/search/rerank-eu") in by_scope


def test_calm_objectives_keep_their_budgets() -> None:
    fleet = Fleet()
    for observation in told(7, 3600)[0]:
        fleet.fold(observation)
    assert len(fleet.slos) == 18
    burns = {}
    for (slo_id, window), held in fleet.slis.items():
        ratio = held.value.error_ratio
        assert ratio is not None
        burns[slo_id, window] = ratio / (1.0 - fleet.slos[slo_id].value.objective)
    assert {window for _, window in burns} == {300, 1800, 3600, 7200, 21_600, 86_400, 259_200, 2_592_000}
    assert max(burn for (_, window), burn in burns.items() if window == 2_592_000) < 1.0
    assert max(burn for (_, window), burn in burns.items() if window == 3600) < 6.0


def test_triton_reports_no_percentile_and_no_tokens() -> None:
    heard = told(7, 60)[0]
    readings = [r for o in heard if isinstance(o, ServingReadings) for r in o.readings]
    assert {r.p95_seconds is None for r in readings if r.server == "Triton"} == {True}
    assert all(r.p95_seconds is not None and r.p95_seconds > 0 for r in readings if r.server == "vLLM")


@pytest.mark.parametrize(
    ("speed", "interval", "expected"), [(60, None, 150), (10, None, 30), (1, None, 10), (1, 34, 40)]
)
def test_the_interval_is_whole_ticks(speed: float, interval: float | None, expected: int) -> None:
    clock = SimulatedClock(START, speed)
    assert SimulatedCloud(1, clock, interval).interval_seconds == expected


async def test_refresh_changes_nothing() -> None:
    cloud = SimulatedCloud(1, SimulatedClock(START, 1.0))
    await cloud.refresh()
    stream: AsyncIterator[Observation] = cloud.observe()
    assert isinstance(await anext(stream), SourceHealth)
