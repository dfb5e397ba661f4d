from __future__ import annotations

import asyncio

import pytest

from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.pause import Pause
from finops_tui.actions.planning import Hands
from finops_tui.clock import SimulatedClock, VirtualTimeLoop
from finops_tui.errors import UsageError
from finops_tui.model.change import ChangeKind
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import ChangeSeen, HistorySeen, Observation, SourceHealth
from finops_tui.model.plan import Outcome
from finops_tui.simulation.source import SimulatedCloud
from tests.samples import empty_snapshot
from tests.simulation.api.stage import START, target

KEY = "prod-us/Deployment/maps/tile-seg"


def test_what_is_done_through_the_api_is_told_with_the_next_report() -> None:
    async def live() -> tuple[list[Observation], Fleet]:
        clock = SimulatedClock(START, 60.0, asyncio.get_running_loop().time)
        cloud, fleet = SimulatedCloud(7, clock), Fleet()
        client = KubeClient("prod-us", cloud.calls("prod-us"))
        pause = Pause(Hands(client=lambda _: client, by="ana", new_id=lambda: "plan-1", clock=clock))
        heard: list[Observation] = []
        acted = False
        async for observation in cloud.observe():
            fleet.fold(observation)
            if acted:
                heard.append(observation)
            if acted and isinstance(observation, SourceHealth):
                break
            if isinstance(observation, HistorySeen):
                of = target(cloud.world.works[KEY], fleet.clusters["prod-us"].workloads[KEY].uid)
                made = await pause.plan(of, {}, empty_snapshot(), fleet, clock.now())
                assert (await pause.apply(made)).outcome is Outcome.APPLIED
                acted = True
        return heard, fleet

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        heard, fleet = runner.run(live())
    told = [each.change for each in heard if isinstance(each, ChangeSeen) and each.change.subject == KEY]
    assert [(each.kind, each.who, each.what) for each in told] == [(ChangeKind.ACTION, "you", "tile-seg replicas 3→0")]
    there = fleet.clusters["prod-us"].workloads[KEY]
    assert (there.replicas, there.pods) == (0, 0)
    assert '"plan":"plan-1"' in there.annotations["finops-tui/undo"]
    assert "finops-tui/plan" not in there.annotations


def test_a_cluster_has_one_api_server() -> None:
    cloud = SimulatedCloud(7, SimulatedClock(START, 1.0))
    assert cloud.calls("research") is cloud.calls("research")
    assert cloud.calls("research") is not cloud.calls("prod-eu")
    with pytest.raises(UsageError, match="nowhere is no cluster of the demo"):
        cloud.calls("nowhere")
