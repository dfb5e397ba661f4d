"""Pause and resume: the work stops and its pods go, or nothing new begins; what it was is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus

from finops_tui.actions.autoscalers import autoscalers_of, kueue_workload
from finops_tui.actions.effects import Effects, View, growing, nodes_of, shrinking, unchanged, unknown, workload_of
from finops_tui.actions.endings import ending
from finops_tui.actions.kinds import HOPELESS, KUEUE, PAUSED_REPLICAS, Kind, Pausable, Scalable, Sign, condition
from finops_tui.actions.kube_client import CallError, KubeClient
from finops_tui.actions.kubernetes import KubernetesAction
from finops_tui.actions.managers import by_whom
from finops_tui.actions.marks import mark_on
from finops_tui.actions.objects import Document, Ref, text, value
from finops_tui.actions.planning import Change, Intent, make_plan
from finops_tui.actions.releases import release_delays
from finops_tui.actions.resolve import Found, parts, resolve
from finops_tui.actions.reverters import autoscaler_reverters, reverters_of
from finops_tui.actions.traces import marked_by
from finops_tui.actions.undo import RESUME, plan_back
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Reverter, Target
from finops_tui.model.snapshot import Snapshot

RUNS = "runs"
"""Parameter of a pause of what starts jobs by the clock: `pause` the runs that go on now, or `leave` them."""


class Pause(KubernetesAction):
    id = "pause"
    key = "p"
    title = "Pause"
    about = "Stops work so that its nodes can go; what it was is remembered on the object."

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        client, view = self._client(target), View(snapshot, fleet, now)
        called = parts(target)[0]
        if called in HOPELESS:
            raise ActionError(f"{target.name} cannot be paused", *HOPELESS[called])
        found = await resolve(client, target, self.kinds)
        ended = ending(found.document)
        if ended:
            raise ActionError(f"{found.ref.shown} is over", f"it {ended}: there is nothing to pause")
        changes, around = await self._changes(client, found, parameters, now)
        effects = await self._effects(client, target, found, changes, view)
        kind = found.kind
        back = "resumes it" if not isinstance(kind, Scalable) else "brings its replicas back"
        intent = Intent(
            action=self.id,
            title=f"Pause {found.ref.name}",
            target=target,
            parameters=parameters,
            changes=changes,
            effects=effects,
            undo=f"{back}{_from_where(kind, target, view)}, here or from another machine",
            reverts=(*around, *await reverters_of(client, found.ref, found.document)),
        )
        return await make_plan(client, self.hands, intent, now)

    async def _changes(
        self, client: KubeClient, found: Found, parameters: Mapping[str, str], now: datetime
    ) -> tuple[tuple[Change, ...], tuple[Reverter, ...]]:
        """Return what is to be set, and which autoscalers would set it back."""
        kind, ref, document = found
        if isinstance(kind, Pausable):
            change = await _pausing(client, kind, ref, document, now)
            runs = [] if kind.kind != "CronJob" or parameters.get(RUNS) == "leave" else await self._runs(client, found)
            return (change, *[await _pausing(client, *run, now) for run in runs]), ()
        if not isinstance(kind, Scalable):
            raise ActionError(f"{ref.shown} cannot be paused", f"{kind.kind} has neither a suspend field nor a size")
        steering = await autoscalers_of(client, ref)
        if value(document, kind.path) == 0:
            raise ActionError(f"{ref.shown} is paused already", f"it has 0 {kind.unit}s{_since(document, kind, now)}")
        if steering.keda is not None:
            keda, scaled_object = steering.keda
            return (_held_by_keda(keda, scaled_object, 0),), ()
        change = Change(ref=ref, document=document, fields={kind.path: 0}, done=(Sign(kind.now, (0, None)),))
        return (change,), autoscaler_reverters(steering, 0)

    async def _runs(self, client: KubeClient, found: Found) -> Sequence[tuple[Pausable, Ref, Document]]:
        """Return the jobs of a CronJob that run now."""
        job = self.kinds["Job"]
        assert isinstance(job, Pausable)
        runs: list[tuple[Pausable, Ref, Document]] = []
        for active in value(found.document, ("status", "active")) or ():
            ref = job.ref("v1", found.ref.namespace, text(active, "name"))
            try:
                document = await client.read(ref)
            except CallError as error:
                if error.status != HTTPStatus.NOT_FOUND:  # a run that is gone meanwhile needs no pause
                    raise
                continue
            if not ending(document) and value(document, job.path) != job.paused:
                runs.append((job, ref, document))
        return runs

    async def _effects(
        self, client: KubeClient, target: Target, found: Found, changes: tuple[Change, ...], view: View
    ) -> Effects:
        kind, workload = found.kind, workload_of(target, view.fleet)
        frees = not isinstance(kind, Pausable) or kind.frees or len(changes) > 1
        if not frees and isinstance(kind, Pausable):
            return unchanged(target, kind.how)
        if workload is None:
            return unknown(target)
        delays = await release_delays(client, nodes_of(workload, view.fleet))
        keeps_work = kind.keeps_work if isinstance(kind, Pausable) else True
        return shrinking(workload, 0.0, view, delays=delays, keeps_work=keeps_work).on(found.document)


class Resume(KubernetesAction):
    id = RESUME
    key = "P"
    title = "Resume"
    about = "Brings back what was paused, as it was."

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        client, view = self._client(target), View(snapshot, fleet, now)
        kind, ref, document = await resolve(client, target, self.kinds)
        admitted = await kueue_workload(client, ref, document) if isinstance(kind, Pausable) else None
        if admitted is not None:
            kind, (ref, document) = KUEUE, admitted
        mark = mark_on(document)
        if (mark is not None and mark.action == Pause.id) or isinstance(kind, Scalable):
            marked = await marked_by(client, target, self.kinds)
            if marked[0].mark.action == Pause.id:
                return await plan_back(
                    client, self.hands, target, marked, view, action=self.id, kinds=self.kinds
                )  # fmt: skip
            raise ActionError(f"{ref.shown} is not paused", f"its last change was a {marked[0].mark.action}")
        if not isinstance(kind, Pausable) or value(document, kind.path) != kind.paused:
            raise ActionError(f"{ref.shown} is not paused", "there is nothing to resume")
        workload = workload_of(target, fleet)
        change = Change(
            ref=ref,
            document=document,
            fields={kind.path: kind.running},
            done=kind.begun,
            clears=kind.to_clear(document),
        )
        intent = Intent(
            action=self.id,
            title=f"Resume {ref.name}",
            target=target,
            parameters=parameters,
            changes=(change,),
            effects=growing(workload, 0, snapshot) if workload is not None else unknown(target),
            undo="pauses it again",
            reverts=await reverters_of(client, ref, document),
        )
        return await make_plan(client, self.hands, intent, now)


async def _pausing(client: KubeClient, kind: Pausable, ref: Ref, document: Document, now: datetime) -> Change:
    """Return the change that pauses one object, or Kueue's own object of it. Raises ActionError."""
    admitted = await kueue_workload(client, ref, document) if kind is not KUEUE else None
    if admitted is not None:
        kind, (ref, document) = KUEUE, admitted
    if value(document, kind.path) == kind.paused:
        raise ActionError(f"{ref.shown} is paused already", f"it was paused{_since(document, kind, now)}")
    return Change(ref=ref, document=document, fields={kind.path: kind.paused}, done=kind.done)


def _held_by_keda(ref: Ref, document: Document, replicas: int) -> Change:
    """Return the change that makes KEDA hold its target at so many replicas. Raises ActionError."""
    if value(document, PAUSED_REPLICAS) == str(replicas):
        raise ActionError(f"{ref.shown} is paused already", f"KEDA holds it at {replicas}")
    return Change(ref=ref, document=document, fields={PAUSED_REPLICAS: str(replicas)}, done=condition("Paused"))


def _since(document: Document, kind: Pausable | Scalable, now: datetime) -> str:
    by = by_whom(document, kind.path, now)
    return f", set {by}" if by else ""


def _from_where(kind: Kind, target: Target, view: View) -> str:
    workload = workload_of(target, view.fleet)
    if isinstance(kind, Pausable) and not kind.keeps_work:
        return " from its beginning"
    if workload is None or workload.checkpoint_at is None:
        return ""
    return f" from checkpoint {workload.checkpoint_at:%H:%M}Z"
