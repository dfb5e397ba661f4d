"""Asking for a bill again and again: into the ledger, out of it by day, and how the service fares meanwhile."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec.structs import replace

from finops_tui.clock import Clock, sleep_unless_woken
from finops_tui.errors import FinopsError, SourceError
from finops_tui.ledger.ledger import Ledger
from finops_tui.model.health import HealthState
from finops_tui.model.observations import BillsSeen, Observation, SourceHealth
from finops_tui.sources.billing.book import Book, Wanted
from finops_tui.sources.clean import one_line
from finops_tui.sources.pauses import pause_seconds
from finops_tui.threads import DaemonThreads

T = TypeVar("T")

AGAIN = (timedelta(seconds=30), timedelta(hours=1))
"""First and longest pause after a question that failed."""
LONGEST_RETRY_AFTER = timedelta(hours=6)
TOLD_FROM_SECONDS = 5.0
"""A wait that is over sooner is not told: the answer may be there before anybody has read it."""
WARNINGS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one look brought, beside what it wrote into the ledger."""

    observations: tuple[Observation, ...] = ()
    missing: tuple[str, ...] = ()
    """What it could not give, each with its reason."""
    hint: str = ""
    """What to do about the first of them."""
    warnings: tuple[str, ...] = ()
    retry_after_seconds: float = 0.0
    """How long the service asked to be left alone."""


Look = Callable[[Book, datetime], Awaitable[Outcome]]
"""Asks once. Raises SourceError or LedgerError where nothing came; what came before that is in the ledger."""


async def checked(answer: Awaitable[T]) -> T:
    """Return what is read from an answer. Raises SourceError too where its shape is not the documented one."""
    try:
        return await answer
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise SourceError(
            f"the answer makes no sense ({type(error).__name__})", "", "Check the address; is it the right service?"
        ) from error


