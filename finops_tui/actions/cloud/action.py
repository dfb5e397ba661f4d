"""What every action on a cloud has in common: the plan, carrying it out, verifying, and the way back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Generic

import msgspec

from finops_tui.actions.base import Permission, Result
from finops_tui.actions.cloud.carry import carry_out, moved_from, see
from finops_tui.actions.cloud.faults import sentences
from finops_tui.actions.cloud.note import Note, note_on, word
from finops_tui.actions.cloud.places import HandsT
from finops_tui.actions.cloud.things import About, Edit, Fields, Notes, Ref, State, Thing, look
from finops_tui.actions.effects import View
from finops_tui.actions.marks import stamp
from finops_tui.actions.objects import shown_value
from finops_tui.actions.planning import UNTIL, parsed_until
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Outcome, Plan, Target, TargetKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.phrases import listed

UNDO = "undo"
PRICE = "price"
"""Parameter: $/h of one machine, where no row tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is meant, before it is a plan."""

    action: str
    title: str
    wanted: Fields
    undo: str
    parameters: Mapping[str, str]
    beside: str = ""
    """What else is to be said of what it touches."""


class CloudAction(Generic[HandsT]):
    """Whichever of its heirs made a plan, all of them carry it out, verify it and take it back alike."""

    cloud: str
    """Under which a plan's steps and recipe hold the change: `aws`, `gcp`, `azure`."""
    id: str
    key: str
    title: str
    about: str
    applies_to: frozenset[TargetKind]
    reversible = True
    lasts = True

    def __init__(self, hands: HandsT, things: Mapping[str, Thing[HandsT]]) -> None:
        self.hands = hands
        self.things = things
        """By the kind of their refs."""

    def permissions(self, target: Target, fleet: Fleet) -> tuple[Permission, ...]:  # noqa: ARG002 - of the contract
        """Return none of Kubernetes': what the cloud must allow stands in each plan."""
        return ()

    def grants(self) -> tuple[Permission, ...]:
        return ()

    async def apply(self, plan: Plan) -> Result:
        edit = self.edit_in(plan)
        return await carry_out(self.hands, self.things[edit.ref.kind], edit, plan.id)

    async def verify(self, plan: Plan) -> Result:
        try:
            edit = self.edit_in(plan)
        except ActionError as error:
            return Result(outcome=Outcome.UNKNOWN, words=sentences(error.title, error.detail, error.hint))
        return await see(self.hands, self.things[edit.ref.kind], edit, plan.id)

    async def undo_plan(self, done: Plan | Target, snapshot: Snapshot, fleet: Fleet, now: datetime) -> Plan:
        """Raise ActionError where it cannot be taken back: another thing, or changed by somebody else since."""
        target = done.target if isinstance(done, Plan) else done
        if isinstance(done, Plan):
            if not done.reversible:
                raise ActionError(f"{done.title} cannot be taken back", "nothing is left that could be set back")
            edit = self.edit_in(done)
            thing = self.things[edit.ref.kind]
            state = await look(self.hands, thing, edit.ref)
            action, by = done.action, "it was done"
        else:
            state, left = await self._noted(target, fleet)
            thing = self.things[state.ref.kind]
            edit = Edit(ref=state.ref, id=state.id, was=_fields(thing, left.was), set=_fields(thing, left.set))
            action, by = left.action, f"{left.by} did it at {left.at}"
        drifted = thing.drifted(state, edit)
        _takeable(state, edit, by, drifted)
        was = {each: edit.was[each] for each in edit.changed if each not in drifted}
        name = state.ref.name.rpartition("/")[2]
        intent = Intent(
            action=UNDO,
            title=f"Redo {name}" if action == UNDO else f"Undo {action} of {name}",
            wanted=thing.restored(state, {**state.fields, **was}),
            undo=f"does it again, as {by}",
            parameters={},
        )
        return await self.made(target, state, intent, View(snapshot, fleet, now))

    async def refs(self, target: Target, fleet: Fleet) -> tuple[Ref, ...]:
        """Return what a target may stand for. Raises ActionError where that cannot be told."""
        raise NotImplementedError

    async def made(self, target: Target, state: State, intent: Intent, view: View) -> Plan:
        """Check it, try it where the cloud has a trial, and return the plan. Raises ActionError."""
        thing, plan_id = self.things[state.ref.kind], self.hands.new_id()
        thing.fit(state, intent.wanted)
        tag = self._tag(thing, state, intent, plan_id, view.now)
        edit = Edit(ref=state.ref, id=state.id, was=state.fields, set=intent.wanted, tag=tag)
        about = About(target, view, _price(intent.parameters))
        effects = thing.foresee(state, intent.wanted, about)
        written = msgspec.json.encode(edit).decode()
        return Plan(
            id=plan_id,
            action=intent.action,
            title=intent.title,
            target=target,
            made_at=view.now,
            changes=thing.lines(state, intent.wanted),
            saves_usd_per_hour=effects.saving.usd_per_hour,
            saves_when=effects.saving.when,
            saves_at=effects.saving.at,
            until_then=effects.saving.until_then,
            slo_risk=effects.danger.risk,
            slo_words=effects.danger.words,
            slos=effects.danger.slos,
            touches=f"{effects.touches}; {intent.beside}" if intent.beside else effects.touches,
            pods=effects.pods,
            gpus=effects.gpus,
            nodes=effects.nodes,
            loses=effects.loses,
            reverts=await thing.reverters(self.hands, state),
            undo=intent.undo if thing.undoable else "",
            permissions=tuple(f"{request} on {state.id}" for request in thing.requests(intent.wanted)),
            dry_run=await thing.try_out(self.hands, state, intent.wanted),
            parameters=intent.parameters,
            steps={self.cloud: written},
            recipe={self.cloud: tag} if tag else {},
        )

    def edit_in(self, plan: Plan) -> Edit:
        """Raise ActionError for a plan out of a journal that another version wrote."""
        try:
            return msgspec.json.decode(plan.steps[self.cloud], type=Edit)
        except (KeyError, msgspec.DecodeError) as error:
            hint = "Look at it, and set it by hand."
            raise ActionError(f"{plan.title} cannot be read", "another version wrote it down", hint) from error

    def _tag(self, thing: Thing[HandsT], state: State, intent: Intent, plan_id: str, now: datetime) -> str:
        """Return the way back as a tag; what takes something back leaves none."""
        until = parsed_until(intent.parameters.get(UNTIL, ""), now)
        if until and not thing.undoable:
            raise ActionError(f"{intent.title} cannot be taken back", f"so `{UNTIL}` has no meaning for it")
        if intent.action == UNDO or not thing.undoable or thing.notes is Notes.NOWHERE:
            return ""
        was, wanted = (tuple(fields[name] for name in thing.order) for fields in (state.fields, intent.wanted))
        by = word(self.hands.by)
        left = Note(action=intent.action, plan=plan_id, by=by, at=stamp(now), was=was, set=wanted, until=until)
        return left.to_tag()

    async def _noted(self, target: Target, fleet: Fleet) -> tuple[State, Note]:
        """Return what a target stands for with the way back that is on it, the newest. Raises ActionError."""
        found = []
        for ref in await self.refs(target, fleet):
            thing = self.things[ref.kind]
            state = await look(self.hands, thing, ref)
            left = note_on(state.tags, len(thing.order))
            if left is not None:
                found.append((state, left))
        if not found:
            raise ActionError(
                "There is nothing to take back",
                f"no tag on {target.name} says what was changed",
                "The journal of the machine on which it was changed may know.",
            )
        return max(found, key=lambda pair: pair[1].at)


