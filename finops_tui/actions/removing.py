"""Deleting one object: that one and no other, and where a node goes with it only while nothing needs that."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import partial
from http import HTTPStatus

from finops_tui.actions.base import Result
from finops_tui.actions.carry_out import TRIES, result_of
from finops_tui.actions.edits import VERSION
from finops_tui.actions.grants import needs
from finops_tui.actions.kube_client import CallError, KubeClient
from finops_tui.actions.objects import Document, Ref, text, uid, value
from finops_tui.actions.planning import Step
from finops_tui.actions.residents import RESIDENTS, busy, shown_pods
from finops_tui.actions.words import plain
from finops_tui.model.plan import FieldChange, Outcome, Plan
from finops_tui.phrases import listed

REMOVAL = "removal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    ref: Ref
    uid: str
    node: str = ""
    """The node that goes with it, and may have nothing but daemons on it."""

    def step(self, client: KubeClient) -> Step:
        pods = RESIDENTS if self.node else ()
        return Step(
            name=REMOVAL,
            written=json.dumps(asdict(self), separators=(",", ":")),
            lines=(FieldChange(object=self.ref.shown, path="the object", before="there", after="deleted"),),
            permissions=(*needs(self.ref, "delete", "get"), *pods),
            trials=(partial(client.delete, self.ref, self.uid, dry_run=True),),
        )


def removal_of(plan: Plan) -> Removal:
    """Return what a plan deletes; it was written here, so it can be read."""
    told = json.loads(plan.steps[REMOVAL])
    return Removal(ref=Ref(**told["ref"]), uid=told["uid"], node=told["node"])


async def apply(client: KubeClient, plan: Plan) -> Result:
    removal = removal_of(plan)
    for _ in range(TRIES):
        try:
            document = await client.read(removal.ref)
        except CallError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return Result(outcome=Outcome.APPLIED, words=f"{removal.ref.shown} is gone already.")
            return result_of(error)
        try:
            settled = await _settled(client, removal, document)
            if settled is not None:
                return settled
            await client.delete(removal.ref, removal.uid, str(value(document, VERSION)))
        except CallError as error:
            if error.status != HTTPStatus.CONFLICT:
                return result_of(error)
        else:
            return Result(outcome=Outcome.APPLIED, words=f"{client.cluster} took it.")
    words = f"{removal.ref.shown} changes faster than it can be deleted. Nothing is different. Try again."
    return Result(outcome=Outcome.FAILED, words=words)


async def _settled(client: KubeClient, removal: Removal, document: Document) -> Result | None:
    """Return what is to be said without deleting; None where all is as it was when the plan was made."""
    if uid(document) != removal.uid:
        words = f"{removal.ref.shown} is another one now: what was planned for is gone. Plan it again."
        return Result(outcome=Outcome.FAILED, words=words)
    if _going(document):
        return Result(outcome=Outcome.APPLIED, words=f"{removal.ref.shown} is being deleted already.")
    there = await busy(client, removal.node) if removal.node else ()
    if there:
        words = f"{removal.node} is not idle any more: {shown_pods(there)} came to it. Nothing is different."
        return Result(outcome=Outcome.FAILED, words=words)
    return None


async def verify(client: KubeClient, plan: Plan) -> Result:
    removal = removal_of(plan)
    try:
        document = await client.read(removal.ref)
    except CallError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return Result(outcome=Outcome.DONE, words=f"{removal.ref.shown} is gone.")
        return Result(outcome=Outcome.UNKNOWN, words=f"{error.title}: {error.detail}.")
    if uid(document) != removal.uid:
        return Result(outcome=Outcome.DONE, words=f"{removal.ref.shown} is gone; another has its name.")
    if not _going(document):
        return Result(outcome=Outcome.FAILED, words=f"{removal.ref.shown} is there: this was not done.")
    holders = value(document, ("metadata", "finalizers")) or ()
    waiting = f" {listed([plain(each) for each in holders])} holds it." if holders else ""
    return Result(outcome=Outcome.APPLIED, words=f"{removal.ref.shown} is being deleted.{waiting}")


def _going(document: Document) -> bool:
    return bool(text(document, "metadata", "deletionTimestamp"))
