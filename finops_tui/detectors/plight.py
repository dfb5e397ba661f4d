"""Why a workload gets nowhere although it holds machines."""

from __future__ import annotations

from enum import StrEnum

from finops_tui.model.inventory import Workload

FAILING = frozenset(
    {
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImagePull",
        "Error",
        "ImageInspectError",
        "ImagePullBackOff",
        "InvalidImageName",
        "OOMKilled",
        "RunContainerError",
        "StartError",
    }
)
"""Reasons of pods that stand on a node and do not run (Kubernetes: container state `waiting` and `terminated`)."""


class Plight(StrEnum):
    FINISHED = "finished"
    PAUSED = "paused"
    FAILING = "failing"
    WAITING = "waiting"


def plight(workload: Workload) -> Plight | None:
    """Return what keeps it from working, None for one that may work or holds nothing."""
    if not workload.placements:
        return None
    if workload.finished_at is not None:
        return Plight.FINISHED
    if workload.suspended:
        return Plight.PAUSED
    if workload.failing and failing_pods(workload):
        return Plight.FAILING
    return Plight.WAITING if workload.pods_pending > 0 else None


def failing_pods(workload: Workload) -> dict[str, int]:
    """Return how many of its pods hold a place on a node and fail, by reason."""
    return {reason: pods for reason, pods in workload.failing.items() if reason in FAILING and pods > 0}
