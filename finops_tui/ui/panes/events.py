"""What happened in a stretch of time, whoever reports it: changes, interruptions, findings, what was done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from string import ascii_uppercase
from typing import NamedTuple

from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import MARKED, OK, TICKET
from finops_tui.ui.palette import Span
from finops_tui.ui.panes import near, story

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Finding, Triage
    from finops_tui.model.snapshot import ActivityRow, Snapshot

FINDING_KEYS = (OPENED, RESOLVED, DECIDED, TURNED) = "opened:", "resolved:", "decided:", "turned:"
"""What the keys of events about findings begin with; the finding's key follows, of the last kind behind a time."""
ACTION_KEY = "action/"
"""What the keys of events about what was done here begin with; the key of the journal's row follows."""


NO_LETTER: Span = ("+", "quiet")
"""The sign of a change that is one of too many, or none of those that may explain the finding."""


class Kind(StrEnum):
    CHANGE = "change"
    SPOT = "spot"
    FINDING = "finding"
    ACTION = "action"
    """Done with this program."""
    OTHER = "other"


class Event(NamedTuple):
    key: str
    at: datetime
    kind: Kind
    who: str
    what: str
    cluster: str = ""
    sign: Span = ("", "text")
    """A change's letter, or a mark."""
    rank: int = 9
    """0 for what is to be seen when several happen at once."""


def events(snapshot: Snapshot, finding: Finding | None, start: datetime, end: datetime) -> list[Event]:
    """Return what happened from `start` to `end`, newest first. Changes that may explain `finding` have its letters."""
    causes = near.suspects(finding) if finding is not None else ()
    found = [*_activity(snapshot), *_findings(snapshot)]
    known = {event.key for event in found}
    found += [
        Event(one.key, one.cause.at, Kind.CHANGE, one.cause.who, one.cause.what, finding.cluster, NO_LETTER)
        for one in causes
        if finding is not None and one.cause.at is not None and f"change/{one.cause.change_id}" not in known
    ]
    within = sorted((event for event in found if start <= event.at <= end), key=lambda event: (event.at, event.key))
    letters = (
        {key: one.letter for one in causes for key in (one.key, f"change/{one.cause.change_id}")}
        if finding is not None
        else _letters(within)
    )
    lettered = [
        event._replace(sign=(letters[event.key], "text bold"), rank=0) if letters.get(event.key) else event
        for event in within
    ]
    return lettered[::-1]


def _letters(within: list[Event]) -> dict[str, str]:
    """Give the newest changes letters, A to the earliest of them."""
    changes = [event.key for event in within if event.kind is Kind.CHANGE][-len(ascii_uppercase) :]
    return dict(zip(changes, ascii_uppercase, strict=False))


def _activity(snapshot: Snapshot) -> Iterator[Event]:
    for row in snapshot.activity:
        if row.kind != Kind.FINDING:  # those are told from the findings themselves, with their severity
            yield Event(row.key, row.at, _kind(row), row.who, row.what, row.cluster, _sign(row))


def _kind(row: ActivityRow) -> Kind:
    return Kind(row.kind) if row.kind in (Kind.CHANGE, Kind.SPOT, Kind.ACTION) else Kind.OTHER


def _sign(row: ActivityRow) -> Span:
    done: Span = (TICKET, "ticket") if row.bad else (MARKED, "mark")
    return {Kind.ACTION: done, Kind.CHANGE: NO_LETTER}.get(_kind(row), ("", "text"))


def _findings(snapshot: Snapshot) -> Iterator[Event]:
    for one in (*snapshot.findings, *snapshot.resolved):
        sign = story.MARKS[one.severity]
        words = f"{one.name} began: {one.why}" if one.why else f"{one.name} began"
        yield Event(OPENED + one.key, one.since, Kind.FINDING, one.kind, words, one.cluster, sign, one.severity.rank)
        if one.resolved_at is not None:
            burned = f", burned {fmt.dollars(one.burned_usd)}" if one.burned_usd is not None else ""
            lasted = fmt.duration((one.resolved_at - one.since).total_seconds())
            words = f"{one.name} is over after {lasted}{burned}"
            yield Event(RESOLVED + one.key, one.resolved_at, Kind.FINDING, one.kind, words, one.cluster, (OK, "ok"), 3)
        yield from _turns(one)
        if one.triage is not None:
            yield _decision(one, one.triage)


def _turns(one: Finding) -> Iterator[Event]:
    """Tell when it became more or less urgent."""
    from finops_tui.analysis.finding_rows import turned_words

    for turn in one.turned:
        key, words, sign = f"{TURNED}{turn.at.isoformat()} {one.key}", turned_words(turn), story.MARKS[turn.after]
        yield Event(key, turn.at, Kind.FINDING, one.kind, f"{one.name} {words}", one.cluster, sign, turn.after.rank)


def finding_of(key: str) -> str:
    """Return the key of the finding that an event is about; empty for another event."""
    for prefix in FINDING_KEYS:
        if key.startswith(prefix):
            rest = key.removeprefix(prefix)
            return rest.partition(" ")[2] if prefix == TURNED else rest
    return ""


def _decision(one: Finding, made: Triage) -> Event:
    """Tell what somebody decided about a finding: it was done with this program."""
    from finops_tui.analysis.finding_rows import DECISIONS

    reason = f": {made.reason}" if made.reason else ""
    words = f"{one.name} {DECISIONS[made.state]}{reason}"
    return Event(DECIDED + one.key, made.at, Kind.ACTION, made.by, words, one.cluster, (MARKED, "mark"))


def nearest(found: list[Event], at: datetime) -> Event | None:
    """Return the newest event at or before a moment, else the oldest one; `found` is newest first."""
    return next((event for event in found if event.at <= at), found[-1] if found else None)
