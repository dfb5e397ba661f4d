"""What can be changed at AWS: a thing with some fields that are set together, and read back."""

# ruff: noqa: ARG002 - each kind of thing takes what it needs of what all of them are given

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from finops_tui.actions.aws.faults import NOT_THERE, AwsCallError
from finops_tui.actions.aws.grants import Grant
from finops_tui.actions.aws.hands import AwsHands, Place
from finops_tui.actions.aws.note import Value
from finops_tui.actions.base import Result
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
    """`asg`, `nodegroup`, `job-queue`, `instance`, `training-job`."""
    account: str
    region: str
    name: str
    """`cluster/name` of a node group."""

    @property
    def place(self) -> Place:
        return Place(self.account, self.region)

    @property
    def shown(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A thing as it was read."""

    ref: Ref
    arn: str
    fields: Fields
    """What it is or, where a change is on its way, what it will be."""
    tags: Mapping[str, str]
    raw: Mapping[str, Any]
    """AWS's answer about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """All fields of one thing as they were and as they are to be; data, carried in a plan."""

    ref: Ref
    arn: str
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


class Thing:
    """One kind of thing. Its heirs say how it is read, written and tagged."""

    kind: str
    """As in `Ref`."""
    order: tuple[str, ...]
    """Its fields, in the order in which a tag holds their values."""
    grants: tuple[Grant, ...]
    undoable = True

    async def read(self, hands: AwsHands, ref: Ref) -> State:
        """Raise AwsCallError, whose `absent` says that there is no such thing."""
        raise NotImplementedError

    async def write(self, hands: AwsHands, edit: Edit, token: str) -> None:
        """Set the fields; `token` is the same whenever the same plan is carried out. Raises AwsCallError."""
        raise NotImplementedError

    async def tag(self, hands: AwsHands, state: State, value: str) -> None:
        """Write the way back on it, or take it away where `value` is empty. Raises AwsCallError."""
        raise NotImplementedError

    def requests(self, wanted: Fields) -> tuple[str, ...]:
        """Return what is sent to set these fields, as IAM names it."""
        raise NotImplementedError

    def foresee(self, state: State, wanted: Fields, about: About) -> Effects:
        raise NotImplementedError

    def followed(self, state: State, edit: Edit) -> Result:
        """Say how far a change that stands has got: done or applied."""
        raise NotImplementedError

    async def under_way(self, hands: AwsHands, state: State, token: str) -> Result | None:
        """Return what AWS says of a change that it carries out later; None where it says nothing."""
        return None

    async def try_out(self, hands: AwsHands, state: State, wanted: Fields) -> str:
        """Return AWS's verdict on a trial, in words; empty where there is none. Raises AwsCallError."""
        return ""

    async def reverters(self, hands: AwsHands, state: State) -> tuple[Reverter, ...]:
        """Return what may set it otherwise by itself."""
        return ()

    def fit(self, state: State, wanted: Fields) -> None:
        """Raise ActionError for what AWS would not take, or what it should not be asked."""

    def lines(self, state: State, wanted: Fields) -> tuple[FieldChange, ...]:
        """Return the exact change."""
        return tuple(
            line(state.ref, name, state.fields[name], value)
            for name, value in wanted.items()
            if state.fields[name] != value
        )


def line(ref: Ref, path: str, before: Value, after: Value) -> FieldChange:
    return FieldChange(object=ref.shown, path=path, before=shown_value(before), after=shown_value(after))


async def look(hands: AwsHands, thing: Thing, ref: Ref) -> State:
    """Read a thing and make sure that it is where it was looked for. Raises ActionError."""
    try:
        state = await thing.read(hands, ref)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ActionError(
            f"The answer about {ref.shown} makes no sense", f"{type(error).__name__} at {plain(error)}", "Try again."
        ) from error
    account = state.arn.split(":")[4] if state.arn.count(":") > 4 else ""  # noqa: PLR2004 - arn:aws:service:region:account
    if account != ref.account:
        raise ActionError(
            f"{ref.shown} is in account {account or 'unknown'}, not in {ref.account}",
            "the credentials lead into another account",
            "Check the profile or role of that account.",
        )
    return state


def not_there(ref: Ref) -> AwsCallError:
    """Return the fault for a thing that a list does not hold."""
    return AwsCallError(
        f"{ref.shown} is not there", f"{ref.place} has none of this name", "Was it deleted?", code=NOT_THERE
    )
