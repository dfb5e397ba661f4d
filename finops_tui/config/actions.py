"""The section `actions:`: actions of one's own, and kinds that can be paused by a field of theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from finops_tui.actions.custom.spec import PLACEHOLDER, TARGET, Call, Command, CustomSpec, Input, Step, placeholders
from finops_tui.actions.custom_kinds import custom_kind, field_path
from finops_tui.errors import ActionError, ConfigError
from finops_tui.model.plan import TargetKind
from finops_tui.sources.settings import Regex, Settings

BUILT_IN = frozenset(
    {"pause", "resume", "scale", "resize", "cordon", "uncordon", "drain", "delete-node", "rollback", "quota", "limit"}
    | {"feedback", "undo", "redo"}
)
Text = Annotated[str, Field(min_length=1)]


class StepSettings(Settings):
    """One command or one HTTP request. `{name}`, `{namespace}`, `{cluster}` … are the target's, others inputs."""

    command: tuple[Text, ...] = Field((), description="Program and arguments; a placeholder is never more than one.")
    shell: str = Field("", description="Instead, a line for /bin/sh; what fills its placeholders is quoted.")
    url: str = Field("", description="Instead, where to send an HTTP request.")
    method: Literal["POST", "PUT", "PATCH", "DELETE", "GET"] = Field("POST", description="Of the request.")
    headers: dict[str, SecretStr] = Field({}, description="Sent with it and never shown; placeholders are not filled.")
    body: dict[str, Any] | None = Field(None, description="Sent as JSON; placeholders within its strings are filled.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(map(bool, (self.command, self.shell, self.url))) != 1:
            raise ValueError("exactly one of command, shell and url says what is run")
        if self.url and not re.match(r"https?://[^/{]", self.url):
            raise ValueError("url begins with https:// or http:// and a host that is no placeholder")
        if not self.url and (self.headers or self.body is not None):
            raise ValueError("headers and body belong to a url")
        if self.command and PLACEHOLDER.search(self.command[0]):
            raise ValueError("the program itself cannot be a placeholder")
        return self

    def step(self) -> Step:
        if self.url:
            body = json.dumps(self.body) if self.body is not None else ""
            headers = {name: value.get_secret_value() for name, value in self.headers.items()}
            return Call(method=self.method, url=self.url, headers=headers, body=body)
        return Command(arguments=self.command or (self.shell,), shell=bool(self.shell))


class InputSettings(Settings):
    """A value that is asked for before it is planned."""

    type: Literal["text", "whole number"] = Field("text", description="text or whole number.")
    default: str | int | None = Field(None, description="Taken when nothing is given; without one it must be given.")
    least: int | None = Field(None, description="Smallest whole number.")
    most: int | None = Field(None, description="Largest whole number.")
    pattern: Regex = Field("[A-Za-z0-9._/:@ -]{0,200}", description="Regular expression that a text must be, whole.")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"least {self.least} is more than most {self.most}")
        if self.default is not None:
            try:
                self.input().checked("default", str(self.default))
            except ActionError as error:
                raise ValueError(f"{error.title}: {error.detail}") from None
        return self

    def input(self) -> Input:
        return Input(
            whole_number=self.type == "whole number",
            least=self.least,
            most=self.most,
            pattern=self.pattern,
            default=None if self.default is None else str(self.default),
        )


class CustomActionSettings(Settings):
    """An action of your own: planned, judged, written down and shown like every other."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,30}$", description="Its name, in lower case.")
    title: str = Field(min_length=1, max_length=40, description="A verb, as the button says it.")
    about: str = Field("", max_length=200, description="One line for the help.")
    key: str = Field("", description="Key that opens its plan; without one it stands in the command palette.")
    applies_to: Annotated[tuple[TargetKind, ...], Field(min_length=1)] = Field(
        (TargetKind.WORKLOAD,), description="workload, pool, node, namespace."
    )
    do: StepSettings = Field(description="What it runs.")
    undo: StepSettings | None = Field(None, description="What takes it back; without it the name is to be typed.")
    verify: StepSettings | None = Field(None, description="Succeeds once the effect is there; it must change nothing.")
    trial: StepSettings | None = Field(None, description="Succeeds where it would be accepted; it must change nothing.")
    inputs: dict[str, InputSettings] = Field({}, description="Values that it asks for, by name.")
    timeout_seconds: float = Field(60.0, gt=0, le=600, description="How long a step may take.")

    @model_validator(mode="after")
    def _filled(self) -> Self:
        if self.id in BUILT_IN:
            raise ValueError(f"{self.id} is an action of the program; choose another id")
        if TargetKind.ANOMALY in self.applies_to:
            raise ValueError("applies_to: nothing can be run on an anomaly")
        known = TARGET.union(self.inputs)
        for name, step in (("do", self.do), ("undo", self.undo), ("verify", self.verify), ("trial", self.trial)):
            unknown = sorted(placeholders(step.step()) - known) if step is not None else []
            if unknown:
                raise ValueError(f"{name}: nothing fills {{{unknown[0]}}}; there are {', '.join(sorted(known))}")
        return self

    def spec(self) -> CustomSpec:
        return CustomSpec(
            id=self.id,
            title=self.title,
            key=self.key,
            about=self.about,
            applies_to=frozenset(self.applies_to),
            do=self.do.step(),
            undo=self.undo.step() if self.undo is not None else None,
            verify=self.verify.step() if self.verify is not None else None,
            trial=self.trial.step() if self.trial is not None else None,
            inputs={name: each.input() for name, each in self.inputs.items()},
            timeout_seconds=self.timeout_seconds,
        )


class KindSettings(Settings):
    """A kind of your clusters that is paused by setting a field."""

    kind: str = Field(description="As its manifests spell it: Trainer.")
    group: str = Field(description="API group: ml.example.com.")
    versions: Annotated[tuple[str, ...], Field(min_length=1)] = Field(("v1",), description="The newest first.")
    plural: str = Field(description="As in its URL: trainers.")
    path: str = Field(
        "spec.suspend", description="The field, or a JSON pointer: /metadata/annotations/example.com~1stop."
    )
    paused: bool | int | str = Field(True, description="What pauses it.")
    running: bool | int | str | None = Field(
        None, description="What resumes it where nothing says what it was; by default the other one, or no field."
    )
    namespaced: bool = Field(True, description="Whether its objects belong to a namespace.")
    frees: bool = Field(True, description="Whether its running pods go when it is paused.")
    keeps_work: bool = Field(True, description="Whether it goes on where it was when it is resumed.")
    how: str = Field("its controller ends its pods", max_length=120, description="What happens to its pods, in words.")

    @field_validator("path")
    @classmethod
    def _can_be_set(cls, path: str) -> str:
        try:
            field_path("kind", path)
        except ConfigError as error:
            raise ValueError(f"{error.detail.removeprefix(f'{path}: ')} {error.hint}") from None
        return path

    @model_validator(mode="after")
    def _usable(self) -> Self:
        try:
            custom_kind(self.told())
        except ConfigError as error:
            raise ValueError(f"{error.detail} {error.hint}") from None
        return self

    def told(self) -> dict[str, Any]:
        written = self.model_dump()
        return {name: each for name, each in written.items() if name != "running" or each is not None}


def unique(actions: Iterable[CustomActionSettings]) -> None:
    """Raise ValueError where two have one id."""
    seen: set[str] = set()
    for action in actions:
        if action.id in seen:
            raise ValueError(f"{action.id} stands here for the second time")
        seen.add(action.id)
