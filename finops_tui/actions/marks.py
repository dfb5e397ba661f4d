"""What this program leaves on an object that it changed, so that anybody on any machine can take the change back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finops_tui.actions.objects import Document, Fields, annotation, parsed_pointer, pointer, text, value
from finops_tui.actions.words import plain
from finops_tui.errors import ActionError

UNDO = annotation("finops-tui/undo")
"""JSON: what it was, what it was set to, by whom, when and under which plan."""
PLAN = annotation("finops-tui/plan")
"""Id of the plan that was carried out last: who tries again sees that it is done."""


UNTIL = annotation("finops-tui/until")
"""When something temporary should go (RFC 3339), where the object itself was made by this program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What takes one object's change back."""

    action: str
    plan: str
    by: str
    at: str
    """RFC 3339."""
    uid: str
    """Of the object: a copy of it under the same name is another one."""
    was: Fields
    set: Fields
    beside: tuple[str, ...] = ()
    """Paths of further objects that the same plan changed; each has a mark of its own."""
    usd_per_hour: float | None = None
    """What it was meant to save."""
    pods: int = 0
    gpus: float = 0.0
    """How much it touched."""
    until: str = ""
    """When it should be taken back (RFC 3339); nothing does so by itself."""

    def to_json(self) -> str:
        told: dict[str, Any] = {
            "was": _written(self.was),
            "by": self.by,
            "at": self.at,
            "action": self.action,
            "plan": self.plan,
            "set": _written(self.set),
            "uid": self.uid,
        }
        further = {
            "with": list(self.beside),
            "usd_per_hour": self.usd_per_hour,
            "pods": self.pods,
            "gpus": self.gpus,
            "until": self.until,
        }
        return json.dumps(told | {name: each for name, each in further.items() if each}, separators=(",", ":"))


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def read_mark(written: str) -> Mark:
    """Read what `Mark.to_json` wrote; anybody may have changed it since. Raises ActionError."""
    try:
        told = json.loads(written)
        usd = told.get("usd_per_hour")
        return Mark(
            action=plain(told["action"]),
            plan=plain(told["plan"]),
            by=plain(told["by"]),
            at=plain(told["at"]),
            uid=plain(told["uid"]),
            was=_read(told["was"]),
            set=_read(told["set"]),
            beside=tuple(path for path in told.get("with", ()) if isinstance(path, str)),
            usd_per_hour=float(usd) if isinstance(usd, int | float) else None,
            pods=int(told.get("pods", 0)),
            gpus=float(told.get("gpus", 0.0)),
            until=plain(told.get("until", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ActionError(
            "The undo recipe on the object cannot be read",
            f"annotation {UNDO[-1]} is no recipe of this program",
            "Set the field by hand.",
        ) from error


def mark_on(document: Document) -> Mark | None:
    """Return what stands on an object; None where nothing does. Raises ActionError for nonsense."""
    written = value(document, UNDO)
    return read_mark(written) if isinstance(written, str) else None


def plan_on(document: Document) -> str:
    return text(document, *PLAN)


def _written(fields: Fields) -> dict[str, Any]:
    return {pointer(path): wanted for path, wanted in fields.items()}


def _read(written: Mapping[str, Any]) -> Fields:
    return {parsed_pointer(path): wanted for path, wanted in written.items()}
