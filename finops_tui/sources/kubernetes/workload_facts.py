"""One workload put together from its controller and its pods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from finops_tui.model.inventory import Placement, Workload
from finops_tui.sources.kubernetes.controllers import ControllerFacts
from finops_tui.sources.kubernetes.objects import Labels
from finops_tui.sources.kubernetes.pods import PodFacts
from finops_tui.sources.kubernetes.templates import NO_TEMPLATE

Identity = tuple[str, str, str]
"""Kind, namespace, name."""


def describe(
    cluster: str,
    identity: Identity,
    pods: Sequence[PodFacts],
    *,
    controller: ControllerFacts | None,
    run: ControllerFacts | None,
    placements: tuple[Placement, ...],
    gpus_pending: float,
    disruptions_allowed: int | None,
) -> Workload:
    """Return the workload. `run` is what made its oldest pod: the job of a cron job that is under way."""
    kind, namespace, name = identity
    first = oldest(pods)
    labels, annotations = _marks(first, controller)
    uid = first.uid if first is not None and kind == "Pod" else ""
    template = controller.groups[0].template if controller is not None and controller.groups else NO_TEMPLATE
    return Workload(
        cluster=cluster,
        kind=kind,
        namespace=namespace,
        name=name,
        uid=controller.uid if controller is not None else uid,
        labels=labels,
        placements=placements,
        pods_pending=sum(not pod.node for pod in pods),
        gpus_pending=gpus_pending,
        replicas=controller.replicas if controller is not None else None,
        suspended=controller.suspended if controller is not None else False,
        restarts=sum(pod.restarts for pod in pods),
        created_at=controller.created_at if controller is not None else first.created_at if first else None,
        annotations=annotations,
        failing=dict(sorted(Counter(pod.failing for pod in pods if pod.failing).items())),
        finished_at=controller.ended_at if controller is not None else None,
        priority_class=first.priority_class if first is not None else template.priority_class,
        restart_policy=first.restart_policy if first is not None else template.restart_policy,
        deadline_at=next((each.deadline_at for each in (controller, run, first) if each and each.deadline_at), None),
        disruptions_allowed=disruptions_allowed,
        checkpoint_at=max(_checkpoints(pods, controller), default=None),
        running_since=min((pod.started_at for pod in pods if pod.node and pod.started_at is not None), default=None),
    )


def oldest(pods: Iterable[PodFacts]) -> PodFacts | None:
    """Return the pod that speaks for the others; None without any."""
    return min(pods, key=lambda pod: (pod.created_at is None, pod.created_at, pod.uid), default=None)


def waits(controller: ControllerFacts) -> bool:
    """Whether a controller without pods still matters: it wants some, or it is a job that was paused."""
    if controller.kind in ("CronJob", "DaemonSet") or controller.owner is not None:
        return False
    return bool(controller.replicas) or (controller.suspended and not controller.ended)


def _marks(pod: PodFacts | None, controller: ControllerFacts | None) -> tuple[Labels, Labels]:
    """Return labels and annotations: the controller's own, and its pods' for what it leaves open."""
    labels = pod.labels if pod is not None else {}
    annotations = pod.annotations if pod is not None else {}
    if controller is None:
        return labels, annotations
    return labels | controller.labels, annotations | controller.annotations


def _checkpoints(pods: Iterable[PodFacts], controller: ControllerFacts | None) -> Iterable[datetime]:
    if controller is not None and controller.checkpoint_at is not None:
        yield controller.checkpoint_at
    for pod in pods:
        if pod.checkpoint_at is not None:
            yield pod.checkpoint_at
