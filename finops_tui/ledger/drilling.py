"""Who answers a drill-down, what it will cost, and whether somebody has to say yes to that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from finops_tui.clock import Clock
from finops_tui.errors import FinopsError, UsageError
from finops_tui.ledger.costs import costs
from finops_tui.ledger.drill import ASK_FROM_USD, Drill, Drilled, Export, Planned, check, lacking
from finops_tui.ledger.drill_here import HereExport
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery
from finops_tui.threads import DaemonThreads

T = TypeVar("T")


class Drilling:
    """Answers in threads of its own: whoever asks may stop waiting, what was begun is counted all the same."""

    def __init__(
        self,
        exports: Callable[[], Sequence[Export]],
        ledger: Callable[[], Ledger],
        clock: Clock,
        *,
        sources: frozenset[str] | None = None,
        ask_from_usd: Decimal = ASK_FROM_USD,
    ) -> None:
        """Let `exports` make those that can be asked; it and `ledger` are called in a thread for each question.

        `sources` are those of the ledger that count, as in `CostQuery`.
        """
        self._exports = exports
        self._ledger = ledger
        self._clock = clock
        self._sources = sources
        self._limit = ask_from_usd

    async def tells(self, question: Drill) -> tuple[str, ...]:
        """Return by what whoever would answer tells money apart. Raises FinopsError."""
        return await _aside(lambda: self._tells(question))

    async def plan(self, question: Drill) -> Planned:
        """Say who would answer and for how much; free. Raises FinopsError."""
        return await _aside(lambda: self._plan(question))

    async def ask(self, question: Drill) -> Drilled:
        """Return the answer, which may cost what the plan says. Raises FinopsError."""
        return await _aside(lambda: self._answer(question))

    async def _tells(self, question: Drill) -> tuple[str, ...]:
        return self._fitting(question).tells

    async def _plan(self, question: Drill) -> Planned:
        chosen = self._chosen(question)
        expected = await chosen.expect(question)
        free = isinstance(chosen, HereExport)
        return Planned(
            source=chosen.source, export=chosen.words, tells=chosen.tells, expected=expected, free=free,
            wants_yes=not free and (expected.usd is None or expected.usd >= self._limit),
        )  # fmt: skip

    async def _answer(self, question: Drill) -> Drilled:
        return await self._chosen(question).ask(question)

    def _chosen(self, question: Drill) -> Export:
        chosen = self._fitting(question)
        if lacks := lacking(question, chosen.tells):
            title = f"{chosen.words} does not tell apart by {', '.join(lacks)}."
            raise FinopsError(title, f"It tells {', '.join(chosen.tells)}.", chosen.hint)
        return chosen

    def _fitting(self, question: Drill) -> Export:
        """Return the one export that is about what is asked; the ledger where there is none."""
        ledger = self._ledger()
        check(question, ledger.scopes)
        fit = [one for one in self._exports() if _wanted(one, question)]
        if (accounts := question.where.get("account")) and fit:
            fit = self._that_know(fit, accounts, ledger, question)
        if len(fit) > 1:
            names = ", ".join(one.source for one in fit)
            raise UsageError("Several exports could answer.", names, "Choose one: source=NAME.")
        return fit[0] if fit else self._here(question, ledger)

    def _here(self, question: Drill, ledger: Ledger) -> Export:
        asked = question.where.get("source", frozenset())
        source = next(iter(asked)) if len(asked) == 1 else ""
        return HereExport(lambda: ledger, self._clock, source, self._sources)

    def _that_know(
        self, fit: Sequence[Export], accounts: frozenset[str], ledger: Ledger, question: Drill
    ) -> list[Export]:
        """Leave out exports of other clouds, where the ledger knows whose the accounts are."""
        where = {"account": accounts}
        asked = CostQuery(
            since=question.since, until=question.until, by=("source", "provider"), where=where, sources=self._sources
        )
        known = {name for row in costs(ledger, asked).rows for name in row.key}
        return [one for one in fit if not known or one.source in known or one.provider in known]


def _wanted(export: Export, question: Drill) -> bool:
    sources, providers = question.where.get("source"), question.where.get("provider")
    return (sources is None or export.source in sources) and (providers is None or export.provider in providers)


async def _aside(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Do it on an event loop of its own: what it loads and reads holds up no screen."""
    return await DaemonThreads(1, "drill-down").call(lambda: asyncio.run(work()))
