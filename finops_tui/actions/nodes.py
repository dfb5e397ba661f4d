"""Cordon and uncordon: whether new pods may go to a node. What runs on it stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from finops_tui.actions.base import Permission
from finops_tui.actions.effects import fenced
from finops_tui.actions.events import EVENTS
from finops_tui.actions.grants import WRITE, needs
from finops_tui.actions.kinds import NODE, Kind
from finops_tui.actions.kubernetes import KubernetesAction
from finops_tui.actions.managers import by_whom
from finops_tui.actions.objects import Path, value
from finops_tui.actions.planning import Change, Intent, make_plan
from finops_tui.actions.resolve import resolve
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Target, TargetKind
from finops_tui.model.snapshot import Snapshot

UNSCHEDULABLE: Path = ("spec", "unschedulable")


class _Fence(KubernetesAction):
    applies_to = frozenset({TargetKind.NODE})
    title: str
    closed: bool
    """Whether no new pods may come."""
    state: str
    """What it is then."""

    def works_on(self, kind: Kind) -> bool:
        return kind is NODE

    def grants(self) -> tuple[Permission, ...]:
        return (*needs(NODE, *WRITE), *EVENTS)

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        client = self._client(target)
        _, ref, document = await resolve(client, target, self.kinds)
        if bool(value(document, UNSCHEDULABLE)) is self.closed:
            by = by_whom(document, UNSCHEDULABLE, now)
            raise ActionError(f"{ref.shown} is {self.state} already", f"set {by}" if by else "there is nothing to do")
        cluster = fleet.clusters.get(target.cluster)
        node = cluster.nodes.get(ref.name) if cluster is not None else None
        fields = {UNSCHEDULABLE: True if self.closed else None}
        intent = Intent(
            action=self.id,
            title=f"{self.title} {ref.name}",
            target=target,
            parameters=parameters,
            changes=(Change(ref=ref, document=document, fields=fields),),
            effects=fenced(node, target, snapshot, closed=self.closed),
            undo=f"{'lets new pods come' if self.closed else 'keeps new pods away'} again",
        )
        return await make_plan(client, self.hands, intent, now)


class Cordon(_Fence):
    id = "cordon"
    key = "C"
    title = "Cordon"
    about = "Keeps new pods from a node; those that run on it stay."
    closed = True
    state = "cordoned"


class Uncordon(_Fence):
    id = "uncordon"
    key = "U"
    title = "Uncordon"
    about = "Lets new pods come to a node again."
    closed = False
    state = "open"
