"""Rollback: the pods of a workload as they were before its last change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from finops_tui.actions.base import Permission
from finops_tui.actions.effects import View
from finops_tui.actions.events import EVENTS
from finops_tui.actions.grants import APPLICATIONS, WRITE, needs
from finops_tui.actions.kinds import Kind
from finops_tui.actions.kubernetes import KubernetesAction
from finops_tui.actions.objects import Document, Ref, text, value
from finops_tui.actions.resolve import OTHERS, Found, parts, resolve
from finops_tui.actions.revisions import KEEPERS, TEMPLATE, Revision, digest, revisions_of
from finops_tui.actions.rollbacks import ROLLBACK, Turn, named_revision, turn_plan
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Target
from finops_tui.model.snapshot import Snapshot
from finops_tui.phrases import listed

REVISION = "revision"
"""Parameter: its number; otherwise the one before."""


class Rollback(KubernetesAction):
    id = ROLLBACK
    key = "B"
    title = "Roll back"
    about = "Sets the pods of a workload back to how they were before its last change."

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        client, called = self._client(target), parts(target)[0]
        if called not in KEEPERS:
            raise ActionError(f"{target.name} cannot be rolled back", f"nobody keeps earlier revisions of a {called}")
        found = await resolve(client, target, self.kinds)
        _ready(found)
        revisions = await revisions_of(client, found.ref, found.document)
        current, to = _chosen(found.ref, found.document, revisions, parameters.get(REVISION, ""))
        turn = Turn(
            ref=found.ref,
            document=found.document,
            action=self.id,
            title=f"Roll back {found.ref.name} to revision {to.number}",
            now=named_revision(current),
            to=to,
            undo=f"goes back to revision {current.number}, here or from another machine, while it is kept",
        )
        return await turn_plan(client, self.hands, target, turn, View(snapshot, fleet, now), parameters=parameters)

    def works_on(self, kind: Kind) -> bool:
        return kind.kind in KEEPERS

    def writes(self, kind: Kind, namespace: str = "") -> tuple[Permission, ...]:
        keeper = KEEPERS[kind.kind][0]
        return (*needs(kind, *WRITE, namespace=namespace), *needs(keeper, "list", namespace=namespace))

    def grants(self) -> tuple[Permission, ...]:
        kinds = [each for each in (*self.kinds.values(), *OTHERS.values()) if self.works_on(each)]
        return (*(each for kind in kinds for each in self.writes(kind)), *APPLICATIONS, *EVENTS)


def _ready(found: Found) -> None:
    """Raise ActionError where its controller would not follow."""
    shown, document = found.ref.shown, found.document
    if value(document, ("spec", "paused")) is True:
        raise ActionError(f"The rollout of {shown} is paused", "it takes no other template until that is resumed")
    if text(document, "spec", "updateStrategy", "type") == "OnDelete":
        raise ActionError(f"{shown} replaces no pod by itself", "its update strategy is OnDelete")
    if value(document, ("status", "observedGeneration")) != value(document, ("metadata", "generation")):
        raise ActionError(f"{shown} has just been changed", "its controller has not followed yet", "Try again.")


def _chosen(ref: Ref, document: Document, revisions: Sequence[Revision], wanted: str) -> tuple[Revision, Revision]:
    """Return the revision of now and the one to go to. Raises ActionError."""
    now = digest(value(document, TEMPLATE) or {})
    current = next((each for each in revisions if each.digest == now), None)
    if current is None:
        raise ActionError(f"The revision of {ref.shown} is not known", "none that is kept has its pod template")
    others = [each for each in revisions if each.digest != now]
    if wanted:
        others = [each for each in others if str(each.number) == wanted]
    elif any(each.number < current.number for each in others):
        others = [each for each in others if each.number < current.number]
    if not others:
        known = listed([str(each.number) for each in revisions], 9)
        raise ActionError(
            f"{ref.shown} has no {f'other revision {wanted}' if wanted else 'earlier revision'}",
            f"kept are {known}; {current.number} is the one of now",
        )
    return current, others[0]
