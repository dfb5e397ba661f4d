"""A drill-down into a billing export, by a query that runs in BigQuery: planned first, which is free."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.ledger.dimensions import Scopes
from finops_tui.ledger.drill import Drill, Drilled, Expected
from finops_tui.ledger.ledger import Ledger
from finops_tui.sources.billing.book import Book
from finops_tui.sources.billing.calls import Calls
from finops_tui.sources.billing.drill_rows import read
from finops_tui.sources.billing.drill_sql import columns
from finops_tui.sources.billing.feed import checked
from finops_tui.sources.billing.kept import held, hold
from finops_tui.sources.gcp import bigquery
from finops_tui.sources.gcp.access import bigquery_service
from finops_tui.sources.gcp.charges import PROVIDER
from finops_tui.sources.gcp.drill_sql import Asked, query, tells
from finops_tui.sources.gcp.reads import Reads, price
from finops_tui.sources.gcp.settings import GIB, GcpSettings
from finops_tui.sources.gcp.tokens import GoogleToken, Token
from finops_tui.threads import DaemonThreads


class GcpExport:
    """The export of one billing account."""

    provider = PROVIDER
    hint = "Resources are told by the detailed export: enable it at Google, and set `export` and `format`."

    def __init__(
        self,
        settings: GcpSettings,
        ledger: Callable[[], Ledger],
        clock: Clock,
        scopes: Scopes,
        token: Token | None = None,
    ) -> None:
        self.source = f"{settings.type} {settings.title}"
        self.words = f"{settings.export} in BigQuery"
        self.tells = tells(settings)
        self._settings = settings
        self._clock = clock
        self._scopes = scopes
        self._token = token or GoogleToken(settings.credentials_file)
        self._book = Book(self.source, settings.cluster, ledger, DaemonThreads(1, self.source))
        self._reads = Reads(self._book, settings, clock)

    async def expect(self, question: Drill) -> Expected:
        """Return what a dry run says. Raises SourceError, also where more would be read than may be."""
        asked = query(self._settings, question, self._scopes)
        kept = await held(self._book, _mark(asked), self._clock.now())
        if kept is not None:
            how = f"it was asked at {kept.at:%H:%M}Z; an answer is kept for an hour"
            return Expected(usd=Decimal(0), how=how)
        await self._afford()
        calls = Calls(bigquery_service(self._settings, self._token), self._clock)
        try:
            size = await checked(bigquery.bytes_read_by(calls, self._settings, asked.text, asked.parameters))
        finally:
            await calls.close()
        if size > self._settings.gib_per_query * GIB:
            title = f"it would read {size / GIB:.1f} GiB: `gib_per_query` allows {self._settings.gib_per_query:g}"
            raise SourceError(title, self.words, "Ask for fewer days, or raise `gib_per_query`.")
        return Expected(bytes_read=size, usd=price(size), how="by a dry run")

    async def ask(self, question: Drill) -> Drilled:
        """Return the sums. Raises SourceError, LedgerError."""
        asked = query(self._settings, question, self._scopes)
        kept = await held(self._book, _mark(asked), self._clock.now())
        if kept is not None:
            return kept
        await self._afford()
        calls = Calls(bigquery_service(self._settings, self._token), self._clock)
        try:
            table = await checked(bigquery.query(calls, self._settings, asked.text, asked.parameters))
        finally:
            await calls.close()
        await self._reads.add(table.bytes)
        answer = await checked(self._drilled(question, table))
        await hold(self._book, _mark(asked), answer)
        return answer

    async def _drilled(self, question: Drill, table: bigquery.Table) -> Drilled:
        names = columns(len(question.by))
        cells = ([row[name] for name in names] for row in table.rows)
        rows, others = read(cells, len(question.by), question.top)
        return Drilled(
            by=question.by, rows=rows, others=others, source=self.source, export=self.words, at=self._clock.now(),
            bytes_read=table.bytes, usd=price(table.bytes),
        )  # fmt: skip

    async def _afford(self) -> None:
        spent = await self._reads.so_far()
        if self._reads.spent(spent):
            raise SourceError(f"{self._reads.words(spent)}: no more is asked", "", "Raise `gib_per_month`, or wait.")


def _mark(asked: Asked) -> str:
    return f"{asked.text} {sorted((name, str(value)) for name, value in asked.parameters.items())}"
