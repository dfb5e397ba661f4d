"""Deleting an idle node: its NodeClaim goes, and Karpenter ends the machine behind it. There is no way back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from finops_tui.actions.base import Permission
from finops_tui.actions.effects import Effects, unknown
from finops_tui.actions.emptied import saving
from finops_tui.actions.events import EVENTS
from finops_tui.actions.grants import needs
from finops_tui.actions.kinds import NODE, NODE_CLAIM, Kind
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.kubernetes import KubernetesAction
from finops_tui.actions.objectives import no_growth
from finops_tui.actions.objects import Document, Ref, annotation, text, uid, value
from finops_tui.actions.planning import Intent, make_plan
from finops_tui.actions.removing import Removal
from finops_tui.actions.residents import RESIDENTS, busy, shown_pods
from finops_tui.actions.resolve import resolve
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Node
from finops_tui.model.plan import Plan, Reverter, Target, TargetKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.phrases import counted

LEFT_ALONE = annotation("karpenter.sh/do-not-disrupt")
AGAIN = Reverter(
    who="karpenter",
    words="Karpenter starts another node as soon as pods wait for one",
    advice="limit the pool to keep it from growing",
)


class DeleteNode(KubernetesAction):
    id = "delete-node"
    key = "N"
    title = "Delete node"
    about = "Deletes a node of Karpenter's on which only daemons run, and its machine; it cannot be undone."
    applies_to = frozenset({TargetKind.NODE})
    reversible = False

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        client = self._client(target)
        found = await resolve(client, target)
        there = await busy(client, found.ref.name)
        if there:
            raise ActionError(
                f"{found.ref.shown} is not idle", f"{shown_pods(there)} would be ended with it", "Drain it first."
            )
        ref, claim = await _claim(client, found.ref, found.document)
        cluster = fleet.clusters.get(target.cluster)
        node = cluster.nodes.get(found.ref.name) if cluster is not None else None
        intent = Intent(
            action=self.id,
            title=f"Delete {found.ref.name}",
            target=target,
            parameters=parameters,
            changes=(),
            effects=_effects(node, target, snapshot, now),
            undo="",
            reverts=(AGAIN,),
            steps=(Removal(ref=ref, uid=uid(claim), node=found.ref.name).step(client),),
            about=(found.ref, uid(found.document)),
        )
        return await make_plan(client, self.hands, intent, now)

    def works_on(self, kind: Kind) -> bool:
        return kind is NODE

    def writes(self, kind: Kind, namespace: str = "") -> tuple[Permission, ...]:
        return (*needs(NODE_CLAIM, "delete", "get"), *needs(kind, "get", namespace=namespace), *RESIDENTS)

    def grants(self) -> tuple[Permission, ...]:
        return (*self.writes(NODE), *EVENTS)


async def _claim(client: KubeClient, node: Ref, document: Document) -> tuple[Ref, Document]:
    """Return the NodeClaim that a node was started for. Raises ActionError where there is none, or it is left alone."""
    references = value(document, ("metadata", "ownerReferences")) or ()
    names = [text(each, "name") for each in references if text(each, "kind") == NODE_CLAIM.kind]
    if not names:
        raise ActionError(
            f"{node.shown} is no node of Karpenter's",
            "deleting it would leave its machine running, and billed",
            "Cordon it; whoever made its group takes it away.",
        )
    ref = NODE_CLAIM.ref("v1", "", names[0])
    claim = await client.read(ref)
    if text(claim, "status", "nodeName") != node.name:
        raise ActionError(f"{ref.shown} is not that of {node.shown}", "it names another node", "Look at them.")
    held = next((shown for shown, each in ((node.shown, document), (ref.shown, claim)) if _left_alone(each)), "")
    if held:
        raise ActionError(
            f"{held} is to be left alone", f"its annotation {LEFT_ALONE[-1]} says so", "Ask whoever set it."
        )
    return ref, claim


def _left_alone(document: Document) -> bool:
    return bool(value(document, LEFT_ALONE) == "true")


def _effects(node: Node | None, target: Target, snapshot: Snapshot, now: datetime) -> Effects:
    if node is None:
        return unknown(target)
    return Effects(
        saving=saving([node], {node.pool: timedelta()}, snapshot, now),
        danger=no_growth(node.cluster, node.pool, snapshot),
        touches=f"1 node, {counted(node.gpus, 'GPU')}; only daemons run on it",
        nodes=1,
    )
