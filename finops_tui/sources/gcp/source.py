"""Google Cloud as a source: its bill added up in BigQuery and written into the ledger, its budgets told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from finops_tui.clock import Clock
from finops_tui.errors import FinopsError, SourceError
from finops_tui.ledger.ledger import Ledger
from finops_tui.model.bill import Statement
from finops_tui.model.cloud import BudgetsSeen
from finops_tui.model.observations import Observation
from finops_tui.phrases import counted
from finops_tui.sources.base import Check
from finops_tui.sources.billing.book import Book, Wanted
from finops_tui.sources.billing.calls import Calls
from finops_tui.sources.billing.feed import Outcome, checked
from finops_tui.sources.billing.groups import checks as group_checks
from finops_tui.sources.billing.source import BillSource
from finops_tui.sources.billing.values import DAY, midnight, moment, month
from finops_tui.sources.gcp import bigquery, export_sql
from finops_tui.sources.gcp.access import bigquery_service, budgets_service, recommender_service
from finops_tui.sources.gcp.advice import advice
from finops_tui.sources.gcp.budgets import budgets
from finops_tui.sources.gcp.charges import bill
from finops_tui.sources.gcp.groups import Project
from finops_tui.sources.gcp.reads import Reads
from finops_tui.sources.gcp.recommender import locations
from finops_tui.sources.gcp.settings import GIB, GcpSettings
from finops_tui.sources.gcp.tokens import GoogleToken, Token

SOONEST = timedelta(minutes=30)
"""A query is paid for, and a bill is not newer because somebody looks at it: `r` is not passed on sooner."""
FRESH_DAYS = 10
"""So many days are read each time; once a day the month before this one is read again too."""
READ_ALL = "read all on"
RESOURCES = "resources"
DIMENSIONS = frozenset(
    {"sub_account_id", "service_name", "region_id", "instance_type", "charge_category", "charge_description",
     "pricing_category"}
)  # fmt: skip


class Gcp(BillSource):
    """Reads one billing account; never changes anything."""

    def __init__(
        self,
        settings: GcpSettings,
        ledger: Callable[[], Ledger],
        clock: Clock,
        token: Token | None = None,
        *,
        scopes: Wanted = (),
    ) -> None:
        """Take what `BillSource` takes."""
        super().__init__(settings, ledger, clock, soonest=SOONEST, scopes=scopes)
        self.request_cost = ""
        """What queries have read and cost this month: `1.2 of 300 GiB read this month, about $0.01`."""
        self._settings = settings
        self._token = token or GoogleToken(settings.credentials_file)
        self._projects = [Project(settings, self._token, clock, self.name, each) for each in settings.groups]
        self._ask_beside([each.look for each in self._projects], settings.interval_seconds)

    async def diagnose(self) -> list[Check]:
        """Say whether the bill and the budgets may be read; the query is planned, not run, and costs nothing."""
        checks = []
        calls = Calls(bigquery_service(self._settings, self._token), self._clock)
        try:
            today = midnight(self._clock.now())
            parameters = self._parameters(today - FRESH_DAYS * DAY, today)
            text = export_sql.by_service(self._settings)
            read = await checked(bigquery.bytes_read_by(calls, self._settings, text, parameters))
            detail = f"{self._settings.export}: {FRESH_DAYS} days are {read / GIB:.2f} GiB to read"
            checks.append(Check("billing export", "ok", detail))
        except FinopsError as error:
            checks.append(Check("billing export", "fail", f"{error.title}; without: Google Cloud's bill", error.hint))
        finally:
            await calls.close()
        if self._settings.budgets:
            checks.append(await self._budgets_check())
        checks += [await self._advice_check(project) for project in self._settings.recommendations]
        return [*checks, *[one for each in self._projects for one in group_checks(each.name, await each.look())]]

    async def _budgets_check(self) -> Check:
        calls = Calls(budgets_service(self._settings, self._token), self._clock)
        try:
            found = await checked(budgets(calls, self._settings))
        except FinopsError as error:
            return Check("budgets", "warn", f"{error.title}; without: Google Cloud's budgets", error.hint)
        finally:
            await calls.close()
        return Check("budgets", "ok", f"{len(found)} of {self._settings.billing_account}")

    async def _advice_check(self, project: str) -> Check:
        calls = Calls(recommender_service(self._settings, self._token, project), self._clock)
        try:
            found = await checked(locations(calls, self._settings, project))
        except FinopsError as error:
            return Check("recommendations", "warn", f"{error.title}; without: those of {project}", error.hint)
        finally:
            await calls.close()
        return Check("recommendations", "ok", f"{project}: {counted(len(found), 'location')} with advice")

    async def _look(self, book: Book, now: datetime) -> Outcome:
        warnings = await self._read_bill(book, now)
        faults: dict[str, SourceError] = {}
        observations: list[Observation] = list(await self._budgets(faults))
        observations += await advice(book, self._settings, self._token, self._clock, faults)
        return Outcome(
            observations=tuple(observations),
            missing=tuple(f"{what}: {error.title}" for what, error in faults.items()),
            hint=next((error.hint for error in faults.values()), ""),
            warnings=warnings,
        )

    async def _budgets(self, faults: dict[str, SourceError]) -> tuple[Observation, ...]:
        """Return the budgets of the billing account; what is wrong with them goes into `faults`."""
        if not self._settings.budgets:
            return ()
        calls = Calls(budgets_service(self._settings, self._token), self._clock)
        try:
            found = await checked(budgets(calls, self._settings))
        except SourceError as error:
            faults["budgets"] = error
            return ()
        finally:
            await calls.close()
        account = self._settings.billing_account
        return (BudgetsSeen(at=self._clock.now(), source=self.name, cluster="", account=account, budgets=found),)

    async def _read_bill(self, book: Book, now: datetime) -> tuple[str, ...]:
        """Write down the last days' bill; return what is wrong with it."""
        today, settings = midnight(now), self._settings
        until = today + DAY
        since = today - (settings.history_days - 1) * DAY
        read_all = moment(await book.noted(READ_ALL))
        if read_all is not None:
            fresh = today - (FRESH_DAYS - 1) * DAY
            since = max(since, fresh if read_all == today else min(fresh, month(month(read_all) - DAY)))
        calls = Calls(bigquery_service(settings, self._token), self._clock)
        try:
            warnings = await self._ask(book, calls, export_sql.by_service(settings), "", (since, until))
            if settings.resources:
                span = (today - (settings.resource_days - 1) * DAY, until)
                warnings += await self._ask(book, calls, export_sql.by_resource(settings), RESOURCES, span)
        finally:
            await calls.close()
        return warnings

    async def _ask(
        self, book: Book, calls: Calls, text: str, view: str, span: tuple[datetime, datetime]
    ) -> tuple[str, ...]:
        if not await self._affords(book):
            return (f"{self.request_cost}: no more is asked before next month; raise `gib_per_month`",)
        parameters = self._parameters(*span)
        if view == RESOURCES:
            parameters = {**parameters, "resource_rows": self._settings.resource_rows}
        table = await bigquery.query(calls, self._settings, text, parameters)
        await self._pay(book, table.bytes)
        at = self._clock.now()
        found = await book.aside(bill, table.rows, self._settings, source=self.name, view=view, span=span, at=at)
        if not table.rows:  # an export that is empty says nothing: that is not the same as nothing to pay
            return (f"the export has no charges {span[0]:%Y-%m-%d} to {span[1] - DAY:%Y-%m-%d}",)
        dimensions = DIMENSIONS | {f"tag:{key}" for key in self._settings.labels}
        dimensions |= {"resource_id"} if view == RESOURCES else set()
        dimensions -= {"instance_type"} if self._settings.format == "focus" else set()
        start, end = span
        statement = Statement(source=self.name, view=view, dimensions=dimensions, start=start, end=end, rows=found.rows)
        await book.record(statement)
        if not view:
            await book.note(READ_ALL, midnight(self._clock.now()).isoformat())
        return (f"{counted(found.unusable, 'row')} of the export left out: no usable figure",) if found.unusable else ()

    def _parameters(self, start: datetime, until: datetime) -> Mapping[str, bigquery.Parameter]:
        labels = {export_sql.label_column(number): key for number, key in enumerate(self._settings.labels)}
        return {"start": start, "until": until, **labels}

    async def _affords(self, book: Book) -> bool:
        """Tell whether this month's queries may read more."""
        reads = Reads(book, self._settings, self._clock)
        read = await reads.so_far()
        self.request_cost = reads.words(read)
        return not reads.spent(read)

    async def _pay(self, book: Book, read: int) -> None:
        reads = Reads(book, self._settings, self._clock)
        self.request_cost = reads.words(await reads.add(read))
