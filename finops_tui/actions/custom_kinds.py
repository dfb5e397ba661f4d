"""Kinds of a cluster's own that can be paused, from plain data as a config holds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from finops_tui.actions.kinds import HOPELESS, Kind, Pausable
from finops_tui.actions.objects import ANNOTATIONS, Path, parsed_pointer
from finops_tui.actions.resolve import KINDS, OTHERS
from finops_tui.errors import ConfigError

KIND = re.compile(r"[A-Z][A-Za-z0-9]{0,62}")
PLURAL = re.compile(r"[a-z][a-z0-9]{0,62}")
GROUP = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
VERSION = re.compile(r"v\d+((alpha|beta)\d+)?")
REQUIRED = ("kind", "group", "plural", "path", "paused")
OPTIONAL = ("version", "versions", "running", "namespaced", "frees", "keeps_work", "how")
NUMBER = re.compile(r"^(\d+|-)$|\[[^\]]*\]?$")
"""An item of a list by its place in it: `0`, `-` or `nodes[0]`."""
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(=[A-Za-z0-9_.-]+)?")
ITEM = "name=worker"
"""How an item of a list is named: by one of its fields."""
HOW = "its controller ends its pods"


def with_custom_kinds(told: Iterable[Mapping[str, Any]]) -> Mapping[str, Kind]:
    """Return all kinds that are known, and those of a config. Raises ConfigError."""
    kinds = dict(KINDS)
    for each in told:
        kind = custom_kind(each)
        if kind.kind in kinds or kind.kind in OTHERS or kind.kind in HOPELESS:
            raise ConfigError(f"The kind {kind.kind} is known already.", "It cannot be told anew.", "Leave it out.")
        kinds[kind.kind] = kind
    return kinds


def custom_kind(told: Mapping[str, Any]) -> Pausable:
    """Read one kind: `kind`, `group`, `plural`, `path`, `paused`, and what else is not as usual. Raises ConfigError.

    `path` is `spec.suspend`, or a JSON pointer: `/metadata/annotations/example.com~1stop`. `running` is what resumes it
    where nothing says what it was before; without it the field is taken away, of a boolean the other one is set.
    """
    name = str(told.get("kind", ""))
    called = f"kind {name}" if name else "a kind"
    missing = [key for key in REQUIRED if key not in told]
    if missing:
        raise _wrong(called, f"it has no {missing[0]}", f"It takes {', '.join(REQUIRED)}.")
    unknown = sorted(told.keys() - {*REQUIRED, *OPTIONAL})
    if unknown:
        raise _wrong(called, f"{unknown[0]} is not known", f"It may have {', '.join(OPTIONAL)}.")
    paused = told["paused"]
    running = told.get("running", not paused if isinstance(paused, bool) else None)
    for key, each in (("paused", paused), ("running", running)):
        if not isinstance(each, bool | int | str | None):
            raise _wrong(called, f"{key} is {each!r}", "It is text, a number, true or false.")
    if paused is None or (paused == running and type(paused) is type(running)):
        raise _wrong(called, "paused and running are the same", "They tell it apart.")
    return Pausable(
        kind=_matching(called, told, "kind", KIND),
        group=_matching(called, told, "group", GROUP),
        versions=_versions(called, told),
        plural=_matching(called, told, "plural", PLURAL),
        path=field_path(called, told["path"]),
        paused=paused,
        running=running,
        namespaced=_flag(called, told, "namespaced"),
        frees=_flag(called, told, "frees"),
        keeps_work=_flag(called, told, "keeps_work"),
        how=str(told.get("how", HOW)),
    )


def _matching(called: str, told: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str:
    written = told[key]
    if not isinstance(written, str) or not pattern.fullmatch(written):
        raise _wrong(called, f"{key} is {written!r}", "Kubernetes writes `kind: Trainer`, plural `trainers`.")
    return written


def _versions(called: str, told: Mapping[str, Any]) -> tuple[str, ...]:
    written = told.get("versions", [told.get("version", "v1")])
    if not isinstance(written, list | tuple) or not written:
        raise _wrong(called, f"versions is {written!r}", "It is a list, the newest first: [v1, v1beta1].")
    for each in written:
        if not isinstance(each, str) or not VERSION.fullmatch(each):
            raise _wrong(called, f"{each!r} is no version", "Versions are v1, v1beta1, v2alpha3.")
    return tuple(written)


def field_path(called: str, written: Any) -> Path:
    """Read where a kind is suspended; it must be a field that one patch can set. Raises ConfigError."""
    if not isinstance(written, str) or not written:
        raise _wrong(called, f"path is {written!r}", "It is text: spec.suspend.")
    path = parsed_pointer(written) if written.startswith("/") else tuple(written.split("."))
    in_spec = path[0] == "spec" and len(path) > 1
    if "" in path or not (in_spec or (path[:-1] == ANNOTATIONS)):
        raise _wrong(
            called,
            f"{written} is no field of spec and no annotation",
            "Write spec.suspend, or /metadata/annotations/example.com~1stop.",
        )
    if in_spec:
        _settable(called, written, path)
    return path


def _settable(called: str, written: str, path: Path) -> None:
    """Refuse what a merge patch would not set: it names fields, and knows no item of a list by its number."""
    numbers = [NUMBER.search(key) for key in path]
    if any(numbers):
        keys = (NUMBER.sub("", key) + (f"/{ITEM}" if number else "") for key, number in zip(path, numbers, strict=True))
        instead = "/".join(filter(None, "/".join(keys).split("/")))
        raise _wrong(
            called,
            f"{written}: an item of a list is not named by its number",
            f"Name it by a field of its own, as a JSON pointer: /{instead}.",
        )
    items = [key for key in path if "=" in key]
    if items and items[-1] == path[-1]:
        raise _wrong(called, f"{written}: an item of a list is no field", f"Name a field of it: {written}/suspend.")
    if len(items) > 1:
        raise _wrong(called, f"{written}: it leads through two lists", "One patch sets a field within one at most.")
    odd = next((key for key in path if not PLAIN.fullmatch(key)), "") if not written.startswith("/") else ""
    if odd:
        raise _wrong(
            called,
            f"{written}: {odd} is no name between dots",
            "Write a JSON pointer, in which / within a name is ~1: /spec/example.com~1stop.",
        )


def _flag(called: str, told: Mapping[str, Any], key: str) -> bool:
    written = told.get(key, True)
    if not isinstance(written, bool):
        raise _wrong(called, f"{key} is {written!r}", "It is true or false.")
    return written


def _wrong(called: str, detail: str, hint: str) -> ConfigError:
    return ConfigError(f"{called[0].upper()}{called[1:]} cannot be used.", f"{detail}.", hint)
