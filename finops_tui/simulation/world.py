"""The whole simulated cloud: put together, stepped, and obeying what is done to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops_tui.errors import UsageError
from finops_tui.model.change import ChangeKind
from finops_tui.model.gpu import GpuError
from finops_tui.model.money import CapacityType
from finops_tui.simulation.autoscaler import Autoscaler
from finops_tui.simulation.beginning import populate
from finops_tui.simulation.estate import CLUSTERS
from finops_tui.simulation.happenings import Rollouts, beginning_of, interruption, starter
from finops_tui.simulation.jobs import Job, Notebooks
from finops_tui.simulation.machines import YOU, Machine, News, Pool, Work, change, device_uuid
from finops_tui.simulation.objectives import Objective
from finops_tui.simulation.randomness import stream
from finops_tui.simulation.schedule import Run, programmes
from finops_tui.simulation.scheduler import Scheduler
from finops_tui.simulation.serving import Service
from finops_tui.simulation.spot_market import SpotMarket
from finops_tui.simulation.tenants import NOTEBOOKS, SERVICES, SLOS
from finops_tui.simulation.traffic import DAY

if TYPE_CHECKING:
    from finops_tui.simulation.scenarios.base import Scenario

TICK_SECONDS = 10
SCALE_EVERY = 30
"""Autoscalers look at the world so often (seconds)."""
MARKET_EVERY = 60
XID_EVERY_SECONDS = 2 * DAY
"""Mean time between device errors in the whole fleet."""
XIDS = ((31, "page fault"), (43, "stopped processing"), (48, "double-bit ECC error"), (79, "fallen off the bus"))


class World:
    """Everything in it is plain state; `step` moves it on by one tick.

    The same seed and start give the same world, tick for tick, however it is watched.
    """

    def __init__(self, seed: int, start: int, scenario: Scenario | None = None) -> None:
        """Build the world as it usually is at `start` (unix seconds, rounded down to a whole tick).

        Until its scenario begins, it is the same as a world without one.
        """
        self.seed = seed
        self.now = self.start = start // TICK_SECONDS * TICK_SECONDS
        self.news = News()
        self.pools = {
            f"{cluster.name}/{plan.name}": Pool(cluster, plan, plan.minimum, plan.maximum)
            for cluster in CLUSTERS
            for plan in cluster.pools
        }
        self.market = SpotMarket(seed)
        self.scheduler = Scheduler(seed, self.news, self.gpus_asked_for)
        self.autoscaler = Autoscaler(seed, self.pools, self.scheduler, self.market, self.news)
        self.services = [Service(seed, plan, self.pools[f"{plan.cluster}/{plan.pool}"]) for plan in SERVICES]
        self.notebooks = [Notebooks(seed, plan, self.pools[f"{plan.cluster}/{plan.pool}"]) for plan in NOTEBOOKS]
        self.jobs: dict[str, Job] = {}
        self.works: dict[str, Work] = {work.key: work for work in (*self.services, *self.notebooks)}
        by_name = {service.name: service for service in self.services}
        self.objectives = [Objective(plan, by_name[plan.service]) for plan in SLOS]
        self.programmes = programmes(seed)
        self.rollouts = Rollouts(seed)
        self.device_errors: dict[str, GpuError] = {}
        """The last one of each device."""
        self.scenario = scenario
        self._backlog: dict[str, Run] = {}
        """The last run of each name that waits for the end of an earlier one, or for its schedule to go on."""
        self._errors = stream(seed, "device errors")
        populate(self)

    # --- time

    def step(self) -> None:
        """Move on by one tick."""
        self.now = now = self.now + TICK_SECONDS
        scheduler = self.scheduler
        self.autoscaler.tend(now)
        if self.scenario is not None:
            self.scenario.tick(self)
        if now % MARKET_EVERY == 0:
            self._let_happen(now)
        for job in list(self.jobs.values()):
            if job.work(now, TICK_SECONDS, self.news):
                self._finish(job)
        for service in self.services:
            service.serve(now, TICK_SECONDS)
        if now % SCALE_EVERY == 0:
            for service in self.services:
                service.scale(now, scheduler)
        scheduler.finish_surges(now)
        scheduler.place(now)
        if now % SCALE_EVERY == 0:
            self.autoscaler.step(now)
        for objective in self.objectives:
            objective.step(now, TICK_SECONDS)

    # --- money

    def usd_per_hour(self, machine: Machine) -> float | None:
        """Return what a machine costs now; None where there is no price for it."""
        return machine.usd_per_hour(self.market.price(machine.pool.cluster, machine.pool.plan.instance, self.now))

    def spend(self) -> float:
        """Return US dollars per hour of all priced machines."""
        return sum(self.usd_per_hour(machine) or 0.0 for machine in self.machines())

    def gpus_asked_for(self, cluster: str, namespace: str) -> int:
        """Return how many GPUs all pods of a namespace ask for, those that wait too."""
        works = (work for work in self.works.values() if (work.cluster, work.namespace) == (cluster, namespace))
        return sum(len(work.pods) * work.gpus for work in works)

    def machines(self) -> list[Machine]:
        return [machine for pool in self.pools.values() for machine in pool.machines.values()]

    # --- what may be done to it

    def pause_job(self, key: str, who: str = YOU) -> None:
        """Stop a job's pods after its last checkpoint; its machines go when they have stood empty for a while."""
        job = self._job(key)
        if not job.suspended:
            held = -float(len(job.pods) * job.gpus)
            job.suspended = True
            job.halt(self.now, self.scheduler)
            job.written["suspend"] = job.written["halt"] = (who, self.now)
            self.tell(job, ChangeKind.WORKLOAD, who, f"{job.name} paused", gpus=held)

    def resume_job(self, key: str, who: str = YOU) -> None:
        """Let a paused job go on from its last checkpoint."""
        job = self._job(key)
        if job.suspended:
            job.suspended = False
            job.go_on(self.now, self.scheduler)
            job.written["suspend"] = job.written["halt"] = (who, self.now)
            self.tell(job, ChangeKind.WORKLOAD, who, f"{job.name} resumed", gpus=float(len(job.pods) * job.gpus))

    def scale(self, key: str, replicas: int, who: str = YOU) -> None:
        """Ask for so many replicas, sessions or workers. An autoscaler, where there is one, changes it back."""
        work = self.works.get(key)
        if replicas < 0:
            raise UsageError("Replicas cannot be fewer than none.", f"{key}: {replicas}")
        if isinstance(work, Service):
            work.set_replicas(replicas, self.now, self.scheduler, who)
        elif isinstance(work, Notebooks):
            before, work.fixed = work.asked, replicas
            work.written["replicas"] = (who, self.now)
            more = float((replicas - before) * work.gpus)
            self.tell(work, ChangeKind.SCALE, who, f"{work.name} sessions {before}→{replicas}", gpus=more)
        elif isinstance(work, Job) and work.run is not None:
            before = work.run.workers
            more = 0.0 if work.halted else float((replicas - before) * work.gpus)
            work.resize(replicas, self.now, self.scheduler)
            work.written["workers"] = (who, self.now)
            self.tell(work, ChangeKind.SCALE, who, f"{work.name} workers {before}→{replicas}", gpus=more)
        else:
            raise UsageError(f"Nothing that can be scaled is called {key}.")

    def limit_autoscaler(self, key: str, minimum: int, maximum: int, who: str = YOU) -> None:
        """Set the bounds between which a service's autoscaler moves."""
        service = self.works.get(key)
        if not isinstance(service, Service) or not service.autoscaled:
            raise UsageError(f"No autoscaled service is called {key}.")
        limits = (f"min replicas {service.minimum}→{minimum}", f"max replicas {service.maximum}→{maximum}")
        service.minimum, service.maximum = minimum, maximum
        if who != YOU:  # colleagues do it in Git
            service.declared = (minimum, maximum)
        service.written["limits"] = (who, self.now)
        what = f"{service.name} replicas limited to {minimum}-{maximum}"
        self.tell(service, ChangeKind.CONFIG, who, what, details=limits)

    def limit_pool(self, key: str, minimum: int, maximum: int, who: str = YOU, *, drains: bool = True) -> None:
        """Set the bounds of a pool (`cluster/pool`); machines above the maximum are drained, or only no more come."""
        pool = self.pools.get(key)
        if pool is None:
            raise UsageError(f"No pool is called {key}.")
        if not 0 <= minimum <= maximum:
            raise UsageError("A pool's bounds must be in order.", f"{key}: {minimum} to {maximum}")
        what = f"{pool.plan.name} limits {pool.minimum}-{pool.maximum}→{minimum}-{maximum} nodes"
        pool.minimum, pool.maximum, pool.limits, pool.drains = minimum, maximum, None, drains
        pool.limited_by = (who, self.now)
        self.news.event(self.now, pool.cluster.name, change(key, ChangeKind.SCALE, who, what, self.now))

    def cordon(self, cluster: str, node: str, *, cordoned: bool = True, who: str = YOU) -> None:
        """Close a machine for new pods, or open it again. What stands on it stays."""
        machine = next((m for m in self.machines() if m.pool.cluster.name == cluster and m.name == node), None)
        if machine is None:
            raise UsageError(f"No node is called {cluster}/{node}.")
        machine.cordoned, machine.cordoned_by = cordoned, (who, self.now)
        what = f"{'cordoned' if cordoned else 'uncordoned'} {node}"
        self.news.event(self.now, cluster, change(machine.pool.key, ChangeKind.NODE, who, what, self.now))
        self.news.machine(machine)

    # --- inside

    def _job(self, key: str) -> Job:
        job = self.jobs.get(key)
        if job is None:
            raise UsageError(f"No job is called {key}.")
        return job

    def _let_happen(self, now: int) -> None:
        self._due_runs(now)
        self._due_rollouts(now)
        self._interrupt(now)
        self._break_devices(now)
        for books in self.notebooks:
            books.scale(now, self.scheduler)
        for job in self.jobs.values():
            job.fill(now, self.scheduler)

    def _due_runs(self, now: int) -> None:
        due, self._backlog = self._backlog, {}
        for programme in self.programmes:
            due |= {run.key: run for run in programme.starting(now - MARKET_EVERY, now)}
        for run in due.values():
            job = self.jobs.get(run.key)
            if job is not None and (job.run is not None or job.suspended):
                self._backlog[run.key] = run
                continue
            if job is None:
                job = self.add_job(run, now)
            self.begin_run(job, run)

    def begin_run(self, job: Job, run: Run) -> None:
        """Start a run of a job that has none."""
        job.begin(run, self.now, self.scheduler)
        self.tell(job, ChangeKind.WORKLOAD, starter(run), beginning_of(run), gpus=float(run.workers * run.gpus))

    def add_job(self, run: Run, created_at: int) -> Job:
        """Make a job's object, without pods."""
        job = Job(self.seed, run, self.pools[f"{run.cluster}/{run.pool}"])
        job.created_at = created_at
        self.jobs[job.key] = self.works[job.key] = job
        self.news.work(job)
        return job

    def _finish(self, job: Job) -> None:
        held = -float(len(job.pods) * job.gpus)
        job.end(self.now, self.scheduler)
        self.tell(job, ChangeKind.WORKLOAD, "job", f"{job.name} complete", gpus=held)
        if not job.lasting:
            del self.jobs[job.key], self.works[job.key]
            self.news.work_gone(job)

    def _due_rollouts(self, now: int) -> None:
        for service in self.services:
            at = self.rollouts.at(service, now)
            if now - MARKET_EVERY < at <= now:
                told = self.rollouts.change(service, at, service.image)
                service.sync(self.rollouts.image(service, at), now, self.scheduler)
                self.news.event(at, service.cluster, told)

    def _interrupt(self, now: int) -> None:
        for pool in self.pools.values():
            for machine in pool.machines.values():
                spot = machine.capacity_type is CapacityType.SPOT and not machine.leaving
                if spot and self.market.takes(pool, now, MARKET_EVERY):
                    self.interrupt(machine)

    def interrupt(self, machine: Machine) -> None:
        """Let the cloud announce that it takes a machine back."""
        notice = machine.pool.cluster.notice_seconds
        machine.leave("spot interruption", self.now)
        machine.drain_at = self.now + notice
        for pod in list(machine.pods):
            if pod.movable:
                self.scheduler.move(pod, self.now)
        self.news.machine(machine)
        self.news.event(self.now, machine.pool.cluster.name, interruption(machine, machine.uid))

    def _break_devices(self, now: int) -> None:
        if self._errors.random() >= MARKET_EVERY / XID_EVERY_SECONDS:
            return
        machine = self._errors.choice(self.machines())
        device = self._errors.randrange(machine.pool.plan.instance.gpus)
        xid, message = self._errors.choice(XIDS)
        error = GpuError(node=machine.name, device=device_uuid(self.seed, machine, device), xid=xid, message=message)
        self.device_errors[error.device] = error
        self.news.event(now, machine.pool.cluster.name, error)

    def tell(
        self,
        work: Work,
        kind: ChangeKind,
        who: str,
        what: str,
        *,
        details: tuple[str, ...] = (),
        gpus: float | None = None,
    ) -> None:
        """Report a change of something that owns pods."""
        told = change(work.key, kind, who, what, self.now, details=details, gpus=gpus)
        self.news.event(self.now, work.cluster, told)
