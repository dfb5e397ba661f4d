"""A drill-down that the ledger answers, where no export can be asked: free, and as fine as the sources tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from finops_tui.clock import Clock
from finops_tui.errors import FinopsError
from finops_tui.ledger.costs import costs
from finops_tui.ledger.dimensions import FIELDS
from finops_tui.ledger.drill import BY, DAY, HOUR, Drill, Drilled, DrillRow, Expected, dearest
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery, CostRow, Grain

HERE = "the ledger here"
CONFIGURE = (
    "Configure an export that can be asked: `athena` of a source of type aws, the detailed export of type gcp, "
    "or put a FOCUS export with resources into a folder; docs/bills.md shows how."
)
_GRAINS = {HOUR: Grain.HOUR, DAY: Grain.DAY}
_STAMPS = {HOUR: "%Y-%m-%d %H:00Z", DAY: "%Y-%m-%d"}


class HereExport:
    """The ledger as one that can be asked."""

    provider = ""
    words = HERE
    hint = CONFIGURE
    tells = tuple(name for name in BY if name in FIELDS or name in _GRAINS)

    def __init__(
        self, ledger: Callable[[], Ledger], clock: Clock, source: str = "", sources: frozenset[str] | None = None
    ) -> None:
        """`source` is the one that is asked about, if it is one; `sources` are those that count as in `CostQuery`."""
        self.source = source
        self._sources = sources
        self._ledger = ledger
        self._clock = clock

    async def expect(self, question: Drill) -> Expected:
        """Return that it is free."""
        del question
        return Expected(usd=Decimal(0), how="nothing is asked of a cloud")

    async def ask(self, question: Drill) -> Drilled:
        """Return what is known here. Raises LedgerError, and FinopsError where no source tells it apart."""
        grain = next((_GRAINS[name] for name in reversed(BY) if name in question.by and name in _GRAINS), None)
        by = tuple(name for name in question.by if name not in _GRAINS)
        since, until = (question.since, question.until) if grain is Grain.HOUR else _whole_days(question)
        query = CostQuery(since=since, until=until, by=by, grain=grain, where=question.where, sources=self._sources)
        found = costs(self._ledger(), query)
        silent = [told for told in found.told if told.missing]
        if found.told and len(silent) == len(found.told):
            lacks = ", ".join(dict.fromkeys(name for told in silent for name in told.missing))
            names = ", ".join(told.source for told in silent)
            raise FinopsError(f"Neither an export nor the ledger tells this apart: {lacks}.", names, CONFIGURE)
        rows, others = dearest([_row(row, question.by) for row in found.rows], question.top)
        left_out = (f"{told.source} does not tell apart by {', '.join(told.missing)}" for told in silent)
        reach = (f"{told.source}: billed through {told.through:%Y-%m-%d %H:%MZ}" for told in found.told)
        return Drilled(
            by=question.by, rows=rows, others=others, source=self.source, export=HERE, at=self._clock.now(),
            remarks=(*left_out, *reach),
        )  # fmt: skip


def _whole_days(question: Drill) -> tuple[datetime, datetime]:
    """Return the span widened to whole days: those are quick to ask for, and most bills tell nothing finer."""
    since, until = question.since.astimezone(UTC).replace(hour=0), question.until.astimezone(UTC)
    return since, until if until.hour == 0 else until.replace(hour=0) + timedelta(days=1)


def _row(row: CostRow, by: tuple[str, ...]) -> DrillRow:
    told = iter(row.key)
    key = tuple(
        next(told) if name not in _STAMPS else "" if row.start is None else row.start.strftime(_STAMPS[name])
        for name in by
    )
    return DrillRow(key=key, currency=row.currency, billed=row.billed, effective=row.effective)
