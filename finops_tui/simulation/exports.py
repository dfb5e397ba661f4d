"""The simulated clouds' billing export: it answers a drill-down from the simulated bills, at a simulated price."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from finops_tui.clock import Clock
from finops_tui.errors import FinopsError
from finops_tui.ledger.drill import BY, HOUR, Drill, Drilled, Expected
from finops_tui.ledger.drill_here import HereExport
from finops_tui.ledger.ledger import Ledger
from finops_tui.simulation.billing import SimulatedBilling

BYTES_A_DAY = 2 * 2**30
"""What a query reads of a day of the export, as it might of a company of this size."""
USD_PER_TB = Decimal(5)
SECONDS = 1.5
"""Real time that a query takes."""
GOOD_FOR = timedelta(hours=1)


class SimulatedExport:
    """One for all simulated clouds, as their bills are. Answers are kept for an hour of the clock."""

    source = SimulatedBilling.name
    provider = ""
    words = "the clouds' billing exports, simulated"
    tells = tuple(name for name in BY if name in HereExport.tells and name != HOUR)
    hint = "The simulated bills tell these only."

    def __init__(self, ledger: Callable[[], Ledger], clock: Clock) -> None:
        self._here = HereExport(ledger, clock, self.source)
        self._clock = clock
        self._kept: dict[str, Drilled] = {}

    async def expect(self, question: Drill) -> Expected:
        """Return what a dry run would say."""
        kept = self._answered(question, self._clock.now())
        if kept is not None:
            how = f"it was asked at {kept.at:%H:%M}Z; an answer is kept for an hour"
            return Expected(usd=Decimal(0), how=how)
        read = _reads(question)
        return Expected(bytes_read=read, usd=_price(read), how="as if by a dry run")

    async def ask(self, question: Drill) -> Drilled:
        """Return what the simulated bills say. Raises FinopsError while there are none."""
        kept = self._answered(question, self._clock.now())
        if kept is not None:
            return replace(kept, kept=True)
        await asyncio.sleep(SECONDS)
        found = await self._here.ask(question)
        read = _reads(question)
        self._kept[str(question)] = answer = replace(found, export=self.words, bytes_read=read, usd=_price(read))
        return answer

    def _answered(self, question: Drill, now: datetime) -> Drilled | None:
        kept = self._kept.get(str(question))
        return kept if kept is not None and now - kept.at < GOOD_FOR else None


def written(billing: SimulatedBilling | None) -> Ledger:
    """Return what the simulated bills are written into. Raises FinopsError before there are any."""
    if billing is None or billing.told is None:
        raise FinopsError("No bill is written yet.", "", "The simulated clouds bill some seconds after the start.")
    return billing.told.ledger


def _reads(question: Drill) -> int:
    days = -(-(question.until - question.since) // timedelta(days=1))
    return days * BYTES_A_DAY


def _price(read: int) -> Decimal:
    return read * USD_PER_TB / 10**12
