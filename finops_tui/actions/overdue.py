"""What this program left on objects, for whoever looks at many of them: what should have been taken back by now.

Pure, and forgiving: anybody can write annotations, and a fleet is not lost for one that makes no sense.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from finops_tui.actions.marks import UNDO, Mark, read_mark
from finops_tui.errors import ActionError

KEY = UNDO[-1]
"""The annotation that a source has to keep, whole: cut short it cannot be read."""
LONGEST = 16_384
"""Characters of a recipe that is read; none of this program's comes near it."""


def time_boxed(annotations: Mapping[str, str]) -> Mark | None:
    """Return the mark of a change that should end at a time, from an object's annotations; None for any other."""
    written = annotations.get(KEY, "")
    if '"until"' not in written or len(written) > LONGEST:  # most objects have none: this runs for all of them
        return None
    try:
        mark = read_mark(written)
    except ActionError:
        return None
    return mark if ends_at(mark) is not None else None


def ends_at(mark: Mark) -> datetime | None:
    """Return when a change should be taken back; None where it may stay, or says no time."""
    try:
        moment = datetime.fromisoformat(mark.until)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def overdue(annotations: Mapping[str, str], now: datetime) -> Mark | None:
    """Return the mark of a change that should have been taken back by now."""
    mark = time_boxed(annotations)
    moment = ends_at(mark) if mark is not None else None
    return mark if moment is not None and moment <= now else None
