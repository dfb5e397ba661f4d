from __future__ import annotations

import pytest

from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.releases import release_delays
from finops_tui.errors import ActionError
from finops_tui.model.change import ChangeKind
from finops_tui.model.plan import Outcome
from finops_tui.simulation.autoscaler import EMPTY_SECONDS
from finops_tui.simulation.readings import node_of
from tests.simulation.api.stage import Stage, node_target, pool_target

CLAIMS = "/apis/karpenter.sh/v1/nodeclaims"


def counted(pods: int) -> str:
    return f"{pods} pod{'s' * (pods != 1)}"


async def test_nothing_new_comes_to_a_cordoned_node_until_it_is_open_again() -> None:
    stage = Stage(7)
    pool = stage.world.pools["prod-us/h100-serve"]
    machine = max(pool.machines.values(), key=lambda each: each.free)
    actions = stage.actions()
    stage.listen()
    made = await stage.plan(actions["cordon"], node_target(machine))
    await actions["cordon"].apply(made)
    (told,) = [change for change in stage.listen() if change.subject == pool.key]
    assert (told.kind, told.who, told.what) == (ChangeKind.ACTION, "you", f"cordoned {machine.name}")
    assert not stage.fleet.clusters["prod-us"].nodes[machine.name].schedulable
    here = {pod.name for pod in machine.pods}
    stage.run(1800)
    assert {pod.name for pod in machine.pods} <= here
    back = await stage.plan(actions["uncordon"], node_target(machine))
    assert (await actions["uncordon"].apply(back)).outcome.value == "applied"
    stage.listen()
    assert stage.fleet.clusters["prod-us"].nodes[machine.name].schedulable


async def test_a_cordon_is_undone_by_its_recipe() -> None:
    stage = Stage(7)
    machine = stage.world.machines()[0]
    cordon = stage.actions()["cordon"]
    made = await stage.plan(cordon, node_target(machine))
    await stage.carried_out(cordon, made)
    assert machine.cordoned
    await stage.carried_out(cordon, await stage.undo_plan(cordon, node_target(machine)))
    assert not machine.cordoned


async def test_karpenter_says_after_how_long_empty_nodes_go_where_there_is_one() -> None:
    stage = Stage(7)
    for cluster, known in (("prod-us", True), ("prod-eu", False), ("research", False)):
        nodes = [node_of(machine) for machine in stage.world.machines() if machine.pool.cluster.name == cluster]
        delays = await release_delays(KubeClient(cluster, stage.api(cluster)), nodes)
        assert {delay.total_seconds() for delay in delays.values()} == ({EMPTY_SECONDS} if known else set())


@pytest.mark.parametrize("asked", [{}, {"nodes": "2"}, {"gpus": "9"}])
async def test_a_limit_stops_a_pool_from_growing_and_takes_nothing_away(asked: dict[str, str]) -> None:
    stage = Stage(7)
    pool = stage.world.pools["prod-us/h100-serve"]
    service = next(each for each in stage.world.services if each.name == "chat-api-70b")
    there = len(pool.staying())
    limit = stage.actions()["limit"]
    made = await stage.plan(limit, pool_target(pool), **asked)
    await stage.carried_out(limit, made)
    service.demand = 3.0
    stage.run(1800)
    assert len(pool.staying()) == there
    assert stage.seen(service).pods_pending
    await stage.carried_out(limit, await stage.undo_plan(limit, pool_target(pool)))
    stage.run(1800)
    assert len(pool.staying()) > there
    assert not stage.seen(service).pods_pending


