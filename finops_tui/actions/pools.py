"""The limit of a pool of Karpenter's: how far it may grow. What it has already stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from finops_tui.actions.base import Permission
from finops_tui.actions.effects import Effects
from finops_tui.actions.emptied import Saving
from finops_tui.actions.events import EVENTS
from finops_tui.actions.grants import APPLICATIONS, WRITE, needs
from finops_tui.actions.kinds import NODE_POOL, Kind
from finops_tui.actions.kube_client import CallError
from finops_tui.actions.kubernetes import KubernetesAction
from finops_tui.actions.objectives import Danger, served_from
from finops_tui.actions.objects import Document, Path, shown_value, text, value
from finops_tui.actions.planning import Change, Intent, make_plan
from finops_tui.actions.releases import NEVER, parsed_duration
from finops_tui.actions.resolve import Found, resolve
from finops_tui.actions.reverters import reverters_of
from finops_tui.actions.traces import LIMITS
from finops_tui.actions.words import plain
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Risk, Target, TargetKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.phrases import counted, listed, span

GPUS, NODES = "gpus", "nodes"
"""Parameters, one or none of them: how many there may be; otherwise as many as there are."""
DEVICES = ("nvidia.com/gpu", "amd.com/gpu", "google.com/tpu", "habana.ai/gaudi")
"""Extended resources that count as GPUs, the first that a pool has."""
HAS: Path = ("status", "resources")
STATIC: Path = ("spec", "replicas")
"""A pool that has this keeps so many nodes, and takes a limit on nodes only."""
MOST = 1_000_000
STRAINED = 1.0
"""Burn rate from which on whoever serves an objective may need more nodes."""


class Limit(KubernetesAction):
    id = "limit"
    key = "M"
    title = "Limit"
    about = "Caps how far a pool may grow, at what it has now or at a number; no node goes by it."
    applies_to = frozenset({TargetKind.POOL})

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        client = self._client(target)
        try:
            found = await resolve(client, target)
        except CallError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            raise ActionError(
                f"{target.name} is no pool of Karpenter's",
                f"{client.cluster} has no NodePool of that name, so nothing there holds its limit",
                "It is a node group of the cloud or of another autoscaler: its size is set there.",
            ) from error
        cluster = fleet.clusters.get(target.cluster)
        nodes = [each for each in cluster.nodes.values() if each.pool == found.ref.name] if cluster is not None else []
        resource, limit, noun = _wanted(found, parameters, len(nodes))
        path, ref = (*LIMITS, resource), found.ref
        before = value(found.document, path)
        if str(before) == str(limit):
            raise ActionError(f"{ref.shown} is limited to {counted(limit, noun)} already", "there is nothing to change")
        intent = Intent(
            action=self.id,
            title=f"Limit {ref.name} to {counted(limit, noun)}",
            target=target,
            parameters=parameters,
            changes=(Change(ref=ref, document=found.document, fields={path: str(limit)}),),
            effects=_effects(target, found.document, snapshot, (limit, noun)),
            undo=f"sets its limit back: {'none' if before is None else plain(shown_value(before))}",
            reverts=await reverters_of(client, ref, found.document),
        )
        return await make_plan(client, self.hands, intent, now)

    def works_on(self, kind: Kind) -> bool:
        return kind is NODE_POOL

    def grants(self) -> tuple[Permission, ...]:
        return (*needs(NODE_POOL, *WRITE), *APPLICATIONS, *EVENTS)


def _wanted(found: Found, parameters: Mapping[str, str], nodes: int) -> tuple[str, int, str]:
    """Return which resource is limited to how many, and what one of it is called. Raises ActionError."""
    device = next((each for each in DEVICES if _amount(found.document, each)), DEVICES[0])
    asked = [name for name in (GPUS, NODES) if name in parameters]
    if len(asked) > 1:
        raise ActionError("A limit is on GPUs or on nodes", "give one of `gpus` and `nodes`")
    if value(found.document, STATIC) is not None and asked == [GPUS]:
        raise ActionError(f"{found.ref.shown} has a fixed size", "only its nodes can be limited", "Give `nodes`.")
    has_gpus = bool(_amount(found.document, device)) and value(found.document, STATIC) is None
    counts_gpus = asked == [GPUS] or (not asked and has_gpus)
    resource, noun = (device, "GPU") if counts_gpus else (NODES, "node")
    if asked:
        return resource, _count(parameters[asked[0]], noun), noun
    present = _amount(found.document, resource)
    return resource, nodes if present is None else present, noun


def _amount(document: Document, resource: str) -> int | None:
    written = str(value(document, (*HAS, resource)))
    return int(written) if written.isdecimal() else None


def _count(written: str, noun: str) -> int:
    if not written.isdecimal() or int(written[: len(str(MOST)) + 1]) > MOST:
        raise ActionError(f"{written} is no number of {noun}s", "it is a whole number from 0 on; 0 is no growth at all")
    return int(written)


def _effects(target: Target, document: Document, snapshot: Snapshot, limit: tuple[int, str]) -> Effects:
    pool = target.key.removeprefix(f"{target.cluster}/")
    row = next((each for each in snapshot.pools if each.key == target.key), None)
    there = f"{counted(row.nodes, 'node')}, {counted(row.gpus, 'GPU')}" if row is not None else "its nodes"
    return Effects(
        saving=Saving(0.0, "it stops growth and removes no node", until_then=_empty_nodes(document)),
        danger=_danger(target.cluster, pool, snapshot),
        touches=f"pool {pool} may have {counted(*limit)} at most; {there} stay",
    )


def _empty_nodes(document: Document) -> str:
    delay = parsed_duration(text(document, "spec", "disruption", "consolidateAfter"))
    if delay is None:
        return "when its empty nodes go is not known"
    return "its empty nodes stay (consolidateAfter)" if delay == NEVER else f"its empty nodes go after {span(delay)}"


def _danger(cluster: str, pool: str, snapshot: Snapshot) -> Danger:
    slos = served_from(cluster, pool, snapshot)
    if not slos:
        return Danger(Risk.NONE, f"no SLO is served from {pool}")
    words = f"{listed([slo.name for slo in slos])}: pods that run stay, more find no node once the limit is reached"
    strained = any((slo.burn(3_600) or 0.0) > STRAINED for slo in slos)
    return Danger(Risk.HIGH if strained else Risk.LOW, words, tuple(slo.key for slo in slos))
