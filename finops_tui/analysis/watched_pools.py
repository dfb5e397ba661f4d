"""Which groups that clouds tell of stand in clusters that are watched: their machines are counted there, as nodes.

A cluster may bear another name here than at its cloud, and only its nodes tell where it stands. What a node does not
tell fits everything: rather is a group left out than a machine counted twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from finops_tui.model.cloud import MachineGroup
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Node

AUTOPILOT = "gke-autopilot"
POOLS: Mapping[str, str] = {"gke-nodepool": "gcp", AUTOPILOT: "gcp", "aks-agentpool": "azure"}
"""Kinds of `MachineGroup` that are pools of clusters, with their cloud. EKS has Auto Scaling groups behind its own."""
LABELS: Mapping[str, str] = {
    "gcp": "cloud.google.com/gke-nodepool",
    "azure": "kubernetes.azure.com/agentpool",
    "aws": "eks.amazonaws.com/nodegroup",
}
"""What names the pool on each of its nodes, by cloud."""


class WatchedPools:
    """Asked for each group. Nodes are looked through as far as an answer takes it."""

    def __init__(self, fleet: Fleet, told: Iterable[MachineGroup]) -> None:
        """`told` are all groups: a node whose cluster has its pool by name stands for no other cluster's pool."""
        self._clusters = fleet.clusters
        self._told = frozenset(
            (POOLS[pool.kind], region, pool.cluster, pool.name)
            for pool in told
            if pool.kind in POOLS
            for region in (pool.region, "")
        )
        self._by_name: dict[tuple[str, str, str], bool] = {}

    def has(self, pool: MachineGroup) -> bool:
        """Tell whether a pool, of a kind in `POOLS`, is one of a cluster that is watched."""
        at = POOLS[pool.kind], pool.region, pool.cluster
        if at not in self._by_name:
            self._by_name[at] = self._stands(*at)
        return self._by_name[at] or self._under_another_name(pool)

    def stands_behind(self, group: MachineGroup) -> bool:
        """Tell whether a group was made for a pool that is watched: an Auto Scaling group of an EKS node group."""
        if not group.cluster:
            return False
        by_another_name = bool(group.node_group) and (group.region, group.node_group) in self._by_region
        return group.cluster in self._clusters or by_another_name

    def _stands(self, cloud: str, region: str, name: str) -> bool:
        """Tell whether a cluster that is watched bears this name, and may stand there."""
        cluster = self._clusters.get(name)
        if cluster is None:
            return False
        nodes = cluster.nodes.values()
        return not nodes or any(node.region in {"", region} and _cloud(node) in {"", cloud} for node in nodes)

    def _under_another_name(self, pool: MachineGroup) -> bool:
        cloud = POOLS[pool.kind]
        return any(
            (cloud, region, cluster, pool.name) not in self._told
            for region in (pool.region, "")
            for cluster in self._by_label.get((cloud, region, pool.name), ())
        )

    @cached_property
    def _by_label(self) -> Mapping[tuple[str, str, str], set[str]]:
        """Names of the clusters with nodes of a pool, by cloud, region and name of the pool as its cloud labels it."""
        found: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
        labels = [(cloud, LABELS[cloud]) for cloud in {*POOLS.values()}]
        for name, cluster in self._clusters.items():
            for node in cluster.nodes.values():
                for cloud, label in labels:
                    if label in node.labels:
                        found[cloud, node.region, node.labels[label]].add(name)
        return found

    @cached_property
    def _by_region(self) -> frozenset[tuple[str, str]]:
        """Region and name of the pools of all clusters, as they are named here."""
        return frozenset(
            (node.region, node.pool) for cluster in self._clusters.values() for node in cluster.nodes.values()
        )


def _cloud(node: Node) -> str:
    """Return whose node it is; empty where none of its labels tells."""
    return next((cloud for cloud, label in LABELS.items() if label in node.labels), "")
