"""Pods as the few facts kept of each: ten thousand of them must stay small."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from sys import intern

import msgspec

from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes import objects
from finops_tui.sources.kubernetes.annotations import checkpoint_at, kept_annotations
from finops_tui.sources.kubernetes.controllers import deadline
from finops_tui.sources.kubernetes.labels import kept_labels
from finops_tui.sources.kubernetes.quantities import Requests, pod_requests

_DECODER = msgspec.json.Decoder(objects.Pod)

DISRUPTIONS = {
    "PreemptionByScheduler": "preempted by a more important pod",
    "DeletionByTaintManager": "node tainted",
    "EvictionByEvictionAPI": "evicted",
    "DeletionByPodGC": "node gone",
    "TerminationByKubelet": "node under pressure or shutting down",
}
"""Reasons of the DisruptionTarget condition."""
REASONS = {"Evicted": "node under pressure", "Terminated": "node shutting down", "NodeShutdown": "node shutting down"}
"""`status.reason` of pods that failed against their will."""


UNSCHEDULABLE = "Unschedulable"
SETTING_UP = frozenset({"", "ContainerCreating", "PodInitializing"})
"""Reasons to wait that are no trouble."""
SAME_TROUBLE = {"ErrImagePull": "ImagePullBackOff"}
"""Reasons that alternate with another while the trouble stays the same."""


class PodFacts(msgspec.Struct, frozen=True, gc=False):
    uid: str
    namespace: str
    name: str
    owner: tuple[str, str]
    """Kind and name of its controller as far as the pod itself tells; `Pod` and its own name without one."""
    node: str
    """Empty while it is pending."""
    requests: Requests
    finished: bool
    restarts: int
    created_at: datetime | None
    labels: objects.Labels
    evicted: str
    """Why it is removed against its will; empty otherwise."""
    evicted_at: datetime | None
    annotations: objects.Labels
    """Only those that are understood."""
    failing: str
    """Why it does not get on: `CrashLoopBackOff`, `Unschedulable`; empty while it does."""
    priority_class: str
    restart_policy: str
    deadline_at: datetime | None
    checkpoint_at: datetime | None
    started_at: datetime | None
    """When its node took it up."""


def pod_reader(keep: Sequence[str] = ()) -> Callable[[msgspec.Raw], PodFacts]:
    """Return a reader of pods; `keep` names annotations to keep beside the usual ones."""
    return lambda item: read_pod(item, keep)


def read_pod(item: msgspec.Raw, keep: Sequence[str] = ()) -> PodFacts:
    pod = _DECODER.decode(item)
    metadata, status = pod.metadata, pod.status
    evicted, evicted_at = _eviction(status)
    annotations = kept_annotations(metadata.annotations, keep)
    return PodFacts(
        uid=one_line(metadata.uid),
        namespace=intern(one_line(metadata.namespace)),
        name=one_line(metadata.name),
        owner=_owner(metadata),
        node=intern(one_line(pod.spec.node_name)),
        requests=pod_requests(pod.spec),
        finished=status.phase in ("Succeeded", "Failed"),
        restarts=sum(container.restart_count for container in status.container_statuses or ()),
        created_at=metadata.creation_timestamp,
        labels=kept_labels(metadata.labels),
        evicted=evicted,
        evicted_at=evicted_at,
        annotations=annotations,
        failing=intern(_failing(status)),
        priority_class=intern(one_line(pod.spec.priority_class_name)),
        restart_policy=intern(one_line(pod.spec.restart_policy, 30)),
        deadline_at=deadline(status.start_time, pod.spec.active_deadline_seconds),
        checkpoint_at=checkpoint_at(annotations),
        started_at=status.start_time,
    )


def _owner(metadata: objects.Metadata) -> tuple[str, str]:
    owner = metadata.controller
    if owner is None or owner.kind == "Node":  # a static pod belongs to its kubelet: nobody else's business
        return ("Pod", one_line(metadata.name))
    if owner.kind == "ReplicaSet":
        # Deployments and Rollouts name their replica sets after themselves and this hash; so theirs need not be listed.
        for label, kind in (("pod-template-hash", "Deployment"), ("rollouts-pod-template-hash", "Rollout")):
            suffix = "-" + (metadata.labels or {}).get(label, "")
            if len(suffix) > 1 and owner.name.endswith(suffix):
                return (kind, intern(one_line(owner.name.removesuffix(suffix))))
    return (intern(one_line(owner.kind)), intern(one_line(owner.name)))


def _failing(status: objects.PodStatus) -> str:
    for container in _containers(status):
        waiting = container.state.waiting if container.state is not None else None
        if waiting is not None and waiting.reason not in SETTING_UP:
            return SAME_TROUBLE.get(waiting.reason) or one_line(waiting.reason, 60)
    for condition in status.conditions or ():
        if condition.type == "PodScheduled" and condition.status == "False":
            return UNSCHEDULABLE if condition.reason == UNSCHEDULABLE else ""
    return ""


def _containers(status: objects.PodStatus) -> Iterator[objects.ContainerStatus]:
    yield from status.init_container_statuses or ()
    yield from status.container_statuses or ()


def _eviction(status: objects.PodStatus) -> tuple[str, datetime | None]:
    for condition in status.conditions or ():
        if condition.type == "DisruptionTarget" and condition.status == "True":
            reason = REASONS.get(status.reason) or DISRUPTIONS.get(condition.reason) or one_line(condition.reason)
            return reason, condition.last_transition_time
    if status.phase == "Failed" and status.reason in REASONS:
        return REASONS[status.reason], None
    return "", None
