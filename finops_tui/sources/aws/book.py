"""What AWS says, in the ledger: written as it is told, read back by day."""

from __future__ import annotations

from collections.abc import Callable

from finops_tui.ledger.ledger import Ledger
from finops_tui.model.bill import Statement
from finops_tui.sources.aws.faults import AwsError
from finops_tui.sources.aws.settings import AwsSettings
from finops_tui.sources.aws.views import WHOLE, views
from finops_tui.sources.billing.book import Book, Wanted
from finops_tui.threads import DaemonThreads


class AwsBook(Book):
    """The ledger, for one AWS source. Raises LedgerError, and AwsError for an amount that cannot be kept."""

    def __init__(
        self,
        source: str,
        settings: AwsSettings,
        ledger: Callable[[], Ledger],
        threads: DaemonThreads,
        scopes: Wanted = (),
    ) -> None:
        """Take what `Book` takes; what AWS says is of no one cluster."""
        super().__init__(source, "", ledger, threads, scopes)
        self._settings = settings

    async def record(self, *statements: Statement) -> None:
        """Write down what AWS says, all of it in one step."""
        try:
            await super().record(*statements)
        except ValueError as error:
            raise AwsError(
                "AWS states an amount that cannot be kept", str(error), "Report it with that amount."
            ) from error

    def _ledger(self) -> Ledger:
        if self._opened is None:
            ledger = self._open()
            # The view of all the money is there before any other: none of them may be taken for it.
            whole = next(view for view in views(self._settings) if view.id == WHOLE)
            ledger.restate(Statement(source=self.source, view=WHOLE, dimensions=whole.dimensions, rows=()))
            self._opened = ledger
        return self._opened
