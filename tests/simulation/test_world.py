from __future__ import annotations

import math

import pytest

from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.money import CapacityType
from finops_tui.model.spot import Interruption
from finops_tui.simulation.autoscaler import EMPTY_SECONDS
from finops_tui.simulation.happenings import told
from finops_tui.simulation.machines import Machine, moment
from finops_tui.simulation.readings import workload_of
from finops_tui.simulation.schedule import SLOTS_KNOWN, programmes
from finops_tui.simulation.world import TICK_SECONDS, World

MONDAY = 1_795_392_000  # 2026-11-23T00:00:00Z
AFTERNOON = MONDAY + 15 * 3600
HOUR_TICKS = 3600 // TICK_SECONDS


def run(world: World, seconds: float) -> None:
    for _ in range(math.ceil(seconds / TICK_SECONDS)):
        world.step()


def check_books(world: World) -> None:
    """Nothing is counted twice, nothing stands nowhere, nothing holds more than there is."""
    machines = world.machines()
    for machine in machines:
        held = [pod for pod in machine.slots if pod is not None]
        assert machine.free == len(machine.slots) - len(held)
        assert sum(pod.gpus for pod in machine.pods) == len(held)
        assert all(pod in machine.pods for pod in held)
        assert all(pod.machine is machine for pod in machine.pods)
    standing = {id(machine) for machine in machines}
    for work in world.works.values():
        for pod in work.pods:
            assert pod.work is work
            if pod.machine is None:
                assert pod in world.scheduler.pending
            else:
                assert id(pod.machine) in standing
                assert len(pod.devices) == pod.gpus
    owned = {id(pod) for work in world.works.values() for pod in work.pods}
    assert all(id(pod) in owned for pod in world.scheduler.pending)
    assert all(id(pod) in owned for machine in machines for pod in machine.pods)


def priced(machine: Machine, world: World) -> float:
    price = world.usd_per_hour(machine)
    return 0.0 if price is None else price


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_it_begins_settled_and_of_the_promised_size(seed: int) -> None:
    world = World(seed, AFTERNOON)
    check_books(world)
    machines = world.machines()
    assert len({machine.pool.cluster.name for machine in machines}) >= 3
    assert len({machine.pool.cluster.cloud for machine in machines}) >= 3
    assert 55 <= len(machines) <= 80
    assert 330 <= sum(len(machine.slots) for machine in machines) <= 460
    assert len({machine.pool.plan.instance.gpu.product for machine in machines}) >= 6
    assert 800 <= world.spend() <= 1300
    assert not world.scheduler.pending


def test_the_books_balance_at_every_hour_of_a_day() -> None:
    world = World(3, AFTERNOON)
    for _ in range(24):
        run(world, 3600)
        check_books(world)
        assert world.spend() == pytest.approx(sum(priced(machine, world) for machine in world.machines()))
        for pool in world.pools.values():
            assert len(pool.staying()) <= pool.maximum


def test_spend_falls_only_after_a_paused_job_has_left_its_nodes() -> None:
    world = World(7, AFTERNOON)
    run(world, 600)
    job = next(job for job in world.jobs.values() if job.name.startswith("retrain-v"))
    job.run = job.run._replace(seconds=10**7) if job.run is not None else None  # it shall not end by itself meanwhile
    machine = job.pods[0].machine
    assert machine is not None
    pool = machine.pool
    pool.minimum = 0
    before = sum(priced(m, world) for m in pool.machines.values())
    world.pause_job(job.key)
    assert not job.pods
    assert job.done == job.saved
    run(world, EMPTY_SECONDS - 60)
    assert machine.name in pool.machines
    run(world, 300)
    assert machine.name not in pool.machines
    after = sum(priced(m, world) for m in pool.machines.values())
    assert after <= before - 55.0
    assert sum(priced(m, world) for m in world.machines()) == pytest.approx(world.spend())


