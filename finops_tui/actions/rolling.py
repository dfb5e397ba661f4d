"""Setting the pod template of a workload to one that it had.

A plan names it by its digest. The template itself, which may hold secrets, never leaves the cluster.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, NamedTuple

from finops_tui.actions.base import Result
from finops_tui.actions.carry_out import TRIES, result_of
from finops_tui.actions.edits import UID, VERSION
from finops_tui.actions.grants import WRITE, needs
from finops_tui.actions.kube_client import CallError, KubeClient
from finops_tui.actions.managers import by_whom
from finops_tui.actions.marks import PLAN, UNDO, plan_on
from finops_tui.actions.objects import Document, Fields, Path, Ref, merge_patch, uid, value
from finops_tui.actions.planning import Step
from finops_tui.actions.revisions import KEEPERS, TEMPLATE, Revision, digest, revisions_of, shown_changes, turning
from finops_tui.model.plan import FieldChange, Outcome, Plan

ROLLOUT = "rollout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    ref: Ref
    uid: str
    was: str
    set: str
    """Digests of the two templates."""
    mark: str | None
    """What the object says of the way back; None takes that away."""

    def patch(self, document: Document, wanted: Revision, plan: str) -> dict[str, Any]:
        """Return a merge patch that only this object accepts, and only as it was read."""
        fields: Fields = {
            **turning(value(document, TEMPLATE), wanted.template),
            UNDO: self.mark,
            PLAN: plan,
            UID: self.uid,
            VERSION: value(document, VERSION),
        }
        return merge_patch(fields)

    def step(self, client: KubeClient, document: Document, wanted: Revision, plan: str) -> Step:
        keeper = KEEPERS[self.ref.kind][0].ref("v1", self.ref.namespace, "")

        async def trial() -> None:
            body = self.patch(document, wanted, plan)
            del body["metadata"]["resourceVersion"]  # its status may move on meanwhile: nothing is written
            await client.patch(self.ref, body, dry_run=True)

        traces = tuple(
            FieldChange(object=self.ref.shown, path=f"annotation {path[-1]}", before="–", after=each or "–")
            for path, each in ((UNDO, self.mark), (PLAN, plan))
        )
        return Step(
            name=ROLLOUT,
            written=json.dumps(asdict(self), separators=(",", ":")),
            lines=(*shown_changes(self.ref.shown, value(document, TEMPLATE), wanted.template), *traces),
            permissions=(*needs(self.ref, *WRITE), *needs(keeper, "list")),
            trials=(trial,),
        )


def rollout_of(plan: Plan) -> Rollout:
    """Return what a plan rolls back; it was written here, so it can be read."""
    told = json.loads(plan.steps[ROLLOUT])
    return Rollout(**told | {"ref": Ref(**told["ref"])})


async def apply(client: KubeClient, plan: Plan) -> Result:
    rollout = rollout_of(plan)
    for _ in range(TRIES):
        try:
            document = await client.read(rollout.ref)
            settled = _settled(rollout, document, plan)
            if settled is not None:
                return settled
            wanted = await kept(client, rollout.ref, document, rollout.set)
            if wanted is None:
                words = f"The earlier revision of {rollout.ref.shown} is not kept any more. Nothing is different."
                return Result(outcome=Outcome.FAILED, words=words)
            await client.patch(rollout.ref, rollout.patch(document, wanted, plan.id), dry_run=False)
        except CallError as error:
            if error.status != HTTPStatus.CONFLICT:
                return result_of(error)
        else:
            return Result(outcome=Outcome.APPLIED, words=f"{client.cluster} took it.")
    words = f"{rollout.ref.shown} changes faster than it can be written. Nothing is different. Try again."
    return Result(outcome=Outcome.FAILED, words=words)


async def kept(client: KubeClient, ref: Ref, document: Document, wanted: str) -> Revision | None:
    """Return the revision with a digest; None where its controller keeps it no more."""
    return next((each for each in await revisions_of(client, ref, document) if each.digest == wanted), None)


def _settled(rollout: Rollout, document: Document, plan: Plan) -> Result | None:
    """Return what is to be said without writing; None where all is as it was when the plan was made."""
    shown = rollout.ref.shown
    if uid(document) != rollout.uid:
        words = f"{shown} is another one now: what was planned for is gone. Plan it again."
        return Result(outcome=Outcome.FAILED, words=words)
    if plan_on(document) == plan.id:
        return Result(outcome=Outcome.APPLIED, words=f"{shown} was done already.")
    if digest(value(document, TEMPLATE) or {}) != rollout.was:
        by = by_whom(document, TEMPLATE) or "by somebody"
        words = f"The pod template of {shown} was changed {by} since it was planned. Nothing is different."
        return Result(outcome=Outcome.FAILED, words=f"{words} Plan it again.")
    return None


async def verify(client: KubeClient, plan: Plan) -> Result:
    rollout = rollout_of(plan)
    shown = rollout.ref.shown
    try:
        document = await client.read(rollout.ref)
    except CallError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return Result(outcome=Outcome.FAILED, words=f"{shown} is gone: it was deleted since.")
        return Result(outcome=Outcome.UNKNOWN, words=f"{error.title}: {error.detail}.")
    now = digest(value(document, TEMPLATE) or {})
    if uid(document) != rollout.uid:
        words = f"{shown} is another one now: the one that was planned for is gone."
        return Result(outcome=Outcome.FAILED, words=words)
    if now != rollout.set:
        if now == rollout.was and plan_on(document) != plan.id:
            return Result(outcome=Outcome.FAILED, words=f"{shown} is as it was: this was not done.")
        by = by_whom(document, TEMPLATE) or "by somebody"
        return Result(outcome=Outcome.FAILED, words=f"The pod template of {shown} was changed {by}.")
    return _progress(rollout.ref, document)


class _Counts(NamedTuple):
    """Where a kind says how many pods there should be, how many are of the newest template, and how many serve."""

    wanted: Path
    updated: Path
    there: Path
    ready: Path


_PODS = _Counts(
    ("spec", "replicas"), ("status", "updatedReplicas"), ("status", "replicas"), ("status", "availableReplicas")
)
_COUNTS = {
    "DaemonSet": _Counts(
        ("status", "desiredNumberScheduled"),
        ("status", "updatedNumberScheduled"),
        ("status", "currentNumberScheduled"),
        ("status", "numberAvailable"),
    )
}


def _progress(ref: Ref, document: Document) -> Result:
    counts = _COUNTS.get(ref.kind, _PODS)
    wanted, updated, there, ready = (_number(document, path) for path in counts)
    behind = _number(document, ("status", "observedGeneration")) < _number(document, ("metadata", "generation"))
    if behind:
        return Result(outcome=Outcome.APPLIED, words=f"Waiting for {ref.shown} to follow.")
    words = f"{min(updated, ready)} of {wanted} pods are of that revision and serve."
    reached: Sequence[bool] = (updated >= wanted, there <= wanted, ready >= wanted)
    return Result(outcome=Outcome.DONE if all(reached) else Outcome.APPLIED, words=words)


def _number(document: Document, path: Path) -> int:
    found = value(document, path)
    return found if type(found) is int else 0
