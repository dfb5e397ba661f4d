"""Training, nightly work and experiments, which make progress; notebooks, which mostly wait for their users."""

from __future__ import annotations

from finops_tui.simulation.machines import News, Pod, Pool, Work, tag
from finops_tui.simulation.randomness import Noise
from finops_tui.simulation.schedule import Run
from finops_tui.simulation.scheduler import Scheduler
from finops_tui.simulation.tenants import NotebookPlan
from finops_tui.simulation.traffic import Sessions

CRON_DEADLINE_SECONDS = 8 * 3600
"""A scheduled run may take so long."""


class Job(Work):
    """All workers must run for it to make progress. What was done since the last checkpoint can be lost."""

    movable = False
    priority_class = "batch"
    restart_policy = "OnFailure"

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
        self.saved_at: float | None = None
        """When that was written (unix seconds)."""
        self.deadline_at: float | None = None
        self.finished_at: int | None = None
        """Set where it is done and keeps its pods all the same."""
        self.stuck = False
        """Its pods are there and do nothing."""
        self.halted = False
        """Its run stands still. A suspended job does; a schedule may be suspended and let its last run go on."""
        self._noise = Noise(seed, f"job/{self.key}")

    @property
    def lasting(self) -> bool:
        """A CronJob stays when its run has ended."""
        return self.kind == "CronJob"

    @property
    def progress(self) -> float:
        return self.done / self.run.seconds if self.run is not None else 0.0

    @property
    def running_since(self) -> float | None:
        """When the first of its pods that run was ready (unix seconds); None where none runs."""
        return min((pod.ready_at for pod in self.pods if pod.machine is not None), default=None)

    def pod_name(self, seed: int) -> str:
        return f"{self.name}-{self.serial}-{tag(seed, self.key, self.created_at, self.serial)}"

    def begin(self, run: Run, now: int, scheduler: Scheduler, done: float = 0.0) -> None:
        self.run = run
        self.done = done
        self.saved = done // run.checkpoint_seconds * run.checkpoint_seconds
        self.saved_at = now - (done - self.saved) if self.saved > 0 else None
        self.deadline_at = now - done + CRON_DEADLINE_SECONDS if self.lasting else None
        for _ in range(run.workers):
            scheduler.start(self, now)

    def work(self, now: int, seconds: float, news: News) -> bool:
        """Make progress for some seconds; return whether the run is complete."""
        run = self.run
        if run is None or self.stuck or not self.pods or len(self.pods) < run.workers or not self.running(now):
            return False
        self.done += seconds
        if self.done - self.saved >= run.checkpoint_seconds:
            self.saved += run.checkpoint_seconds
            self.saved_at = now
            news.work(self)
        return self.done >= run.seconds

    def running(self, now: int) -> bool:
        return all(pod.machine is not None and pod.ready_at <= now for pod in self.pods)

    def end(self, now: int, scheduler: Scheduler) -> None:
        self.run = self.deadline_at = None
        self.halted = False
        self._stop_pods(now, scheduler)

    def resize(self, workers: int, now: int, scheduler: Scheduler) -> None:
        """Have so many workers from now on; what was done since the last checkpoint is lost."""
        if self.run is None:
            return
        self.run = self.run._replace(workers=workers)
        self.done = self.saved
        if self.halted:
            return
        for _ in range(workers - len(self.pods)):
            scheduler.start(self, now)
        for pod in self.pods[workers:]:
            scheduler.stop(pod, now)

    def crash(self, now: int, scheduler: Scheduler) -> None:
        """Let all workers that run begin again where they stand, from the last checkpoint."""
        self.done = self.saved
        for pod in self.pods:
            if pod.machine is not None:
                pod.ready_at = now + self.startup_seconds
                self.restarts += 1
        scheduler.news.work(self)

    def fill(self, now: int, scheduler: Scheduler) -> None:
        """Start the workers that are missing because a quota left no room for them."""
        if self.run is None or self.halted or self.finished_at is not None:
            return
        for _ in range(self.run.workers - len(self.pods)):
            scheduler.start(self, now)

    def halt(self, now: int, scheduler: Scheduler) -> None:
        """Let the run stand still, without pods."""
        self.halted = self.run is not None
        self.done = self.saved
        self._stop_pods(now, scheduler)
        scheduler.news.work(self)

    def go_on(self, now: int, scheduler: Scheduler) -> None:
        """Let a run that stands still go on from its last checkpoint."""
        halted, self.halted = self.halted, False
        scheduler.news.work(self)
        if not halted or self.run is None or self.finished_at is not None:
            return
        self.stuck = False
        for _ in range(self.run.workers):
            scheduler.start(self, now)

    def interrupted(self) -> None:
        self.done = self.saved

    def activity(self, pod: Pod, now: int) -> float:
        if self.stuck or not pod.ready(now) or not self.running(now):
            return 0.0
        if self.done - self.saved < 20.0:  # noqa: PLR2004 - it writes a checkpoint
            return 0.3
        return 0.93 + 0.05 * self._noise.smooth(now, 240.0)

    def memory(self, activity: float) -> float:
        return 0.82 if activity > 0.0 or self.stuck else 0.04

    def _stop_pods(self, now: int, scheduler: Scheduler) -> None:
        for pod in list(self.pods):
            scheduler.stop(pod, now)


class Notebooks(Work):
    priority = 1
    priority_class = "interactive"
    startup_seconds = 30

    def __init__(self, seed: int, plan: NotebookPlan, pool: Pool) -> None:
        super().__init__(
            kind="StatefulSet", namespace=plan.namespace, name=plan.name, pool=pool,
            model="", gpus=plan.gpus,
        )  # fmt: skip
        self.sessions = Sessions(seed, plan, pool.cluster.utc_offset_hours)
        self.fixed: int | None = None
        """A number that somebody set in place of what the users want."""
        self.forgotten = 0
        """Sessions on top that nobody uses and nothing closes."""

    @property
    def asked(self) -> int:
        """How many sessions there shall be; they follow within a minute."""
        return (self.replicas or 0) if self.fixed is None else self.fixed

    def pod_name(self, seed: int) -> str:
        del seed
        taken = {pod.name for pod in self.pods}
        place = 0
        while f"{self.name}-{place}" in taken:
            place += 1
        return f"{self.name}-{place}"

    def scale(self, now: int, scheduler: Scheduler) -> None:
        wanted = self.sessions.open(now) + self.forgotten if self.fixed is None else self.fixed
        pods = [pod for pod in self.pods if pod.replaces is None]
        if wanted != self.replicas:
            self.replicas = wanted
            scheduler.news.work(self)
        for _ in range(wanted - len(pods)):
            scheduler.start(self, now)
        for pod in sorted(pods, key=_session)[wanted:]:
            scheduler.stop(pod, now)

    def activity(self, pod: Pod, now: int) -> float:
        session = _session(pod)
        if not pod.ready(now) or (self.forgotten and session >= self.sessions.open(now)):
            return 0.0
        return 0.55 if self.sessions.busy(session, now) else 0.0

    def memory(self, activity: float) -> float:
        return 0.4 if activity > 0.0 else 0.12


def _session(pod: Pod) -> int:
    return int(pod.name.rpartition("-")[2])
