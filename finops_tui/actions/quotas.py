"""Plans that put a temporary limit on the GPUs of a namespace, and those that take it away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from operator import itemgetter

from finops_tui.actions.base import Permission
from finops_tui.actions.effects import Effects, View
from finops_tui.actions.emptied import Saving
from finops_tui.actions.grants import needs
from finops_tui.actions.kinds import NAMESPACE, POD, QUOTA, Kind, Sign
from finops_tui.actions.kube_client import MANAGER, KubeClient
from finops_tui.actions.making import MAKING, Making, making_of
from finops_tui.actions.managers import by_whom
from finops_tui.actions.marks import PLAN, UNDO, Mark, mark_on, plan_on, stamp
from finops_tui.actions.marks import UNTIL as STANDS_UNTIL
from finops_tui.actions.marks_read import ends_at
from finops_tui.actions.objectives import Danger
from finops_tui.actions.objects import Document, Path, Ref, differing, merge_patch, named, uid, value
from finops_tui.actions.planning import UNTIL, Hands, Intent, make_plan, parsed_until
from finops_tui.actions.removing import REMOVAL, Removal, removal_of
from finops_tui.actions.residents import GPU, gpus_of
from finops_tui.actions.resolve import namespace_of, resolve
from finops_tui.actions.undo import UNDO as BACK
from finops_tui.errors import ActionError
from finops_tui.model.plan import Plan, Risk, Target, TargetKind
from finops_tui.phrases import counted, listed

ACTION = "quota"
GPUS = "gpus"
"""Parameter: how many the namespace may ask for; otherwise as many as it does now."""
LASTS = timedelta(hours=4)
"""Where nobody says until when."""
MOST = 100_000
MANAGED_BY = "app.kubernetes.io/managed-by"
HARD: Path = ("spec", "hard", f"requests.{GPU}")
PERMISSIONS: tuple[Permission, ...] = (
    *needs(QUOTA, "create", "get", "list", "delete"),
    *needs(POD, "list"),
    *needs(NAMESPACE, "get"),
)


async def quota_plan(
    client: KubeClient, hands: Hands, target: Target, parameters: Mapping[str, str], view: View
) -> Plan:
    """Plan to limit a namespace. Raises ActionError."""
    found = await resolve(client, target)
    namespace, plan_id = found.ref.name, hands.new_id()
    used = await _used(client, namespace)
    limit = _limit(parameters.get(GPUS, ""), used)
    until = parsed_until(parameters.get(UNTIL, ""), view.now) or stamp(view.now + LASTS)
    ref = QUOTA.ref("v1", namespace, f"{MANAGER}-{plan_id}")
    made = _quota(ref, limit, until, plan_id=plan_id, by=await hands.signs(client.cluster), now=view.now)
    intent = Intent(
        action=ACTION,
        title=f"Limit {namespace} to {counted(limit, 'GPU')}",
        target=target,
        parameters={**parameters, GPUS: str(limit), UNTIL: until},
        changes=(),
        effects=_effects(namespace, limit, used, until, view),
        undo=f"deletes the quota; nothing else does, also not at {until}",
        steps=(made.step(client),),
        about=(made.ref, ""),
        id=plan_id,
    )
    return await make_plan(client, hands, intent, view.now)


async def quota_back(
    client: KubeClient,
    hands: Hands,
    done: Plan | Target,
    view: View,
    kinds: Mapping[str, Kind],  # noqa: ARG001 - as every way back
) -> Plan | None:
    """Plan to delete a quota that was made so, or to make it again; None for anything else. Raises ActionError."""
    if isinstance(done, Plan) and REMOVAL in done.steps and removal_of(done).ref.kind == QUOTA.kind:
        asked = {name: each for name, each in done.parameters.items() if name == GPUS}
        return await quota_plan(client, hands, done.target, asked, view)
    if isinstance(done, Plan):
        if MAKING not in done.steps:
            return None
        target, ref = done.target, making_of(done).ref
        document = await client.read(ref)
        if plan_on(document) != done.id:
            raise ActionError(f"{ref.shown} is another one now", "the one that was made is gone")
    elif done.kind is TargetKind.NAMESPACE:
        target = done
        ref, document = await _first_to_go(client, target, view.now)
    else:
        return None
    mark = mark_on(document)
    if mark is None or differing(document, mark.set):
        by = by_whom(document, HARD, view.now) or "by somebody"
        raise ActionError(f"{ref.shown} has been changed since", f"it was changed {by}", "Delete it by hand.")
    limit = str(value(document, HARD))
    intent = Intent(
        action=BACK,
        title=f"Undo {ACTION} of {ref.namespace}",
        target=target,
        parameters={GPUS: limit},
        changes=(),
        effects=Effects(
            saving=Saving(0.0, "what waits for GPUs may start then; what that costs is not known"),
            danger=Danger(Risk.NONE, "no running pod is touched"),
            touches=f"the quota of {ref.namespace}",
        ),
        undo=f"sets a quota of {limit} again",
        steps=(Removal(ref=ref, uid=uid(document)).step(client),),
        about=(ref, uid(document)),
    )
    return await make_plan(client, hands, intent, view.now)


def _quota(ref: Ref, limit: int, until: str, *, plan_id: str, by: str, now: datetime) -> Making:
    mark = Mark(
        action=ACTION,
        plan=plan_id,
        by=by,
        at=stamp(now),
        uid="",  # it has none before it is made; its name has the plan's id
        was={HARD: None},
        set={HARD: str(limit)},
        until=until,
    )
    annotations = {UNDO: mark.to_json(), PLAN: plan_id, STANDS_UNTIL: until}
    metadata = {"name": ref.name, "namespace": ref.namespace, "labels": {MANAGED_BY: MANAGER}}
    body = merge_patch({HARD: str(limit), **annotations})
    seen = Sign(("status", "hard", HARD[-1]), (str(limit),))
    return Making(
        ref=ref,
        body={"apiVersion": "v1", "kind": ref.kind, **body, "metadata": {**body["metadata"], **metadata}},
        keeps=HARD,
        done=(seen,),
    )


async def _used(client: KubeClient, namespace: str) -> int:
    """Return how many GPUs the pods of a namespace ask for, those that wait for a node too, as a quota counts them."""
    alive = "status.phase!=Succeeded,status.phase!=Failed"
    return sum(map(gpus_of, await client.all_listed(POD.ref("v1", namespace, ""), fieldSelector=alive)))


def _limit(written: str, used: int) -> int:
    if not written:
        return used
    if not written.isdecimal() or int(written[: len(str(MOST)) + 1]) > MOST:
        raise ActionError(f"{written} is no number of GPUs", "gpus is a whole number from 0 on")
    return int(written)


async def _first_to_go(client: KubeClient, target: Target, now: datetime) -> tuple[Ref, Document]:
    """Return of the quotas that this program put on a namespace what is overdue longest, else the newest.

    Raises ActionError where there is none.
    """
    anywhere = QUOTA.ref("v1", namespace_of(target), "")
    ours: list[tuple[Mark, Document]] = []
    for each in await client.listed(anywhere, labelSelector=f"{MANAGED_BY}={MANAGER}"):
        mark = mark_on(each)
        if mark is not None and mark.action == ACTION and named(each) == f"{MANAGER}-{mark.plan}":
            ours.append((mark, each))
    if not ours:
        raise ActionError(f"Nothing stands on {target.name} that could be taken back", "it has no quota of finops-tui")
    overdue = [(ends, each) for mark, each in ours if (ends := ends_at(mark)) is not None and ends <= now]
    _, document = min(overdue, key=itemgetter(0)) if overdue else max(ours, key=lambda pair: pair[0].at)
    return QUOTA.ref("v1", anywhere.namespace, named(document)), document


def _effects(namespace: str, limit: int, used: int, until: str, view: View) -> Effects:
    slos = [slo for slo in view.snapshot.slos if namespace in _namespaces(slo.workload, view)]
    danger = Danger(Risk.NONE, "no SLO is served from it")
    if slos:
        names, keys = listed([slo.name for slo in slos]), tuple(slo.key for slo in slos)
        danger = Danger(Risk.LOW, f"{names}: pods that run stay; one that is made again counts as a new one", keys)
    room = limit - used
    more = f"{counted(room, 'GPU')} more may be asked for" if room > 0 else "pods that ask for a GPU are refused"
    return Effects(
        saving=Saving(0.0, "a quota saves nothing by itself: what runs goes on", until_then=f"{more}, until {until}"),
        danger=danger,
        touches=f"namespace {namespace}, which asks for {counted(used, 'GPU')}; its pods stay",
    )


def _namespaces(workload: str, view: View) -> frozenset[str]:
    """Return the namespaces in which there is a workload of that `Kind/name`."""
    return frozenset(
        each.namespace
        for cluster in view.fleet.clusters.values()
        for each in cluster.workloads.values()
        if f"{each.kind}/{each.name}" == workload
    )