class Feed:
    """The life of one source of bills."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        ledger: Callable[[], Ledger],
        *,
        short: str,
        cluster: str = "",
        every: timedelta,
        soonest: timedelta,
        scopes: Wanted = (),
    ) -> None:
        """Ask `every` so often; after an answer not before `soonest`, whoever wishes. `scopes` as in `Book`."""
        self.book = Book(name, cluster, ledger, DaemonThreads(1, name), scopes)
        self._name = name
        self._cluster = cluster
        self._short = short
        self._clock = clock
        self._every = every
        self._soonest = soonest
        self._wake = asyncio.Event()
        self._jitter = random.Random()  # noqa: S311 - it spreads retries, it keeps no secret
        self._told: SourceHealth | None = None
        self._answered_at: datetime | None = None
        self._refusals: asyncio.Queue[tuple[FinopsError, datetime]] = asyncio.Queue()
        """Each with the moment at which the same is asked again."""

    def wake(self) -> None:
        """Ask as soon as the service may be asked."""
        self._wake.set()

    def refused(self, error: FinopsError, again_in_seconds: float) -> None:
        """Hear that a look waits for a busy service; before there was any answer it is told, unless it is over soon."""
        if self._answered_at is None and again_in_seconds >= TOLD_FROM_SECONDS:
            self._refusals.put_nowait((error, self._clock.now() + timedelta(seconds=again_in_seconds)))

    async def observe(self, look: Look) -> AsyncIterator[Observation]:
        """Yield what is billed, and again whenever that has changed, until cancelled."""
        self._told = None
        yield self._health(HealthState.CONNECTING, primed=False)
        last: BillsSeen | None = None
        failures = 0
        while True:
            outcome: Outcome | None = None
            least, pause = self._soonest, self._every
            try:
                if last is None:  # what is known from earlier runs is there at once
                    last = await self.book.billed(self._clock.now())
                    if last.days:
                        yield last
                self._refusals = asyncio.Queue()  # those of the look before are over
                looking = asyncio.create_task(self.look(look))
                try:
                    async for health in self._waits(looking):
                        yield health
                    outcome = await looking
                finally:
                    looking.cancel()
            except FinopsError as error:
                yield self._failed(error)
                least = timedelta(seconds=error.retry_after_seconds if isinstance(error, SourceError) else 0.0)
                pause = self._after(failures)
                failures += 1
            seen = await self._seen(last)
            if seen is not None:
                yield seen
                last = seen
            if outcome is not None:
                failures = 0
                self._answered_at = self._clock.now()
                for observation in outcome.observations:
                    yield observation
                yield self._fares(outcome)
                least = max(least, timedelta(seconds=outcome.retry_after_seconds))
            await self._wait(min(least, LONGEST_RETRY_AFTER), pause)

    async def _waits(self, looking: asyncio.Task[Outcome]) -> AsyncIterator[SourceHealth]:
        """Yield why the first answer is not there yet and when it is asked for again, until the look is over."""
        while True:
            refusal = asyncio.create_task(self._refusals.get())
            try:
                await asyncio.wait({looking, refusal}, return_when=asyncio.FIRST_COMPLETED)
                if not refusal.done():
                    return
                error, again = refusal.result()
                hint = f"It is asked again at {again:%H:%M:%SZ}."
                yield self._health(HealthState.DOWN, reason=_reason(error), hint=hint, primed=False)
            finally:
                refusal.cancel()

    async def look(self, look: Look) -> Outcome:
        """Ask once. Raises SourceError, LedgerError."""
        return await checked(look(self.book, self._clock.now()))

    async def _seen(self, last: BillsSeen | None) -> BillsSeen | None:
        """Return what is billed where that has changed: also part of an answer may be in the ledger by now."""
        try:
            seen = await self.book.billed(self._clock.now())
        except FinopsError:  # the look has told it, or the next one will
            return None
        return seen if last is None or seen != replace(last, at=seen.at) else None

    def _failed(self, error: FinopsError) -> SourceHealth:
        return self._health(HealthState.DOWN, reason=_reason(error), hint=error.hint)

    def _fares(self, outcome: Outcome) -> SourceHealth:
        more = len(outcome.warnings) - WARNINGS
        warnings = (*outcome.warnings[:WARNINGS], f"and {more} more") if more > 0 else outcome.warnings
        state = HealthState.PARTIAL if outcome.missing else HealthState.POLLED
        return self._health(state, hint=outcome.hint, missing=outcome.missing, warnings=warnings)

    def _health(
        self,
        state: HealthState,
        *,
        reason: str = "",
        hint: str = "",
        missing: tuple[str, ...] = (),
        warnings: tuple[str, ...] = (),
        primed: bool = True,
    ) -> SourceHealth:
        now = self._clock.now()
        since = self._told.since if self._told is not None and self._told.state is state else now
        self._told = SourceHealth(
            at=now,
            source=self._name,
            cluster=self._cluster,
            short=self._short,
            state=state,
            since=since,
            answered_at=self._answered_at,
            stale_after_seconds=3 * self._every.total_seconds(),
            primed=primed,
            reason=reason,
            hint=hint,
            missing=missing,
            warnings=warnings,
        )
        return self._told

    def _after(self, failures: int) -> timedelta:
        """Return how long to wait: longer each time, and spread out."""
        first, longest = AGAIN[0].total_seconds(), min(AGAIN[1], self._every).total_seconds()
        return timedelta(seconds=pause_seconds(first, longest, failures, self._jitter.uniform(0.75, 1.0)))

    async def _wait(self, least: timedelta, pause: timedelta) -> None:
        """Wait at least so long, and then until the pause is over or somebody wishes to know."""
        await self._clock.sleep(least.total_seconds())
        await sleep_unless_woken(self._clock, max(0.0, (pause - least).total_seconds()), self._wake)


def _reason(error: FinopsError) -> str:
    return one_line(" ".join(filter(None, (error.title, error.detail))), 300)
