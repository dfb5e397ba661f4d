"""One account, asked part by part, each at its own pace."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from finops_tui.clock import Clock
from finops_tui.errors import FinopsError
from finops_tui.ledger.failure import LedgerError
from finops_tui.model.observations import Observation
from finops_tui.sources.aws import (
    athena,
    budgets,
    commitments,
    cost_explorer,
    groups,
    machine_learning,
    machines,
    recommendations,
)
from finops_tui.sources.aws.book import AwsBook
from finops_tui.sources.aws.desk import Desk
from finops_tui.sources.aws.diagnosis import diagnose, locked_out
from finops_tui.sources.aws.faults import AwsError
from finops_tui.sources.aws.health import AccountState
from finops_tui.sources.aws.part import Asking, Part, look
from finops_tui.sources.aws.prices import Prices
from finops_tui.sources.aws.settings import AwsSettings
from finops_tui.sources.base import Check
from finops_tui.sources.pauses import pause_seconds

SIGN_IN_AGAIN = (timedelta(seconds=30), timedelta(minutes=5))
"""First and longest pause before signing in again: somebody may have run `aws sso login` meanwhile."""
FREE_AGAIN = (timedelta(seconds=30), timedelta(minutes=10))
PAID_AGAIN = (timedelta(minutes=15), timedelta(hours=6))
"""The same after a question that failed."""
SOONEST = timedelta(seconds=30)
"""Before a part is asked again, even where its answer was old when it came."""


@dataclass(slots=True)
class _Due:
    part: Part
    at: datetime
    failures: int = 0
    hurried: bool = False
    """Somebody wants it asked again, and it has not been since."""


class Visit:
    """What is asked of one account, and how it fares."""

    def __init__(
        self,
        desk: Desk,
        settings: AwsSettings,
        clock: Clock,
        *,
        source: str,
        book: AwsBook,
        prices: Prices | None,
        jitter: random.Random,
    ) -> None:
        self.state = AccountState(title=desk.title)
        self.next_at = clock.now()
        self._desk = desk
        self._settings = settings
        self._clock = clock
        self._source = source
        self._book = book
        self._prices = prices
        """Where this account is the one that is asked for prices."""
        self._jitter = jitter
        self._due: list[_Due] = []
        self._signed_in = False
        self._faults = 0

    def hurry(self) -> None:
        """Ask again now what is free. A bill is not newer because somebody looks at it."""
        now = self._clock.now()
        self.next_at = now
        for due in self._due:
            if not due.part.paid:
                due.at, due.hurried = now, True

    def close(self) -> None:
        """Let go of all connections."""
        self._desk.close()

    async def diagnose(self) -> list[Check]:
        """Say what this account lacks. Trouble is in the answer."""
        try:
            await self._sign_in()
        except AwsError as error:
            return [locked_out(self._desk.title, error)]
        return await diagnose(self._desk, tuple(due.part for due in self._due), self._asking())

    async def round(self) -> AsyncIterator[Observation]:
        """Ask what is due. Trouble goes into `state`."""
        try:
            await self._sign_in()
            for due in self._due:
                if due.at <= self._clock.now():
                    due.hurried = False
                    async for observation in self._ask(due):
                        yield observation
                    if due.hurried:  # while it was asked: the answer may be older than what somebody wants to see
                        due.at = self._clock.now()
        except AwsError as error:
            self._signed_in = False
            self.state.fault = error
            self.next_at = self._clock.now() + self._pause(SIGN_IN_AGAIN, self._faults)
            self._faults += 1
        else:
            self._faults = 0
            self.state.fault = None
            self.state.asked_all = True
            self.next_at = min((due.at for due in self._due), default=self._clock.now() + SIGN_IN_AGAIN[1])
        await self._account_for()

    async def _sign_in(self) -> None:
        if self._signed_in:
            return
        await self._desk.sign_in()
        self._signed_in = True
        self.state.title, self.state.answered_at = self._desk.title, self._clock.now()
        if not self._due:
            now = self._clock.now()
            self._due = [_Due(part, now) for part in self._parts()]
            self.state.parts = len(self._due)

    def _parts(self) -> tuple[Part, ...]:
        settings, desk = self._settings, self._desk
        return (
            *budgets.parts(settings),
            *cost_explorer.parts(settings),
            *commitments.parts(settings),
            *(self._prices.parts(settings, desk) if self._prices is not None else ()),
            *groups.parts(settings, desk),
            *machines.parts(settings, desk),
            *machine_learning.parts(settings, desk),
            *athena.parts(settings),
            *recommendations.parts(settings, desk),
        )

    async def _ask(self, due: _Due) -> AsyncIterator[Observation]:
        """Ask one part. Raises AwsError where all others would fare the same."""
        part, state = due.part, self.state
        try:
            outcome = await look(part, self._asking())
        except (AwsError, LedgerError) as error:
            if isinstance(error, AwsError) and error.whole:
                raise
            if isinstance(error, AwsError) and error.soon:
                due.at = self._clock.now() + SOONEST
            else:
                state.missing[part.title] = error
                self._later(due)
            return
        state.missing.pop(part.title, None)
        state.answered_at = self._clock.now()
        words = (f"{part.title}: {outcome.late}",) if outcome.late else ()
        state.warnings[part.title] = (*words, *outcome.warnings)
        if part.bills:
            state.bill_at = outcome.at if state.bill_at is None else max(state.bill_at, outcome.at)
        if outcome.late:
            self._later(due)
        else:
            due.failures = 0
            due.at = max(outcome.at + part.every, self._clock.now() + SOONEST)
        for observation in outcome.observations:
            yield observation

    def _asking(self) -> Asking:
        return Asking(
            desk=self._desk, settings=self._settings, source=self._source, now=self._clock.now(),
            record=self._book.record, billed=self._book.billed, owned=self._book.owned, sleep=self._clock.sleep,
        )  # fmt: skip

    def _later(self, due: _Due) -> None:
        due.at = self._clock.now() + self._pause(PAID_AGAIN if due.part.paid else FREE_AGAIN, due.failures)
        due.failures += 1

    def _pause(self, between: tuple[timedelta, timedelta], failures: int) -> timedelta:
        """Return how long to wait: longer each time, and spread out."""
        first, longest = (each.total_seconds() for each in between)
        return timedelta(seconds=pause_seconds(first, longest, failures, self._jitter.uniform(0.75, 1.0)))

    async def _account_for(self) -> None:
        if not self._desk.account:
            return
        try:
            _, self.state.cost = await self._desk.spent()
        except FinopsError as error:
            self.state.warnings["request cost"] = (f"request cost: {error.title}",)
        else:
            self.state.warnings.pop("request cost", None)
