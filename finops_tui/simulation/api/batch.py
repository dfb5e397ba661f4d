"""Jobs, the schedules that start some of them, and the runs of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from finops_tui.simulation import orders
from finops_tui.simulation.api.answers import Document
from finops_tui.simulation.api.documents import Path, condition, metadata, reference, stamp
from finops_tui.simulation.api.resource import Key, Resource, moved
from finops_tui.simulation.api.store import Written
from finops_tui.simulation.api.works import Works, template
from finops_tui.simulation.estate import CLUSTERS
from finops_tui.simulation.jobs import Job
from finops_tui.simulation.randomness import identity
from finops_tui.simulation.readings import workload_of
from finops_tui.simulation.tenants import NIGHTLY

SUSPEND: Path = ("spec", "suspend")
PARALLELISM: Path = ("spec", "parallelism")
COMPLETIONS: Path = ("spec", "completions")
TEMPLATE: Path = ("spec", "template")
QUARTERLY = "0 1 1 */3 *"


class Jobs(Works[Job]):
    group, plural, kind = "batch", "jobs", "Job"
    owned = (SUSPEND, PARALLELISM)
    fixed = (COMPLETIONS, TEMPLATE)
    written: ClassVar[Mapping[Path, str]] = {SUSPEND: "suspend", PARALLELISM: "workers"}

    def all(self) -> Iterator[tuple[Key, Job]]:
        for job in self.world.jobs.values():
            if job.cluster == self.cluster:
                key = self.key(job)
                if not job.lasting:
                    yield key, job
                elif job.run is not None:
                    yield Key(key.namespace, run_name(job)), job

    def document(self, thing: Job) -> Document:
        workers = thing.run.workers if thing.run is not None else len(thing.pods)
        meta = self.meta(thing) if not thing.lasting else _run_meta(self, thing)
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": meta,
            "spec": {
                "parallelism": workers,
                "completions": workers,
                "completionMode": "Indexed",
                "backoffLimit": 6,
                "suspend": thing.halted,
                "template": template(thing, {"job-name": meta["name"]}),
            },
            "status": self._status(thing),
        }

    def writers(self, thing: Job) -> Mapping[Path, Written]:
        known = super().writers(thing)
        if thing.lasting:
            known = {SUSPEND: thing.written["halt"]} if "halt" in thing.written else {}
        return known

    def judge(self, thing: Job, before: Document, after: Document) -> None:
        super().judge(thing, before, after)
        self.flag(after, SUSPEND)
        self.count(after, PARALLELISM)

    def obey(self, thing: Job, before: Document, after: Document, who: str) -> None:
        if not thing.lasting:  # the notes of a run are not those of its schedule
            super().obey(thing, before, after, who)
        if moved(before, after, PARALLELISM):
            self.world.scale(thing.key, self.count(after, PARALLELISM), who)
        if moved(before, after, SUSPEND):
            suspended = self.flag(after, SUSPEND)
            if thing.lasting:
                orders.halt_run(self.world, thing, who, halted=suspended)
            elif suspended:
                self.world.pause_job(thing.key, who)
            else:
                self.world.resume_job(thing.key, who)

    def _status(self, job: Job) -> Document:
        now = self.world.now
        conditions = []
        if "halt" in job.written:
            since = job.written["halt"][1]
            reason = "JobSuspended" if job.halted else "JobResumed"
            conditions.append(condition("Suspended", so=job.halted, since=since, reason=reason))
        if job.finished_at is not None:
            # A job is complete when its last pod is gone, and its success is known before that.
            kind = "SuccessCriteriaMet" if job.pods else "Complete"
            conditions.append(condition(kind, so=True, since=job.finished_at, reason="CompletionsReached"))
        status: Document = {
            "active": len(job.pods),
            "ready": sum(1 for pod in job.pods if pod.ready(now)),
            "terminating": 0,
            "conditions": conditions,
        }
        if job.run is not None and not job.halted:
            status["startTime"] = stamp(max(job.run.start, job.created_at))
        return status


class CronJobs(Works[Job]):
    group, plural, kind = "batch", "cronjobs", "CronJob"
    owned = (SUSPEND,)
    written: ClassVar[Mapping[Path, str]] = {SUSPEND: "suspend"}

    def all(self) -> Iterator[tuple[Key, Job]]:
        for job in self.world.jobs.values():
            if job.cluster == self.cluster and job.lasting:
                yield self.key(job), job

    def document(self, thing: Job) -> Document:
        status: Document = {}
        if thing.run is not None:
            run = {"apiVersion": self.api_version, "kind": "Job", "namespace": thing.namespace}
            status["active"] = [run | {"name": run_name(thing), "uid": run_uid(thing)}]
            status["lastScheduleTime"] = stamp(thing.run.start)
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": self.meta(thing),
            "spec": {
                "schedule": _schedule(thing),
                "suspend": thing.suspended,
                "concurrencyPolicy": "Forbid",
                "jobTemplate": {"spec": {"template": template(thing, {"app": thing.name})}},
            },
            "status": status,
        }

    def judge(self, thing: Job, before: Document, after: Document) -> None:
        super().judge(thing, before, after)
        self.flag(after, SUSPEND)

    def obey(self, thing: Job, before: Document, after: Document, who: str) -> None:
        super().obey(thing, before, after, who)
        if moved(before, after, SUSPEND):
            orders.suspend_schedule(self.world, thing, who, suspended=self.flag(after, SUSPEND))


def run_name(job: Job) -> str:
    """Return what a schedule calls its present run: the minute for which it was due stands behind its own name."""
    assert job.run is not None, "without a run there is no name"
    return f"{job.name}-{job.run.start // 60}"


def run_uid(job: Job) -> str:
    return identity(0, job.key, run_name(job))


def _run_meta(resource: Resource[Job], job: Job) -> Document:
    assert job.run is not None, "without a run there is no object"
    uid = workload_of(job).uid
    return metadata(
        run_name(job), run_uid(job), job.run.start,
        namespace=job.namespace, labels={"app": job.name},
        owner=reference(resource.api_version, "CronJob", job.name, uid),
    )  # fmt: skip


def _schedule(job: Job) -> str:
    """Return when it runs, in the words of cron (UTC)."""
    for plan in NIGHTLY:
        if (plan.cluster, plan.namespace, plan.name) == (job.cluster, job.namespace, job.name):
            offset = next(cluster.utc_offset_hours for cluster in CLUSTERS if cluster.name == job.cluster)
            start = (plan.start_hour - offset) % 24
            return f"{int(start % 1 * 60)} {int(start)} * * *"
    return QUARTERLY
