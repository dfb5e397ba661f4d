"""Scale: another number of replicas, or other bounds for whoever sets that number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from finops_tui.actions.autoscalers import Autoscalers, autoscalers_of
from finops_tui.actions.effects import Effects, View, growing, nodes_of, shrinking, unchanged, unknown, workload_of
from finops_tui.actions.kinds import PAUSED_REPLICAS, Pausable, Scalable, Sign, condition
from finops_tui.actions.kubernetes import KubernetesAction
from finops_tui.actions.objects import Document, Fields, Path, value
from finops_tui.actions.planning import Change, Intent, make_plan
from finops_tui.actions.releases import release_delays
from finops_tui.actions.resolve import Found, resolve
from finops_tui.actions.reverters import autoscaler_reverters, reverters_of
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Reverter, Target
from finops_tui.model.snapshot import Snapshot

REPLICAS, AUTOSCALER = "replicas", "autoscaler"
"""Parameters: how many; and what its autoscaler is told: `min=1,max=4` (HPA), `pause` (KEDA holds it at `replicas`)."""
LEAST: Path = ("spec", "minReplicas")
MOST: Path = ("spec", "maxReplicas")
MANY = 1_000
"""Replicas; nobody has a wider range of a kind that runs on GPUs, and a plan lists them."""


class Scale(KubernetesAction):
    id = "scale"
    key = "s"
    title = "Scale"
    about = "Sets the number of replicas, or the bounds of the autoscaler that sets it."
    works_on = Scalable

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        client, view = self._client(target), View(snapshot, fleet, now)
        found = await resolve(client, target, self.kinds)
        if not isinstance(found.kind, Scalable):
            hint = "Pause it instead." if isinstance(found.kind, Pausable) else ""
            raise ActionError(f"{found.ref.shown} has no number of replicas", f"{found.kind.kind} is not scaled", hint)
        before = value(found.document, found.kind.path)
        before = before if isinstance(before, int) else 1  # Kubernetes' own default
        steering = await autoscalers_of(client, found.ref)
        change, after, reverts = _change(found, steering, before, parameters)
        effects = await self._effects(target, found, (before, after), view)
        unit = found.kind.unit
        intent = Intent(
            action=self.id,
            title=f"Scale {found.ref.name} {before}→{after}" if after != before else f"Rebound {found.ref.name}",
            target=target,
            parameters=parameters,
            changes=(change,),
            effects=effects,
            undo=f"sets it back: {before} {unit}{'s' * (before != 1)}, here or from another machine",
            reverts=(*reverts, *await reverters_of(client, found.ref, found.document)),
        )
        return await make_plan(client, self.hands, intent, now)

    async def _effects(self, target: Target, found: Found, replicas: tuple[int, int], view: View) -> Effects:
        """Foresee what it does to go from one number of replicas to another."""
        before, after = replicas
        workload = workload_of(target, view.fleet)
        if workload is None:
            return unknown(target)
        if after == before:
            return unchanged(target, "it has as many replicas as before; only its bounds move")
        if after > before:
            each = (workload.pods + workload.pods_pending) / before if before else 1
            return growing(workload, round((after - before) * each), view.snapshot)
        delays = await release_delays(self._client(target), nodes_of(workload, view.fleet))
        return shrinking(workload, after / before, view, delays=delays).on(found.document)


def _change(
    found: Found, steering: Autoscalers, before: int, parameters: Mapping[str, str]
) -> tuple[Change, int, tuple[Reverter, ...]]:
    """Return what is to be set, how many replicas there are then, and which autoscalers would set it back."""
    told = parameters.get(AUTOSCALER, "")
    if told and told != "pause":
        change, after = _bounds(steering, before, told)
        return change, after, ()
    after = _replicas(parameters.get(REPLICAS, ""))
    if told == "pause":
        if steering.keda is None:
            raise ActionError(f"No KEDA object scales {found.ref.shown}", "only KEDA can hold a size by itself")
        ref, document = steering.keda
        fields = {PAUSED_REPLICAS: str(after)}
        return Change(ref=ref, document=document, fields=fields, done=condition("Paused")), after, ()
    if after == before:
        raise ActionError(f"{found.ref.shown} has {after} already", "there is nothing to change")
    assert isinstance(found.kind, Scalable)
    seen = Sign(found.kind.now, (after,) if after else (0, None))
    change = Change(ref=found.ref, document=found.document, fields={found.kind.path: after}, done=(seen,))
    return change, after, autoscaler_reverters(steering, after)


def _bounds(steering: Autoscalers, before: int, told: str) -> tuple[Change, int]:
    """Return the change of an HPA's bounds, and how many replicas there are within them."""
    if steering.hpa is None:
        raise ActionError("No HPA scales it", "there are no bounds to move", "Set the number of replicas.")
    ref, document = steering.hpa
    wanted = dict(part.strip().partition("=")[::2] for part in told.split(","))
    if not wanted or not wanted.keys() <= {"min", "max"} or not all(each.isdecimal() for each in wanted.values()):
        raise ActionError(f"{told} names no bounds", "bounds are written min=1,max=4")
    low = int(wanted["min"]) if "min" in wanted else _count(document, *LEAST)
    high = int(wanted["max"]) if "max" in wanted else _count(document, *MOST)
    if not low <= high or high < 1 or high - low > MANY:
        raise ActionError(f"min {low} and max {high} are no bounds", "min is at most max, and max at least 1")
    fields: Fields = {path: each for path, each in ((LEAST, low), (MOST, high)) if value(document, path) != each}
    if not fields:
        raise ActionError(f"{ref.shown} has these bounds already", f"min {low}, max {high}")
    within = tuple(range(low, high + 1))
    seen = tuple(Sign(("status", name), within) for name in ("desiredReplicas", "currentReplicas"))
    return Change(ref=ref, document=document, fields=fields, done=seen), min(max(before, low), high)


def _count(document: Document, *path: str) -> int:
    found = value(document, path)
    return found if isinstance(found, int) else 1  # `minReplicas` is 1 where it is not said


def _replicas(written: str) -> int:
    if not written.isdecimal() or len(written) > len(str(MANY)) + 1:
        raise ActionError(f"{written or 'nothing'} is no number of replicas", "replicas is a whole number from 0 on")
    return int(written)
