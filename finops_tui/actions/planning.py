"""One plan from the changes of some objects: their marks, the server's verdict, what is foreseen."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from finops_tui.actions.carry_out import dry_run
from finops_tui.actions.edits import steps, traced
from finops_tui.actions.effects import Effects
from finops_tui.actions.grants import WRITE, needs
from finops_tui.actions.kinds import Sign
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.marks import Mark, stamp
from finops_tui.actions.objects import Document, Fields, Ref, uid, value
from finops_tui.errors import ActionError
from finops_tui.model.plan import Plan, Reverter, Target

UNTIL = "until"
"""Parameter: when it should be taken back (RFC 3339). It stands on the object; nothing acts on it by itself."""


def _new_id() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What actions reach the outside with."""

    client: Callable[[str], KubeClient]
    """By cluster. May raise FinopsError."""
    by: str
    """Whom the marks on objects name."""
    new_id: Callable[[], str] = _new_id


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


async def make_plan(client: KubeClient, hands: Hands, intent: Intent, now: datetime) -> Plan:
    """Try it on the server and return the plan. Raises ActionError."""
    plan_id, effects = hands.new_id(), intent.effects
    until = _until(intent.parameters.get(UNTIL, ""), now)
    paths = [change.ref.path for change in intent.changes]
    marks = [
        Mark(
            action=intent.action,
            plan=plan_id,
            by=hands.by,
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
    edits = tuple(
        replace(
            traced(
                change.ref,
                change.document,
                change.fields,
                plan=plan_id,
                mark=mark if intent.leaves_mark else None,
            ),
            done=change.done,
            clears=change.clears,
        )
        for change, mark in zip(intent.changes, marks, strict=True)
    )
    verdict = await dry_run(client, edits)
    return Plan(
        id=plan_id,
        action=intent.action,
        title=intent.title,
        target=intent.target,
        made_at=now,
        changes=tuple(line for each in edits for line in each.changes()),
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
        permissions=tuple(dict.fromkeys(str(each) for change in intent.changes for each in needs(change.ref, *WRITE))),
        dry_run=verdict,
        parameters=intent.parameters,
        steps=steps(edits),
        recipe={path: mark.to_json() for path, mark in zip(paths, marks, strict=True)},
    )


def _until(written: str, now: datetime) -> str:
    if not written:
        return ""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise ActionError(f"{written} is no time", "`until` takes one like 2026-03-10T14:30:00Z") from error
    if moment.tzinfo is None or moment <= now:
        raise ActionError(f"{written} is not in the future", "`until` takes a later time with its zone")
    return stamp(moment)
