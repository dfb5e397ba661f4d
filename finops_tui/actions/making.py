"""Making one object that was not there: once, under a name that its plan gives it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from finops_tui.actions.base import Result
from finops_tui.actions.carry_out import result_of
from finops_tui.actions.grants import needs
from finops_tui.actions.kinds import Sign
from finops_tui.actions.kube_client import CallError, KubeClient
from finops_tui.actions.managers import by_whom
from finops_tui.actions.marks import plan_on
from finops_tui.actions.objects import Path, Ref, parsed_pointer, pointer, shown_path, shown_value, value
from finops_tui.actions.planning import Step
from finops_tui.model.plan import FieldChange, Outcome, Plan

MAKING = "making"


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    ref: Ref
    body: Mapping[str, Any]
    keeps: Path
    """The field that has to stay as it was made."""
    done: tuple[Sign, ...] = ()

    @property
    def wanted(self) -> Any:
        return value(self.body, self.keeps)

    def step(self, client: KubeClient) -> Step:
        line = FieldChange(
            object=self.ref.shown, path=shown_path(self.keeps), before="–", after=shown_value(self.wanted)
        )
        told = {
            "object": asdict(self.ref),
            "body": self.body,
            "keeps": pointer(self.keeps),
            "done": [[pointer(sign.path), list(sign.any_of)] for sign in self.done],
        }
        return Step(
            name=MAKING,
            written=json.dumps(told, separators=(",", ":")),
            lines=(line,),
            permissions=needs(self.ref, "create", "get"),
            trials=(partial(client.create, self.ref.collection, self.body, self.ref.shown, dry_run=True),),
        )


def making_of(plan: Plan) -> Making:
    """Return what a plan makes; it was written here, so it can be read."""
    told = json.loads(plan.steps[MAKING])
    return Making(
        ref=Ref(**told["object"]),
        body=told["body"],
        keeps=parsed_pointer(told["keeps"]),
        done=tuple(Sign(parsed_pointer(path), tuple(any_of)) for path, any_of in told["done"]),
    )


async def apply(client: KubeClient, plan: Plan) -> Result:
    made = making_of(plan)
    try:
        await client.create(made.ref.collection, made.body, made.ref.shown)
    except CallError as error:
        if error.status != HTTPStatus.CONFLICT:
            return result_of(error)
        return await _there_already(client, made, plan)
    return Result(outcome=Outcome.APPLIED, words=f"{client.cluster} took it.")


async def _there_already(client: KubeClient, made: Making, plan: Plan) -> Result:
    try:
        ours = plan_on(await client.read(made.ref)) == plan.id
    except CallError as error:
        return result_of(error)
    if ours:
        return Result(outcome=Outcome.APPLIED, words=f"{made.ref.shown} was made already.")
    return Result(outcome=Outcome.FAILED, words=f"There is a {made.ref.shown} of somebody else. Nothing is different.")


async def verify(client: KubeClient, plan: Plan) -> Result:
    made = making_of(plan)
    try:
        document = await client.read(made.ref)
    except CallError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            words = f"{made.ref.shown} is not there: it was not made, or was deleted since."
            return Result(outcome=Outcome.FAILED, words=words)
        return Result(outcome=Outcome.UNKNOWN, words=f"{error.title}: {error.detail}.")
    now = value(document, made.keeps)
    if plan_on(document) != plan.id or now != made.wanted:
        by = by_whom(document, made.keeps) or "by somebody"
        words = f"{shown_path(made.keeps)} of {made.ref.shown} was set to {shown_value(now)} {by}."
        return Result(outcome=Outcome.FAILED, words=words)
    if all(sign.seen(document) for sign in made.done):
        return Result(outcome=Outcome.DONE, words=f"{made.ref.shown} is in force.")
    return Result(outcome=Outcome.APPLIED, words=f"Waiting for {made.ref.shown} to be in force.")
