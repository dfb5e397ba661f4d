"""What this program leaves on a thing at a cloud that it changed: a tag, so that anybody can take the change back.

A tag holds 256 characters of letters, digits, spaces and `+-=._:/@`, whichever the service:
`v1 do=resize plan=5f0c by=ana at=2026-03-10T14:02:31Z was=0/10/5 set=0/10/2`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from finops_tui.actions.words import plain
from finops_tui.errors import ActionError

UNDO_TAG = "finops-tui/undo"
ALLOWED_TAG, ALLOWED = "finops-tui", "allowed"
"""What somebody puts on a thing to say that this program may act on it."""
LONGEST = 256
LONGEST_WORD = 64
"""So much of a name is kept."""
VERSION = "v1"
_FOREIGN = re.compile(r"[^A-Za-z0-9+\-._:@]")

Value = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What takes one change back."""

    action: str
    plan: str
    by: str
    at: str
    """RFC 3339."""
    was: tuple[Value, ...]
    """In the order that the kind of thing has for its fields."""
    set: tuple[Value, ...]
    until: str = ""
    """When it should be taken back (RFC 3339); nothing does so by itself."""

    def to_tag(self) -> str:
        """Raise ActionError where it is too long for a tag."""
        parts = {
            "do": self.action,
            "plan": self.plan,
            "by": self.by,
            "at": self.at,
            "was": "/".join(map(str, self.was)),
            "set": "/".join(map(str, self.set)),
        } | ({"until": self.until} if self.until else {})
        written = " ".join([VERSION, *(f"{name}={value}" for name, value in parts.items())])
        if len(written) > LONGEST:
            raise ActionError("The way back does not fit in a tag", f"it takes {len(written)} characters of {LONGEST}")
        return written


def word(text: str) -> str:
    """Return foreign text as one word that a tag can hold."""
    return _FOREIGN.sub("_", text)[:LONGEST_WORD]


def note_on(tags: Mapping[str, str], fields: int) -> Note | None:
    """Return what stands on a thing with so many fields; None where nothing does. Raises ActionError for nonsense."""
    written = tags.get(UNDO_TAG)
    if written is None:
        return None
    try:
        version, *parts = written.split(" ")
        told = dict(part.split("=", 1) for part in parts)
        found = Note(
            action=plain(told["do"]),
            plan=plain(told["plan"]),
            by=plain(told["by"]),
            at=plain(told["at"]),
            was=_values(told["was"]),
            set=_values(told["set"]),
            until=plain(told.get("until", "")),
        )
    except (ValueError, KeyError) as error:
        raise ActionError(
            "The way back on it cannot be read", f"tag {UNDO_TAG} is none of this program", "Set it by hand."
        ) from error
    if version != VERSION or {len(found.was), len(found.set)} != {fields}:
        raise ActionError("The way back on it cannot be read", f"tag {UNDO_TAG} is of another version")
    return found


def _values(written: str) -> tuple[Value, ...]:
    return tuple(int(each) if each.isdecimal() else each for each in written.split("/"))
