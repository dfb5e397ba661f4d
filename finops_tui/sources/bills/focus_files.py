"""A folder of FOCUS files as a source: others put bills there, this reads them into the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from finops_tui.clock import Clock, sleep_unless_woken
from finops_tui.errors import FinopsError, SourceError
from finops_tui.ledger.ledger import Ledger
from finops_tui.model.health import HealthState
from finops_tui.model.observations import BillsSeen, Observation, SourceHealth
from finops_tui.phrases import counted
from finops_tui.sources.base import Check
from finops_tui.sources.billing.book import Wanted, billed
from finops_tui.sources.bills.deliveries import deliveries
from finops_tui.sources.bills.intake import Intake, Reading
from finops_tui.sources.bills.settings import FocusSettings
from finops_tui.sources.clean import one_line
from finops_tui.threads import DaemonThreads

WARNINGS = 8
"""On the screen; the doctor tells more."""
WARNINGS_OF_DOCTOR = 200
HINT = "docs/bills.md says what is read, and how."


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What one look at the folder gave."""

    readings: tuple[tuple[str, Reading], ...]
    """By delivery, the oldest first."""
    seen: BillsSeen

    def warnings(self, most: int = WARNINGS) -> tuple[str, ...]:
        """Return what is wrong, whole files first, or how much of it is not said."""
        said = [*self.failed, *(word for name, reading in self.readings for word in _words(name, reading))]
        more = len(said) - most
        return (*said[:most], f"and {more} more: finops-tui doctor names them") if more > 0 else tuple(said)

    @property
    def failed(self) -> tuple[str, ...]:
        """Why files are missing from the bill as a whole."""
        return tuple(reading.failed for _, reading in self.readings if reading.failed)


def _words(name: str, reading: Reading) -> Iterator[str]:
    """Yield what is wrong with a file that was read."""
    if reading.failed:
        return
    yield from reading.complaints
    yield from reading.remarks
    if reading.wrong:
        yield f"{name}: {reading.wrong:,} of {reading.wrong + reading.rows:,} rows are left out"
    elif not reading.rows:
        yield f"{name}: there is no row in it"


class FocusFiles:
    """Looks into its folder now and then. A file that makes no sense costs itself alone."""

    def __init__(
        self,
        settings: FocusSettings,
        ledger: Callable[[], Ledger],
        clock: Clock,
        scopes: Wanted = (),
    ) -> None:
        """`ledger` opens the ledger; it is called in a thread, and may raise LedgerError.

        `scopes` are the teams, models and the like that budgets are for, each with its name.
        """
        self.name = f"{settings.type} {settings.title}"
        self.cluster = ""
        self._settings = settings
        self._open = ledger
        self._clock = clock
        self._scopes = scopes
        self._threads = DaemonThreads(limit=1, name=self.name)
        self._wake = asyncio.Event()
        self._told: SourceHealth | None = None
        self._answered_at: datetime | None = None

    async def observe(self) -> AsyncIterator[Observation]:
        """Yield what is billed, and again whenever that has changed, until cancelled."""
        self._told = None
        yield self._health(HealthState.CONNECTING, primed=False)
        last: BillsSeen | None = None
        while True:
            try:
                read = await self._threads.call(self.read, self._clock.now())
            except FinopsError as error:
                reason = " ".join(filter(None, (error.title, error.detail)))
                yield self._health(HealthState.DOWN, reason=one_line(reason, 300), hint=error.hint)
            else:
                now = self._clock.now()
                self._answered_at = now
                seen = replace(read.seen, at=now)
                if last is None or seen != replace(last, at=now):
                    yield seen
                    last = seen
                yield self._health(HealthState.PARTIAL if read.failed else HealthState.POLLED, warnings=read.warnings())
            await sleep_unless_woken(self._clock, self._settings.interval_seconds, self._wake)

    async def refresh(self) -> None:
        """Look into the folder now."""
        self._wake.set()

    async def diagnose(self) -> list[Check]:
        """Read the folder once and say what is in it."""
        try:
            read = await self._threads.call(self.read, self._clock.now())
        except FinopsError as error:
            detail = " ".join(filter(None, (error.title, error.detail)))
            return [Check("folder", "fail", f"{detail} Without it: these bills", error.hint)]
        return [self._folder(read), *(Check("file", "warn", word, HINT) for word in read.warnings(WARNINGS_OF_DOCTOR))]

    def _folder(self, read: Read) -> Check:
        there, failed, folder = len(read.readings), len(read.failed), self._settings.folder
        if not there:
            return Check("folder", "warn", f"{folder}: no file of a bill lies there. Without any: these bills", HINT)
        rows = sum(reading.rows for _, reading in read.readings if not reading.failed)
        until = f", billed through {read.seen.through:%Y-%m-%dT%H:%MZ}" if read.seen.through else ""
        lost = f", {failed} of them cannot be read" if failed else ""
        detail = f"{folder}: {counted(there, 'delivery')}{lost}, {counted(rows, 'row')}{until}"
        return Check("folder", "fail" if failed == there else "ok", detail)

    def read(self, now: datetime) -> Read:
        """Read what is new in the folder into the ledger, and return what it says. Blocks. Raises FinopsError."""
        folder = self._settings.folder
        try:
            there = deliveries(folder)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise SourceError(
                f"{folder}: {reason}.", hint="Check `folder`, and that this account may read it and what is in it."
            ) from error
        ledger = self._open()
        intake = Intake(self.name, ledger, self._settings.time_zone)
        readings = tuple((delivery.name, intake.take(delivery)) for delivery in there)
        return Read(readings=readings, seen=billed(ledger, self.name, self._scopes, now))

    def _health(
        self,
        state: HealthState,
        *,
        reason: str = "",
        hint: str = "",
        warnings: tuple[str, ...] = (),
        primed: bool = True,
    ) -> SourceHealth:
        now = self._clock.now()
        since = self._told.since if self._told is not None and self._told.state is state else now
        self._told = SourceHealth(
            at=now,
            source=self.name,
            cluster="",
            short="bills",
            state=state,
            since=since,
            answered_at=self._answered_at,
            stale_after_seconds=4 * self._settings.interval_seconds,
            primed=primed,
            reason=reason,
            hint=hint,
            warnings=warnings,
        )
        return self._told
