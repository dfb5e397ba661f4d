"""Who runs on the nodes of one cluster, and who ran there until just now: a moved pod's former node is forgotten."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.model.fleet import Cluster
from finops_tui.model.inventory import Placement, Workload
from finops_tui.model.money import CapacityType

LEFT_KEPT_FOR = timedelta(minutes=10)
"""How much later than its pods' end an interruption may be reported."""
LEFT_KEPT = 5_000


class Tenant(NamedTuple):
    workload: Workload
    """As it was when it was last seen there."""
    placement: Placement
    left_at: datetime | None
    """None while it is still there."""


class Tenants:
    """Values from the fleet are replaced when they change: only workloads that were replaced are looked at."""

    def __init__(self) -> None:
        self._seen: dict[str, Workload] = {}
        self._here: dict[str, dict[str, Placement]] = {}
        """By node, by workload."""
        self._left: dict[str, dict[str, Tenant]] = {}
        self._leaving: deque[tuple[datetime, str, str]] = deque()
        """When who left where, in the order of time."""

    def update(self, cluster: Cluster, now: datetime) -> None:
        workloads = cluster.workloads
        changed = [workload for key, workload in workloads.items() if self._seen.get(key) is not workload]
        for workload in changed:
            self._place(self._seen.get(workload.key), workload, cluster, now)
            self._seen[workload.key] = workload
        if len(self._seen) != len(workloads):
            for key in self._seen.keys() - workloads.keys():
                self._place(self._seen.pop(key), None, cluster, now)
        self._forget(now)

    def of(self, node: str, since: datetime) -> Mapping[str, Tenant]:
        """Return by key who runs on a node, and who left it at `since` or later."""
        left = self._left.get(node, {})
        found = {key: tenant for key, tenant in left.items() if tenant.left_at is not None and tenant.left_at >= since}
        for key, placement in self._here.get(node, {}).items():
            found[key] = Tenant(self._seen[key], placement, None)
        return found

    def _place(self, before: Workload | None, after: Workload | None, cluster: Cluster, now: datetime) -> None:
        old = before.placements if before is not None else ()
        new = after.placements if after is not None else ()
        if old == new:
            return
        stays = {placement.node for placement in new}
        for placement in old:
            if before is not None and placement.node not in stays:
                self._leave(before, placement, cluster, now)
        if after is not None:
            self._arrive(after.key, new)

    def _arrive(self, key: str, placements: Iterable[Placement]) -> None:
        for placement in placements:
            self._here.setdefault(placement.node, {})[key] = placement
            self._left.get(placement.node, {}).pop(key, None)

    def _leave(self, workload: Workload, placement: Placement, cluster: Cluster, now: datetime) -> None:
        tenants = self._here.get(placement.node, {})
        tenants.pop(workload.key, None)
        if not tenants:
            self._here.pop(placement.node, None)
        node = cluster.nodes.get(placement.node)
        if node is None or node.capacity_type is CapacityType.SPOT:
            self._left.setdefault(placement.node, {})[workload.key] = Tenant(workload, placement, now)
            self._leaving.append((now, placement.node, workload.key))

    def _forget(self, now: datetime) -> None:
        while self._leaving and (len(self._leaving) > LEFT_KEPT or now - self._leaving[0][0] > LEFT_KEPT_FOR):
            left_at, node, key = self._leaving.popleft()
            tenants = self._left.get(node, {})
            tenant = tenants.get(key)
            if tenant is not None and tenant.left_at == left_at:  # not one that left again later
                del tenants[key]
            if not tenants:
                self._left.pop(node, None)
