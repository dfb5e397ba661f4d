"""A change as a likely cause, in words: short enough for a column, and why it is listed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from finops_tui.model.change import Change, ChangeKind
from finops_tui.phrases import counted

SHORT = 24
"""Characters from which on an image is told by its new version alone."""
AT_ONCE = 5
"""Seconds that nobody can tell apart from the onset."""
MINUTE = 60
WORKLOAD_PARTS = 4
_IMAGE = re.compile(r"^image \S+→(\S+)")


def kind_of(subject: str) -> str:
    """Return what a subject is, in one word: `job`, `deployment`, `pool`."""
    parts = subject.split("/")
    return parts[1].lower() if len(parts) >= WORKLOAD_PARTS else "pool"


def short_what(change: Change, *, alone: bool) -> str:
    """Return what happened, without the subject's name where it stands `alone` beside it: `workers 1→9`."""
    what = change.what
    if not alone:
        return what
    name = change.subject.rpartition("/")[2]
    for prefix in (f"{kind_of(change.subject)} {name} ", f"{name} "):
        what = what.removeprefix(prefix)
    image = _IMAGE.match(what)
    return f"image {image[1]}" if image is not None and len(what) > SHORT else what


def time_words(at: datetime, onset: datetime) -> str:
    """Return when it happened, seen from the onset: `40 s before the onset`."""
    lag = onset - at
    seconds = abs(lag.total_seconds())
    if seconds < AT_ONCE:
        return "at the onset"
    return f"{_duration(seconds)} {'before' if lag > timedelta() else 'after'} the onset"


def size_words(change: Change) -> str:
    """Return what it asks for, `asks for 64 GPUs more`; empty where that is not known or nothing."""
    if not change.gpus:
        return ""
    number = counted(abs(change.gpus), "GPU")
    if change.kind is ChangeKind.NODE:
        return f"brings {number}" if change.gpus > 0 else f"takes {number} away"
    return f"asks for {number} {'more' if change.gpus > 0 else 'fewer'}"


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    hours, minutes = divmod(round(whole / MINUTE), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"
