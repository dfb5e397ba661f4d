"""Which kinds of object are read, how they are asked for, and what the screen lacks without them.

A kind more is one entry here and a reader for its facts. Only `get`, `list` and `watch` are ever asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from finops_tui.sources.kubernetes.controllers import controller_reader
from finops_tui.sources.kubernetes.custom import KINDS as CUSTOM
from finops_tui.sources.kubernetes.custom import custom_reader
from finops_tui.sources.kubernetes.disruption_budgets import read_budget
from finops_tui.sources.kubernetes.limits import limits_reader
from finops_tui.sources.kubernetes.namespaces import read_namespace
from finops_tui.sources.kubernetes.nodes import node_reader, read_nodeclaim
from finops_tui.sources.kubernetes.notes import read_event
from finops_tui.sources.kubernetes.pods import pod_reader
from finops_tui.sources.kubernetes.settings import KubernetesSettings

METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
METADATA_ITEM = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
EVERYDAY_EVENTS = (
    "Scheduled",
    "Pulling",
    "Pulled",
    "Created",
    "Started",
    "Killing",
    "BackOff",
    "Unhealthy",
    "FailedScheduling",
    "SuccessfulCreate",
    "SuccessfulDelete",
    "ScalingReplicaSet",
    "SuccessfulAttachVolume",
    "FailedMount",
    "Nominated",
    "Unconsolidatable",
    "DisruptionBlocked",
    "NotTriggerScaleUp",
)
"""Reasons of events that nobody needs here; the server leaves them out."""
KUBE_STATE_METRICS = "Or a Prometheus of the cluster tells of it, where it has kube-state-metrics."


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    resource: str
    """Plural, as in the API's paths: `nodes`."""
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    optional: bool = False
    """Of an extension that a cluster may lack; asked for only where it is served."""
    minor: bool = False
    """Nice to have: who may not read it is told so, and the source counts as whole all the same."""
    metadata_only: bool = False
    fields: str = ""
    """Field selector."""
    lost: str
    """What is not known without it."""
    elsewhere: str = ""
    """Who else could tell of it, and how to ask."""
    read: Callable[[msgspec.Raw], Any]
    """Turns one object into the facts kept of it, None for one that says nothing. May raise DecodeError."""

    @property
    def base(self) -> str:
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    def path(self, namespace: str = "") -> str:
        if namespace and self.namespaced:
            return f"{self.base}/namespaces/{namespace}/{self.resource}"
        return f"{self.base}/{self.resource}"

    def selector(self, namespace: str = "") -> Mapping[str, str]:
        """Return the query that narrows a list; who may see one namespace may list it by its name."""
        if namespace and self.resource == "namespaces":
            return {"fieldSelector": f"metadata.name={namespace}"}
        return {"fieldSelector": self.fields} if self.fields else {}

    @property
    def accept_list(self) -> str:
        return METADATA_LIST if self.metadata_only else "application/json"

    @property
    def accept_watch(self) -> str:
        return METADATA_ITEM if self.metadata_only else "application/json"


def kinds(settings: KubernetesSettings) -> tuple[Kind, ...]:
    """Return every kind, those first that the others lean on."""
    keep = settings.keep_annotations
    return (
        Kind(
            resource="nodes",
            namespaced=False,
            lost="spend, GPUs, pools and spot state",
            elsewhere=KUBE_STATE_METRICS,
            read=node_reader(settings.cluster, settings.pool_labels, settings.keep_labels),
        ),
        Kind(
            resource="namespaces",
            namespaced=False,
            metadata_only=True,
            lost="owners that are named on namespaces",
            elsewhere=KUBE_STATE_METRICS,
            read=read_namespace,
        ),
        Kind(
            resource="deployments",
            group="apps",
            lost="rollouts and replica counts",
            read=controller_reader("Deployment", keep),
        ),
        Kind(
            resource="statefulsets",
            group="apps",
            lost="rollouts and replica counts",
            read=controller_reader("StatefulSet", keep),
        ),
        Kind(
            resource="daemonsets",
            group="apps",
            lost="owners of daemons",
            read=controller_reader("DaemonSet", keep),
        ),
        Kind(
            resource="cronjobs",
            group="batch",
            lost="owners of scheduled jobs",
            read=controller_reader("CronJob", keep),
        ),
        Kind(
            resource="jobs",
            group="batch",
            lost="which jobs are paused or finished",
            read=controller_reader("Job", keep),
        ),
        *(
            Kind(
                resource=resource,
                group=group,
                version=version,
                optional=True,
                lost="workloads under their own names",
                read=custom_reader(kind, keep),
            )
            for resource, group, version, kind in CUSTOM
        ),
        Kind(
            resource="nodeclaims",
            group="karpenter.sh",
            namespaced=False,
            optional=True,
            lost="why Karpenter takes nodes away",
            read=read_nodeclaim,
        ),
        Kind(
            resource="pods",
            fields="status.phase!=Succeeded",
            lost="workloads and who uses the GPUs",
            elsewhere=KUBE_STATE_METRICS,
            read=pod_reader(keep),
        ),
        Kind(
            resource="events",
            fields=",".join(f"reason!={reason}" for reason in EVERYDAY_EVENTS),
            lost="notices of spot interruptions and evictions",
            read=read_event,
        ),
        Kind(
            resource="horizontalpodautoscalers",
            group="autoscaling",
            version="v2",
            lost="changes of autoscaling limits",
            read=limits_reader("hpa"),
        ),
        Kind(
            resource="scaledobjects",
            group="keda.sh",
            version="v1alpha1",
            optional=True,
            lost="changes of autoscaling limits",
            read=limits_reader("scaledobject"),
        ),
        Kind(
            resource="nodepools",
            group="karpenter.sh",
            namespaced=False,
            optional=True,
            lost="changes of pool limits",
            read=limits_reader("nodepool"),
        ),
        Kind(
            resource="resourcequotas",
            minor=True,
            lost="changes of quotas",
            read=limits_reader("quota"),
        ),
        Kind(
            resource="poddisruptionbudgets",
            group="policy",
            minor=True,
            lost="how many pods of a workload may be evicted",
            read=read_budget,
        ),
    )
