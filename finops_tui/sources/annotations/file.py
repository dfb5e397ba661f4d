"""A file of notes about changes as a source: people and pipelines append lines, this reads them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime

from finops_tui.clock import Clock, sleep_unless_woken
from finops_tui.model.observations import ChangeSeen, Observation
from finops_tui.phrases import counted
from finops_tui.sources.annotations.follow import Follower, Line
from finops_tui.sources.annotations.health import Health
from finops_tui.sources.annotations.lines import read_line
from finops_tui.sources.annotations.settings import AnnotationsSettings
from finops_tui.sources.base import Check
from finops_tui.sources.clean import one_line
from finops_tui.threads import DaemonThreads

NOTES_AT_ONCE = 1_000
"""Of more, the newest lines: a file that is years old must not flood what happened today."""
WARNINGS = 5
STALE_AFTER_SECONDS = 60.0
HINT = "Check `path`, and that this account may read the file."


class AnnotationFile:
    """Follows one file. A line that makes no sense is named in a warning and passed over."""

    def __init__(self, settings: AnnotationsSettings, clock: Clock) -> None:
        self.name = f"{settings.type} {settings.title}"
        self.cluster = settings.cluster
        self._settings = settings
        self._clock = clock
        self._threads = DaemonThreads(limit=1, name=self.name)
        self._wake = asyncio.Event()
        self._wrong: deque[str] = deque(maxlen=WARNINGS)
        self._wrong_count = 0

    async def observe(self) -> AsyncIterator[Observation]:
        """Yield the notes that the file holds, then those that are added, until cancelled."""
        stale_after = max(STALE_AFTER_SECONDS, 4 * self._settings.interval_seconds)
        health = Health(self.name, self.cluster, "notes", self._clock.now(), stale_after)
        yield health.told
        self._wrong.clear()
        self._wrong_count = 0
        follower = Follower(self._settings.path)
        try:
            while True:
                now = self._clock.now()
                try:
                    notes = await self._threads.call(self._read, follower, now)
                except OSError as error:
                    said = health.failed(self._clock.now(), self._words(error), HINT)
                else:
                    for seen in notes:
                        yield seen
                    said = health.answered(self._clock.now(), self._warnings())
                if said is not None:
                    yield said
                await sleep_unless_woken(self._clock, self._settings.interval_seconds, self._wake)
        finally:
            follower.close()

    async def refresh(self) -> None:
        """Look for new lines now."""
        self._wake.set()

    async def diagnose(self) -> list[Check]:
        """Read the file once and say what is in it."""
        trial = AnnotationFile(self._settings, self._clock)
        follower = Follower(self._settings.path)
        try:
            notes = await trial._threads.call(trial._read, follower, self._clock.now())
        except OSError as error:
            return [Check("file", "fail", f"{self._words(error)}; without: what people wrote down", HINT)]
        finally:
            follower.close()
        lately = f"{counted(len(notes), 'note')} of the last 7 days"
        checks = [Check("file", "ok", f"{self._settings.path}: {lately}")]
        hint = "docs/changes.md shows what a line looks like."
        return checks + [Check("line", "warn", warning, hint) for warning in trial._warnings()]

    def _read(self, follower: Follower, now: datetime) -> list[ChangeSeen]:
        """Return the notes on new lines, oldest first. Raises OSError where not even one line could be read."""
        notes: deque[ChangeSeen] = deque(maxlen=NOTES_AT_ONCE)
        try:
            for line in follower.read():
                try:
                    seen = self._note(line, now)
                except ValueError as error:
                    self._wrong.append(f"{self._settings.path.name}:{line.number}: {error}")
                    self._wrong_count += 1
                else:
                    if seen is not None:
                        notes.append(seen)
        except OSError:
            if not notes:
                raise
        return sorted(notes, key=lambda seen: seen.at)

    def _note(self, line: Line, now: datetime) -> ChangeSeen | None:
        if line.text is None:
            raise ValueError("the line is too long")
        if not line.text.strip():
            return None
        return read_line(line.text, source=self.name, cluster=self.cluster, now=now)

    def _warnings(self) -> tuple[str, ...]:
        more = self._wrong_count - len(self._wrong)
        return (*self._wrong, f"and {more} lines more before them") if more else tuple(self._wrong)

    def _words(self, error: OSError) -> str:
        return one_line(f"{self._settings.path}: {(error.strerror or type(error).__name__).lower()}", 300)
