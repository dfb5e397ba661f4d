"""What a change saves and when, what it touches, loses and endangers. Pure: from the fleet and a snapshot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.actions.emptied import Saving, emptied_by, saving
from finops_tui.actions.objectives import Danger, fewer, no_growth, serves_nobody
from finops_tui.actions.objects import Document, Path, value
from finops_tui.actions.releases import Delays
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Node, Workload
from finops_tui.model.plan import Risk, Target
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot, SpendRow
from finops_tui.phrases import clock, counted, dollars, rate, span

NOTHING = "nothing"
LOST_VOLUMES = "the volumes of the pods that go"
VOLUMES: Path = ("spec", "persistentVolumeClaimRetentionPolicy", "whenScaled")
HOUR = timedelta(hours=1)


class View(NamedTuple):
    """What is known while a plan is made."""

    snapshot: Snapshot
    fleet: Fleet
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """The part of a plan that is foreseen rather than done. Fields as `Plan`'s."""

    saving: Saving
    danger: Danger
    touches: str
    pods: int = 0
    gpus: float = 0.0
    nodes: int = 0
    loses: str = NOTHING

    def on(self, document: Document) -> Effects:
        """Return them with what only the object itself tells of: a StatefulSet may drop its pods' volumes."""
        if value(document, VOLUMES) != "Delete" or not self.pods:
            return self
        return replace(self, loses=LOST_VOLUMES if self.loses == NOTHING else f"{self.loses}; {LOST_VOLUMES}")


def workload_of(target: Target, fleet: Fleet) -> Workload | None:
    cluster = fleet.clusters.get(target.cluster)
    return cluster.workloads.get(target.key) if cluster is not None else None


def nodes_of(workload: Workload | None, fleet: Fleet) -> list[Node]:
    """Return the nodes that a workload's pods are on."""
    if workload is None or workload.cluster not in fleet.clusters:
        return []
    nodes = fleet.clusters[workload.cluster].nodes
    return [nodes[place.node] for place in workload.placements if place.node in nodes]


def row_of(workload: Workload, snapshot: Snapshot) -> SpendRow | None:
    rows = snapshot.spend.get(ScopeKind.WORKLOAD, ())
    return next((row for row in rows if row.key == workload.key), None)


def shrinking(workload: Workload, share_left: float, view: View, *, delays: Delays, keeps_work: bool = True) -> Effects:
    """Return what it does to leave this share (0-1) of a workload's pods; 0 is a pause."""
    pods_left = round(workload.pods * share_left)
    pods = workload.pods - pods_left
    gone = pods / workload.pods if workload.pods else 0.0
    gpus = workload.gpus * pods / workload.pods if workload.pods else 0.0
    empty = emptied_by(view.fleet.clusters[workload.cluster], workload, pods_left)
    row = row_of(workload, view.snapshot)
    nodes = len(workload.placements) if not pods_left else min(pods, len(workload.placements))
    utilization = row.utilization if row is not None else None
    return Effects(
        saving=saving(empty, delays, view.snapshot, view.now),
        danger=fewer(workload, share_left, utilization, view.snapshot),
        touches=_touched(workload, pods, gpus, nodes, seen=not pods_left),
        pods=pods,
        gpus=gpus,
        nodes=nodes,
        loses=lost(workload, row, gone, view.now, keeps_work=keeps_work) if pods else NOTHING,
    )


def growing(
    workload: Workload, pods: int, snapshot: Snapshot, *, usd: float | None = None, gpus: float | None = None
) -> Effects:
    """Return what it does to add pods. Their $/h and GPUs, where they are not known, are as those that run now."""
    row = row_of(workload, snapshot)
    if usd is None and row is not None and row.usd_per_hour is not None and workload.pods and pods:
        usd = row.usd_per_hour / workload.pods * pods
    if gpus is None:
        gpus = workload.gpus * pods / workload.pods if workload.pods else 0.0
    what = f"adds about {rate(usd)}" if usd is not None else "what it adds is not known"
    return Effects(
        saving=Saving(None if usd is None else -usd, f"{what} once its pods have nodes"),
        danger=Danger(Risk.NONE, "it takes nothing from an SLO"),
        touches=(
            _touched(workload, pods, gpus, 0, seen=False)
            if pods
            else f"1 {workload.kind.lower()}, whose pods start again"
        ),
        pods=pods,
        gpus=gpus,
    )


def unchanged(target: Target, why: str) -> Effects:
    """Return what it does to change something of which no running pod hears."""
    return Effects(
        saving=Saving(0.0, why), danger=Danger(Risk.NONE, "no running pod is touched"), touches=target.name
    )  # fmt: skip


def unknown(target: Target) -> Effects:
    """Return the effects on something that the inventory does not hold."""
    return Effects(
        saving=Saving(None, "what runs of it is not known"),
        danger=Danger(Risk.UNKNOWN, "what it serves is not known"),
        touches=f"{target.name}; how many pods is not known",
        loses="not known",
    )


def fenced(node: Node | None, target: Target, snapshot: Snapshot, *, closed: bool) -> Effects:
    """Return what it does to keep new pods from a node, or to let them come again."""
    if node is None:
        return unknown(target)
    if not closed:
        return unchanged(target, "new pods may come to it; no bill changes by that")
    return Effects(
        saving=Saving(0.0, "a cordon saves nothing by itself: the node stays, and so do its pods"),
        danger=no_growth(node.cluster, node.pool, snapshot),
        touches=f"1 node, {counted(node.gpus, 'GPU')}; pods that run on it stay",
        nodes=1,
    )


def _touched(workload: Workload, pods: int, gpus: float, nodes: int, *, seen: bool) -> str:
    """Say what it touches; what is worked out rather than `seen` in the inventory says so.

    Which pods go when some stay is their controller's choice, and those that come are thought of as those that run.
    """
    about, most = ("", "") if seen else ("≈", "up to ")
    parts = [counted(1, workload.kind.lower()), f"{about}{counted(pods, 'pod')}", f"{about}{counted(gpus, 'GPU')}"]
    if workload.pods_pending and not pods:
        parts[1:] = [f"{counted(workload.pods_pending, 'pod')} that wait for a node", counted(gpus, "GPU")]
    return ", ".join(parts + ([f"{most}{counted(nodes, 'node')}"] if nodes else []))


def lost(workload: Workload, row: SpendRow | None, gone: float, now: datetime, *, keeps_work: bool = True) -> str:
    """Say how much work is lost with a share of a workload's pods, in time and dollars."""
    if workload.finished_at is not None:
        return NOTHING  # it is complete: its pods only stay
    usd = row.usd_per_hour * gone if row is not None and row.usd_per_hour is not None else None
    saved, since = workload.checkpoint_at if keeps_work else None, workload.unsaved_since(keeps_work=keeps_work)
    length = max(timedelta(), now - since) if since is not None else timedelta()
    if saved is not None and since is not None:
        from_then = f"it went on at {clock(since, now)} from checkpoint" if since > saved else "checkpoint"
        return f"{span(length)} of work since {from_then} {clock(saved, now)}{_worth(usd, length)}"
    if keeps_work and not serves_nobody(workload):
        return NOTHING
    why = "no checkpoint is known" if keeps_work else "resuming begins anew"
    if since is None:
        return f"all its work: {why}"
    return f"up to {span(length)} of work since {clock(since, now)}{_worth(usd, length)}: {why}"


def _worth(usd_per_hour: float | None, length: timedelta) -> str:
    if usd_per_hour is None:
        return ""
    return f" (≈{dollars(usd_per_hour * (length / HOUR))} of GPU time)"
