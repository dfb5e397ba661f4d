"""What each scenario does to the world, and what is told of it."""

from __future__ import annotations

import pytest

from finops_tui.model.change import ChangeKind
from finops_tui.model.finding import Severity
from finops_tui.model.money import CapacityType
from finops_tui.simulation.autoscaler import EMPTY_SECONDS
from finops_tui.simulation.estate import InstanceType
from finops_tui.simulation.jobs import Job, Notebooks
from finops_tui.simulation.readings import Devices, pod_use, watts, workload_of
from finops_tui.simulation.scenarios.idle_leak import costs
from finops_tui.simulation.scenarios.planned_batch import PLANNED
from finops_tui.simulation.serving import Service
from tests.simulation.scenarios.lives import begun, lived
from tests.simulation.test_world import run

SEEDS = (2, 9)
LEAKS = (*(("idle-leak", seed) for seed in range(1, 7)), ("idle-leak-notebooks", 1), ("idle-leak-notebooks", 2))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_runaway_retrain_buys_a_node_for_each_new_worker(seed: int) -> None:
    life = lived("runaway-retrain", seed)
    (change,) = [change for change in life.told() if change.kind is ChangeKind.SCALE]
    job = life.work
    assert isinstance(job, Job)
    assert job.run is not None
    assert change.gpus is not None
    before = job.run.workers - int(change.gpus) // job.gpus
    assert 1 <= before < job.run.workers
    assert change.what == f"{job.name} workers {before}→{job.run.workers}"
    assert change.details[0] == f"parallelism {before}→{job.run.workers}"
    assert len(job.pods) == job.run.workers
    assert life.more[15] > 60
    grown = [change for _, change in life.changes if change.kind is ChangeKind.NODE and change.subject == job.pool.key]
    assert sum(change.gpus or 0 for change in grown) >= change.gpus


def test_some_runaways_crash_again_and_again_and_do_not_get_on() -> None:
    lives = [lived("runaway-retrain", seed) for seed in (2, 9, 3)]
    looping = [life for life in lives if life.work.restarts > 20]
    assert len(looping) > 0
    for life in looping:
        assert isinstance(life.work, Job)
        saved_at = workload_of(life.work).checkpoint_at
        assert saved_at is None or saved_at.timestamp() < life.scenario_began


def test_a_paused_runaway_stops_burning_once_its_nodes_have_stood_empty() -> None:
    life = begun("runaway-retrain", 2)
    run(life.world, 1200)
    before, key, pool = life.world.spend(), life.work.key, life.work.pool
    nodes = len(pool.staying())
    life.world.pause_job(key)
    run(life.world, EMPTY_SECONDS + 200)
    assert len(pool.staying()) <= max(nodes - 4, pool.minimum)
    assert life.world.spend() < before - 60
    run(life.world, 3600)
    assert not life.work.pods


def test_a_runaway_can_be_scaled_back() -> None:
    life = begun("runaway-retrain", 2)
    run(life.world, 1200)
    life.world.scale(life.work.key, 1)
    assert len(life.work.pods) == 1
    run(life.world, 3600)
    assert len(life.work.pods) == 1


@pytest.mark.parametrize(("name", "steps"), [("traffic-10x", 2), ("traffic-10x-gentle", 3)])
@pytest.mark.parametrize("seed", SEEDS)
def test_ten_times_the_traffic_grows_replicas_and_pool(name: str, steps: int, seed: int) -> None:
    life = lived(name, seed)
    service, usual = life.work, life.quiet.works[life.work.key]
    assert isinstance(service, Service)
    assert isinstance(usual, Service)
    assert 4.5 * usual.rate < service.rate < 11 * usual.rate
    assert service.wanted > 1.5 * usual.wanted
    assert life.more[-1] > 10
    assert any("replicas limited" in change.what for change in life.told())
    ups = [change for change in life.told() if change.who == service.scaler and (change.gpus or 0) > 0]
    assert len(ups) >= steps


@pytest.mark.parametrize(("name", "seed"), LEAKS)
def test_what_leaks_holds_its_gpus_at_idle_power(name: str, seed: int) -> None:
    life = lived(name, seed, 40)
    work = life.work
    gpu = work.pool.plan.instance.gpu
    idle = [pod for pod in work.pods if pod_use(pod, life.world.now)[0] == 0.0]
    assert sum(pod.gpus for pod in idle) * 2 >= 8
    devices = Devices()
    for pod in idle:
        devices.add(pod.gpus, *pod_use(pod, life.world.now), gpu)
    assert devices.active == 0
    assert devices.watts == pytest.approx(devices.gpus * watts(gpu, 0.0))
    if isinstance(work, Notebooks):
        assert any("culler" in change.what for change in life.told())
        assert life.more[-1] > 5
    else:
        assert len(idle) == len(work.pods)
        assert min(life.used) < -3