def test_a_resumed_job_goes_on_from_its_checkpoint_on_new_nodes() -> None:
    world = World(7, AFTERNOON)
    job = next(job for job in world.jobs.values() if job.name.startswith("retrain-v"))
    world.pause_job(job.key)
    saved = job.done
    run(world, 1800)
    assert job.done == saved
    world.resume_job(job.key)
    run(world, 600)
    assert all(pod.ready(world.now) for pod in job.pods)
    assert saved < job.done <= saved + 600


def test_a_paused_job_does_not_come_back_by_itself() -> None:
    world = World(7, AFTERNOON)
    job = next(iter(world.jobs.values()))
    world.pause_job(job.key)
    run(world, 7200)
    assert job.suspended
    assert not job.pods


def test_cutting_a_serving_pool_raises_latency_and_burn() -> None:
    world = World(7, AFTERNOON)
    objective = next(o for o in world.objectives if o.plan.name == "rerank-eu latency")
    service = objective.service
    window = objective.windows[0]
    run(world, 900)
    calm_p95, calm_errors = service.p95_seconds, window.error_ratio
    assert calm_errors is not None
    assert calm_errors < 2 * (1 - objective.plan.objective)
    world.limit_pool("prod-eu/a100-serve-eu", 1, 1)
    run(world, 900)
    assert len(service.pool.staying()) == 1
    assert service.p95_seconds > 3 * calm_p95
    assert window.error_ratio is not None
    assert window.error_ratio > 14.4 * (1 - objective.plan.objective)
    world.limit_pool("prod-eu/a100-serve-eu", 1, 8)
    run(world, 1800)
    assert service.p95_seconds < 2 * calm_p95


def test_a_smaller_serving_pool_costs_less() -> None:
    world = World(7, AFTERNOON)
    before = world.spend()
    world.limit_pool("prod-us/h100-serve", 2, 3)
    run(world, 1200)
    assert world.spend() < before - 55.0


def test_an_autoscaler_takes_back_what_is_set_by_hand_and_obeys_its_limits() -> None:
    world = World(7, AFTERNOON)
    service = next(s for s in world.services if s.name == "chat-api-70b")
    usual = service.wanted
    world.scale(service.key, 1)
    assert service.wanted == 1
    run(world, 120)
    assert service.wanted >= usual - 1
    world.limit_autoscaler(service.key, 2, 2)
    run(world, 1200)
    assert service.wanted == 2
    assert sum(pod.ready(world.now) for pod in service.pods) == 2
    assert service.load > 0.9


def test_a_service_without_autoscaler_keeps_what_is_set() -> None:
    world = World(7, AFTERNOON)
    service = next(s for s in world.services if s.name == "score-gnn")
    world.scale(service.key, 2)
    run(world, 1800)
    assert len(service.pods) == 2


def test_nothing_new_comes_to_a_cordoned_node() -> None:
    world = World(7, AFTERNOON)
    machine = max(world.pools["prod-us/l40s-infer"].machines.values(), key=lambda m: m.free)
    world.cordon("prod-us", machine.name)
    here = {pod.name for pod in machine.pods}
    run(world, 3 * 3600)
    assert {pod.name for pod in machine.pods} <= here


def test_a_lost_spot_node_is_announced_evicts_and_is_replaced_on_demand_while_there_is_no_spot() -> None:
    world = World(7, AFTERNOON)
    pool = world.pools["prod-us/a100-spot"]
    machine = next(m for m in pool.machines.values() if m.pods and len(m.pods[0].devices) == 8)
    job = machine.pods[0].work
    nodes = len(pool.machines)
    pool.short_until = world.now + 3600
    world.news.take()
    world.interrupt(machine)
    kinds = [type(event).__name__ for _, _, event in world.news.take().events]
    assert kinds == ["Interruption"]
    run(world, 60)
    assert machine.name in pool.machines  # the notice is two minutes
    run(world, 70)
    assert machine.name not in pool.machines
    assert "Eviction" in [type(event).__name__ for _, _, event in world.news.take().events]
    run(world, 300)
    assert len(pool.staying()) == nodes
    stand_ins = [m for m in pool.machines.values() if m.capacity_type is CapacityType.ON_DEMAND]
    assert [m.fallback for m in stand_ins] == [True]
    assert all(pod.machine is not None for pod in job.pods)
    run(world, 5400)
    assert all(m.capacity_type is CapacityType.SPOT for m in pool.staying())


