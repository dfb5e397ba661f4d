"""Drain: no new pods come to a node, and those that run on it go to others as their disruption budgets allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from finops_tui.actions.base import Permission
from finops_tui.actions.disruption_budgets import holding, shown_holds
from finops_tui.actions.draining import drained
from finops_tui.actions.effects import View
from finops_tui.actions.events import EVENTS
from finops_tui.actions.evicting import EVICT, Evictions
from finops_tui.actions.grants import POOLS, WRITE, needs
from finops_tui.actions.kinds import NODE, Kind
from finops_tui.actions.kubernetes import KubernetesAction
from finops_tui.actions.nodes import UNSCHEDULABLE
from finops_tui.actions.objects import Document, uid, value
from finops_tui.actions.planning import Change, Intent, make_plan
from finops_tui.actions.releases import release_delays
from finops_tui.actions.residents import busy, going, has_scratch, owned_by, shown_pods
from finops_tui.actions.resolve import resolve
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Target, TargetKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.phrases import counted

FORCE, TIMEOUT = "force", "timeout"
"""Parameters: `true` also ends pods that nobody starts again, or whose data goes with them; and for how many seconds it
tries again what budgets hold."""
TIMEOUT_SECONDS, LONGEST_SECONDS = 120, 600


class Drain(KubernetesAction):
    id = "drain"
    key = "e"
    title = "Drain"
    about = "Cordons a node and moves its pods elsewhere, as their disruption budgets allow; daemons stay."
    applies_to = frozenset({TargetKind.NODE})

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        client = self._client(target)
        found = await resolve(client, target)
        ref, document = found.ref, found.document
        seconds = _seconds(parameters.get(TIMEOUT, ""))
        pods = [pod for pod in await busy(client, ref.name) if not going(pod)]
        cordoned = value(document, UNSCHEDULABLE) is True
        if not pods:
            hint = "" if cordoned else "Cordon it to keep new ones away."
            raise ActionError(f"No pod has to leave {ref.shown}", "there are only daemons on it", hint)
        lost = _refused_or_lost(pods, forced=parameters.get(FORCE) == "true")
        cluster = fleet.clusters.get(target.cluster)
        node = cluster.nodes.get(ref.name) if cluster is not None else None
        delays = await release_delays(client, [node] if node is not None else [])
        effects = drained(node, pods, lost, View(snapshot, fleet, now), delays)
        held = await holding(client, pods)
        if held:  # it will wait for them: to be known before, not after
            effects = replace(effects, touches=f"{effects.touches}; {shown_holds(held)} now")
        evictions = Evictions(node=ref.name, pods=tuple(map(uid, pods)), timeout_seconds=seconds)
        cordon = Change(ref=ref, document=document, fields={UNSCHEDULABLE: True})
        intent = Intent(
            action=self.id,
            title=f"Drain {ref.name}",
            target=target,
            parameters=parameters,
            changes=() if cordoned else (cordon,),
            effects=effects,
            undo="" if cordoned else "uncordons it; pods that were evicted do not come back to it by that",
            steps=(evictions.step(client, pods),),
            about=(ref, uid(document)),
        )
        return await make_plan(client, self.hands, intent, now)

    def works_on(self, kind: Kind) -> bool:
        return kind is NODE

    def writes(self, kind: Kind, namespace: str = "") -> tuple[Permission, ...]:
        return (*needs(kind, *WRITE, namespace=namespace), *EVICT)

    def grants(self) -> tuple[Permission, ...]:
        return (*self.writes(NODE), *POOLS, *EVENTS)


def _seconds(written: str) -> float:
    if not written:
        return float(TIMEOUT_SECONDS)
    if not written.isdecimal() or not 0 < int(written[:6]) <= LONGEST_SECONDS:
        raise ActionError(f"{written} is no time-out", f"timeout is a number of seconds, at most {LONGEST_SECONDS}")
    return float(written)


def _refused_or_lost(pods: Sequence[Document], *, forced: bool) -> tuple[str, ...]:
    """Return what is lost besides work. Raises ActionError where that has to be asked for."""
    bare, scratch = [pod for pod in pods if not owned_by(pod)], [pod for pod in pods if has_scratch(pod)]
    lost = (
        *([f"{shown_pods(bare)} for good: nothing starts {'it' if len(bare) == 1 else 'them'} again"] if bare else []),
        *([f"the emptyDir data of {shown_pods(scratch)}"] if scratch else []),
    )
    if lost and not forced:
        raise ActionError(
            f"Draining it loses more than work: {counted(len({*map(uid, bare), *map(uid, scratch)}), 'pod')}",
            "; ".join(lost),
            "force=true drains it all the same.",
        )
    return lost