@pytest.mark.parametrize("seed", range(1, 7))
def test_a_job_that_leaks_costs_something_on_its_own_machines(seed: int) -> None:
    life = begun("idle-leak", seed)
    job = life.work
    assert isinstance(job, Job)
    machines = {pod.machine for pod in job.pods if pod.machine is not None}
    assert costs(life.world, job) >= 20.0
    assert costs(life.world, job) <= sum(life.world.usd_per_hour(machine) or 0.0 for machine in machines) + 0.01


def test_every_kind_of_leak_comes_up() -> None:
    kinds = set()
    for name, seed in LEAKS:
        work = lived(name, seed, 40).work
        kinds.add("notebooks" if isinstance(work, Notebooks) else "ended" if workload_of(work).finished_at else "hung")
    assert kinds == {"notebooks", "ended", "hung"}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_spot_storm_replaces_spot_by_on_demand_at_a_multiple_of_its_price(seed: int) -> None:
    life = lived("spot-storm", seed)
    pool = life.world.pools[life.expected.scope.name]
    instance: InstanceType = pool.plan.instance
    before = life.quiet.pools[pool.key]
    spot = [machine for machine in pool.staying() if machine.capacity_type is CapacityType.SPOT]
    usual = [machine for machine in before.staying() if machine.capacity_type is CapacityType.SPOT]
    assert len(spot) <= len(usual) / 2
    assert any(machine.fallback for machine in pool.staying())
    assert instance.usd_per_hour is not None
    assert 1.9 * (life.world.market.price(pool.cluster, instance, life.world.now) or 0) < instance.usd_per_hour
    assert max(life.more) > 20


@pytest.mark.parametrize("name", ["autoscaler-thrash", "autoscaler-thrash-gentle"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_thrashing_autoscaler_goes_up_and_down(name: str, seed: int) -> None:
    life = lived(name, seed, 90)
    steps = [change.gpus or 0.0 for change in life.told() if change.kind is ChangeKind.SCALE]
    ups, downs = [step for step in steps if step > 0], [step for step in steps if step < 0]
    assert len(ups) >= 2
    assert len(downs) >= 2
    assert any(change.kind is ChangeKind.CONFIG and "downscale window" in change.what for change in life.told())
    assert max(life.more) - min(life.more) > 20


@pytest.mark.parametrize(("name", "growth"), [("slow-creep", 0.06), ("slow-creep-gentle", 0.03)])
@pytest.mark.parametrize("seed", [*SEEDS, 1])
def test_a_creep_is_some_percent_an_hour(name: str, growth: float, seed: int) -> None:
    life = lived(name, seed, 60)
    work = life.work
    if isinstance(work, Service):
        assert work.added == pytest.approx(work.plan.peak * growth, rel=0.05)
        assert abs(life.more[5]) < 60
    else:
        assert name == "slow-creep-gentle"
        assert isinstance(work, Notebooks)
        assert 0 <= work.forgotten <= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_a_planned_batch_says_so_and_was_started_by_its_schedule(seed: int) -> None:
    life = lived("planned-batch", seed)
    (change,) = life.told()
    seen = workload_of(life.work)
    assert seen.kind == "CronJob"
    assert seen.annotations[PLANNED].endswith("announced in #ml-capacity")
    assert change.who == "cron"
    assert change.gpus == seen.gpus
    assert seen.deadline_at is not None
    assert life.more[15] > 25
    assert life.expected.allowed is Severity.INFO
    assert life.expected.needed is None


@pytest.mark.parametrize("seed", [1, 4, 6])
def test_a_bad_rollout_burns_an_error_budget_and_hardly_a_dollar(seed: int) -> None:
    life = lived("rollout-burns-slo", seed)
    (change,) = [change for change in life.told() if change.kind is ChangeKind.ROLLOUT]
    assert change.who == "argocd"
    assert change.details[0].startswith(f"image {life.work.name}:")
    assert change.gpus == 0.0
    short = {objective.slo.id: objective.windows[1].error_ratio or 0.0 for objective in life.world.objectives}
    usual = {objective.slo.id: objective.windows[1].error_ratio or 0.0 for objective in life.quiet.objectives}
    burns = {o.slo.id: short[o.slo.id] / (1.0 - o.plan.objective) for o in life.world.objectives}
    assert max(burns[slo] for slo in life.expected.slos) > 14.4
    assert all(short[slo] == usual[slo] for slo in short.keys() - set(life.expected.slos))
    assert abs(life.more[-1]) < 60


def test_the_next_version_mends_a_bad_rollout() -> None:
    life = begun("rollout-burns-slo", 3)
    service = life.work
    assert isinstance(service, Service)
    run(life.world, 2400)
    assert service.amiss == 1.0
    service.roll_out("8812aa0")
    run(life.world, 2400)
    assert service.amiss == 0.0
    assert service.fault is None
