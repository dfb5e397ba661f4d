"""What is lost when a node is taken: the work since the last checkpoint."""

from __future__ import annotations

from datetime import datetime, timedelta

from finops_tui.model.inventory import Node, Workload

HOUR = timedelta(hours=1)
SERVICES = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "InferenceService", "LeaderWorkerSet"})
"""They answer requests; what they did is not lost with them."""
RESTARTED = "CronJob"
"""It was created long before its present run, so its age says nothing about the work in it."""


def runs_to_an_end(workload: Workload) -> bool:
    """Tell jobs (`Job`, `PyTorchJob`, `RayJob` …) from what runs for ever, by the name of their kind."""
    return workload.kind.endswith("Job") and workload.kind != RESTARTED


def lost_work(workload: Workload, node: Node, usd_per_hour: float | None, until: datetime) -> float | None:
    """Return dollars spent on one node since the workload last saved its work, None where that is not known.

    A job that tells of no checkpoint loses all it did there: since its start, or the node's where that is later.
    """
    since = workload.checkpoint_at
    if since is None:
        if workload.kind in SERVICES:
            return 0.0
        if not runs_to_an_end(workload):
            return None
        since = max((at for at in (workload.created_at, node.created_at) if at is not None), default=None)
    if since is None or usd_per_hour is None:
        return None
    return usd_per_hour * max(0.0, (until - since) / HOUR)
