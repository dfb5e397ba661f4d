"""Which scope an objective's trouble belongs to: the workload that serves it, else its model, else its namespace."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from finops_tui.detectors.base import Scene
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import ServingRow, SloRow


class Serving(NamedTuple):
    scope: Scope
    workload: str
    """Its key, `cluster/Kind/namespace/name`; empty where no single one is known."""
    namespace: str
    owner: str
    pools: tuple[str, ...]
    """Keys, `cluster/pool`."""
    server: ServingRow | None
    """What the model server says."""


class Servers:
    """Finds what serves objectives, in one scene."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def of(self, row: SloRow) -> Serving:
        """Find what serves an objective."""
        scene = self._scene
        held = scene.fleet.slos.get(row.key)
        namespace = held.value.namespace if held is not None else ""
        workload = self._workload(row, namespace)
        known = scene.workload_rows.get(workload)
        namespace = known.namespace if known is not None else namespace
        if known is not None:
            scope = Scope(ScopeKind.WORKLOAD, workload)
        elif row.model:
            scope = Scope(ScopeKind.MODEL, row.model)
        elif namespace:
            scope = Scope(ScopeKind.NAMESPACE, f"{row.cluster}/{namespace}")
        else:
            scope = Scope(ScopeKind.CLUSTER, row.cluster)
        spend = known or scene.rows.get(scope)
        return Serving(
            scope=scope,
            workload=workload,
            namespace=namespace,
            owner=spend.owner if spend is not None and scope.kind is not ScopeKind.CLUSTER else "",
            pools=tuple(f"{row.cluster}/{pool}" for pool in row.pool.split(", ") if pool),
            server=_server(row, namespace, scene),
        )

    def _workload(self, row: SloRow, namespace: str) -> str:
        """Return the key of the workload that the row names; empty where none has it, or several have."""
        kind, _, name = row.workload.partition("/")
        if not name:
            return ""
        if namespace:
            key = f"{row.cluster}/{kind}/{namespace}/{name}"
            return key if key in self._scene.workload_rows else ""
        found = self._by_name.get((row.cluster, kind, name), ())
        return found[0] if len(found) == 1 else ""

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str, str], list[str]]:
        """Keys of workloads by cluster, kind and name, for objectives that do not say in which namespace they are."""
        names: dict[tuple[str, str, str], list[str]] = {}
        for key, row in self._scene.workload_rows.items():
            kind = key.removeprefix(f"{row.cluster}/").partition("/")[0]
            names.setdefault((row.cluster, kind, key.rpartition("/")[2]), []).append(key)
        return names


def _server(row: SloRow, namespace: str, scene: Scene) -> ServingRow | None:
    """Return the one model server that serves its model, or is called as its service."""
    names = {name for name in (row.model, row.service, row.workload.partition("/")[2]) if name}
    found = [
        each
        for each in scene.snapshot.serving
        if each.cluster == row.cluster and each.model in names and namespace in {"", each.namespace}
    ]
    return found[0] if len(found) == 1 else None
