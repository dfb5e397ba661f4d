"""The first moment of a world: as if it had run for weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops_tui.simulation.jobs import Job
from finops_tui.simulation.randomness import Noise
from finops_tui.simulation.schedule import Nightly, under_way
from finops_tui.simulation.scheduler import first_fit
from finops_tui.simulation.traffic import DAY

if TYPE_CHECKING:
    from finops_tui.simulation.world import World


def populate(world: World) -> None:
    """Let every service, notebook and job have what it usually has now, on as few machines as hold it."""
    now = world.now
    age = Noise(world.seed, "ages")
    for place, work in enumerate(world.works.values()):
        work.created_at = int(now - (20 + 200 * age.at(place)) * DAY)
    for service in world.services:
        last = world.rollouts.last(service, now)
        before = world.rollouts.last(service, last - 1)
        service.began(*((world.rollouts.image(service, at), at) for at in (before, last)))
        service.wanted = service.replicas = service.settled_replicas(service.traffic.rate(now))
        for _ in range(service.wanted):
            world.scheduler.start(service, now)
    for books in world.notebooks:
        books.scale(now, world.scheduler)
    _start_jobs(world)
    _settle(world, age)
    for service in world.services:
        service.serve(now, 0)
    for objective in world.objectives:
        objective.prime(now)
    world.news.take()


def _start_jobs(world: World) -> None:
    now = world.now
    for programme in world.programmes:
        if isinstance(programme, Nightly) and (night := programme.last(now)).kind == "CronJob":
            world.add_job(night, int(now - 90 * DAY))
    for run in under_way(world.programmes, now):
        job = world.jobs.get(run.key) or world.add_job(run, run.start)
        job.begin(run, now, world.scheduler, done=now - run.start)


def _settle(world: World, age: Noise) -> None:
    """Give every pool its machines and put the pods on them, the largest first."""
    now = world.now
    for pool in world.pools.values():
        pods = [pod for pod in world.scheduler.pending if pod.work.pool is pool]
        needed = first_fit([pod.gpus for pod in pods], [], pool.plan.instance.gpus)
        for _ in range(min(max(needed, pool.minimum), pool.maximum)):
            capacity_type, fallback = world.autoscaler.next_type(pool, now)
            machine = world.autoscaler.add(pool, now, capacity_type, fallback=fallback)
            machine.created_at = int(now - (0.2 + 6 * age.at(100_000 + len(world.machines()))) * DAY)
        for pod in sorted(pods, key=lambda pod: -pod.gpus):
            room = next((machine for machine in pool.machines.values() if machine.free >= pod.gpus), None)
            if room is not None:
                world.scheduler.pending.remove(pod)
                world.scheduler.bind(pod, room, now)
                run = pod.work.run if isinstance(pod.work, Job) else None
                pod.ready_at = run.start if run is not None else now
                pod.created_at = now - 3600
