"""What a person may decide about findings: for which reasons, for how long, and how it is told. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.errors import UsageError
from finops_tui.model.finding import Finding, FindingState
from finops_tui.phrases import counted
from finops_tui.ui.format import short_time
from finops_tui.ui.text import clean

REASONS = ("investigating", "planned activity", "known issue", "false alarm", "fixed")
MORNING_HOUR = 8
CUSTOM = "custom"
LENGTHS: tuple[tuple[str, timedelta | None], ...] = (
    ("15m", timedelta(minutes=15)),
    ("1h", timedelta(hours=1)),
    ("4h", timedelta(hours=4)),
    ("tomorrow", None),
    (CUSTOM, None),
)
"""How long to snooze; what has no length of its own depends on the time of day or on what is typed."""
LONGEST = timedelta(days=30)
_LENGTH = re.compile(r"(?:(\d{1,3})d)? ?(?:(\d{1,3})h)? ?(?:(\d{1,4})m)?")


class Move(NamedTuple):
    """One kind of decision."""

    state: FindingState
    """What the finding becomes."""
    title: str
    done: str
    """As in `retrain-v7 is acknowledged`."""
    applies_to: frozenset[FindingState]
    reason: str
    """Offered first; empty where none is asked for."""


ACKNOWLEDGE = Move(
    FindingState.ACKNOWLEDGED, "Acknowledge", "acknowledged", frozenset({FindingState.OPEN}), "investigating"
)
SNOOZE = Move(
    FindingState.SNOOZED,
    "Snooze",
    "snoozed",
    frozenset({FindingState.OPEN, FindingState.ACKNOWLEDGED}),
    "known issue",
)
RESOLVE = Move(
    FindingState.RESOLVED,
    "Resolve",
    "resolved",
    frozenset({FindingState.OPEN, FindingState.ACKNOWLEDGED, FindingState.SNOOZED}),
    "fixed",
)
REOPEN = Move(
    FindingState.OPEN, "Reopen", "open again", frozenset({FindingState.ACKNOWLEDGED, FindingState.SNOOZED}), ""
)
MOVES: Mapping[str, Move] = {
    "acknowledge": ACKNOWLEDGE,
    "snooze": SNOOZE,
    "resolve": RESOLVE,
    "reopen": REOPEN,
}
"""By the action of the key."""


class Decision(NamedTuple):
    reason: str
    until: datetime | None


def fitting(move: Move, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return those findings of which this can be decided."""
    return tuple(finding for finding in findings if finding.state in move.applies_to)


def until(choice: str, typed: str, now: datetime) -> datetime:
    """Return when a snooze ends. Raises UsageError when `typed`, which counts for the custom choice, is no length."""
    if choice == CUSTOM:
        return now + length(typed)
    if choice == "tomorrow":
        return (now + timedelta(days=1)).replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
    return now + (dict(LENGTHS)[choice] or timedelta())


def length(text: str) -> timedelta:
    """Read a length of time such as `45m`, `2h30m` or `1d`. Raises UsageError that says what would do."""
    found = _LENGTH.fullmatch(text.strip().casefold())
    if found is None or not any(found.groups()):
        raise UsageError(f"{text.strip()!r} is not a length of time." if text.strip() else "Say for how long.")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    span = timedelta(days=days, hours=hours, minutes=minutes)
    if not timedelta() < span <= LONGEST:
        raise UsageError("A snooze lasts from 1m to 30d.")
    return span


def reason_with(choice: str, note: str) -> str:
    """Join the chosen reason and the note: `investigating: talking to mei`."""
    return ": ".join(part for part in (choice, clean(note).strip()) if part)


def subject(findings: Sequence[Finding]) -> str:
    """Name one finding by the last part of its name, several by their number."""
    if len(findings) != 1:
        return counted(len(findings), "finding")
    return clean(findings[0].name).rpartition("/")[2] or "it"


def told(move: Move, findings: Sequence[Finding], decision: Decision, now: datetime) -> str:
    """Say what has been decided, for the message that confirms it."""
    who = clean(findings[0].name) if len(findings) == 1 else counted(len(findings), "finding")
    verb = "is" if len(findings) == 1 else "are"
    end = f" until {short_time(decision.until, now)}" if decision.until is not None else ""
    reason = f" ({decision.reason})" if decision.reason else ""
    return f"{who} {verb} {move.done}{end}{reason}."


def effect(move: Move, ends: datetime | None, now: datetime) -> str:
    """Say what comes of it."""
    match move.state:
        case FindingState.ACKNOWLEDGED:
            return "It stays on the list. Once every page is acknowledged, the figure on top loses its fill."
        case FindingState.SNOOZED:
            back = f"at {short_time(ends, now)}" if ends is not None else "then"
            return f"It leaves the list and comes back by itself {back}."
        case FindingState.RESOLVED:
            return "It leaves the list and counts as over."
    return "What was decided about it no longer holds."
