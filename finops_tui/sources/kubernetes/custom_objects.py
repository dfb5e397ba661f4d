"""The parts of extensions' controllers that this program uses. Field names are those of their APIs.

JobSet v1alpha2, KubeRay v1, Kubeflow training v1 and trainer v1alpha1, LeaderWorkerSet v1, KServe v1beta1.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from finops_tui.sources.kubernetes.objects import Condition, JobTemplate, ManagedMetadata, Resources

_NOTHING = msgspec.Raw(b"")


class ReplicatedJob(msgspec.Struct):
    """Of a JobSet."""

    name: str = ""
    replicas: int = 1
    template: JobTemplate = msgspec.field(default_factory=JobTemplate)


class RayGroup(msgspec.Struct, rename="camel"):
    group_name: str = ""
    replicas: int | None = None
    min_replicas: int | None = None
    max_replicas: int | None = None
    num_of_hosts: int = 1
    template: msgspec.Raw = _NOTHING


class RayCluster(msgspec.Struct, rename="camel"):
    head_group_spec: RayGroup | None = None
    worker_group_specs: list[RayGroup] | None = None


class ReplicaSpec(msgspec.Struct):
    """Of a PyTorchJob."""

    replicas: int = 1
    template: msgspec.Raw = _NOTHING


class RunPolicy(msgspec.Struct, rename="camel"):
    suspend: bool = False
    active_deadline_seconds: float | None = None


class Trainer(msgspec.Struct, rename="camel"):
    num_nodes: int | None = None
    resources_per_node: Resources | None = None


class LeaderWorkerTemplate(msgspec.Struct, rename="camel"):
    size: int = 1
    leader_template: msgspec.Raw = _NOTHING
    worker_template: msgspec.Raw = _NOTHING


class PredictorModel(msgspec.Struct):
    resources: Resources | None = None


class Predictor(msgspec.Struct, rename="camel"):
    """Of an InferenceService; it may carry all fields of a pod's spec besides."""

    min_replicas: int | None = None
    max_replicas: int | None = None
    model: PredictorModel | None = None


class CustomSpec(RayCluster, rename="camel"):
    """What of it there is depends on the kind; fields of several kinds never mean different things."""

    suspend: bool = False
    replicas: int | None = None
    active_deadline_seconds: float | None = None
    run_policy: RunPolicy | None = None
    replicated_jobs: list[ReplicatedJob] | None = None
    ray_cluster_spec: RayCluster | None = None
    ray_cluster_config: RayCluster | None = None
    pytorch_replica_specs: dict[str, ReplicaSpec] | None = None
    trainer: msgspec.Raw = _NOTHING
    leader_worker_template: LeaderWorkerTemplate | None = None
    predictor: msgspec.Raw = _NOTHING


class CustomStatus(msgspec.Struct, rename="camel"):
    conditions: list[Condition] | None = None
    start_time: datetime | None = None
    job_deployment_status: str = ""
    end_time: datetime | None = None


class CustomController(msgspec.Struct):
    metadata: ManagedMetadata
    spec: msgspec.Raw = _NOTHING
    status: msgspec.Raw = _NOTHING
