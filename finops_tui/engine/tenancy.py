"""Which nodes are empty once some workloads are gone. Pure: from the fleet and a snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property

from finops_tui.actions.emptied import STAY
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Node
from finops_tui.model.money import CapacityType
from finops_tui.model.snapshot import Snapshot


class Tenancy:
    """Who holds which node at one moment. Nodes are named `cluster/node`, workloads by their keys."""

    def __init__(self, fleet: Fleet, snapshot: Snapshot) -> None:
        self._fleet = fleet
        self._snapshot = snapshot

    @cached_property
    def _holders(self) -> dict[str, set[str]]:
        holders: dict[str, set[str]] = {}
        for cluster in self._fleet.clusters.values():
            for workload in cluster.workloads.values():
                if workload.kind in STAY:
                    continue
                for place in workload.placements:
                    if place.pods > 0 and place.node in cluster.nodes:
                        holders.setdefault(f"{cluster.name}/{place.node}", set()).add(workload.key)
        return holders

    @cached_property
    def _usd_per_node(self) -> dict[str, float]:
        """By pool: what one of its nodes costs, as the mean of those that are priced."""
        each: dict[str, float] = {}
        for pool in self._snapshot.pools:
            priced = pool.nodes - pool.unpriced_nodes
            if pool.usd_per_hour is not None and priced > 0:
                each[pool.key] = pool.usd_per_hour / priced
        return each

    def emptied(self, gone: Collection[str]) -> list[Node]:
        """Return the nodes that nobody but `gone` (keys of workloads) holds."""
        touched: dict[str, Node] = {}
        for key in gone:
            cluster = self._fleet.clusters.get(key.partition("/")[0])
            workload = cluster.workloads.get(key) if cluster is not None else None
            if cluster is None or workload is None:
                continue
            for place in workload.placements:
                if place.pods > 0 and place.node in cluster.nodes:
                    touched[f"{cluster.name}/{place.node}"] = cluster.nodes[place.node]
        leaving = set(gone)
        return [node for name, node in touched.items() if self._holders.get(name, set()) <= leaving]

    def usd_per_hour(self, nodes: Iterable[Node]) -> float | None:
        """Return what leaves the bill with these nodes: reserved ones save nothing. None where a price is not known."""
        prices = [
            self._usd_per_node.get(node.pool_key) for node in nodes if node.capacity_type is not CapacityType.RESERVED
        ]
        return None if None in prices else sum(usd for usd in prices if usd is not None)