def test_interruptions_come_now_and_then() -> None:
    world = World(7, MONDAY)
    run(world, 24 * 3600)
    lost = [event for _, _, event in world.news.take().events if isinstance(event, Interruption)]
    assert 2 <= len(lost) <= 30


def test_a_rollout_replaces_every_pod_and_keeps_the_service_up() -> None:
    world = World(7, AFTERNOON)
    service = next(s for s in world.services if s.name == "vision-api")
    run(world, 600)
    before = {pod.name for pod in service.pods}
    service.roll_out("8812aa0")
    worst = 1.0
    for _ in range(8 * HOUR_TICKS // 10):
        run(world, 100)
        worst = min(worst, service.ready / max(service.wanted, 1))
    assert not before & {pod.name for pod in service.pods}
    assert worst > 0.6


def test_what_it_tells_of_a_workload_is_what_kubernetes_would() -> None:
    world = World(7, MONDAY + 8 * 3600)
    run(world, 1800)
    seen = [workload_of(work) for work in world.works.values()]
    services = [each for each in seen if each.kind == "Deployment"]
    jobs = [each for each in seen if each.kind == "Job" and each.pods]
    assert all(each.priority_class and each.restart_policy for each in seen)
    assert all(each.disruptions_allowed in (0, 1) for each in services)
    assert any(each.checkpoint_at is not None for each in jobs)
    assert all(each.checkpoint_at is None or each.checkpoint_at <= moment(world.now) for each in jobs)
    assert any(each.deadline_at is not None for each in seen if each.kind == "CronJob")
    owned = next(each for each in services if each.name == "rerank-eu")
    assert owned.annotations["finops-tui/owner"] == "#search-oncall"
    assert owned.annotations["finops-tui/runbook"].endswith("/search/rerank-eu")
    assert not next(each for each in services if each.namespace == "tmp-eval").annotations
    assert not any(each.failing for each in seen if not each.pods_pending)


def test_a_checkpoint_is_told_when_it_is_written() -> None:
    world = World(7, AFTERNOON)
    job = next(job for job in world.jobs.values() if job.name.startswith("retrain-v"))
    before = job.saved_at
    world.news.take()
    while job.saved_at == before:
        world.news.take()
        world.step()
    assert job.key in world.news.take().works
    assert job.saved_at == world.now


def test_pods_that_wait_are_unschedulable() -> None:
    world = World(7, AFTERNOON)
    world.limit_pool("prod-us/h100-train", 0, 0)
    run(world, 300)
    waiting = [workload_of(work) for work in world.works.values() if work.pool.plan.name == "h100-train"]
    assert waiting
    assert all(each.failing == {"Unschedulable": each.pods_pending} for each in waiting if each.pods_pending)
    assert any(each.pods_pending for each in waiting)


def test_changes_say_how_many_gpus_more_they_ask_for() -> None:
    world = World(7, AFTERNOON)
    job = next(job for job in world.jobs.values() if job.name.startswith("retrain-v"))
    world.news.take()
    world.pause_job(job.key)
    world.resume_job(job.key)
    world.scale("prod-us/Deployment/chat/chat-api-70b", 1)
    world.scale("research/StatefulSet/research/notebook-hub", 1)
    asked = [what.gpus for _, _, what in world.news.take().events if isinstance(what, Change)]
    assert asked[:2] == [-8.0, 8.0]
    assert all(gpus is not None and gpus < 0 for gpus in asked[2:])
    past = [what for _, _, what in told(world) if isinstance(what, Change)]
    assert all(what.gpus is not None for what in past)
    assert all(what.details for what in past if what.kind is ChangeKind.ROLLOUT)


def test_a_long_demo_remembers_no_more_than_a_short_one() -> None:
    programme = programmes(7)[-1]
    for hour in range(24 * 60):
        programme.starting(MONDAY + (hour - 1) * 3600, MONDAY + hour * 3600)
    assert len(programme._known) <= SLOTS_KNOWN
