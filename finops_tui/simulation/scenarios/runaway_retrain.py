"""A training job that comes back with many times its workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops_tui.model.change import ChangeKind
from finops_tui.model.finding import Severity
from finops_tui.simulation.happenings import PEOPLE
from finops_tui.simulation.jobs import Job
from finops_tui.simulation.scenarios.base import (
    ACTS_EVERY,
    Expected,
    Scenario,
    around,
    spare_machines,
    usd_per_gpu,
    workload,
)
from finops_tui.simulation.traffic import HOUR

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

WHOLE_MACHINE = 8
"""Only jobs whose workers take a machine each grow their pool by one for each worker."""
MORE_WORKERS = (5, 8)
LEAST_USD_PER_HOUR = 60.0
"""What the new workers must cost at least for it to be an incident."""
LOOP_CHANCE = 0.5
LOOP_SECONDS = (600, 1200)
LASTS_SECONDS = int(24 * HOUR)
"""The job has that much more to do, so that it does not end by itself."""


class RunawayRetrain(Scenario):
    name = "runaway-retrain"
    title = "A retrain job runs away"
    about = (
        "A training job is started again with up to eight workers more, and the pool's autoscaler buys a node for "
        "each; sometimes the workers crash every quarter of an hour and begin again."
    )

    def begin(self, world: World) -> bool:
        chance = self.chance
        found = []
        for job in world.jobs.values():
            most = min(MORE_WORKERS[1], spare_machines(job.pool))
            usd = most * job.gpus * usd_per_gpu(world, job.pool)
            if job.gpus == WHOLE_MACHINE and job.pods and most > 1 and not job.lasting and usd >= LEAST_USD_PER_HOUR:
                found.append((job, most))
        if not found:
            return False
        found.sort(key=lambda each: (each[0].pool.plan.name, each[0].model))  # whichever of them began first
        self._job, most = chance.choice(found)
        more = min(chance.randint(*MORE_WORKERS), most)
        self._loop_seconds = (
            chance.randint(*LOOP_SECONDS) // ACTS_EVERY * ACTS_EVERY if chance.random() < LOOP_CHANCE else 0
        )
        self._start_again(world, self._job, more, chance.choice(("argocd", *PEOPLE)))
        return True

    def go_on(self, world: World, seconds: int) -> None:
        job = self._job
        if not self._loop_seconds or job.run is None or job.run.workers <= self._usual_workers:
            return
        crashed = seconds % self._loop_seconds == 0 and job.running(world.now)
        if crashed:
            job.crash(world.now, world.scheduler)
        failing = {"CrashLoopBackOff": len(job.pods)} if crashed and job.pods else {}
        if job.failing != failing:
            job.failing = failing
            world.news.work(job)

    def expected(self, world: World) -> Expected:
        del world
        return Expected(scope=workload(self._job), also=around(self._job), cause=("workers",), needed=Severity.PAGE)

    def _start_again(self, world: World, job: Job, more: int, who: str) -> None:
        assert job.run is not None, "a job with pods has a run"
        before = self._usual_workers = job.run.workers
        job.run = job.run._replace(seconds=job.run.seconds + LASTS_SECONDS)
        job.restarts += before
        job.resize(before + more, world.now, world.scheduler)
        details = (f"parallelism {before}→{before + more}", f"completions {before}→{before + more}")
        what = f"{job.name} workers {before}→{before + more}"
        world.tell(job, ChangeKind.SCALE, who, what, details=details, gpus=float(more * job.gpus))


SCENARIO = RunawayRetrain
