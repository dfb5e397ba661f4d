from __future__ import annotations

from finops_tui.model.gpu import GpuReading
from finops_tui.simulation.readings import WINDOW_SECONDS, gpu_readings, reading_name
from finops_tui.simulation.world import World

MONDAY = 1_795_392_000


def test_a_job_that_starts_again_is_not_idle_while_its_pods_are_younger_than_the_window() -> None:
    world = World(5, MONDAY + 15 * 3600)
    job = max((job for job in world.jobs.values() if job.pods), key=lambda job: job.gpus * len(job.pods))
    gpus = sum(pod.gpus for pod in job.pods if pod.machine is not None)

    def reading() -> GpuReading:
        _, workloads, _ = gpu_readings(world, job.cluster)
        return next(one for one in workloads if one.name == reading_name(job))

    assert reading().active == gpus
    for pod in job.pods:  # as after an eviction: new pods that still load their model
        pod.created_at, pod.ready_at = world.now, world.now + 600
    assert (reading().active, reading().utilization) == (gpus, 0.0)
    world.now += WINDOW_SECONDS
    assert reading().active == 0, "by then they have had the time to work"