async def test_a_drained_node_loses_its_pods_to_others_and_then_goes() -> None:
    stage = Stage(7)
    stage.run(600)
    pool = stage.world.pools["prod-us/l40s-infer"]
    machine = max((each for each in pool.machines.values() if each.pods), key=lambda each: each.free)
    drain = stage.actions()["drain"]
    made = await stage.plan(drain, node_target(machine), timeout="600")
    assert made.pods == len(machine.pods)
    result = await drain.apply(made)
    assert result.words.startswith(f"prod-us took it. {made.pods} of {counted(made.pods)} evicted")
    assert (await drain.verify(made)).outcome is Outcome.DONE
    assert machine.cordoned
    stage.run(EMPTY_SECONDS + 120)
    assert machine.name not in pool.machines
    stage.run(600)
    assert not [pod for pod in stage.world.scheduler.pending if pod.work.pool is pool]


async def test_an_empty_node_is_deleted_with_its_machine() -> None:
    stage = Stage(7)
    pool = stage.world.pools["prod-us/h100-train"]
    job = next(work for work in stage.world.works.values() if work.pool is pool and work.pods)
    machine = job.pods[0].machine
    assert machine is not None
    delete = stage.actions()["delete-node"]
    with pytest.raises(ActionError, match="is not idle"):
        await stage.plan(delete, node_target(machine))
    stage.world.pause_job(job.key)
    made = await stage.plan(delete, node_target(machine))
    assert made.saves_usd_per_hour == pytest.approx(55.04)
    assert await stage.carried_out(delete, made) < EMPTY_SECONDS
    assert machine.name not in pool.machines


async def test_a_node_of_another_autoscaler_is_not_deleted() -> None:
    stage = Stage(7)
    pool = stage.world.pools["prod-eu/l4-edge-eu"]
    machine = next(iter(pool.machines.values()))
    for pod in list(machine.pods):
        stage.world.scheduler.stop(pod, stage.world.now)
    with pytest.raises(ActionError, match="is no node of Karpenter's"):
        await stage.plan(stage.actions()["delete-node"], node_target(machine))


async def test_an_evicted_pod_comes_back_elsewhere_and_a_budget_is_kept() -> None:
    stage = Stage(7)
    stage.run(600)
    pool = stage.world.pools["prod-us/h100-serve"]
    machine = next(each for each in pool.machines.values() if len(each.pods) > 1)
    stage.world.cordon("prod-us", machine.name)
    path = "/api/v1/pods"
    status, there = await stage.api("prod-us").send(
        "GET", path, query={"fieldSelector": f"spec.nodeName={machine.name}"}
    )
    assert status == 200
    assert {item["metadata"]["name"] for item in there["items"]} == {pod.name for pod in machine.pods}
    refused = 0
    for _ in range(60):
        for pod in list(machine.pods):
            address = f"/api/v1/namespaces/{pod.work.namespace}/pods/{pod.name}/eviction"
            body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod.name}}
            status, _ = await stage.api("prod-us").send("POST", address, body)
            refused += status == 429
        stage.run(60)
        if not machine.pods:
            break
    assert not machine.pods
    assert refused
    stage.run(600)
    services = [work for work in stage.world.services if work.pool is pool]
    assert all(work.ready >= work.wanted - 1 for work in services)


async def test_a_machine_goes_with_its_claim() -> None:
    stage = Stage(7)
    pool = stage.world.pools["prod-us/l40s-infer"]
    machine = next(iter(pool.machines.values()))
    claims = (await stage.get("prod-us", CLAIMS))["items"]
    (name,) = [each["metadata"]["name"] for each in claims if each["status"]["nodeName"] == machine.name]
    assert (await stage.api("prod-us").send("DELETE", f"{CLAIMS}/{name}"))[0] == 200
    stage.run_until(lambda: machine.name not in pool.machines, 1200)
    stage.run(900)
    assert not [pod for pod in stage.world.scheduler.pending if pod.work.pool is pool]


@pytest.mark.parametrize("cluster", ["prod-eu", "research"])
async def test_a_cluster_without_karpenter_serves_none_of_it(cluster: str) -> None:
    stage = Stage(7)
    assert (await stage.api(cluster).send("GET", CLAIMS))[0] == 404
