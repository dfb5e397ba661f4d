from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from bench.large_fleet import LargeFleet
from finops_tui.clock import SimulatedClock, VirtualTimeLoop
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import Observation, SourceHealth, WorkloadsSeen

START = datetime(2026, 11, 24, 15, tzinfo=UTC)


def told(rounds: int, burst: int = 0) -> list[Observation]:
    async def collect() -> list[Observation]:
        fleet = LargeFleet(SimulatedClock(START, 1.0, asyncio.get_running_loop().time))
        if burst:
            asyncio.get_running_loop().call_later(0.5, fleet.burst, burst)
        heard: list[Observation] = []
        reports = -1
        async for observation in fleet.observe():
            heard.append(observation)
            reports += isinstance(observation, SourceHealth)
            if reports == rounds:
                break
        return heard

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(collect())


def test_it_is_as_large_as_it_says_and_holds_no_more_than_there_is() -> None:
    fleet = Fleet()
    for observation in told(3):
        fleet.fold(observation)
    clusters = fleet.clusters.values()
    assert sum(len(cluster.nodes) for cluster in clusters) == 5_000
    assert sum(node.gpus for cluster in clusters for node in cluster.nodes.values()) == 40_000
    assert sum(work.pods for cluster in clusters for work in cluster.workloads.values()) == 50_000
    assert sum(len(cluster.workloads) for cluster in clusters) == 6_000
    assert len({node.pool_key for cluster in clusters for node in cluster.nodes.values()}) == 50
    assert len(fleet.slos) == 200
    for cluster in clusters:
        held: dict[str, float] = {}
        for work in cluster.workloads.values():
            for placement in work.placements:
                held[placement.node] = held.get(placement.node, 0.0) + placement.gpus
        assert all(gpus <= cluster.nodes[name].gpus for name, gpus in held.items())


def test_every_interval_one_workload_in_twenty_has_changed() -> None:
    reports = [o for o in told(2) if isinstance(o, WorkloadsSeen) and not o.complete]
    assert sum(len(report.workloads) for report in reports) == 2 * 300


def test_a_burst_comes_at_once_and_in_full() -> None:
    usual, more = told(1), told(1, burst=1_000)
    assert len(more) == len(usual) + 1_000
    assert {observation.at for observation in more} - {observation.at for observation in usual}
