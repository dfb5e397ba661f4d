"""Scale: another number of replicas, or other bounds for whoever sets that number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from finops_tui.actions.base import Permission
from finops_tui.actions.effects import Effects, View, growing, nodes_of, shrinking, unchanged, unknown, workload_of
from finops_tui.actions.grants import WRITE, needs
from finops_tui.actions.kinds import Kind, Scalable
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.kubernetes import KubernetesAction
from finops_tui.actions.objects import value
from finops_tui.actions.planning import Intent, make_plan
from finops_tui.actions.releases import release_delays
from finops_tui.actions.resolve import RAY_CLUSTER, Found, ray_cluster, resolve
from finops_tui.actions.reverters import reverters_of
from finops_tui.actions.sizing import Sized, sized
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Target
from finops_tui.model.snapshot import Snapshot
from finops_tui.phrases import counted


class Scale(KubernetesAction):
    id = "scale"
    key = "s"
    title = "Scale"
    about = "Sets the number of replicas, or the bounds of the autoscaler that sets it."

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        client, view = self._client(target), View(snapshot, fleet, now)
        found = await resolve(client, target, self.kinds)
        if found.ref.kind in RAY_CLUSTER:
            found = await self._its_cluster(client, found)
        workload = workload_of(target, fleet)
        size = await sized(client, found, parameters, workload.pods if workload is not None else None)
        before, after = size.before, size.after
        intent = Intent(
            action=self.id,
            title=f"Scale {size.called} {before}→{after}" if after != before else f"Rebound {size.called}",
            target=target,
            parameters=parameters,
            changes=(size.change,),
            effects=await self._effects(target, found, size, view),
            undo=f"sets back {_told(size)}, here or from another machine",
            reverts=(*size.reverts, *await reverters_of(client, found.ref, found.document)),
        )
        return await make_plan(client, self.hands, intent, now)

    def works_on(self, kind: Kind) -> bool:
        return isinstance(kind, Scalable) or kind.sizes is not None or kind.kind in RAY_CLUSTER

    def writes(self, kind: Kind, namespace: str = "") -> tuple[Permission, ...]:
        if kind.kind not in RAY_CLUSTER:
            return super().writes(kind, namespace)
        return (*needs(self.kinds["RayCluster"], *WRITE, namespace=namespace), *needs(kind, "get", namespace=namespace))

    async def _its_cluster(self, client: KubeClient, found: Found) -> Found:
        cluster = await ray_cluster(client, found, self.kinds)
        if cluster is None:
            raise ActionError(f"{found.ref.shown} has no Ray cluster now", "its worker groups are what is scaled")
        return cluster

    async def _effects(self, target: Target, found: Found, size: Sized, view: View) -> Effects:
        """Foresee what it does to go from one number of replicas to another."""
        workload = workload_of(target, view.fleet)
        if workload is None:
            return unknown(target)
        if size.after == size.before:
            return unchanged(target, "it has as many replicas as before; only its bounds move")
        left, there = size.of
        if left > there:
            each = (workload.pods + workload.pods_pending) / there if there else 1
            return growing(workload, round((left - there) * each), view.snapshot)
        delays = await release_delays(self._client(target), nodes_of(workload, view.fleet))
        return shrinking(workload, left / there, view, delays=delays).on(found.document)


def _told(size: Sized) -> str:
    """Say what a way back restores: the number of replicas, or each field as it was."""
    if size.after != size.before:
        return counted(size.before, size.unit)
    was = (f"{path[-1]} {value(size.change.document, path)}" for path in size.change.fields)
    return ", ".join(was)
