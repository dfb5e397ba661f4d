"""Azure as a source: the bill of each scope into the ledger, budgets told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.ledger.ledger import Ledger
from finops_tui.model.cloud import BudgetsSeen, RecommendationsSeen
from finops_tui.model.observations import Observation
from finops_tui.phrases import counted
from finops_tui.sources.azure.access import ADVICE, BILL, Desk, service
from finops_tui.sources.azure.advisor import BY, advice
from finops_tui.sources.azure.budgets import budgets
from finops_tui.sources.azure.charges import statement
from finops_tui.sources.azure.cost_query import ACTUAL, AMORTIZED, WHOLE, ask, months, views
from finops_tui.sources.azure.groups import Holder
from finops_tui.sources.azure.settings import AzureScope, AzureSettings
from finops_tui.sources.azure.tokens import AzureToken, Token
from finops_tui.sources.base import Check
from finops_tui.sources.billing.book import Book, Wanted
from finops_tui.sources.billing.calls import Calls
from finops_tui.sources.billing.feed import Outcome, checked
from finops_tui.sources.billing.groups import checks as group_checks
from finops_tui.sources.billing.source import BillSource
from finops_tui.sources.billing.values import DAY, midnight, moment, month

SOONEST = timedelta(minutes=30)
"""Azure has news every four hours and counts who asks: `r` is not passed on sooner."""
RESTATED_DAYS = 10
"""So long into a month the one before may still change."""
OLDEST_DAYS = 365
"""Older days are not asked for, however long nobody has looked."""


class Azure(BillSource):
    """Reads some scopes one after the other; never changes anything."""

    def __init__(
        self,
        settings: AzureSettings,
        ledger: Callable[[], Ledger],
        clock: Clock,
        token: Token | None = None,
        *,
        scopes: Wanted = (),
    ) -> None:
        """Take what `BillSource` takes."""
        super().__init__(settings, ledger, clock, soonest=SOONEST, scopes=scopes)
        self._settings = settings
        self._token = token or AzureToken(settings, clock)
        self._holders = [
            Holder(settings, self._token, clock, self.name, each)
            for each in settings.scopes
            if settings.groups and each.subscription
        ]
        self._ask_beside([each.look for each in self._holders], settings.interval_seconds)

    async def diagnose(self) -> list[Check]:
        """Ask each scope for yesterday, for advice and for its groups; nothing is written down."""
        checks = []
        for scope in self._settings.scopes:
            checks.append(await self._check(scope))
            if self._settings.recommendations and scope.subscription:
                checks.append(await self._advice_check(scope))
        return [*checks, *[one for each in self._holders for one in group_checks(each.title, await each.look())]]

    async def _check(self, scope: AzureScope) -> Check:
        desk = self._desk(scope)
        today = midnight(self._clock.now())
        try:
            answer = await checked(ask(desk, WHOLE, ACTUAL, (today - DAY, today)))
        except SourceError as error:
            return Check(scope.title, "fail", f"{error.title}; without: the bill of {scope.title}", error.hint)
        finally:
            await desk.calls.close()
        return Check(scope.title, "ok", f"{counted(len(answer.amounts), 'charge')} yesterday")

    async def _advice_check(self, scope: AzureScope) -> Check:
        desk, subject = self._desk(scope, ADVICE), f"recommendations of {scope.title}"
        try:
            found = await checked(advice(desk))
        except SourceError as error:
            return Check(subject, "warn", f"{error.title}; without: what Advisor would do to save", error.hint)
        finally:
            await desk.calls.close()
        return Check(subject, "ok", counted(len(found.recommendations), "recommendation"))

    async def _look(self, book: Book, now: datetime) -> Outcome:
        observations: list[Observation] = []
        faults: dict[str, SourceError] = {}
        warnings: list[str] = []
        for scope in self._settings.scopes:
            desk = self._desk(scope)
            try:
                warnings += await checked(self._bill(book, desk, now))
                observations += await self._budgets(desk, faults)
                observations += await self._advice(book, scope, faults)
            except SourceError as error:
                faults[scope.title] = error
            finally:
                await desk.calls.close()
        first = next(iter(faults.values()), None)
        if first is not None and all(scope.title in faults for scope in self._settings.scopes):
            raise first
        return Outcome(
            observations=tuple(observations),
            missing=tuple(f"{what}: {error.title}" for what, error in faults.items()),
            hint=first.hint if first is not None else "",
            warnings=tuple(warnings),
            retry_after_seconds=max((each.retry_after_seconds for each in faults.values()), default=0.0),
        )

    async def _bill(self, book: Book, desk: Desk, now: datetime) -> tuple[str, ...]:
        """Write down the bill of one scope, a month and a view at a time; return what is wrong with it."""
        title = desk.scope.title
        until = midnight(now) + DAY
        read = moment(await book.noted(self._read(desk.scope)))
        if read is None:
            since = until - self._settings.history_days * DAY
        else:
            since = max(until - OLDEST_DAYS * DAY, month(min(read, now) - RESTATED_DAYS * DAY))
        found, unusable, halves = False, 0, 0
        for span in months(since, until):
            for view in views(self._settings):
                actual, amortized = await ask(desk, view, ACTUAL, span), await ask(desk, view, AMORTIZED, span)
                unusable += actual.unusable + amortized.unusable
                if bool(actual.amounts) is not bool(amortized.amounts):  # a zero in its place would be made up
                    halves += 1
                    continue
                told = await book.aside(
                    statement, actual, amortized,
                    source=self.name, scope=desk.scope, view=view, until=span[1], at=self._clock.now(),
                )  # fmt: skip
                if told is not None:
                    await book.record(told)
                    found = True
        if found:
            await book.note(self._read(desk.scope), until.isoformat())
        warnings = [] if found or halves else [f"{title}: Azure tells no charges since {since:%Y-%m-%d}"]
        if halves:
            warnings.append(f"{title}: only one of actual and amortised cost is told; it is left out")
        if unusable:
            warnings.append(f"{title}: {counted(unusable, 'row')} left out: no usable figure, or of other days")
        return tuple(warnings)

    async def _budgets(self, desk: Desk, faults: dict[str, SourceError]) -> tuple[Observation, ...]:
        """Return the budgets of one scope; what is wrong with them goes into `faults`."""
        if not self._settings.budgets:
            return ()
        try:
            found = await checked(budgets(desk))
        except SourceError as error:
            faults[f"budgets of {desk.scope.title}"] = error
            return ()
        at = self._clock.now()
        return (BudgetsSeen(at=at, source=self.name, cluster="", account=desk.scope.account, budgets=found),)

    async def _advice(self, book: Book, scope: AzureScope, faults: dict[str, SourceError]) -> tuple[Observation, ...]:
        """Return what Advisor says of one scope; what is wrong with that goes into `faults`."""
        if not (self._settings.recommendations and scope.subscription):
            return ()
        desk = self._desk(scope, ADVICE)
        try:
            found = await checked(advice(desk))
        except SourceError as error:
            faults[f"recommendations of {scope.title}"] = error
            return ()
        finally:
            await desk.calls.close()
        at = self._clock.now()
        told = await book.owned(found.recommendations, found.tags, at)
        return (
            RecommendationsSeen(
                at=at, source=self.name, cluster="", account=scope.account, by=BY, recommendations=told
            ),
        )

    def _desk(self, scope: AzureScope, needed: tuple[str, str] = BILL) -> Desk:
        calls = Calls(service(self._settings, scope, self._token, needed), self._clock)
        return Desk(settings=self._settings, scope=scope, calls=calls)

    def _read(self, scope: AzureScope) -> str:
        return f"read {scope.scope} by {','.join(view.id for view in views(self._settings))}"
