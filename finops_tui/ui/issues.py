"""What is wrong with the figures on screen, in the words of the visual language, worst first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from finops_tui.model.health import HealthState, is_silent
from finops_tui.phrases import counted, sentence
from finops_tui.ui.format import clock_time, duration, short_time
from finops_tui.ui.glyphs import STALE, TICKET
from finops_tui.ui.panes.journal import BACK, is_due
from finops_tui.ui.text import clean, cut_end

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot, SourceRow


NO_ANSWER_SECONDS = 10.0
"""Of real time: after that it counts as not answered."""
REASON_CELLS = 160


class Rank(IntEnum):
    UNKNOWN = 0
    """Nobody knows whether a change took effect."""
    UNTRUSTED = 1
    """The record of changes is not as it was written, or cannot be read."""
    LOST = 2
    OVERDUE = 3
    """A change should have been taken back by now."""
    REFUSED = 4
    INCOMPLETE = 5
    NOTED = 6
    """Counted on the money line already; no banner for it."""


class Issue(NamedTuple):
    rank: Rank
    words: str
    """Whole sentences: what happened, since when."""
    retry: bool = False
    """Whether asking again may help."""
    hint: str = ""
    rest: str = ""
    """The last sentence of the words, if it is about the figures."""
    brief: str = ""
    """The same, shorter."""
    undo: str = ""
    """What the key of undo does about it, as in `z resumes`."""

    @property
    def role(self) -> str:
        return "stale" if self.rank is Rank.LOST else "ticket"

    @property
    def mark(self) -> str:
        return STALE if self.rank is Rank.LOST else TICKET


def issues(snapshot: Snapshot, now: datetime) -> tuple[Issue, ...]:
    found = [*_of_actions(snapshot, now), *(issue for source in snapshot.sources for issue in _of_source(source, now))]
    found += [
        Issue(
            Rank.NOTED,
            f"{counted(one.nodes, 'node')} without a price, left out of every $/h: "
            f"{clean(one.reason)}, as {clean(one.example)}.",
            hint="Set a price under pricing: in config.yaml.",
        )
        for one in snapshot.headline.unpriced
    ]
    return tuple(sorted(found, key=lambda issue: issue.rank))


def _of_actions(snapshot: Snapshot, now: datetime) -> Iterator[Issue]:
    """Tell of a record that does not hold, of changes whose outcome nobody knows, and of those that are overdue."""
    if snapshot.armed.journal:
        yield Issue(Rank.UNTRUSTED, f"{clean(snapshot.armed.journal)} Nothing can be changed from here.")
    for row in snapshot.actions:
        silent = (now - row.at).total_seconds()
        if row.outcome == "unknown" or (row.outcome == "planned" and silent > NO_ANSWER_SECONDS * snapshot.speed):
            why = cut_end(clean(row.words).rstrip("."), REASON_CELLS) if row.outcome == "unknown" else ""
            what = f"Unknown whether the {clean(row.action)} took effect:"
            reason = why or f"no answer in {duration(silent)}"
            rest = "Checking; do not repeat."
            yield Issue(Rank.UNKNOWN, f"{what} {reason}. {rest}", rest=rest, brief="Do not repeat.")
    due = [row for row in snapshot.actions if is_due(row, now)]
    if due:
        since = min(row.until for row in due if row.until is not None)
        what = due[0].action if len({row.action for row in due}) == 1 else "change"
        back = BACK.get(what, "")
        are = "is" if len(due) == 1 else "are"
        yield Issue(
            Rank.OVERDUE,
            f"{counted(len(due), clean(what))} {are} overdue since {short_time(since, now)}.",
            undo=f"{back}s" if back else "takes it back",
        )


def _of_source(source: SourceRow, now: datetime) -> list[Issue]:
    name = title(source.name)
    reason = f" ({clean(source.reason)})" if source.reason else ""
    hint = sentence(clean(source.hint))
    found = []
    if source.state is HealthState.DOWN and source.answered_at is None:
        found.append(Issue(Rank.LOST, f"{since_when(source, source.since)}{reason}.", True, hint))
    elif source.state is HealthState.DOWN or source.stale:
        answered = source.answered_at or source.since
        age = duration((now - answered).total_seconds())
        rest = f"Figures marked {STALE} are {age} old."
        words = f"{since_when(source, answered)}{reason}. {rest}"
        found.append(Issue(Rank.LOST, words, True, hint, rest, f"{STALE} {age} old."))
    for one in source.missing:
        words = _refusal(source, one)
        found.append(Issue(Rank.REFUSED, words, hint="" if "Needs: " in words else hint))
    found += [Issue(Rank.INCOMPLETE, f"{name} warns: {clean(one).rstrip('.')}.", hint=hint) for one in source.warnings]
    return found


def _refusal(source: SourceRow, missing: str) -> str:
    """Say `pods: forbidden for user ana; needs list pods` as sentences; what is a sentence already stays as it is."""
    if missing.startswith("Cannot "):
        return clean(missing)
    what, _, why = clean(missing).partition(": ")
    why, _, needs = why.partition("; needs ")
    if not why:
        return f"{title(source.name)} does not give {what}."
    if not needs:
        return f"{title(source.name)} does not give {what}: {why.rstrip('.')}."
    where = f" in {clean(source.cluster)}" if source.cluster else ""
    return f"Cannot list {what}{where}: {why.rstrip('.')}. Needs: {needs.rstrip('.')} (docs/permissions)."


def title(name: str) -> str:
    """Begin a sentence with a source's name: `Prometheus prod-us`."""
    text = clean(name)
    return text[:1].upper() + text[1:]


def since_when(source: SourceRow, since: datetime) -> str:
    """Say since when nothing comes from a source: `Prometheus prod-us has not answered since 13:56:20Z`."""
    how = "not answered" if is_silent(source.reason) else "told nothing"
    return f"{title(source.name)} has {how} since {clock_time(since)}"


def why_silent(source: SourceRow) -> str:
    """Say of a source that never told anything since when that is so, why, and what to do about it."""
    reason = f" ({clean(source.reason)})" if source.reason else ""
    return f"{since_when(source, source.since)}{reason}. {sentence(clean(source.hint))}".rstrip()


def waiting(names: tuple[str, ...], seconds: float) -> str:
    """Say what the screen waits for before there is any figure."""
    who = clean(names[0]) if names else "a source"
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"Waiting for the first answer from {who}{more} ({duration(seconds)})."
