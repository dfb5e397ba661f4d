"""What can be changed at a cloud: a thing with some fields that are set together, and read back."""

# ruff: noqa: ARG002 - each kind of thing takes what it needs of what all of them are given

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, NamedTuple

from finops_tui.actions.base import Result
from finops_tui.actions.cloud.faults import NOT_THERE, CloudCallError
from finops_tui.actions.cloud.note import Value
from finops_tui.actions.cloud.places import AWS, HandsT, Place
from finops_tui.actions.effects import Effects, View
from finops_tui.actions.objects import shown_value
from finops_tui.actions.words import plain
from finops_tui.errors import ActionError
from finops_tui.model.plan import FieldChange, Reverter, Target

Fields = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """Where one thing is."""

    kind: str
    """`asg`, `nodegroup`, `job-queue`, `instance`, `training-job`, `node-pool`, `agent-pool`."""
    account: str
    region: str
    name: str
    """`cluster/name` of what belongs to a cluster."""
    cloud: str = AWS

    @property
    def place(self) -> Place:
        return Place(self.account, self.region, self.cloud)

    @property
    def shown(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A thing as it was read."""

    ref: Ref
    id: str
    """The cloud's own name for it: an ARN, a link, a path."""
    fields: Fields
    """What it is or, where a change is on its way, what it will be."""
    tags: Mapping[str, str]
    raw: Mapping[str, Any]
    """The cloud's answer about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """All fields of one thing as they were and as they are to be; data, carried in a plan."""

    ref: Ref
    id: str
    was: Fields
    set: Fields
    tag: str = ""
    """The way back, as it is written on the thing; empty where that is taken away."""

    @property
    def changed(self) -> tuple[str, ...]:
        return tuple(name for name, value in self.set.items() if self.was[name] != value)


class About(NamedTuple):
    """What is known beside the thing itself."""

    target: Target
    view: View
    price: float | None
    """$/h of one machine, where somebody says so."""


class Notes(Enum):
    """How the way back is written on a thing."""

    APART = 1
    """In a request of its own, before the change."""
    WITHIN = 2
    """In the same request as the change."""
    NOWHERE = 3
    """It holds none: only the journal of this machine knows it."""


class Thing(Generic[HandsT]):
    """One kind of thing. Its heirs say how it is read, written and tagged."""

    kind: str
    """As in `Ref`."""
    order: tuple[str, ...]
    """Its fields, in the order in which a tag holds their values."""
    undoable = True
    notes = Notes.APART

    async def read(self, hands: HandsT, ref: Ref) -> State:
        """Raise CloudCallError, whose `absent` says that there is no such thing."""
        raise NotImplementedError

    def check(self, state: State) -> None:
        """Raise ActionError for a thing that is not where it was looked for."""

    async def write(self, hands: HandsT, state: State, edit: Edit, token: str) -> str:
        """Set the fields of what was just read; return what is not set yet, in words. Raises CloudCallError.

        `token` is the same whenever the same plan is carried out.
        """
        raise NotImplementedError

    async def tag(self, hands: HandsT, state: State, value: str) -> None:
        """Write the way back on it, or take it away where `value` is empty. Raises CloudCallError."""
        raise NotImplementedError

    def requests(self, wanted: Fields) -> tuple[str, ...]:
        """Return what is sent to set these fields, as the cloud's permissions name it."""
        raise NotImplementedError

    def foresee(self, state: State, wanted: Fields, about: About) -> Effects:
        raise NotImplementedError

    def followed(self, state: State, edit: Edit) -> Result:
        """Say how far a change that stands has got: done or applied."""
        raise NotImplementedError

    async def under_way(self, hands: HandsT, state: State, token: str) -> Result | None:
        """Return what the cloud says of a change that it carries out later; None where it says nothing."""
        return None

    async def try_out(self, hands: HandsT, state: State, wanted: Fields) -> str:
        """Return the cloud's verdict on a trial, in words; empty where there is none. Raises CloudCallError."""
        return ""

    async def reverters(self, hands: HandsT, state: State) -> tuple[Reverter, ...]:
        """Return what may set it otherwise by itself."""
        return ()

    def fit(self, state: State, wanted: Fields) -> None:
        """Raise ActionError for what the cloud would not take, or what it should not be asked."""

    def drifted(self, state: State, edit: Edit) -> frozenset[str]:
        """Return the fields that something has set otherwise since, as the change itself lets it."""
        return frozenset()

    def restored(self, state: State, was: Fields) -> Fields:
        """Return the fields that take a thing back to what it was, or as near as it can be."""
        return was

    def lines(self, state: State, wanted: Fields) -> tuple[FieldChange, ...]:
        """Return the exact change."""
        return tuple(
            line(state.ref, name, state.fields[name], value)
            for name, value in wanted.items()
            if state.fields[name] != value
        )


def line(ref: Ref, path: str, before: Value, after: Value) -> FieldChange:
    return FieldChange(object=ref.shown, path=path, before=shown_value(before), after=shown_value(after))


async def look(hands: HandsT, thing: Thing[HandsT], ref: Ref) -> State:
    """Read a thing and make sure that it is where it was looked for. Raises ActionError."""
    try:
        state = await thing.read(hands, ref)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ActionError(
            f"The answer about {ref.shown} makes no sense", f"{type(error).__name__} at {plain(error)}", "Try again."
        ) from error
    thing.check(state)
    return state


def not_there(ref: Ref) -> CloudCallError:
    """Return the fault for a thing that a list does not hold."""
    return CloudCallError(
        f"{ref.shown} is not there", f"{ref.place} has none of this name", "Was it deleted?", code=NOT_THERE
    )
