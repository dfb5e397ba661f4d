"""Controllers of extensions: training jobs, Ray clusters, model servers.

What they ask for is read group by group. A field that is not what it was when this was written costs that field's
figures, never the workload itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec

from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes import custom_objects as custom
from finops_tui.sources.kubernetes import objects
from finops_tui.sources.kubernetes.controllers import (
    ControllerFacts,
    Group,
    common_facts,
    deadline,
    ending,
    held_conditions,
)
from finops_tui.sources.kubernetes.quantities import Requests, requested
from finops_tui.sources.kubernetes.templates import (
    NO_TEMPLATE,
    TemplateFacts,
    digest,
    read_container,
    read_spec,
    read_template,
)

T = TypeVar("T")

KINDS = (
    ("jobsets", "jobset.x-k8s.io", "v1alpha2", "JobSet"),
    ("rayclusters", "ray.io", "v1", "RayCluster"),
    ("rayjobs", "ray.io", "v1", "RayJob"),
    ("rayservices", "ray.io", "v1", "RayService"),
    ("pytorchjobs", "kubeflow.org", "v1", "PyTorchJob"),
    ("trainjobs", "trainer.kubeflow.org", "v1alpha1", "TrainJob"),
    ("leaderworkersets", "leaderworkerset.x-k8s.io", "v1", "LeaderWorkerSet"),
    ("inferenceservices", "serving.kserve.io", "v1beta1", "InferenceService"),
)
"""Resource, group, version and kind: their pods' owners, in turn owned by each other."""
STOPPED = "serving.kserve.io/stop"
RAY_ENDINGS = {"Complete": "completed", "Failed": "failed"}
"""`jobDeploymentStatus` of a RayJob that is over."""


def custom_reader(kind: str, keep: Sequence[str] = ()) -> Callable[[msgspec.Raw], ControllerFacts]:
    """Return a reader for a kind of an extension; `keep` names annotations to keep beside the usual ones."""

    def read(item: msgspec.Raw) -> ControllerFacts:
        told = msgspec.json.decode(item, type=custom.CustomController)
        spec = _lenient(told.spec, custom.CustomSpec)
        status = _lenient(told.status, custom.CustomStatus)
        policy = spec.run_policy or custom.RunPolicy()
        ended, ended_at = ending(held_conditions(status.conditions))
        if not ended and status.job_deployment_status in RAY_ENDINGS:
            ended, ended_at = RAY_ENDINGS[status.job_deployment_status], status.end_time
        suspended = spec.suspend or policy.suspend or (told.metadata.annotations or {}).get(STOPPED) == "true"
        groups = tuple(_groups(spec))
        known = bool(groups) and all(group.replicas is not None for group in groups)
        wanted = 0 if ended or suspended else sum(group.replicas or 0 for group in groups)
        seconds = (
            spec.active_deadline_seconds if spec.active_deadline_seconds is not None else policy.active_deadline_seconds
        )
        return msgspec.structs.replace(
            common_facts(kind, told.metadata, keep),
            replicas=wanted if known else None,
            suspended=suspended,
            groups=groups,
            settings=tuple(_settings(spec)),
            ended=ended,
            ended_at=ended_at,
            deadline_at=deadline(status.start_time, seconds),
        )

    return read


def _lenient(raw: msgspec.Raw, kind: type[T]) -> T:
    """Decode what may be missing or of another version."""
    try:
        return msgspec.json.decode(raw, type=kind) if bytes(raw) else kind()
    except msgspec.DecodeError:
        return kind()


def _groups(spec: custom.CustomSpec) -> Iterator[Group]:
    for job in spec.replicated_jobs or ():
        inner = job.template.spec
        replicas = job.replicas * (1 if inner.parallelism is None else inner.parallelism)
        yield Group(one_line(job.name), replicas, _template(inner.template))
    for name, replica_spec in sorted((spec.pytorch_replica_specs or {}).items()):
        yield Group(one_line(name), replica_spec.replicas, _template(replica_spec.template))
    yield from _ray(spec.ray_cluster_spec or spec.ray_cluster_config or spec)
    if spec.leader_worker_template is not None:
        yield from _leader_and_workers(spec.leader_worker_template, 1 if spec.replicas is None else spec.replicas)
    if bytes(spec.trainer):
        trainer = _lenient(spec.trainer, custom.Trainer)
        yield Group("", trainer.num_nodes, _as_template(spec.trainer, trainer.resources_per_node))
    if bytes(spec.predictor):
        model = _lenient(spec.predictor, custom.Predictor).model
        yield Group("", None, _as_template(spec.predictor, model.resources if model is not None else None))


def _ray(cluster: custom.RayCluster) -> Iterator[Group]:
    if cluster.head_group_spec is not None:
        yield Group("head", 1, _template(cluster.head_group_spec.template))
    for group in cluster.worker_group_specs or ():
        replicas = (group.replicas or 0) * group.num_of_hosts
        yield Group(one_line(group.group_name), replicas, _template(group.template))


def _leader_and_workers(told: custom.LeaderWorkerTemplate, replicas: int) -> Iterator[Group]:
    leader = told.leader_template if bytes(told.leader_template) else told.worker_template
    yield Group("leader", replicas, _template(leader))
    if told.size > 1:
        yield Group("workers", replicas * (told.size - 1), _template(told.worker_template))


def _settings(spec: custom.CustomSpec) -> Iterator[tuple[str, str]]:
    """Yield how far something else may scale it."""
    for group in (spec.ray_cluster_spec or spec.ray_cluster_config or spec).worker_group_specs or ():
        for name, value in (("min", group.min_replicas), ("max", group.max_replicas)):
            if value is not None:
                yield f"{one_line(group.group_name)} {name}", str(value)
    if bytes(spec.predictor):
        predictor = _lenient(spec.predictor, custom.Predictor)
        for name, value in (("min", predictor.min_replicas), ("max", predictor.max_replicas)):
            if value is not None:
                yield name, str(value)


def _template(raw: msgspec.Raw) -> TemplateFacts:
    try:
        return read_template(bytes(raw))
    except msgspec.DecodeError:
        return NO_TEMPLATE


def _as_template(raw: msgspec.Raw, resources: objects.Resources | None) -> TemplateFacts:
    """Return the facts of what stands in place of a pod template: a trainer, a predictor.

    How many pods it is for stands there too, so its digest is one of the facts alone.
    """
    try:
        facts = read_spec(bytes(raw))
        container = read_container(bytes(raw))
    except msgspec.DecodeError:
        return NO_TEMPLATE
    if resources is not None:
        requests = requested(resources.requests or resources.limits)
        facts = msgspec.structs.replace(
            facts,
            containers=facts.containers or (container,),
            requests=Requests(*(mine + others for mine, others in zip(requests, facts.requests, strict=True))),
        )
    facts = msgspec.structs.replace(facts, digest="")
    return msgspec.structs.replace(facts, digest=digest(msgspec.json.encode(facts)))
