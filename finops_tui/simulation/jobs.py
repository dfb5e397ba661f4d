"""Training, nightly work and experiments, which make progress; notebooks, which mostly wait for their users."""

from __future__ import annotations

from finops_tui.simulation.machines import Pod, Pool, Work, tag
from finops_tui.simulation.randomness import Noise
from finops_tui.simulation.schedule import Run
from finops_tui.simulation.scheduler import Scheduler
from finops_tui.simulation.tenants import NotebookPlan
from finops_tui.simulation.traffic import Sessions


class Job(Work):
    """All workers must run for it to make progress. What was done since the last checkpoint can be lost."""

    movable = False

    def __init__(self, seed: int, run: Run, pool: Pool) -> None:
        super().__init__(
            kind=run.kind, namespace=run.namespace, name=run.name, pool=pool,
            model=run.model, gpus=run.gpus,
        )  # fmt: skip
        self.run: Run | None = None
        self.done = 0.0
        """Seconds of work behind it."""
        self.saved = 0.0
        """Seconds of work that its last checkpoint keeps."""
        self._noise = Noise(seed, f"job/{self.key}")

    @property
    def lasting(self) -> bool:
        """A CronJob stays when its run has ended."""
        return self.kind == "CronJob"

    @property
    def progress(self) -> float:
        return self.done / self.run.seconds if self.run is not None else 0.0

    def pod_name(self, seed: int) -> str:
        return f"{self.name}-{self.serial}-{tag(seed, self.key, self.created_at, self.serial)}"

    def begin(self, run: Run, now: int, scheduler: Scheduler, done: float = 0.0) -> None:
        self.run = run
        self.done = done
        self.saved = done // run.checkpoint_seconds * run.checkpoint_seconds
        for _ in range(0 if self.suspended else run.workers):
            scheduler.start(self, now)

    def work(self, now: int, seconds: float) -> bool:
        """Make progress for some seconds; return whether the run is complete."""
        run = self.run
        if run is None or not self.pods or not self.running(now):
            return False
        self.done += seconds
        if self.done - self.saved >= run.checkpoint_seconds:
            self.saved += run.checkpoint_seconds
        return self.done >= run.seconds

    def running(self, now: int) -> bool:
        return all(pod.machine is not None and pod.ready_at <= now for pod in self.pods)

    def end(self, now: int, scheduler: Scheduler) -> None:
        self.run = None
        self._stop_pods(now, scheduler)

    def pause(self, now: int, scheduler: Scheduler) -> None:
        self.suspended = True
        self.done = self.saved
        self._stop_pods(now, scheduler)
        scheduler.news.work(self)

    def resume(self, now: int, scheduler: Scheduler) -> None:
        self.suspended = False
        scheduler.news.work(self)
        for _ in range(self.run.workers if self.run is not None else 0):
            scheduler.start(self, now)

    def interrupted(self) -> None:
        self.done = self.saved

    def activity(self, pod: Pod, now: int) -> float:
        if not pod.ready(now) or not self.running(now):
            return 0.0
        if self.done - self.saved < 20.0:  # noqa: PLR2004 - it writes a checkpoint
            return 0.3
        return 0.93 + 0.05 * self._noise.smooth(now, 240.0)

    def memory(self, activity: float) -> float:
        return 0.82 if activity > 0.0 else 0.04

    def _stop_pods(self, now: int, scheduler: Scheduler) -> None:
        for pod in list(self.pods):
            scheduler.stop(pod, now)


class Notebooks(Work):
    priority = 1
    startup_seconds = 30

    def __init__(self, seed: int, plan: NotebookPlan, pool: Pool) -> None:
        super().__init__(
            kind="StatefulSet", namespace=plan.namespace, name=plan.name, pool=pool,
            model="", gpus=plan.gpus,
        )  # fmt: skip
        self.sessions = Sessions(seed, plan, pool.cluster.utc_offset_hours)
        self.fixed: int | None = None
        """A number that somebody set in place of what the users want."""

    def pod_name(self, seed: int) -> str:
        del seed
        taken = {pod.name for pod in self.pods}
        place = 0
        while f"{self.name}-{place}" in taken:
            place += 1
        return f"{self.name}-{place}"

    def scale(self, now: int, scheduler: Scheduler) -> None:
        wanted = self.sessions.open(now) if self.fixed is None else self.fixed
        pods = [pod for pod in self.pods if pod.replaces is None]
        if wanted != self.replicas:
            self.replicas = wanted
            scheduler.news.work(self)
        for _ in range(wanted - len(pods)):
            scheduler.start(self, now)
        for pod in sorted(pods, key=_session)[wanted:]:
            scheduler.stop(pod, now)

    def activity(self, pod: Pod, now: int) -> float:
        return 0.55 if pod.ready(now) and self.sessions.busy(_session(pod), now) else 0.0

    def memory(self, activity: float) -> float:
        return 0.4 if activity > 0.0 else 0.12


def _session(pod: Pod) -> int:
    return int(pod.name.rpartition("-")[2])
