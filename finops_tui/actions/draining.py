"""What comes of a node without its pods. Pure: from the pods, the fleet and a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from finops_tui.actions.effects import NOTHING, Effects, View, lost, row_of
from finops_tui.actions.emptied import STAY, Saving, saving
from finops_tui.actions.objectives import Danger, fewer
from finops_tui.actions.objects import Document
from finops_tui.actions.releases import Delays
from finops_tui.actions.residents import gpus_of
from finops_tui.model.fleet import Cluster
from finops_tui.model.inventory import Node, Workload
from finops_tui.model.plan import Risk
from finops_tui.phrases import counted, listed

WORST = (Risk.NONE, Risk.LOW, Risk.UNKNOWN, Risk.HIGH)
FEW = 3
"""Workloads whose loss is told one by one."""


def drained(
    node: Node | None, pods: Sequence[Document], lost_too: Sequence[str], view: View, delays: Delays
) -> Effects:
    """Foresee what it does to evict these pods of a node; `lost_too` is what goes besides work."""
    gpus = sum(map(gpus_of, pods)) / (node.gpu_replicas if node is not None else 1)
    touches = f"1 node, {counted(len(pods), 'pod')}, {counted(gpus, 'GPU')}"
    cluster = view.fleet.clusters.get(node.cluster) if node is not None else None
    if node is None or cluster is None:
        return Effects(
            saving=Saving(None, "what it costs is not known"),
            danger=Danger(Risk.UNKNOWN, "what is served from it is not known"),
            touches=touches,
            pods=len(pods),
            gpus=gpus,
            nodes=1,
            loses="; ".join(lost_too) or "not known",
        )
    here = [each for each in cluster.workloads.values() if each.kind not in STAY and _pods_on(each, node)]
    return Effects(
        saving=_saving(node, gpus, cluster, view, delays),
        danger=_danger(here, node, view),
        touches=touches,
        pods=len(pods),
        gpus=gpus,
        nodes=1,
        loses="; ".join([*_work(here, node, view), *lost_too]) or NOTHING,
    )


def _pods_on(workload: Workload, node: Node) -> int:
    return sum(place.pods for place in workload.placements if place.node == node.name)


def _saving(node: Node, gpus: float, cluster: Cluster, view: View, delays: Delays) -> Saving:
    """Return what the node costs, if the others of its pool have room for its pods: else there may be a new one."""
    going = saving([node], delays, view.snapshot, view.now)
    room = _room_beside(node, cluster)
    if room < gpus and going.usd_per_hour != 0.0:
        why = f"its pods need {counted(gpus, 'GPU')}, the others of its pool have {counted(room, 'GPU')} free"
        return replace(going, usd_per_hour=None, until_then=f"{why}: a new node for them costs the same")
    return going


def _room_beside(node: Node, cluster: Cluster) -> float:
    """Return the GPUs that are free on the other nodes of its pool that take pods."""
    others = {
        each.name: each.gpus
        for each in cluster.nodes.values()
        if each.pool == node.pool and each.name != node.name and each.ready and each.schedulable and not each.leaving
    }
    used = sum(
        place.gpus for workload in cluster.workloads.values() for place in workload.placements if place.node in others
    )
    return max(0.0, sum(others.values()) - used)


def _danger(here: Sequence[Workload], node: Node, view: View) -> Danger:
    """Return the worst of what it does to take each workload's pods of this node away until they run elsewhere."""
    dangers = [
        fewer(each, 1 - _pods_on(each, node) / each.pods, row.utilization if row is not None else None, view.snapshot)
        for each in here
        if each.pods
        for row in (row_of(each, view.snapshot),)
    ]
    worst = max(dangers, key=lambda danger: WORST.index(danger.risk), default=None)
    if worst is None or worst.risk is Risk.NONE:
        return Danger(Risk.NONE, "no SLO reads from what runs on it")
    keys = tuple(dict.fromkeys(key for danger in dangers for key in danger.slos))
    return Danger(worst.risk, f"{worst.words}, until its pods run elsewhere", keys)


def _work(here: Sequence[Workload], node: Node, view: View) -> list[str]:
    told = [
        (each, lost(each, row_of(each, view.snapshot), _pods_on(each, node) / each.pods, view.now))
        for each in here
        if each.pods
    ]
    some = [f"{each.kind.lower()}/{each.name}: {words}" for each, words in told if words != NOTHING]
    more = [f"work of {listed([each.split(':')[0] for each in some[FEW:]])}"] if some[FEW:] else []
    return some[:FEW] + more
