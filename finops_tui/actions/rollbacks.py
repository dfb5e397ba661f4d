"""Plans that set a workload's pod template to an earlier one, and those that set it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from finops_tui.actions.effects import Effects, View, lost, row_of, unknown, workload_of
from finops_tui.actions.emptied import Saving
from finops_tui.actions.kinds import Kind
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.managers import by_whom
from finops_tui.actions.marks import Mark, mark_on, read_mark, stamp
from finops_tui.actions.objectives import Danger, served_by, serves_nobody
from finops_tui.actions.objects import Document, Ref, text, uid, value
from finops_tui.actions.planning import UNTIL, Hands, Intent, make_plan, parsed_until
from finops_tui.actions.residents import gpus_of
from finops_tui.actions.resolve import known_kind, resolve
from finops_tui.actions.reverters import reverters_of
from finops_tui.actions.revisions import KEEPERS, TEMPLATE, Revision, digest
from finops_tui.actions.rolling import ROLLOUT, Rollout, kept, rollout_of
from finops_tui.actions.undo import UNDO, same_object
from finops_tui.errors import ActionError
from finops_tui.model.inventory import Workload
from finops_tui.model.plan import Plan, Risk, Target, TargetKind
from finops_tui.phrases import counted, listed

ROLLBACK = "rollback"
NOTHING_MORE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """From which revision to which, as it is called."""

    ref: Ref
    document: Document
    action: str
    title: str
    now: str
    """`revision 4 9f2c…`: its number and digest."""
    to: Revision
    undo: str
    leaves_mark: bool = True


def named_revision(revision: Revision) -> str:
    return f"revision {revision.number} {revision.digest}"


async def turn_plan(
    client: KubeClient,
    hands: Hands,
    target: Target,
    turn: Turn,
    view: View,
    *,
    parameters: Mapping[str, str] = NOTHING_MORE,
) -> Plan:
    """Plan to set the template to a revision. Raises ActionError."""
    ref, document = turn.ref, turn.document
    plan_id, effects = hands.new_id(), _effects(target, ref, document, turn.to, view)
    mark = Mark(
        action=turn.action,
        plan=plan_id,
        by=await hands.signs(client.cluster),
        at=stamp(view.now),
        uid=uid(document),
        was={TEMPLATE: turn.now},
        set={TEMPLATE: named_revision(turn.to)},
        pods=effects.pods,
        gpus=effects.gpus,
        until=parsed_until(parameters.get(UNTIL, ""), view.now),
    )
    rollout = Rollout(
        ref=ref,
        uid=uid(document),
        was=digest(value(document, TEMPLATE) or {}),
        set=turn.to.digest,
        mark=mark.to_json() if turn.leaves_mark else None,
    )
    intent = Intent(
        action=turn.action,
        title=turn.title,
        target=target,
        parameters=parameters,
        changes=(),
        effects=effects,
        undo=turn.undo,
        reverts=await reverters_of(client, ref, document),
        steps=(rollout.step(client, document, turn.to, plan_id),),
        about=(ref, uid(document)),
        id=plan_id,
        recipe={ref.path: mark.to_json()},
    )
    return await make_plan(client, hands, intent, view.now)


async def rollback_back(
    client: KubeClient, hands: Hands, done: Plan | Target, view: View, kinds: Mapping[str, Kind]
) -> Plan | None:
    """Plan the way back from a rollback; None for anything else. Raises ActionError."""
    found = await _rolled_back(client, done, kinds)
    if found is None:
        return None
    ref, document, mark = found
    same_object(ref, document, mark)
    was, left = (str(fields.get(TEMPLATE, "")) for fields in (mark.was, mark.set))
    now = digest(value(document, TEMPLATE) or {})
    if now != _digest_of(left):
        by = by_whom(document, TEMPLATE, view.now) or "by somebody"
        if now == _digest_of(was):
            raise ActionError(f"{ref.shown} is back already", f"its pod template was set back {by}")
        raise ActionError(
            f"{ref.shown} has been changed since",
            f"its pod template was set to {_number_of(left)} by {mark.by} at {mark.at}, and then to another {by}",
            "What somebody else chose is not taken back.",
        )
    to = await kept(client, ref, document, _digest_of(was))
    if to is None:
        raise ActionError(
            f"{_number_of(was).capitalize()} of {ref.shown} is not kept any more",
            "spec.revisionHistoryLimit says how many are",
            "Apply the manifest that is wanted.",
        )
    turn = Turn(
        ref=ref,
        document=document,
        action=UNDO,
        title=f"Undo {ROLLBACK} of {ref.name}",
        now=left,
        to=to,
        undo=f"does it again, as {mark.by} did at {mark.at}",
        leaves_mark=False,
    )
    target = done.target if isinstance(done, Plan) else done
    return await turn_plan(client, hands, target, turn, view)


async def _rolled_back(
    client: KubeClient, done: Plan | Target, kinds: Mapping[str, Kind]
) -> tuple[Ref, Document, Mark] | None:
    if isinstance(done, Plan):
        if ROLLOUT not in done.steps:
            return None
        ref = rollout_of(done).ref
        return ref, await client.read(ref), read_mark(done.recipe[ref.path])
    kind = known_kind(done, kinds)
    if done.kind is not TargetKind.WORKLOAD or kind is None or kind.kind not in KEEPERS:
        return None
    found = await resolve(client, done, kinds)
    mark = mark_on(found.document)
    return (found.ref, found.document, mark) if mark is not None and mark.action == ROLLBACK else None


def _digest_of(revision: str) -> str:
    return revision.rpartition(" ")[2]


def _number_of(revision: str) -> str:
    return revision.rpartition(" ")[0]


def _effects(target: Target, ref: Ref, document: Document, to: Revision, view: View) -> Effects:
    workload = workload_of(target, view.fleet)
    if workload is None:
        return unknown(target)
    at_once = text(document, "spec", "strategy", "type") == "Recreate"
    before, after = (gpus_of(template) for template in (value(document, TEMPLATE) or {}, to.template))
    saving = Saving(0.0, "its pods are replaced; it asks for as much as before")
    if before != after:
        saving = Saving(None, f"a pod asks for {counted(after, 'GPU')} then, {counted(before, 'GPU')} now")
    pods = f"{counted(workload.pods, 'pod')}, replaced {'all at once' if at_once else 'some at a time'}"
    return Effects(
        saving=saving,
        danger=_danger(workload, view, at_once=at_once),
        touches=f"1 {ref.kind.lower()}, {counted(workload.gpus, 'GPU')}, {pods}",
        pods=workload.pods,
        gpus=workload.gpus,
        nodes=len(workload.placements),
        loses=lost(workload, row_of(workload, view.snapshot), 1.0, view.now),
    )


def _danger(workload: Workload, view: View, *, at_once: bool) -> Danger:
    slos = served_by(workload, view.snapshot)
    if not slos:
        if not view.snapshot.slos and not serves_nobody(workload):
            return Danger(Risk.UNKNOWN, "no SLO is known here, so none can be told from this workload")
        return Danger(Risk.NONE, "no SLO reads from this workload")
    keys, names = tuple(slo.key for slo in slos), listed([slo.name for slo in slos])
    if at_once:
        return Danger(Risk.HIGH, f"{names}: all pods go before the new ones come (strategy Recreate)", keys)
    return Danger(Risk.LOW, f"{names}: pods are replaced as its update strategy allows", keys)
