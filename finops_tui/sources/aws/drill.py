"""A drill-down into a cost and usage export, by a query that runs at AWS: the export stays there.

Counted, capped and kept on disk for an hour like everything that is paid. Athena has no way to tell beforehand what a
query reads: it is expected to read what the last one did.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from finops_tui.clock import Clock
from finops_tui.ledger.dimensions import Scopes
from finops_tui.ledger.drill import Drill, Drilled, Expected
from finops_tui.sources.aws.athena_run import Run, cells, run
from finops_tui.sources.aws.bills import PROVIDER
from finops_tui.sources.aws.calls import QUERY_RESULTS
from finops_tui.sources.aws.desk import Desk, Kept, Pages, Question
from finops_tui.sources.aws.drill_sql import TELLS, query
from finops_tui.sources.aws.faults import AwsError
from finops_tui.sources.aws.settings import Athena, AwsAccount, AwsSettings
from finops_tui.sources.aws.store import Store
from finops_tui.sources.billing.drill_rows import read
from finops_tui.sources.billing.feed import checked
from finops_tui.threads import DaemonThreads

TITLE = "drill-down"
GOOD_FOR = timedelta(hours=1)
LAST = Question(id="last drill-down", call=QUERY_RESULTS)
"""Under this name stands what the last query read."""
MICRO = Decimal(1_000_000)
AS_LAST = "as the last one did"
UNKNOWN = "Athena tells only afterwards; it is the first one here"


class AwsExport:
    """The export of one source. Several accounts: the one that the question names is asked, else the first."""

    provider = PROVIDER
    tells = TELLS
    hint = "Check `athena`."

    def __init__(self, settings: AwsSettings, export: Athena, clock: Clock, folder: Path, scopes: Scopes) -> None:
        self.source = f"{settings.type} {settings.title}"
        self.words = f"{export.database}.{export.table} in Athena ({export.region})"
        self._settings = settings
        self._export = export
        self._clock = clock
        self._store = Store(folder)
        self._threads = DaemonThreads(settings.threads, TITLE)
        self._scopes = scopes

    async def expect(self, question: Drill) -> Expected:
        """Return what the last query read: nothing is asked but who we are. Raises AwsError."""
        desk = await self._let_in(question)
        try:
            asked = self._asked(question)
            at = await desk.answered_at(asked)
            if at is not None and self._clock.now() - at < GOOD_FOR:
                return Expected(usd=Decimal(0), how=f"it was asked at {at:%H:%M}Z; an answer is kept for an hour")
            last = await desk.remembered(LAST)
            if last is None:
                return Expected(how=UNKNOWN)
            return Expected(bytes_read=last["bytes"], usd=last["micro_usd"] / MICRO, how=AS_LAST)
        finally:
            self._close(desk)

    async def ask(self, question: Drill) -> Drilled:
        """Return the sums. Raises AwsError, and SourceError where they make no sense."""
        desk = await self._let_in(question)
        try:
            begun = self._clock.now()
            kept = await desk.ask(self._asked(question), partial(self._run, desk, question))
            return await checked(self._drilled(question, kept, old=kept.at < begun))
        finally:
            self._close(desk)

    async def _run(self, desk: Desk, question: Drill, _before: Pages) -> Pages:
        last = await desk.remembered(LAST)
        now = self._clock.now()
        pages = await run(
            desk,
            Run(
                export=self._export, text=self._text(question), title=TITLE, once=f"{now:%Y-%m-%d %H:%M}",
                fewer="Ask for fewer days.", expected_micro_usd=last["micro_usd"] if last else 1,
                sleep=self._clock.sleep,
            ),
        )  # fmt: skip
        if pages[0]["bytes"]:  # a result that was used again says nothing of the next one
            await desk.remember(LAST, pages[0])
        return pages

    async def _drilled(self, question: Drill, kept: Kept, *, old: bool) -> Drilled:
        paid, *results = kept.pages
        rows, others = read(cells(tuple(results)), len(question.by), question.top)
        return Drilled(
            by=question.by, rows=rows, others=others, source=self.source, export=self.words, at=kept.at,
            bytes_read=paid["bytes"], usd=paid["micro_usd"] / MICRO, kept=old, late=kept.late,
        )  # fmt: skip

    def _asked(self, question: Drill) -> Question:
        export = self._export
        return Question(
            id=TITLE, call=QUERY_RESULTS, region=export.region, good_for=GOOD_FOR,
            apart=f"{export.workgroup} {self._text(question)}",
        )  # fmt: skip

    def _text(self, question: Drill) -> str:
        return query(self._export, question, self._scopes)

    async def _let_in(self, question: Drill) -> Desk:
        """Sign in to the account that holds the export. Raises AwsError."""
        named = question.where.get("account", frozenset())
        let_in: list[Desk] = []
        kept_out: list[AwsError] = []
        for account in self._settings.accounts or (AwsAccount(),):
            desk = Desk(self._settings, account, self._clock, self._store, self._threads)
            try:
                await desk.sign_in()
            except AwsError as error:
                desk.close()
                kept_out.append(error)
                continue
            let_in.append(desk)
            if not named or desk.account in named:
                break
        if not let_in:
            raise kept_out[0]
        chosen = next((desk for desk in let_in if desk.account in named), let_in[0])
        for desk in let_in:
            if desk is not chosen:
                desk.close()
        return chosen

    def _close(self, desk: Desk) -> None:
        desk.close()
        self._store.close()
