"""What is free and moves, asked beside a bill at a pace of its own; how both fare is told as one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from msgspec.structs import replace

from finops_tui.clock import Clock, sleep_unless_woken
from finops_tui.errors import SourceError
from finops_tui.model.health import HealthState
from finops_tui.model.observations import Observation, SourceHealth
from finops_tui.sources.pauses import pause_seconds

AGAIN = (timedelta(seconds=30), timedelta(minutes=10))
"""First and longest pause where something is missing."""
SOONEST = timedelta(seconds=30)
"""Before the same place is asked again, whoever wishes."""
LONGEST_RETRY_AFTER = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one place, such as a project, says."""

    observations: tuple[Observation, ...] = ()
    faults: Mapping[str, SourceError] = field(default_factory=dict)
    """By what is missing for it."""


Ask = Callable[[], Awaitable[Told]]
"""Asks one place once. Trouble is in the answer, never raised."""


class Beside:
    """The life of what is asked beside one bill: each place at its own pace, so that one that hangs holds up none."""

    def __init__(self, clock: Clock, asks: Sequence[Ask], every: timedelta) -> None:
        self._clock = clock
        self._asks = tuple(asks)
        self._every = every
        self._wakes = tuple(asyncio.Event() for _ in self._asks)
        self._jitter = random.Random()  # noqa: S311 - it spreads retries, it keeps no secret
        self._last: dict[int, Told] = {}
        self._bill: SourceHealth | None = None
        self._both: SourceHealth | None = None

    def wake(self) -> None:
        """Ask all places as soon as they may be asked."""
        for each in self._wakes:
            each.set()

    def observe(self, bill: AsyncIterator[Observation]) -> AsyncIterator[Observation]:
        """Yield what the bill and all places say as it comes, until cancelled."""
        return self._together(bill) if self._asks else bill

    async def _together(self, bill: AsyncIterator[Observation]) -> AsyncIterator[Observation]:
        out: asyncio.Queue[Observation | None] = asyncio.Queue()

        async def tell_bill() -> None:
            async for each in bill:
                out.put_nowait(each)

        tasks = [asyncio.create_task(tell_bill())]
        tasks += [asyncio.create_task(self._go(number, out)) for number in range(len(self._asks))]
        for task in tasks:
            task.add_done_callback(lambda _: out.put_nowait(None))  # none ends unless something is wrong
        try:
            while (told := await out.get()) is not None:
                yield self._fares(told) if isinstance(told, SourceHealth) else told
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _go(self, number: int, out: asyncio.Queue[Observation | None]) -> None:
        failures = 0
        while True:
            told = self._last[number] = await self._asks[number]()
            for each in told.observations:
                out.put_nowait(each)
            if self._bill is not None and self._bill.state is not HealthState.CONNECTING:
                out.put_nowait(self._bill)
            failures = failures + 1 if told.faults else 0
            await self._rest(self._wakes[number], _asked_to_wait(told), self._pause(failures))

    def _fares(self, bill: SourceHealth) -> SourceHealth:
        """Return how the bill fares, with what is missing beside it."""
        self._bill = bill
        if bill.state is HealthState.CONNECTING:
            return bill
        faults = {what: error for told in self._last.values() for what, error in told.faults.items()}
        missing = (*bill.missing, *(f"{what}: {error.title}" for what, error in faults.items()))
        state, reason = bill.state, bill.reason
        if state is HealthState.DOWN and any(told.observations or not told.faults for told in self._last.values()):
            state, reason, missing = HealthState.PARTIAL, "", (f"bill: {bill.reason}", *missing)
        elif state is HealthState.POLLED and missing:
            state = HealthState.PARTIAL
        now, before = self._clock.now(), self._both
        self._both = replace(
            bill,
            at=now,
            state=state,
            since=before.since if before is not None and before.state is state else now,
            reason=reason,
            missing=missing,
            hint=bill.hint or next((error.hint for error in faults.values()), ""),
        )
        return self._both

    def _pause(self, failures: int) -> timedelta:
        """Return how long to wait: after a failure less, but longer each time, and spread out."""
        if not failures:
            return self._every
        first, longest = AGAIN[0].total_seconds(), min(AGAIN[1], self._every).total_seconds()
        return timedelta(seconds=pause_seconds(first, longest, failures - 1, self._jitter.uniform(0.75, 1.0)))

    async def _rest(self, wake: asyncio.Event, least: timedelta, pause: timedelta) -> None:
        """Wait at least so long, and then until the pause is over or somebody wishes to know."""
        await self._clock.sleep(least.total_seconds())
        await sleep_unless_woken(self._clock, max(0.0, (pause - least).total_seconds()), wake)


def _asked_to_wait(told: Told) -> timedelta:
    seconds = max((error.retry_after_seconds for error in told.faults.values()), default=0.0)
    return max(SOONEST, min(timedelta(seconds=seconds), LONGEST_RETRY_AFTER))
