"""Nodes, and what Karpenter says of its pools and of each of its machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from finops_tui.model.money import CapacityType
from finops_tui.simulation import orders
from finops_tui.simulation.api.answers import Document
from finops_tui.simulation.api.documents import Path, condition, metadata, reference, stamp, value
from finops_tui.simulation.api.resource import Key, Resource, moved
from finops_tui.simulation.api.store import Written
from finops_tui.simulation.api.works import GPUS
from finops_tui.simulation.autoscaler import EMPTY_SECONDS
from finops_tui.simulation.machines import Machine, Pool
from finops_tui.simulation.randomness import identity
from finops_tui.simulation.readings import node_labels

UNSCHEDULABLE: Path = ("spec", "unschedulable")
LIMITS: Path = ("spec", "limits")
NODES = "nodes"
KARPENTER_CLOUD = "aws"
"""Where the pools are Karpenter's; the other clouds have autoscalers that say nothing of themselves in the cluster."""
DISRUPTED = {"key": "karpenter.sh/disrupted", "effect": "NoSchedule"}


class Nodes(Resource[Machine]):
    plural, kind, namespaced = "nodes", "Node", False
    owned = (UNSCHEDULABLE,)

    def all(self) -> Iterator[tuple[Key, Machine]]:
        for machine in self.world.machines():
            if machine.pool.cluster.name == self.cluster:
                yield Key("", machine.name), machine

    def document(self, thing: Machine) -> Document:
        instance = thing.pool.plan.instance
        there = {GPUS: str(instance.gpus), "cpu": str(instance.cpu_cores), "memory": f"{instance.memory_gib}Gi"}
        spec: Document = {"providerID": f"{thing.pool.cluster.cloud}:///{thing.zone}/{thing.uid}"}
        if thing.cordoned:
            spec["unschedulable"] = True
        if thing.leaving:
            spec["taints"] = [DISRUPTED]
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": metadata(
                thing.name, thing.uid, thing.created_at, labels=node_labels(thing), owner=_claim(thing)
            ),
            "spec": spec,
            "status": {"capacity": there, "allocatable": there, "conditions": [condition("Ready", so=True)]},
        }

    def writers(self, thing: Machine) -> Mapping[Path, Written]:
        return {UNSCHEDULABLE: thing.cordoned_by} if thing.cordoned_by is not None else {}

    def judge(self, thing: Machine, before: Document, after: Document) -> None:
        super().judge(thing, before, after)
        self.flag(after, UNSCHEDULABLE)

    def obey(self, thing: Machine, before: Document, after: Document, who: str) -> None:
        if moved(before, after, UNSCHEDULABLE):
            self.world.cordon(self.cluster, thing.name, cordoned=self.flag(after, UNSCHEDULABLE), who=who)


class NodePools(Resource[Pool]):
    """A limit here stops a pool from growing; machines above it stay, as Karpenter has it."""

    group, plural, kind, namespaced = "karpenter.sh", "nodepools", "NodePool", False
    owned = (LIMITS,)

    def all(self) -> Iterator[tuple[Key, Pool]]:
        for pool in self.world.pools.values():
            if pool.cluster.name == self.cluster:
                yield Key("", pool.plan.name), pool

    def document(self, thing: Pool) -> Document:
        gpus = thing.plan.instance.gpus
        types = [kind.value for kind in (CapacityType.SPOT, CapacityType.ON_DEMAND)]
        offered = types if thing.plan.spot_share else types[1:]
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": metadata(thing.plan.name, identity(0, thing.key, "nodepool"), 0),
            "spec": {
                "limits": _limits(thing),
                "disruption": {
                    "consolidationPolicy": "WhenEmptyOrUnderutilized",
                    "consolidateAfter": f"{EMPTY_SECONDS // 60}m",
                    "budgets": [{"nodes": "10%"}],
                },
                "template": {
                    "spec": {
                        "requirements": [
                            _one_of("node.kubernetes.io/instance-type", [thing.plan.instance.name]),
                            _one_of("karpenter.sh/capacity-type", offered),
                        ]
                    }
                },
            },
            "status": {
                "resources": {GPUS: str(len(thing.machines) * gpus), "nodes": str(len(thing.machines))},
                "conditions": [condition("Ready", so=True)],
            },
        }

    def writers(self, thing: Pool) -> Mapping[Path, Written]:
        by = thing.limited_by
        return {(*LIMITS, name): by for name in _limits(thing)} if by is not None else {}

    def judge(self, thing: Pool, before: Document, after: Document) -> None:
        super().judge(thing, before, after)
        for name, told in (value(after, LIMITS) or {}).items():
            if not str(told).isdecimal():
                raise self.invalid(after, (*LIMITS, name), "must be a whole number")

    def obey(self, thing: Pool, before: Document, after: Document, who: str) -> None:
        if moved(before, after, LIMITS):
            limits = {name: str(told) for name, told in (value(after, LIMITS) or {}).items()}
            each = {GPUS: thing.plan.instance.gpus, NODES: 1}
            most = min(
                [thing.plan.maximum, *(int(limits[name]) // size for name, size in each.items() if name in limits)]
            )
            self.world.limit_pool(thing.key, min(thing.plan.minimum, most), most, who, drains=False)
            thing.limits = limits


class NodeClaims(Resource[Machine]):
    """Karpenter's own object of a machine: without it the machine goes."""

    group, plural, kind, namespaced = "karpenter.sh", "nodeclaims", "NodeClaim", False

    def all(self) -> Iterator[tuple[Key, Machine]]:
        for machine in self.world.machines():
            if machine.pool.cluster.name == self.cluster:
                yield Key("", claim_name(machine)), machine

    def document(self, thing: Machine) -> Document:
        meta = metadata(claim_name(thing), _claim_uid(thing), thing.created_at, labels=node_labels(thing))
        meta["finalizers"] = ["karpenter.sh/termination"]
        if thing.leaving_since is not None:
            meta["deletionTimestamp"] = stamp(thing.leaving_since)
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": meta,
            "spec": {},
            "status": {
                "nodeName": thing.name,
                "providerID": f"{thing.pool.cluster.cloud}:///{thing.zone}/{thing.uid}",
                "conditions": [condition("Ready", so=not thing.leaving)],
            },
        }

    def delete(self, thing: Machine) -> None:
        orders.remove(self.world, thing)


def claim_name(machine: Machine) -> str:
    return f"{machine.pool.plan.name}-{machine.uid[:5]}"


def _claim(machine: Machine) -> Document | None:
    """Return the claim that a node was started for, where there is Karpenter."""
    if machine.pool.cluster.cloud != KARPENTER_CLOUD:
        return None
    return reference("karpenter.sh/v1", "NodeClaim", claim_name(machine), _claim_uid(machine))


def _claim_uid(machine: Machine) -> str:
    return identity(0, machine.uid, "claim")


def _limits(pool: Pool) -> dict[str, str]:
    return pool.limits if pool.limits is not None else {GPUS: str(pool.maximum * pool.plan.instance.gpus)}


def _one_of(label: str, values: list[str]) -> Document:
    return {"key": label, "operator": "In", "values": values}
