"""One line of an annotation file: `{"at": "2026-09-01T12:00:00Z", "what": "...", "who": "...", "subject": "..."}`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec

from finops_tui.model.observations import ChangeSeen
from finops_tui.sources.annotations.notes import AHEAD, KEPT_FOR, note
from finops_tui.sources.clean import one_line


class _Line(msgspec.Struct):
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    what: Annotated[str, msgspec.Meta(min_length=1)]
    who: str = ""
    subject: str = ""
    tags: list[str] = []


_DECODER = msgspec.json.Decoder(_Line)


def read_line(line: bytes, *, source: str, cluster: str, now: datetime) -> ChangeSeen | None:
    """Return the note on a line, None for one that is too old to matter.

    Raises ValueError with what is wrong with it, in words.
    """
    try:
        told = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(_within(one_line(error, 150))) from error
    try:
        at = told.at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("its time is out of range") from error
    if at > now + AHEAD:
        raise ValueError("its time lies ahead")
    if at < now - KEPT_FOR:
        return None
    return note(
        source=source,
        cluster=cluster,
        at=at,
        what=told.what,
        who=told.who,
        subject=told.subject,
        details=[f"tagged {tag}" for tag in told.tags],
    )


def _within(words: str) -> str:
    """Return a sentence as it goes on after a colon; what is spelled in capitals stays so."""
    return words if words[:2].isupper() else words[:1].lower() + words[1:]
