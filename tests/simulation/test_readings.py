from __future__ import annotations

from finops_tui.model.gpu import GpuReading
from finops_tui.simulation.jobs import Job
from finops_tui.simulation.readings import WINDOW_SECONDS, gpu_readings, reading_name
from finops_tui.simulation.world import World

MONDAY = 1_795_392_000


def largest_job(world: World) -> tuple[Job, int]:
    """Return the job that holds the most GPUs, and how many."""
    job = max((job for job in world.jobs.values() if job.pods), key=lambda job: job.gpus * len(job.pods))
    return job, sum(pod.gpus for pod in job.pods if pod.machine is not None)


def reading_of(job: Job, world: World) -> GpuReading:
    _, workloads, _ = gpu_readings(world, job.cluster)
    return next(one for one in workloads if one.name == reading_name(job))


def test_a_job_that_crashes_where_it_stands_is_not_idle_until_it_has_done_nothing_for_the_window() -> None:
    world = World(5, MONDAY + 15 * 3600)
    job, gpus = largest_job(world)
    assert reading_of(job, world).active == gpus
    for pod in job.pods:
        pod.created_at = 0
        pod.ready_at = world.now + 2 * WINDOW_SECONDS
    world.now += WINDOW_SECONDS - 1
    assert (reading_of(job, world).active, reading_of(job, world).utilization) == (gpus, 0.0)
    world.now += 1
    assert reading_of(job, world).active == 0


def test_a_job_that_starts_again_is_not_idle_while_its_pods_are_younger_than_the_window() -> None:
    world = World(5, MONDAY + 15 * 3600)
    job, gpus = largest_job(world)

    def reading() -> GpuReading:
        return reading_of(job, world)

    assert reading().active == gpus
    for pod in job.pods:  # as after an eviction: new pods that still load their model
        pod.created_at, pod.ready_at = world.now, world.now + 600
    assert (reading().active, reading().utilization) == (gpus, 0.0)
    world.now += WINDOW_SECONDS
    assert reading().active == 0, "by then they have had the time to work"
