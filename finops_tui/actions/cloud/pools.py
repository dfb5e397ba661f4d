"""Which group of machines at a cloud stands behind a pool of a cluster: the nodes of the pool tell."""

from __future__ import annotations

from typing import NamedTuple

from finops_tui.actions.cloud.places import CloudHands
from finops_tui.actions.cloud.things import Ref
from finops_tui.actions.kinds import NODE
from finops_tui.actions.objects import Document
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Target
from finops_tui.phrases import listed

GROUP = "group"
"""Parameter: the name of the group that is meant, where several stand behind a pool."""
KARPENTER = "karpenter.sh/nodepool"


class Behind(NamedTuple):
    """What stands behind a pool."""

    groups: tuple[Ref, ...]
    alone: int = 0
    """Machines of the pool that are in none of them."""


def chosen(behind: Behind, target: Target, wanted: str | None) -> Ref:
    """Return the group that is meant. Raises ActionError where that is left open."""
    if wanted is None and len(behind.groups) == 1:
        return behind.groups[0]
    names = [each.shown for each in behind.groups]
    if wanted is None:
        raise ActionError(
            f"{len(names)} groups stand behind {target.name}", listed(names, len(names)), f"Name one as {GROUP}=…"
        )
    found = [each for each in behind.groups if wanted in {each.shown, each.name, each.name.rpartition("/")[2]}]
    if len(found) != 1:
        raise ActionError(f"{wanted} does not stand behind {target.name}", f"there are {listed(names, len(names))}")
    return found[0]


async def nodes_of(hands: CloudHands, target: Target, fleet: Fleet) -> tuple[Document, ...]:
    """Return a pool's nodes as the cluster itself tells of them. Raises ActionError."""
    cluster = fleet.clusters.get(target.cluster)
    pool = target.key.removeprefix(f"{target.cluster}/")
    nodes = [each for each in cluster.nodes.values() if each.pool == pool] if cluster is not None else []
    if not nodes:
        raise ActionError(
            f"{target.name} has no node now", "so nothing tells which group is behind it", "Set its size at its cloud."
        )
    label = next((name for name, value in nodes[0].labels.items() if value == pool), "")
    if label == KARPENTER:
        raise ActionError(f"{target.name} is a pool of Karpenter's", "no group is behind it", "Limit it instead.")
    if not label:
        raise ActionError(f"Which nodes are of {target.name} is not known", "no label of theirs names the pool")
    return tuple(await hands.kube(target.cluster).all_listed(NODE.ref("v1", "", ""), labelSelector=f"{label}={pool}"))
