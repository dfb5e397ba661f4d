"""A model vendor as a source: what its API costs an organization, into the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.ledger.ledger import Ledger
from finops_tui.phrases import counted
from finops_tui.sources.base import Check
from finops_tui.sources.billing.book import Book, Wanted
from finops_tui.sources.billing.calls import Calls, Service
from finops_tui.sources.billing.feed import Outcome, checked
from finops_tui.sources.billing.keys import read_key
from finops_tui.sources.billing.source import BillSource, first_day, read_through
from finops_tui.sources.billing.values import DAY, midnight
from finops_tui.sources.model_apis.anthropic import ANTHROPIC
from finops_tui.sources.model_apis.bill import read, statement
from finops_tui.sources.model_apis.openai import OPENAI
from finops_tui.sources.model_apis.settings import AnthropicSettings, OpenAISettings
from finops_tui.threads import DaemonThreads

if TYPE_CHECKING:
    import httpx

SOONEST = timedelta(minutes=2)
"""Both vendors may be asked about once a minute."""


class ModelApi(BillSource):
    """Reads one organization's bill; never changes anything."""

    def __init__(
        self,
        settings: OpenAISettings | AnthropicSettings,
        ledger: Callable[[], Ledger],
        clock: Clock,
        *,
        scopes: Wanted = (),
    ) -> None:
        """Take what `BillSource` takes."""
        super().__init__(settings, ledger, clock, soonest=SOONEST, scopes=scopes)
        self._settings = settings
        self._vendor = OPENAI if isinstance(settings, OpenAISettings) else ANTHROPIC
        self._threads = DaemonThreads(1, settings.type)

    async def diagnose(self) -> list[Check]:
        """Ask for the last two days; nothing is written down."""
        today = midnight(self._clock.now())
        calls: Calls | None = None
        try:
            calls = await self._calls()
            bill = await checked(read(calls, self._vendor, self._settings.url, (today - DAY, today + DAY)))
        except SourceError as error:
            return [Check("costs", "fail", f"{error.title}; without: what {self._vendor.provider} bills", error.hint)]
        finally:
            if calls is not None:
                await calls.close()
        found = sum(len(costs) for _, costs in bill.days)
        return [Check("costs", "ok", f"{counted(found, 'charge')} yesterday and today")]

    async def _look(self, book: Book, now: datetime) -> Outcome:
        today = midnight(now)
        span = await first_day(book, today, self._settings.history_days), today + DAY
        calls = await self._calls()
        try:
            bill = await read(calls, self._vendor, self._settings.url, span)
        finally:
            await calls.close()
        account = self._settings.name or self._settings.type
        told = statement(bill, self._vendor, source=self.name, account=account, at=self._clock.now())
        warnings = []
        if told is None:
            warnings.append(f"{self._vendor.provider} tells nothing since {span[0]:%Y-%m-%d}")
        else:
            await book.record(told)
            await read_through(book, today)
        if bill.unusable:
            warnings.append(f"{counted(bill.unusable, 'amount')} left out: no usable figure")
        return Outcome(warnings=tuple(warnings))

    async def _calls(self) -> Calls:
        settings, vendor = self._settings, self._vendor
        key = await self._threads.call(read_key, settings.admin_key, settings.admin_key_file, "admin_key")

        def open_() -> httpx.AsyncClient:
            import httpx

            return httpx.AsyncClient(timeout=settings.timeout_seconds)

        async def headers() -> Mapping[str, str]:
            return vendor.sign(key)

        service = Service(
            open=open_, headers=headers, hints=vendor.hints, secrets=(key,), timeout_seconds=settings.timeout_seconds
        )
        return Calls(service, self._clock, on_wait=self._feed.refused)
