"""The record of every change: the intent is on disk before the first request leaves, then what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock

import msgspec

from finops_tui.engine.journal_chain import BrokenChainError, Line
from finops_tui.engine.journal_entry import EFFECTIVE, Entry, Intent, Record, Result, under_way
from finops_tui.engine.journal_file import LARGEST_BYTES, JournalFile
from finops_tui.engine.permit import Permit, plain_data
from finops_tui.errors import ActionError, Refused
from finops_tui.model.plan import Outcome, Plan
from finops_tui.sources.clean import one_line

LONGEST = 1_000
"""Characters of a reason, and of what a system said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found when every line was held against the one before it."""

    lines: int
    entries: int
    absent: int
    """Lines before the first file that is there."""
    torn: tuple[tuple[int, int], ...]
    """Writes that were cut short: the number of the line behind, and their bytes."""
    hanging: int
    """Bytes of such a write at the very end."""
    tip: str
    """SHA-256 of the last line; empty when there is none."""
    trouble: str
    """Where something was changed afterwards; empty when nothing was."""


class Journal:
    """Append-only, in one folder; any thread may use it, and other processes the same folder."""

    def __init__(self, folder: Path, largest_bytes: int = LARGEST_BYTES) -> None:
        self._file = JournalFile(folder, largest_bytes)
        self._entries: dict[str, Entry] = {}
        self._thread = Lock()
        self.trouble = ""
        """Where a line was found to have been changed; nothing is written behind it."""

    @property
    def broken(self) -> str:
        """What is wrong with the chain, where, and what of it can be trusted, in words; empty while it is whole."""
        if not self.trouble:
            return ""
        first, last = self._file.chain.absent + 1, self._file.chain.number
        trusted = "No line of it can be trusted."
        if last >= first:
            lines = f"Lines {first} to {last} are as they were" if last > first else f"Line {last} is as it was"
            trusted = f"{lines} written; what stands behind is not shown and cannot be trusted."
        return f"The journal was changed after it was written: {self.trouble}. {trusted}"

    def intend(self, plan: Plan, permit: Permit, now: datetime) -> Entry:
        """Write down what is about to be sent; when this returns, it is on disk.

        Who and why stand in the permit's confirmation. Raises Refused when the permit is not for this, or when an
        action on the same target is open; ActionError when it cannot be written. Nothing may be sent then.
        """
        permit.write(plan, now)
        answer = permit.confirmation
        intent = Intent(
            id=plan.id,
            at=now,
            who=answer.who,
            reason=one_line(answer.reason, LONGEST),
            approver=one_line(answer.approver),
            judgement=permit.judgement,
            plan=plan,
            bulk=answer.bulk,
        )
        with self._writing("Nothing was sent."):
            if plan.id in self._entries:
                raise Refused("This change was already written down.", hint="Plan it again.")
            begun = under_way(plan, self._entries.values())
            if begun is not None:
                raise Refused(f"{begun.plan.title} by {begun.who} is open on the same target.", begun.words)
            try:
                self._append(intent)
            except OSError as error:
                self._take_back(plan, now, error)
                raise
            return self._entries[plan.id]

    def outcome(
        self, entry_id: str, outcome: Outcome, words: str, now: datetime, saved_usd_per_hour: float | None = None
    ) -> Entry:
        """Write down what became of an entry, as often as that changes; `saved_usd_per_hour` is what was measured.

        Raises ActionError when it cannot be written: the entry stays in flight, and whoever starts next looks into it.
        """
        with self._writing("What was sent stays as it is; the next start looks into it."):
            if entry_id not in self._entries:
                raise ActionError(f"The journal holds no entry {one_line(entry_id)}.")
            said = one_line(words, LONGEST)
            self._append(
                Result(id=entry_id, at=now, outcome=outcome, words=said, saved_usd_per_hour=saved_usd_per_hour)
            )
            return self._entries[entry_id]

    def entries(self) -> tuple[Entry, ...]:
        """Return everything, oldest first; after a changed line nothing is believed, and `trouble` says so.

        Raises ActionError when it cannot be read.
        """
        with self._thread, self._words("The journal cannot be read", ""):
            with self._file.held(writing=False):
                self._catch_up()
            return tuple(self._entries.values())

    def in_flight(self) -> tuple[Entry, ...]:
        """Return what has no final outcome: after a crash it is held against what the cluster says."""
        return tuple(entry for entry in self.entries() if entry.in_flight)

    def undoable(self) -> tuple[Entry, ...]:
        """Return what can be taken back, newest first."""
        return tuple(entry for entry in reversed(self.entries()) if entry.undoable)

    def recent(self, since: datetime) -> tuple[Entry, ...]:
        """Return what the guard wants to know: what was begun since, and all that is in flight."""
        return tuple(entry for entry in self.entries() if entry.at >= since or entry.in_flight)

    def verify(self) -> Verified:
        """Hold every line of every file against the one before it. Raises ActionError when they cannot be read."""
        again = Journal(self._file.path.parent)
        entries = again.entries()
        chain = again._file.chain
        return Verified(
            lines=chain.number - chain.absent,
            entries=len(entries),
            absent=chain.absent,
            torn=tuple(chain.torn),
            hanging=chain.hanging,
            tip=chain.tip,
            trouble=again.trouble,
        )

    def _append(self, record: Record) -> None:
        self._file.append(msgspec.json.encode(record, enc_hook=plain_data))
        self._catch_up()
        if self.trouble:
            raise OSError(f"what was written is not what stands there: {self.trouble}")

    def _take_back(self, plan: Plan, now: datetime, error: OSError) -> None:
        """Say of an intent that stands there although its write failed that nothing was sent."""
        with suppress(OSError, BrokenChainError):
            self._catch_up()
            if plan.id in self._entries:
                words = f"not sent: the journal could not be written ({error.strerror})"
                self._append(Result(id=plan.id, at=now, outcome=Outcome.FAILED, words=words, saved_usd_per_hour=None))

    def _catch_up(self) -> None:
        if self._file.changed():
            self._entries = {}
            self.trouble = ""
        try:
            for line in self._file.news():
                self._take(line)
        except BrokenChainError as error:
            self.trouble = str(error)

    def _take(self, line: Line) -> None:
        try:
            record = msgspec.json.decode(line.text, type=Record)
        except msgspec.MsgspecError:  # of a kind that a newer version writes
            return
        if isinstance(record, Intent):
            self._entries[record.id] = Entry(
                plan=record.plan,
                at=record.at,
                who=record.who,
                reason=record.reason,
                approver=record.approver,
                judgement=record.judgement,
                bulk=record.bulk,
            )
        elif (entry := self._entries.get(record.id)) is not None:
            self._entries[entry.id] = replace(
                entry,
                outcome=record.outcome,
                outcome_at=record.at,
                words=record.words,
                saved_usd_per_hour=record.saved_usd_per_hour,
            )
            self._note_undoing(self._entries[entry.id])

    def _note_undoing(self, entry: Entry) -> None:
        undone = self._entries.get(entry.undoes)
        if undone is None:
            return
        if entry.outcome in EFFECTIVE:
            self._entries[undone.id] = replace(undone, undone_by=entry.id)
        elif undone.undone_by == entry.id:
            self._entries[undone.id] = replace(undone, undone_by="")

    @contextmanager
    def _writing(self, consequence: str) -> Iterator[None]:
        with self._thread, self._words("The journal cannot be written", consequence), self._file.held(writing=True):
            self._catch_up()
            if self.trouble:
                raise ActionError(
                    f"The journal was changed after it was written. {consequence}",
                    self.trouble,
                    f"Find out by whom. To begin a new one, move the files in {self._file.path.parent} away.",
                )
            yield

    @contextmanager
    def _words(self, title: str, consequence: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ActionError(
                " ".join(filter(None, (f"{title} ({error.strerror or error}).", consequence))),
                str(self._file.path),
                "Free the disk, or set state_folder to a place that can be written.",
            ) from None
