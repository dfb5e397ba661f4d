"""A cloud of GPUs as a source: what it bills an account, into the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.ledger.ledger import Ledger
from finops_tui.phrases import counted
from finops_tui.sources.base import Check
from finops_tui.sources.billing.book import Book, Wanted
from finops_tui.sources.billing.feed import Outcome, checked
from finops_tui.sources.billing.source import BillSource, first_day, read_through
from finops_tui.sources.billing.values import DAY, midnight
from finops_tui.sources.gpu_clouds.biller import Biller, statements
from finops_tui.sources.gpu_clouds.modal import Modal
from finops_tui.sources.gpu_clouds.runpod import RunPod
from finops_tui.sources.gpu_clouds.settings import ModalSettings, RunPodSettings

SOONEST = timedelta(minutes=5)
"""A bill is not newer because somebody looks at it: `r` is not passed on sooner."""


class GpuCloud(BillSource):
    """Reads one account's bill; never changes anything."""

    def __init__(
        self,
        settings: RunPodSettings | ModalSettings,
        ledger: Callable[[], Ledger],
        clock: Clock,
        *,
        scopes: Wanted = (),
    ) -> None:
        """Take what `BillSource` takes."""
        super().__init__(settings, ledger, clock, soonest=SOONEST, scopes=scopes)
        self._settings = settings
        self._biller: Biller = RunPod(settings, clock) if isinstance(settings, RunPodSettings) else Modal(settings)

    async def diagnose(self) -> list[Check]:
        """Ask for the last two days; nothing is written down."""
        today = midnight(self._clock.now())
        try:
            found = await checked(self._biller.read((today - DAY, today + DAY)))
        except SourceError as error:
            return [Check("billing", "fail", f"{error.title}; without: what {self._biller.provider} bills", error.hint)]
        charges = sum(len(view.lines) for view in found.views[:1])
        checks = [Check("billing", "ok", f"{counted(charges, 'charge')} yesterday and today")]
        return [*checks, *(Check("billing", "warn", missing, found.hint) for missing in found.missing)]

    async def _look(self, book: Book, now: datetime) -> Outcome:
        today, settings, biller = midnight(now), self._settings, self._biller
        span = await first_day(book, today, settings.history_days), today + DAY
        found = await biller.read(span)
        about = {"source": self.name, "provider": biller.provider, "account": settings.name or settings.type}
        told = statements(found.views, **about, span=span, at=self._clock.now())
        warnings = []
        if told:
            await book.record(*told)
            await read_through(book, today)
        else:  # which is not the same as nothing to pay
            warnings.append(f"{biller.provider} tells nothing since {span[0]:%Y-%m-%d}")
        if found.unusable:
            warnings.append(f"{counted(found.unusable, 'record')} left out: no usable figure, or of other days")
        return Outcome(missing=found.missing, hint=found.hint, warnings=tuple(warnings))
