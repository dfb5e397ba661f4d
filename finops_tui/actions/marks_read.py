"""What this program left on objects, for whoever looks at many of them, and until when it should stay there.

Pure, and forgiving: anybody can write annotations, and a fleet is not lost for one that makes no sense.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from finops_tui.actions.marks import UNDO, Mark, read_mark
from finops_tui.errors import ActionError

KEY = UNDO[-1]
"""The annotation that a source has to keep, whole: cut short it cannot be read."""
LONGEST = 16_384
"""Characters of a recipe that is read; none of this program's comes near it."""


def mark_in(annotations: Mapping[str, str]) -> Mark | None:
    """Return what an object's annotations tell of its last change; None where they tell nothing, or nonsense."""
    written = annotations.get(KEY, "")
    return _read(written) if written and len(written) <= LONGEST else None


def ends_at(mark: Mark) -> datetime | None:
    """Return when a change should be taken back; None where it may stay, or says no time."""
    try:
        moment = datetime.fromisoformat(mark.until)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


@lru_cache(maxsize=1_024)
def _read(written: str) -> Mark | None:
    try:
        return read_mark(written)
    except ActionError:
        return None
