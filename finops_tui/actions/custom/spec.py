"""What a config says of an action of one's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from finops_tui.errors import ActionError
from finops_tui.model.plan import Target, TargetKind

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
TARGET = frozenset({"cluster", "namespace", "kind", "name", "owner", "environment"})
"""Placeholders that every target fills."""
_WORKLOAD_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program and its arguments. A placeholder never becomes more than one argument."""

    arguments: tuple[str, ...]
    shell: bool = False
    """Whether the one argument is a line for the shell; what fills its placeholders is quoted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP request."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """May hold secrets: they are sent and never shown, and placeholders in them are not filled."""
    body: str = ""
    """JSON, with placeholders within its strings."""


Step = Command | Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A value that is asked for."""

    whole_number: bool = False
    least: int | None = None
    most: int | None = None
    pattern: str = ""
    """Regular expression that a text must be, whole."""
    default: str | None = None

    def checked(self, name: str, written: str | None) -> str:
        """Return the value. Raises ActionError for one that is missing or is none."""
        value = self.default if written is None else written
        if value is None:
            raise ActionError(f"{name} is missing", "the action asks for it", f"Give it as {name}=…")
        if self.whole_number:
            return self._number(name, value)
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise ActionError(f"{name} is {value!r}", f"it must be like {self.pattern}")
        return value

    def _number(self, name: str, value: str) -> str:
        try:
            number = int(value)
        except ValueError:
            raise ActionError(f"{name} is {value!r}", "it must be a whole number") from None
        if (self.least is not None and number < self.least) or (self.most is not None and number > self.most):
            raise ActionError(f"{name} is {number}", f"it must be from {self.least} to {self.most}")
        return str(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomSpec:
    id: str
    title: str
    """Verb, as the button says it."""
    key: str = ""
    about: str = ""
    applies_to: frozenset[TargetKind]
    do: Step
    undo: Step | None = None
    verify: Step | None = None
    """Succeeds once the effect is there."""
    trial: Step | None = None
    """Succeeds where the action would be accepted; changes nothing."""
    inputs: Mapping[str, Input] = field(default_factory=dict)
    timeout_seconds: float = 60.0


def values(spec: CustomSpec, target: Target, given: Mapping[str, str]) -> dict[str, str]:
    """Return what fills the placeholders. Raises ActionError for an input that is wrong."""
    rest = target.key.removeprefix(f"{target.cluster}/").split("/")
    workload = target.kind is TargetKind.WORKLOAD and len(rest) == _WORKLOAD_PARTS
    kind, namespace, name = rest if workload else (target.kind.value, "", "/".join(rest))
    if target.kind is TargetKind.NAMESPACE:
        namespace = name
    facts = {
        "cluster": target.cluster,
        "namespace": namespace,
        "kind": kind,
        "name": name,
        "owner": target.owner,
        "environment": target.environment,
    }
    return facts | {each: wanted.checked(each, given.get(each)) for each, wanted in spec.inputs.items()}


def placeholders(step: Step) -> frozenset[str]:
    """Return the names that a step wants filled."""
    texts = step.arguments if isinstance(step, Command) else (step.url, step.body)
    return frozenset(name for text in texts for name in PLACEHOLDER.findall(text))
