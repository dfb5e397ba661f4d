"""A change of one object: which fields, what they were, what shows that it took effect. Data that a plan can carry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from finops_tui.actions.kinds import Sign
from finops_tui.actions.marks import PLAN, UNDO, Mark
from finops_tui.actions.objects import (
    Document,
    Fields,
    Path,
    Ref,
    differing,
    merge_patch,
    parsed_pointer,
    pointer,
    shown_path,
    shown_value,
    uid,
    value,
)
from finops_tui.model.plan import FieldChange, Plan

UID: Path = ("metadata", "uid")
VERSION: Path = ("metadata", "resourceVersion")
"""A patch that names these is refused by any other object, and by any other version of this one."""
EDITS = "edits"
"""Where a plan's steps hold them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    ref: Ref
    uid: str
    was: Fields
    set: Fields
    done: tuple[Sign, ...] = ()
    """What it says once the change has taken effect; none where setting the fields is all."""
    clears: Fields = field(default_factory=dict)
    """Fields of its status that are taken away beforehand, as they are now."""

    def clearing(self, document: Document) -> dict[str, Any]:
        """Return a merge patch of its status; empty where there is nothing to take away."""
        there: Fields = {path: None for path in self.clears if value(document, path) is not None}
        return merge_patch({**there, UID: self.uid, VERSION: value(document, VERSION)}, document) if there else {}

    def patch(self, document: Document) -> dict[str, Any]:
        """Return a merge patch that only this object accepts, and only as it was read."""
        return merge_patch({**self.set, UID: self.uid, VERSION: value(document, VERSION)}, document)

    def trial(self, document: Document) -> dict[str, Any]:
        """Return a merge patch for a dry run: its status may move on meanwhile, as nothing is written."""
        return merge_patch({**self.set, UID: self.uid}, document)

    def stale(self, document: Document) -> bool:
        """Tell whether a field is not what it was when this was planned."""
        return bool(differing(document, self.was))

    def changes(self) -> tuple[FieldChange, ...]:
        return tuple(
            FieldChange(
                object=self.ref.shown,
                path=shown_path(path),
                before=shown_value(self.was[path]),
                after=shown_value(wanted),
            )
            for path, wanted in self.set.items()
        ) + tuple(
            FieldChange(object=self.ref.shown, path=shown_path(path), before=shown_value(was), after="–")
            for path, was in self.clears.items()
        )


def traced(ref: Ref, document: Document, fields: Fields, *, plan: str, mark: Mark | None) -> Edit:
    """Return the change that sets fields of an object as it is now, with this plan's traces; no mark takes one away."""
    wanted = {**fields, UNDO: mark.to_json() if mark is not None else None, PLAN: plan}
    was = {path: value(document, path) for path in wanted}
    moved = {path: each for path, each in wanted.items() if path in fields or was[path] != each}
    return Edit(ref=ref, uid=uid(document), was={path: was[path] for path in moved}, set=moved)


def steps(edits: Iterable[Edit]) -> Mapping[str, str]:
    """Write changes as a plan carries them; nothing where there are none."""
    written = [_written(each) for each in edits]
    return {EDITS: json.dumps(written, separators=(",", ":"))} if written else {}


def edits_of(plan: Plan) -> tuple[Edit, ...]:
    """Return the changes that a plan carries; it was made here, so they can be read."""
    return tuple(_read(told) for told in json.loads(plan.steps.get(EDITS, "[]")))


def _written(change: Edit) -> dict[str, Any]:
    return {
        "object": asdict(change.ref),
        "uid": change.uid,
        "was": {pointer(path): each for path, each in change.was.items()},
        "set": {pointer(path): each for path, each in change.set.items()},
        "clears": {pointer(path): each for path, each in change.clears.items()},
        "done": [[pointer(sign.path), list(sign.any_of)] for sign in change.done],
    }


def _read(told: Mapping[str, Any]) -> Edit:
    return Edit(
        ref=Ref(**told["object"]),
        uid=told["uid"],
        was={parsed_pointer(path): each for path, each in told["was"].items()},
        set={parsed_pointer(path): each for path, each in told["set"].items()},
        clears={parsed_pointer(path): each for path, each in told["clears"].items()},
        done=tuple(Sign(parsed_pointer(path), tuple(any_of)) for path, any_of in told["done"]),
    )
