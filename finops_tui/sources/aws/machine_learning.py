"""SageMaker training jobs and endpoints, and AWS Batch: machines that no cluster shows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from finops_tui.model.cloud import JobQueue, JobQueuesSeen, MachineGroup, TrainingJob, TrainingJobsSeen
from finops_tui.sources.aws.calls import (
    COMPUTE_ENVIRONMENTS,
    ENDPOINT,
    ENDPOINT_CONFIG,
    ENDPOINTS,
    JOB_QUEUES,
    TRAINING_JOB,
    TRAINING_JOBS,
)
from finops_tui.sources.aws.desk import Desk, Question
from finops_tui.sources.aws.groups import seen
from finops_tui.sources.aws.part import Asking, Outcome, Part
from finops_tui.sources.aws.settings import AwsSettings
from finops_tui.sources.aws.values import moment, number
from finops_tui.sources.clean import one_line

VARIANT = "sagemaker-endpoint"
ENVIRONMENT = "batch-environment"
CONFIGS_GOOD_FOR = timedelta(days=30)
"""The config of an endpoint never changes: another one is made instead."""
LONGEST_JOB = timedelta(days=28)
"""SageMaker ends a training job after so long."""
RUNNING = frozenset({"InProgress", "Stopping"})
WARM = "Available"


def parts(settings: AwsSettings, desk: Desk) -> tuple[Part, ...]:
    if not settings.machine_learning:
        return ()
    every = timedelta(seconds=settings.interval_seconds)
    asked = (
        (TRAINING_JOBS.why, _training_jobs),
        (ENDPOINTS.why, _endpoints),
        (COMPUTE_ENVIRONMENTS.why, _environments),
        (JOB_QUEUES.why, _queues),
    )
    return tuple(
        Part(title=f"{title} in {region}", every=every, ask=partial(ask, region))
        for region in desk.regions
        for title, ask in asked
    )


async def _training_jobs(region: str, asking: Asking) -> Outcome:
    desk = asking.desk
    since = asking.now - LONGEST_JOB
    names = []
    for only in ({"StatusEquals": "InProgress"}, {"WarmPoolStatusEquals": WARM}):
        params = {**only, "CreationTimeAfter": since, "MaxResults": 100}
        kept = await desk.ask(Question(id="training", call=TRAINING_JOBS, params=params, region=region))
        summaries = (job for page in kept.pages for job in page.get("TrainingJobSummaries", ()))
        names += [str(job.get("TrainingJobName")) for job in summaries]
    asked = (
        desk.page(Question(id="training", call=TRAINING_JOB, params={"TrainingJobName": name}, region=region))
        for name in dict.fromkeys(names)
    )
    found = (job for job in await asyncio.gather(*asked) if job is not None and _costs(job))
    jobs = tuple(_training_job(job, desk.account, region) for job in found)
    told = TrainingJobsSeen(**asking.origin(asking.now), account=desk.account, region=region, jobs=jobs)
    return Outcome(observations=(told,), at=asking.now)


def _costs(job: Mapping[str, Any]) -> bool:
    """Say whether machines are paid for it: it may have ended since it was listed."""
    warm = (job.get("WarmPoolStatus") or {}).get("Status") == WARM
    return warm or job.get("TrainingJobStatus") in RUNNING


def _training_job(job: Mapping[str, Any], account: str, region: str) -> TrainingJob:
    machines = job.get("ResourceConfig") or {}
    groups = machines.get("InstanceGroups") or [machines]
    counts = [number(group.get("InstanceCount")) for group in groups]
    return TrainingJob(
        account=account,
        region=region,
        name=one_line(job.get("TrainingJobName", "")),
        instance_types=tuple(one_line(group["InstanceType"]) for group in groups if group.get("InstanceType")),
        machines=None if None in counts else sum(count for count in counts if count is not None),
        spot=bool(job.get("EnableManagedSpotTraining")),
        state=one_line(job.get("SecondaryStatus") or job.get("TrainingJobStatus", "")),
        warm_pool=one_line((job.get("WarmPoolStatus") or {}).get("Status", "")),
        checkpoints=bool((job.get("CheckpointConfig") or {}).get("S3Uri")),
        started_at=moment(job.get("TrainingStartTime")),
    )


async def _endpoints(region: str, asking: Asking) -> Outcome:
    desk = asking.desk
    kept = await desk.ask(Question(id="endpoints", call=ENDPOINTS, params={"MaxResults": 100}, region=region))
    names = (each.get("EndpointName") for page in kept.pages for each in page.get("Endpoints", ()))
    found = await asyncio.gather(*(_endpoint(name, region, desk) for name in names))
    return seen(asking, region, (VARIANT,), (group for groups in found for group in groups))


async def _endpoint(name: str, region: str, desk: Desk) -> tuple[MachineGroup, ...]:
    asked = Question(id="endpoints", call=ENDPOINT, params={"EndpointName": name}, region=region)
    endpoint = await desk.page(asked)
    if endpoint is None:
        return ()
    config = str(endpoint.get("EndpointConfigName", ""))
    params = {"EndpointConfigName": config}
    kept = Question(
        id=f"endpoint config {config}", call=ENDPOINT_CONFIG, params=params, region=region, good_for=CONFIGS_GOOD_FOR
    )
    made = await desk.page(kept)
    return tuple(_variants(endpoint, made or {}, desk.account, region))


def _variants(
    endpoint: Mapping[str, Any], config: Mapping[str, Any], account: str, region: str
) -> Iterator[MachineGroup]:
    configured = {each.get("VariantName"): each for each in config.get("ProductionVariants", ())}
    for variant in endpoint.get("ProductionVariants") or ():
        made = configured.get(variant.get("VariantName"), {})
        scaling = variant.get("ManagedInstanceScaling") or made.get("ManagedInstanceScaling") or {}
        yield MachineGroup(
            kind=VARIANT,
            account=account,
            region=region,
            name=one_line(variant.get("VariantName", "")),
            cluster=one_line(endpoint.get("EndpointName", "")),
            instance_types=(one_line(made["InstanceType"]),) if made.get("InstanceType") else (),
            spot=False,
            minimum=number(scaling.get("MinInstanceCount")),
            maximum=number(scaling.get("MaxInstanceCount")),
            desired=number(variant.get("DesiredInstanceCount")),
            running=number(variant.get("CurrentInstanceCount")),
            state=one_line(endpoint.get("EndpointStatus", "")),
            since=moment(endpoint.get("CreationTime")),
        )


async def _environments(region: str, asking: Asking) -> Outcome:
    kept = await asking.desk.ask(Question(id="batch", call=COMPUTE_ENVIRONMENTS, region=region))
    account = asking.desk.account
    found = (each for page in kept.pages for each in page.get("computeEnvironments", ()))
    return seen(asking, region, (ENVIRONMENT,), (_environment(each, account, region) for each in found))


def _environment(each: Mapping[str, Any], account: str, region: str) -> MachineGroup:
    machines = each.get("computeResources") or {}
    bought = str(machines.get("type", ""))
    return MachineGroup(
        kind=ENVIRONMENT,
        account=account,
        region=region,
        name=one_line(each.get("computeEnvironmentName", "")),
        instance_types=tuple(one_line(name) for name in machines.get("instanceTypes") or ()),
        spot=bought.endswith("SPOT") if bought else None,
        minimum=number(machines.get("minvCpus")),
        maximum=number(machines.get("maxvCpus")),
        desired=number(machines.get("desiredvCpus")),
        state=one_line(f"{each.get('state', '')} {each.get('status', '')}"),
        unit="vCPUs",
    )


async def _queues(region: str, asking: Asking) -> Outcome:
    kept = await asking.desk.ask(Question(id="queues", call=JOB_QUEUES, region=region))
    queues = tuple(
        _queue(each, asking.desk.account, region) for page in kept.pages for each in page.get("jobQueues", ())
    )
    told = JobQueuesSeen(**asking.origin(asking.now), account=asking.desk.account, region=region, queues=queues)
    return Outcome(observations=(told,), at=asking.now)


def _queue(each: Mapping[str, Any], account: str, region: str) -> JobQueue:
    order = sorted(each.get("computeEnvironmentOrder") or (), key=lambda one: number(one.get("order")) or 0)
    return JobQueue(
        account=account,
        region=region,
        name=one_line(each.get("jobQueueName", "")),
        open=each.get("state") == "ENABLED",
        environments=tuple(one_line(str(one.get("computeEnvironment", "")).rpartition("/")[2]) for one in order),
    )
