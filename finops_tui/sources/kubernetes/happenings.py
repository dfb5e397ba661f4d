"""Kubernetes Events, and signals on nodes and pods, as interruptions, evictions and changes."""

from __future__ import annotations

import re

from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.inventory import Node
from finops_tui.model.spot import Eviction, Interruption
from finops_tui.sources.kubernetes.nodes import NodeFacts
from finops_tui.sources.kubernetes.notes import EVICTION_REASONS, SCALE_REASONS, SPOT_REASONS, EventFacts
from finops_tui.sources.kubernetes.pods import PodFacts

_NEW_SIZE = re.compile(r"New size: (\d+); reason: (.+)")
_CA_SIZE = re.compile(r"setting group (\S+) size to (\d+) instead of (\d+)")
ACTORS = {"horizontal-pod-autoscaler": "hpa", "keda-operator": "keda"}


def interruption_of_node(facts: NodeFacts) -> Interruption:
    """Tell the interruption that a node itself shows."""
    return _interruption(facts.node, facts.interrupted, facts.notice_seconds)


def interruption_of_event(event: EventFacts, node: Node | None) -> Interruption | None:
    """Tell the interruption that an Event about a node announces. None for an Event about anything else.

    Some tools put the node's name where its uid belongs, so the node itself is asked where it is still known.
    """
    if event.reason not in SPOT_REASONS or event.kind != "Node":
        return None
    notice = SPOT_REASONS[event.reason]
    if node is not None:
        return _interruption(node, event.reason, notice)
    return Interruption(
        id=event.object_uid or event.name, node=event.name, pool="", reason=event.reason, notice_seconds=notice
    )


def _interruption(node: Node, reason: str, notice_seconds: float | None) -> Interruption:
    return Interruption(
        id=node.uid,
        node=node.name,
        pool=node.pool,
        reason=reason,
        instance_type=node.instance_type,
        zone=node.zone,
        gpus=node.gpus,
        notice_seconds=notice_seconds,
    )


def eviction_of_pod(pod: PodFacts, workload: str) -> Eviction:
    return Eviction(
        id=pod.uid, namespace=pod.namespace, pod=pod.name, workload=workload, node=pod.node, reason=pod.evicted
    )


def eviction_of_event(event: EventFacts, node: str, workload: str) -> Eviction | None:
    """Tell the eviction that an Event about a pod reports."""
    if event.reason not in EVICTION_REASONS or event.kind != "Pod":
        return None
    return Eviction(
        id=event.object_uid or event.uid,
        namespace=event.namespace,
        pod=event.name,
        workload=workload or f"Pod/{event.name}",
        node=node,
        reason=EVICTION_REASONS[event.reason],
    )


def change_of_event(event: EventFacts, cluster: str, scaled: str = "") -> Change | None:
    """Tell the scaling, or the failure to scale, that an Event reports.

    `scaled` is the key of the workload that the autoscaler it is about scales, where that is known.
    """
    who = ACTORS.get(event.who, event.who) or "kubernetes"
    subject = scaled or "/".join(part for part in (cluster, event.kind, event.namespace, event.name) if part)
    if event.reason == "SuccessfulRescale":
        size = _NEW_SIZE.match(event.message)
        what = f"{event.name} replicas →{size[1]} ({size[2]})" if size else f"{event.name} {event.message}"
        return Change(id=event.uid, kind=ChangeKind.SCALE, who="hpa", subject=subject, what=what)
    if event.reason == "ScaledUpGroup":
        size = _CA_SIZE.search(event.message)
        what = f"{size[1]} {size[3]}→{size[2]} nodes asked for" if size else event.message
        return Change(
            id=event.uid, kind=ChangeKind.NODE, who=who, subject=f"{cluster}/{size[1] if size else ''}", what=what
        )
    if event.reason in SCALE_REASONS:
        return Change(
            id=event.uid, kind=ChangeKind.SCALE, who=who, subject=subject, what=f"{event.name} {event.message}"
        )
    if event.reason in ("InsufficientCapacityError", "FailedScaleUp"):
        return Change(
            id=event.uid, kind=ChangeKind.NODE, who=who, subject=subject, what=f"no capacity: {event.message}"
        )
    return None
