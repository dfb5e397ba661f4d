"""What speaks for and against pausing a workload."""

from __future__ import annotations

from datetime import datetime, timedelta

from finops_tui.detectors.base import Scene
from finops_tui.detectors.quantities import hours, positive
from finops_tui.model.finding import Evidence
from finops_tui.model.inventory import Workload
from finops_tui.model.snapshot import SpendRow
from finops_tui.phrases import clock, counted, dollars, percent, span

RECENT = timedelta(minutes=30)
"""A checkpoint of this age makes a pause cheap."""
BUSY = 0.05
"""Mean utilization (ratio) from which a pause stops work."""
RESTART_POLICIES = {
    "Always": "Always: its pods come back by themselves unless it is paused.",
    "OnFailure": "OnFailure: pods that fail come back, pods that are paused start anew.",
    "Never": "Never: a pod that is stopped does not come back; its work is lost without a checkpoint.",
}


def evidence(workload: Workload, row: SpendRow, scene: Scene) -> tuple[Evidence, ...]:
    """Return facts in words, those that weigh most first. What is not known is not said, but for the checkpoint."""
    facts = (
        ("Objectives", _objectives(workload, scene)),
        ("Work", _work(row)),
        ("Checkpoint", _checkpoint(workload, row, scene.now)),
        ("Restart policy", RESTART_POLICIES.get(workload.restart_policy, "")),
        ("Disruption budget", _budget(workload.disruptions_allowed)),
        ("Priority", f"{workload.priority_class}." if workload.priority_class else ""),
        ("Deadline", _deadline(workload.deadline_at, scene.now)),
        ("Pods", _pods(workload)),
    )
    return tuple(Evidence(label=label, words=words) for label, words in facts if words)


def _objectives(workload: Workload, scene: Scene) -> str:
    """Say whose objectives it serves: those are at risk."""
    serves = f"{workload.kind}/{workload.name}"
    names = [
        slo.name for slo in scene.snapshot.slos if slo.workload == serves and slo.cluster in ("", workload.cluster)
    ]
    return f"Against: it serves {', '.join(names)}." if names else ""


def _work(row: SpendRow) -> str:
    utilization = row.utilization
    if utilization is None or not 0 <= utilization <= 1:
        return ""
    if utilization < BUSY:
        return f"For: its GPUs are {percent(utilization)} busy."
    return f"Against: its GPUs are {percent(utilization)} busy."


def _checkpoint(workload: Workload, row: SpendRow, now: datetime) -> str:
    if workload.finished_at is not None:
        return "For: it is finished, nothing is lost with its pods."
    at = workload.checkpoint_at
    if at is not None:
        unsaved = max(timedelta(), now - (workload.unsaved_since() or at))
        lost = f"a pause loses {span(unsaved)} of work, {dollars(positive(row.usd_per_hour) * hours(unsaved))}."
        return f"{'For' if unsaved <= RECENT else 'Against'}: saved {span(now - at)} ago, at {clock(at, now)}; {lost}"
    said = next((f"{key}: {value}" for key, value in workload.annotations.items() if "checkpoint" in key.lower()), "")
    if said:
        return f"It says `{said}`, not when it last saved."
    if workload.restart_policy == "Always" or workload.replicas is not None:
        return ""
    since = workload.unsaved_since()
    begun = f"; all work since {clock(since, now)} may be lost" if since is not None else ""
    return f"Against: none known{begun}."


def _budget(allowed: int | None) -> str:
    if allowed is None:
        return ""
    return f"For: allows {counted(allowed, 'pod')} to stop." if allowed > 0 else "Against: allows no pod to stop now."


def _deadline(at: datetime | None, now: datetime) -> str:
    if at is None:
        return ""
    return f"It ends itself at {clock(at, now)}." if at > now else f"It should have ended itself at {clock(at, now)}."


def _pods(workload: Workload) -> str:
    if workload.pods <= 0 and workload.pods_pending <= 0:
        return ""
    waiting = f", {workload.pods_pending} waiting for a node" if workload.pods_pending > 0 else ""
    return f"{counted(workload.pods, 'pod')} on {counted(len(workload.placements), 'node')}{waiting}."
