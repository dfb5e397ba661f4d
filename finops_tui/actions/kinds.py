"""Kinds of workload that can be paused or scaled, and how: one entry is all that a kind takes.

Sources: the API types of each project (JobSet 0.12, Kueue 0.19, training-operator 1.9, Trainer 2.3, MPI operator 0.8,
KubeRay 1.7, spark-operator 2.5, LWS 0.10, Argo Workflows, KServe, Kubernetes 1.37).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from finops_tui.actions.objects import Document, Fields, Path, Ref, value
from finops_tui.actions.sizes import PREDICTOR, WORKER_GROUPS, Sizes

SUSPEND: Path = ("spec", "suspend")
REPLICAS: Path = ("spec", "replicas")


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that an object says once a change has taken effect."""

    path: Path
    any_of: tuple[Any, ...]
    """None is a field that is not there."""

    def seen(self, document: Document) -> bool:
        return value(document, self.path) in self.any_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How objects of one kind are addressed."""

    kind: str
    group: str
    versions: tuple[str, ...] = ("v1",)
    """Those that are understood, the newest first."""
    plural: str
    namespaced: bool = True
    sizes: Sizes | None = None
    """Where it keeps how many there are, where it has no scale subresource."""

    def sets(self, path: Path) -> bool:
        """Tell whether an action may set this field of it: a recipe on an object may name no others."""
        return self.sizes is not None and self.sizes.holds(path)

    def ref(self, version: str, namespace: str, name: str) -> Ref:
        return Ref(
            group=self.group,
            version=version,
            plural=self.plural,
            kind=self.kind,
            namespace=namespace if self.namespaced else "",
            name=name,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pausable(Kind):
    path: Path = SUSPEND
    paused: Any = True
    running: Any = False
    """What resumes it where nothing says what it was before."""
    done: tuple[Sign, ...] = ()
    """All of them are seen once it stands still; none where setting the field is all."""
    frees: bool = True
    """Whether its running pods go. Otherwise only what would come next does not come."""
    clears: Path | None = None
    """What has to be taken from its status before it goes on, as some versions of its controller stumble over it."""
    keeps_work: bool = True
    """Whether resuming goes on from a checkpoint; otherwise everything begins anew."""
    how: str
    """What happens to its pods, in words."""

    def sets(self, path: Path) -> bool:
        return path == self.path or Kind.sets(self, path)

    def to_clear(self, document: Document) -> Fields:
        """Return what is to be taken from the status of a paused object before it goes on, as it is."""
        there = value(document, self.clears) if self.clears is not None else None
        return {self.clears: there} if self.clears is not None and there is not None else {}

    @property
    def begun(self) -> tuple[Sign, ...]:
        """What it says once it goes on again: the conditions of a pause are no longer so."""
        return tuple(Sign(sign.path, ("False", None)) for sign in self.done if sign.any_of == ("True",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalable(Kind):
    path: Path = REPLICAS
    now: Path = ("status", "replicas")
    """How many there are now."""
    unit: str = "replica"

    def sets(self, path: Path) -> bool:
        return path == self.path


def condition(kind: str) -> tuple[Sign, ...]:
    """Return the sign of a condition that is so."""
    return (Sign(("status", "conditions", kind, "status"), ("True",)),)


_TERMINATED = "its pods are ended with SIGTERM and go"
_RUN_POLICY: Path = ("spec", "runPolicy", "suspend")
_KUBEFLOW = (
    ("PyTorchJob", ("v1",)),
    ("TFJob", ("v1",)),
    ("XGBoostJob", ("v1",)),
    ("PaddleJob", ("v1",)),
    ("JAXJob", ("v1",)),
    ("MPIJob", ("v2beta1", "v1")),
)
KUEUE = Pausable(
    kind="Workload",
    group="kueue.x-k8s.io",
    versions=("v1beta2", "v1beta1"),
    plural="workloads",
    path=("spec", "active"),
    paused=False,
    running=True,
    done=(Sign(("status", "conditions", "QuotaReserved", "status"), ("False", None)),),
    how="Kueue evicts its pods and does not queue it again",
)
KUEUE_QUEUE = "kueue.x-k8s.io/queue-name"
"""Label of what Kueue admits: it sets `spec.suspend` itself, again and again."""

PAUSABLE: tuple[Pausable, ...] = (
    Pausable(
        kind="Job",
        group="batch",
        plural="jobs",
        # Resumed while its pods still terminate, it would count them as failed and wait before it starts others.
        done=(*condition("Suspended"), *(Sign(("status", count), (0, None)) for count in ("active", "terminating"))),
        # Kubernetes 1.32 to 1.34 may refuse the status of a job that is resumed with it, for ever, until a patch
        # release of late 2025 (kubernetes/kubernetes issue 134521). Kueue clears it, too.
        clears=("status", "startTime"),
        how=f"{_TERMINATED}; completed indexes are kept",
    ),
    Pausable(kind="CronJob", group="batch", plural="cronjobs", frees=False, how="no further run starts"),
    Pausable(
        kind="JobSet",
        group="jobset.x-k8s.io",
        versions=("v1alpha2",),
        plural="jobsets",
        done=condition("Suspended"),
        how=f"its jobs are suspended: {_TERMINATED}",
    ),
    KUEUE,
    *(
        Pausable(
            kind=kind,
            group="kueue.x-k8s.io",
            versions=("v1beta2", "v1beta1"),
            plural=plural,
            namespaced=namespaced,
            path=("spec", "stopPolicy"),
            paused="HoldAndDrain",
            running="None",
            done=(Sign(("status", "conditions", "Active", "status"), ("False",)),),
            how="nothing more is admitted, and what it admitted is evicted",
        )
        for kind, plural, namespaced in (("LocalQueue", "localqueues", True), ("ClusterQueue", "clusterqueues", False))
    ),
    *(
        Pausable(
            kind=kind,
            group="kubeflow.org",
            versions=versions,
            plural=f"{kind.lower()}s",
            path=_RUN_POLICY,
            done=condition("Suspended"),
            how=_TERMINATED,
        )
        for kind, versions in _KUBEFLOW
    ),
    Pausable(
        kind="TrainJob",
        group="trainer.kubeflow.org",
        versions=("v1alpha1",),
        plural="trainjobs",
        done=condition("Suspended"),
        how=f"its jobs are suspended: {_TERMINATED}",
    ),
    Pausable(
        kind="RayJob",
        group="ray.io",
        plural="rayjobs",
        done=(Sign(("status", "jobDeploymentStatus"), ("Suspended",)),),
        keeps_work=False,
        how="its Ray cluster is deleted; resuming starts a new cluster and a new job",
    ),
    Pausable(
        kind="RayCluster",
        group="ray.io",
        plural="rayclusters",
        done=condition("RayClusterSuspended"),
        keeps_work=False,
        sizes=WORKER_GROUPS,
        how="head and workers are deleted; what ran on it is lost",
    ),
    Pausable(
        kind="RayService",
        group="ray.io",
        plural="rayservices",
        done=condition("Suspended"),
        how="its Ray cluster is deleted and it stops serving",
    ),
    Pausable(
        kind="Workflow",
        group="argoproj.io",
        versions=("v1alpha1",),
        plural="workflows",
        frees=False,
        how="no further step starts, steps that run go on to their end",
    ),
    Pausable(
        kind="CronWorkflow",
        group="argoproj.io",
        versions=("v1alpha1",),
        plural="cronworkflows",
        frees=False,
        how="no further run starts",
    ),
    Pausable(
        kind="SparkApplication",
        group="sparkoperator.k8s.io",
        versions=("v1beta2",),
        plural="sparkapplications",
        done=(Sign(("status", "applicationState", "state"), ("SUSPENDED",)),),
        keeps_work=False,
        how="driver and executors are deleted",
    ),
    Pausable(
        kind="ScheduledSparkApplication",
        group="sparkoperator.k8s.io",
        versions=("v1beta2",),
        plural="scheduledsparkapplications",
        frees=False,
        how="no further run starts",
    ),
    Pausable(
        kind="InferenceService",
        group="serving.kserve.io",
        versions=("v1beta1",),
        plural="inferenceservices",
        path=("metadata", "annotations", "serving.kserve.io/stop"),
        paused="true",
        running=None,
        done=condition("Stopped"),
        sizes=PREDICTOR,
        how="its pods, autoscaler and routes are deleted; the model is loaded again on resuming",
    ),
)

SCALABLE: tuple[Scalable, ...] = (
    Scalable(kind="Deployment", group="apps", plural="deployments"),
    Scalable(kind="StatefulSet", group="apps", plural="statefulsets"),
    Scalable(kind="ReplicaSet", group="apps", plural="replicasets"),
    Scalable(kind="LeaderWorkerSet", group="leaderworkerset.x-k8s.io", plural="leaderworkersets", unit="group"),
)
HPA = Kind(kind="HorizontalPodAutoscaler", group="autoscaling", versions=("v2",), plural="horizontalpodautoscalers")
SCALED_OBJECT = Kind(kind="ScaledObject", group="keda.sh", versions=("v1alpha1",), plural="scaledobjects")
PAUSED_REPLICAS: Path = ("metadata", "annotations", "autoscaling.keda.sh/paused-replicas")
NODE = Kind(kind="Node", group="", plural="nodes", namespaced=False)
NODE_POOL = Kind(kind="NodePool", group="karpenter.sh", plural="nodepools", namespaced=False)
NODE_CLAIM = Kind(kind="NodeClaim", group="karpenter.sh", plural="nodeclaims", namespaced=False)
NAMESPACE = Kind(kind="Namespace", group="", plural="namespaces", namespaced=False)
POD = Kind(kind="Pod", group="", plural="pods")
QUOTA = Kind(kind="ResourceQuota", group="", plural="resourcequotas")
BUDGET = Kind(kind="PodDisruptionBudget", group="policy", plural="poddisruptionbudgets")
DAEMON_SET = Kind(kind="DaemonSet", group="apps", plural="daemonsets")
HOPELESS = {
    "Pod": ("A bare pod cannot be paused, only deleted: nothing would bring it back.", "Its owner should delete it."),
    "DaemonSet": ("A daemon set runs on every node that it selects.", "Change its node selector."),
    "Notebook": ("A notebook is stopped by its owner: what is in its memory is lost.", "Ask its owner to stop it."),
}
"""Kinds for which there is no pause, and why."""
