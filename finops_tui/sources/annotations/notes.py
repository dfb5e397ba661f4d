"""One note about a change, however it was written down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b

from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.observations import ChangeSeen
from finops_tui.sources.clean import one_line

KEPT_FOR = timedelta(days=7)
"""As long as the fleet keeps what happened: older notes are history."""
AHEAD = timedelta(minutes=5)
"""By how much the clock of whoever wrote a note may be ahead of ours."""
WHAT_LIMIT = 200
WHO_LIMIT = 60
DETAILS = 20
DETAIL_LIMIT = 100


def note(
    *,
    source: str,
    cluster: str,
    at: datetime,
    what: str,
    who: str = "",
    subject: str = "",
    details: Iterable[str] = (),
    note_id: str = "",
) -> ChangeSeen:
    """Return a note as a change. Without an id of its own, the same words about the same moment are the same note.

    `subject` is `cluster/Kind/namespace/name` or `cluster/pool`; where `cluster` is given, it may leave that out.
    """
    what, who, subject = one_line(what, WHAT_LIMIT), one_line(who, WHO_LIMIT), one_line(subject).strip("/")
    if cluster and subject and not subject.startswith(f"{cluster}/"):
        subject = f"{cluster}/{subject}"
    told = f"{at.isoformat()} {who} {subject} {what}"
    return ChangeSeen(
        at=at,
        source=source,
        cluster=cluster or (subject.partition("/")[0] if "/" in subject else ""),
        change=Change(
            id=f"note/{note_id or blake2b(told.encode(), digest_size=8).hexdigest()}",
            kind=ChangeKind.NOTE,
            who=who or "unknown",
            subject=subject,
            what=what,
            details=tuple(one_line(detail, DETAIL_LIMIT) for detail in list(details)[:DETAILS]),
        ),
    )
