"""One plan from the changes of some objects: their marks, the server's verdict, what is foreseen."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from finops_tui.actions.base import Permission
from finops_tui.actions.carry_out import Trial, verdict
from finops_tui.actions.edits import Edit, steps, traced
from finops_tui.actions.effects import Effects
from finops_tui.actions.events import regarding
from finops_tui.actions.grants import WRITE, needs
from finops_tui.actions.kinds import Sign
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.marks import Mark, stamp
from finops_tui.actions.objects import Document, Fields, Ref, uid, value
from finops_tui.clock import Clock, WallClock
from finops_tui.errors import ActionError
from finops_tui.model.plan import FieldChange, Plan, Reverter, Target

UNTIL = "until"
"""Parameter: when it should be taken back (RFC 3339). It stands on the object; nothing acts on it by itself."""


def _new_id() -> str:
    return secrets.token_hex(8)


async def nameless(_: str) -> str:
    """Know no name."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What actions reach the outside with."""

    client: Callable[[str], KubeClient]
    """By cluster. May raise FinopsError."""
    by: str
    """Whom the marks on objects name."""
    new_id: Callable[[], str] = _new_id
    clock: Clock = field(default_factory=WallClock)
    """What is waited for by, where carrying something out takes time."""
    identity: Callable[[str], Awaitable[str]] = nameless
    """By cluster, the name under which it knows whoever acts: on a shared machine the one that tells people apart."""

    async def signs(self, cluster: str) -> str:
        """Return whom marks name in a cluster."""
        return await self.identity(cluster) or self.by


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Fields of one object, as it was read, that are to be set."""

    ref: Ref
    document: Document
    fields: Fields
    done: tuple[Sign, ...] = ()
    clears: Fields = field(default_factory=dict)
    """As `Edit`'s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A part of a plan that is more than setting fields."""

    name: str
    """Under which the plan's steps hold it."""
    written: str
    """JSON."""
    lines: tuple[FieldChange, ...]
    permissions: tuple[Permission, ...]
    trials: tuple[Trial, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is meant, before it is a plan."""

    action: str
    title: str
    target: Target
    parameters: Mapping[str, str]
    changes: tuple[Change, ...]
    effects: Effects
    undo: str
    """How it is taken back, in words."""
    reverts: tuple[Reverter, ...] = ()
    leaves_mark: bool = True
    """Whether the objects say how to take it back; what takes something back clears that instead."""
    steps: tuple[Step, ...] = ()
    """What is done after the fields are set."""
    about: tuple[Ref, str] | None = None
    """The object that it is about, with its uid; otherwise the first that is changed."""
    id: str = ""
    """Of the plan, where something in it is named after that."""
    recipe: Mapping[str, str] = field(default_factory=dict)
    """By path, what takes back the steps."""


async def make_plan(client: KubeClient, hands: Hands, intent: Intent, now: datetime) -> Plan:
    """Try it on the server and return the plan. Raises ActionError."""
    plan_id, effects = intent.id or hands.new_id(), intent.effects
    by = await hands.signs(client.cluster)
    until = parsed_until(intent.parameters.get(UNTIL, ""), now)
    paths = [change.ref.path for change in intent.changes]
    marks = [
        Mark(
            action=intent.action,
            plan=plan_id,
            by=by,
            at=stamp(now),
            uid=uid(change.document),
            was={path: value(change.document, path) for path in change.fields},
            set=change.fields,
            beside=tuple(path for path in paths if path != change.ref.path),
            usd_per_hour=effects.saving.usd_per_hour,
            pods=effects.pods,
            gpus=effects.gpus,
            until=until,
        )
        for change in intent.changes
    ]
    edits = [
        _edit(change, plan_id, mark if intent.leaves_mark else None)
        for change, mark in zip(intent.changes, marks, strict=True)
    ]
    trials = [
        partial(client.patch, edit.ref, edit.trial(change.document), dry_run=True)
        for edit, change in zip(edits, intent.changes, strict=True)
    ]
    needed = (
        *(each for change in intent.changes for each in needs(change.ref, *WRITE)),
        *(each for step in intent.steps for each in step.permissions),
    )
    about = intent.about or (intent.changes[0].ref, uid(intent.changes[0].document))
    return Plan(
        id=plan_id,
        action=intent.action,
        title=intent.title,
        target=intent.target,
        made_at=now,
        changes=(
            *(line for edit in edits for line in edit.changes()),
            *(line for step in intent.steps for line in step.lines),
        ),
        saves_usd_per_hour=effects.saving.usd_per_hour,
        saves_when=effects.saving.when,
        saves_at=effects.saving.at,
        until_then=effects.saving.until_then,
        slo_risk=effects.danger.risk,
        slo_words=effects.danger.words,
        slos=effects.danger.slos,
        touches=effects.touches,
        pods=effects.pods,
        gpus=effects.gpus,
        nodes=effects.nodes,
        loses=effects.loses,
        reverts=intent.reverts,
        undo=intent.undo,
        permissions=tuple(dict.fromkeys(map(str, needed))),
        dry_run=await verdict(client, (*trials, *(trial for step in intent.steps for trial in step.trials))),
        parameters=intent.parameters,
        steps={**steps(edits), **{step.name: step.written for step in intent.steps}, **regarding(*about)},
        recipe={path: mark.to_json() for path, mark in zip(paths, marks, strict=True)} | dict(intent.recipe),
    )


def _edit(change: Change, plan_id: str, mark: Mark | None) -> Edit:
    bare = traced(change.ref, change.document, change.fields, plan=plan_id, mark=mark)
    return replace(bare, done=change.done, clears=change.clears)


def parsed_until(written: str, now: datetime) -> str:
    """Return a later time as it is written on objects; empty where none is given. Raises ActionError."""
    if not written:
        return ""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise ActionError(f"{written} is no time", "`until` takes one like 2026-03-10T14:30:00Z") from error
    if moment.tzinfo is None or moment <= now:
        raise ActionError(f"{written} is not in the future", "`until` takes a later time with its zone")
    return stamp(moment)
