"""What Grafana answers, as notes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec

from finops_tui.model.observations import ChangeSeen
from finops_tui.sources.annotations.grafana_client import GrafanaError
from finops_tui.sources.annotations.notes import note

LIMIT = 500
"""Annotations asked for at once; the newest come first."""
SUBJECT = "subject:"
"""Begins a tag that says what a note is about: `subject:prod-us/Deployment/ml/rerank`."""
HINT = "Check `url`: it ends just before /api, and leads to Grafana itself."
_MARKUP = re.compile(r"<[^<>]{0,500}>")


class _Annotation(msgspec.Struct, rename="camel"):
    id: int = 0
    time: float = 0
    time_end: float = 0
    text: str = ""
    tags: list[str] | None = None
    login: str = ""


_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_ANNOTATION = msgspec.json.Decoder(_Annotation)


def notes(body: bytes, *, source: str, cluster: str, hours: str) -> tuple[list[ChangeSeen], tuple[str, ...]]:
    """Return the notes in an answer, oldest first, and what is wrong with it. Raises GrafanaError for nonsense."""
    try:
        items = _LIST.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise GrafanaError("it answers something other than annotations", HINT) from error
    found, unreadable = [], 0
    for item in items:
        try:
            found.append(_note(_ANNOTATION.decode(item), source, cluster))
        except (msgspec.DecodeError, ValueError, OverflowError, OSError):
            unreadable += 1
    warnings = []
    if unreadable:
        warnings.append(f"{unreadable} annotation{' makes' if unreadable == 1 else 's make'} no sense")
    if len(items) >= LIMIT:
        warnings.append(f"only the newest {LIMIT} annotations of the last {hours} h are read; narrow them with `tags`")
    return sorted(found, key=lambda seen: seen.at), tuple(warnings)


def _note(told: _Annotation, source: str, cluster: str) -> ChangeSeen:
    tags = told.tags or []
    subject = next((tag.removeprefix(SUBJECT) for tag in tags if tag.startswith(SUBJECT)), "")
    at, end = _moment(told.time), told.time_end
    details = [f"until {_moment(end):%Y-%m-%dT%H:%M:%SZ}"] if end > told.time else []
    details += [f"tagged {tag}" for tag in tags if not tag.startswith(SUBJECT)]
    return note(
        source=source,
        cluster=cluster,
        at=at,
        what=_MARKUP.sub("", told.text) or "annotation without text",
        who=told.login or "grafana",
        subject=subject,
        details=details,
        note_id=f"{source}/{told.id}" if told.id else "",
    )


def _moment(milliseconds: float) -> datetime:
    if milliseconds <= 0:
        raise ValueError("it has no time")
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
