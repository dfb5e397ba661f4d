"""Carrying a change out at a cloud, once and not on anything else, and seeing what became of it."""

from __future__ import annotations

from finops_tui.actions.base import Result
from finops_tui.actions.cloud.faults import CloudCallError, failed, sentences
from finops_tui.actions.cloud.note import UNDO_TAG
from finops_tui.actions.cloud.places import HandsT
from finops_tui.actions.cloud.things import Edit, Notes, State, Thing, look
from finops_tui.actions.objects import shown_value
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome


async def carry_out(hands: HandsT, thing: Thing[HandsT], edit: Edit, token: str) -> Result:
    """Look again, write the way back on it, then change it.

    Where a cloud has no condition on a write, the look is the check.
    """
    try:
        state = await look(hands, thing, edit.ref)
        settled = _settled(state, edit)
        if settled is not None:
            return settled
    except ActionError as error:
        return Result(outcome=Outcome.FAILED, words=sentences(error.title, error.detail, "Nothing is different"))
    apart = thing.notes is Notes.APART
    try:
        lacking = await _tagged(hands, thing, state, edit.tag) if edit.tag and apart else ""
    except CloudCallError as error:
        said = error.detail if error.done is False else ""
        why = sentences("The way back cannot be written on it", error.title, said)
        return Result(outcome=Outcome.FAILED, words=f"{why} The change itself was not sent: nothing is different.")
    try:
        left = await thing.write(hands, state, edit, token)
    except CloudCallError as error:
        if error.done is False and edit.tag and apart and not lacking:
            await _tag_again(hands, thing, state)
        return failed(error)
    if not edit.tag and apart:
        lacking = await _untagged(hands, thing, state)
    return Result(outcome=Outcome.APPLIED, words=sentences(left or f"{edit.ref.place} took it", lacking))


async def see(hands: HandsT, thing: Thing[HandsT], edit: Edit, token: str) -> Result:
    try:
        state = await look(hands, thing, edit.ref)
        told = await thing.under_way(hands, state, token) if state.id == edit.id else None
    except ActionError as error:
        if isinstance(error, CloudCallError) and error.absent:
            return Result(outcome=Outcome.FAILED, words=f"{edit.ref.shown} is gone: it was deleted since.")
        return Result(outcome=Outcome.UNKNOWN, words=sentences(error.title, error.detail))
    return told or _seen(thing, state, edit)


def _seen(thing: Thing[HandsT], state: State, edit: Edit) -> Result:
    if state.id != edit.id:
        return Result(outcome=Outcome.FAILED, words=f"{edit.ref.shown} is another one now: it was made anew.")
    moved = [name for name in moved_from(state, edit) if name not in thing.drifted(state, edit)]
    if not moved:
        return thing.followed(state, edit)
    if all(state.fields[name] == edit.was[name] for name in edit.changed):
        return Result(outcome=Outcome.FAILED, words=f"{edit.ref.shown} is as it was: this was not done, or set back.")
    name = next((each for each in moved if state.fields[each] != edit.was[each]), moved[0])
    now = shown_value(state.fields[name])
    if state.fields[name] == edit.was[name]:
        words = f"{name} of {edit.ref.shown} is {now}, as it was: that part was not done, or set back."
    else:
        words = f"{name} of {edit.ref.shown} was set to {now} by somebody since."
    return Result(outcome=Outcome.FAILED, words=words)


def moved_from(state: State, edit: Edit) -> list[str]:
    """Return the fields that a change set and that say otherwise now."""
    return [name for name in edit.changed if state.fields[name] != edit.set[name]]


def _settled(state: State, edit: Edit) -> Result | None:
    """Return what is to be said without writing; None where all is as it was when the plan was made."""
    if state.id != edit.id:
        words = f"{edit.ref.shown} is another one now: it was made anew. Nothing is different. Plan it again."
        return Result(outcome=Outcome.FAILED, words=words)
    if not moved_from(state, edit):
        return Result(outcome=Outcome.APPLIED, words=f"{edit.ref.shown} is so already.")
    differing = [name for name, value in edit.was.items() if state.fields[name] != value]
    if not differing:
        return None
    name = differing[0]
    change = f"{name} {shown_value(edit.was[name])} → {shown_value(state.fields[name])}"
    words = f"{edit.ref.shown} has changed since it was planned: {change}. Nothing is different. Plan it again."
    return Result(outcome=Outcome.FAILED, words=words)


async def _tagged(hands: HandsT, thing: Thing[HandsT], state: State, tag: str) -> str:
    """Write the way back; return what to say where that is not allowed. Raises CloudCallError for anything else."""
    try:
        await thing.tag(hands, state, tag)
    except CloudCallError as error:
        if not error.denied:
            raise
        return "You may not tag it: only the journal of this machine knows the way back"
    return ""


async def _tag_again(hands: HandsT, thing: Thing[HandsT], state: State) -> None:
    """Put back the tag that was there, as nothing was changed. A note that stays does no harm: it fits no state."""
    try:
        await thing.tag(hands, state, state.tags.get(UNDO_TAG, ""))
    except CloudCallError:
        return


async def _untagged(hands: HandsT, thing: Thing[HandsT], state: State) -> str:
    """Take the way back off it, as it has been gone."""
    if UNDO_TAG not in state.tags:
        return ""
    try:
        await thing.tag(hands, state, "")
    except CloudCallError:
        return f"Its tag {UNDO_TAG} could not be taken away"
    return ""
