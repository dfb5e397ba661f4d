"""GPUs that are kept by something that has stopped working."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from finops_tui.model.change import ChangeKind
from finops_tui.model.gpu import GpuError
from finops_tui.simulation.happenings import PEOPLE
from finops_tui.simulation.jobs import Job, Notebooks
from finops_tui.simulation.machines import Work, device_uuid
from finops_tui.simulation.scenarios.base import ACTS_EVERY, Expected, Scenario, around, usd_per_gpu, workload

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

ENDS_CHANCE = 0.5
FORGOTTEN = (10, 16)
"""Notebooks that are left behind."""
FORGOTTEN_EVERY = (4 * ACTS_EVERY, 8 * ACTS_EVERY)
STOPPED_PROCESSING = 43
"""The driver's number for it."""


class IdleLeak(Scenario):
    name = "idle-leak"
    title = "GPUs held by what has stopped working"
    about = (
        "A training job ends and keeps its pods, or hangs after a device error. The GPUs stay allocated, draw idle "
        "power, and cost what they cost."
    )
    notebooks_chance: ClassVar[float] = 0.0
    """Of notebooks although there are such jobs. They leak one by one."""
    least_usd_per_hour: ClassVar[float] = 20.0
    """What the job must cost, on the very machines that it holds."""

    def begin(self, world: World) -> bool:
        chance = self.chance
        jobs = [job for job in world.jobs.values() if job.pods and job.running(world.now) and not job.lasting]
        dear = [job for job in jobs if costs(world, job) >= self.least_usd_per_hour]
        books = max(world.notebooks, key=lambda books: books.gpus * usd_per_gpu(world, books.pool))
        self._books: Notebooks | None = None
        self._cause: tuple[str, ...] = ()
        if chance.random() < self.notebooks_chance or not dear:
            self._work: Work = books
            self._leave_open(world, books)
        else:
            job = self._work = chance.choice(dear)
            (self._end if chance.random() < ENDS_CHANCE else self._hang)(world, job)
        return True

    def go_on(self, world: World, seconds: int) -> None:
        books = self._books
        if books is not None and seconds % self._every == 0 and books.forgotten < self._most:
            books.forgotten += 1
            books.scale(world.now, world.scheduler)

    def expected(self, world: World) -> Expected:
        del world
        return Expected(scope=workload(self._work), also=around(self._work), cause=self._cause)

    def _end(self, world: World, job: Job) -> None:
        """Let the job be complete, but not a container beside it."""
        job.stuck, job.finished_at = True, world.now
        world.tell(
            job, ChangeKind.WORKLOAD, "job", f"{job.name} complete", details=("pods kept by container log-shipper",)
        )
        world.news.work(job)
        self._cause = ("complete",)

    def _hang(self, world: World, job: Job) -> None:
        """Stop one device: all workers wait for it for ever."""
        machine = job.pods[0].machine
        assert machine is not None, "a job that runs has machines"
        job.stuck = True
        device = device_uuid(world.seed, machine, job.pods[0].devices[0])
        error = GpuError(node=machine.name, device=device, xid=STOPPED_PROCESSING, message="stopped processing")
        world.device_errors[device] = error
        world.news.event(world.now, job.cluster, error)
        self._cause = (f"xid {STOPPED_PROCESSING}",)

    def _leave_open(self, world: World, books: Notebooks) -> None:
        self._books = books
        self._most = self.chance.randint(*FORGOTTEN)
        self._every = self.chance.randint(*FORGOTTEN_EVERY) // ACTS_EVERY * ACTS_EVERY
        world.tell(
            books, ChangeKind.CONFIG, self.chance.choice(PEOPLE), f"{books.name} culler switched off",
            details=("idle sessions closed after 1h→never",),
        )  # fmt: skip
        self._cause = ("culler",)


def costs(world: World, job: Job) -> float:
    """Return what its GPUs cost now, $/h. Spot machines cost a third of what others of their pool do."""
    machines = [pod.machine for pod in job.pods if pod.machine is not None]
    return sum((world.usd_per_hour(machine) or 0.0) * job.gpus / job.pool.plan.instance.gpus for machine in machines)


SCENARIO = IdleLeak