def _fields(thing: Thing[HandsT], values: tuple[int | str, ...]) -> Fields:
    return dict(zip(thing.order, values, strict=True))


def _takeable(state: State, edit: Edit, by: str, drifted: Collection[str]) -> None:
    """Raise ActionError where a thing is another one, is back already, or was set by somebody else since."""
    shown = state.ref.shown
    if state.id != edit.id:
        raise ActionError(
            f"{shown} is another one now", "what was changed is gone, and something new has its name", "Look at it."
        )
    moved = [name for name in moved_from(state, edit) if name not in drifted]
    name = next((each for each in moved if state.fields[each] != edit.was[each]), "")
    if moved and not name and len(moved) == len(edit.changed):
        raise ActionError(f"{shown} is back already", f"{listed(edit.changed)} was set back by somebody")
    if not name:
        return  # where a part of it was not done, or was set back, the rest is taken back
    raise ActionError(
        f"{shown} has been changed since",
        f"{name} was set to {shown_value(edit.set[name])} when {by}, and then to {shown_value(state.fields[name])}",
        "What somebody else chose is not taken back. Set it by hand if it is wrong.",
    )


def _price(parameters: Mapping[str, str]) -> float | None:
    written = parameters.get(PRICE)
    if written is None:
        return None
    try:
        price = float(written)
    except ValueError:
        price = -1.0
    if not isfinite(price) or price < 0:
        raise ActionError(f"{PRICE}={written} is no price", "it is $/h of one machine, such as 55.04")
    return price
