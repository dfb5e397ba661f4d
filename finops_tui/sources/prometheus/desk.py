"""Asks the catalogue's questions and keeps account of what could not be answered."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping

from finops_tui.sources.prometheus.answer import Answer
from finops_tui.sources.prometheus.client import PrometheusClient
from finops_tui.sources.prometheus.faults import PrometheusError
from finops_tui.sources.prometheus.promql import Dialect, Found, fill
from finops_tui.sources.prometheus.query import Query
from finops_tui.sources.prometheus.recording import covers, digest, series
from finops_tui.sources.prometheus.rests import Rests
from finops_tui.sources.prometheus.settings import PrometheusSettings


class Desk:
    """What one server is asked through. A refused query costs its own figure; an unreachable server raises."""

    def __init__(
        self, client: PrometheusClient, settings: PrometheusSettings, jitter: random.Random | None = None
    ) -> None:
        """`jitter` spreads out what is asked again."""
        self._client = client
        self.rests = Rests(client.clock, jitter or random.Random())  # noqa: S311 - it keeps no secret
        self._settings = settings
        self._overrides = settings.queries
        self.missing: dict[str, str] = {}
        """By query id, why its figure is not there."""
        self._warnings: dict[str, tuple[str, ...]] = {}
        self.notes: dict[str, str] = {}
        """By topic, what else is worth a warning."""
        self.trouble: PrometheusError | None = None
        """What was answered last, where that was no answer."""
        self.without_nodes = ""
        """Why this server cannot tell of nodes, although it is wanted to."""
        self._trying = asyncio.Lock()
        self.begin_round()
        self.adopt(Found())

    def begin_round(self) -> None:
        """Count anew who answers."""
        self.answered = 0
        self.failures: list[PrometheusError] = []
        """Of single queries, in this round; also of those that are left alone since they failed in an earlier one."""
        self._tried = False
        self._silent: PrometheusError | None = None

    def adopt(self, found: Found) -> None:
        """Ask from now on in the words that fit what was found."""
        self.found = found
        dialect = Dialect(self._settings, found)
        self.by_node = dialect.by_node()
        self.by_workload = dialect.by_workload()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Each text once, with the query that it came with, or with how many did."""
        warned: defaultdict[str, list[str]] = defaultdict(list)
        for query_id, texts in sorted(self._warnings.items()):
            for text in dict.fromkeys(texts):
                warned[text].append(query_id)
        told = (
            f"{ids[0]}: {text}" if len(ids) == 1 else f"{text} ({len(ids)} queries)" for text, ids in warned.items()
        )
        return (*self.notes.values(), *told)

    def is_overridden(self, query: Query) -> bool:
        return query.id in self._overrides

    def expression(self, query: Query, values: Mapping[str, str]) -> str | None:
        """Return the PromQL to send; None where this server does not hold what it needs."""
        override = self._overrides.get(query.id)
        if override is None and not self.found.has(*query.needs):
            self.missing.pop(query.id, None)
            return None
        try:
            return fill(override or query.expr, values)
        except KeyError as error:
            self.missing[query.id] = f"no placeholder ${error.args[0]} in queries.{query.id}"
            return None

    async def ask(self, query: Query, values: Mapping[str, str] | None = None) -> Answer | None:
        """Return the answer; None where there is none, which `missing` explains if that is not as it should be.

        Raises PrometheusError where no other query would fare better.
        """
        expr = self.expression(query, self.by_node if values is None else values)
        if expr is None:
            if query.required:
                self.missing[query.id] = "the server holds no metric for it"
            return None
        if self._is_recorded(query, expr):
            answer = await self.send(query.id, series(query, expr))
            if answer is not None and answer.samples:
                return answer  # nothing recorded may mean that the rules are no longer at work
        return await self.send(query.id, expr)

    async def send(self, query_id: str, expr: str) -> Answer | None:
        """As `ask`, for PromQL that is ready to be sent."""
        held = self.rests.held(query_id, expr)
        if held is not None:
            self._goes_without(query_id, held)
            return None
        return await self._answer(query_id, expr, lambda: self._client.query(expr))

    async def ask_range(
        self,
        query: Query,
        values: Mapping[str, str],
        span: tuple[int, int, int],
        patience: float = 1.0,
        *,
        rests: bool = True,
    ) -> Answer | None:
        """As `ask`, over a span: start and end in unix seconds, and the step.

        Without `rests` it is asked although it failed just now: another span of the past may well be answered.
        """
        expr = self.expression(query, values)
        if expr is None:
            return None
        if self._is_recorded(query, expr):
            answer = await self._send_range(query.id, series(query, expr), span, patience, rests=rests)
            if covers(answer, span):
                return answer
        return await self._send_range(query.id, expr, span, patience, rests=rests)

    async def _send_range(
        self, query_id: str, expr: str, span: tuple[int, int, int], patience: float, *, rests: bool
    ) -> Answer | None:
        held = self.rests.held(query_id, expr) if rests else None
        if held is not None:
            self._goes_without(query_id, held)
            return None
        return await self._answer(query_id, expr, lambda: self._client.query_range(expr, span, patience))

    def _is_recorded(self, query: Query, expr: str) -> bool:
        return (query.record, digest(expr)) in self.found.recorded

    async def _answer(self, query_id: str, expr: str, ask: Callable[[], Awaitable[Answer]]) -> Answer | None:
        """Ask, once more where the server wants to be left alone for a little or the credentials had expired."""
        tries, waited, signed_in_again = 0, 0.0, False
        while True:
            try:
                answer = await ask()
            except PrometheusError as error:
                self.trouble = error
                pause = self.rests.pause(query_id, expr, error, tries, waited)
                if pause is not None:
                    tries, waited = tries + 1, waited + pause
                    await self._client.clock.sleep(pause)
                    continue
                await self._raise_if_whole(error)
                if error.signed_out and not signed_in_again:
                    signed_in_again = True
                    continue
                self.rests.failed(query_id, expr, error)
                self._goes_without(query_id, error)
                return None
            return self._took(query_id, answer)

    def _goes_without(self, query_id: str, error: PrometheusError) -> None:
        self.failures.append(error)
        own = query_id in self._overrides
        self.missing[query_id] = error.title + (f"; check queries.{query_id}" if own else "")

    async def _raise_if_whole(self, error: PrometheusError) -> None:
        """Raise if no other query would be answered either."""
        if error.whole and not self.answered:
            raise error
        if error.whole or (error.doubtful and not self.answered):
            await self.try_out(error)

    async def try_out(self, error: PrometheusError, *, after_all: bool = False) -> None:
        """Raise if not even the cheapest query is answered; else a server that hangs would be asked them all.

        `error` is what raised the doubt. Once a round. A proxy may refuse this very query alone: a refusal counts only
        `after_all` others have come to nothing.
        """
        async with self._trying:
            if not self._tried:
                try:
                    await self._client.try_out()
                except PrometheusError as silent:
                    self._silent = silent
                self._tried = True
        silence = self._silent
        if silence is None or not (after_all or silence.doubtful or silence.whole):
            return
        if error.busy or not silence.busy:  # who only wants to be left alone for a while does answer
            silence.whole = True
            raise silence

    def _took(self, query_id: str, answer: Answer) -> Answer:
        self.answered += 1
        self.trouble = None
        self.missing.pop(query_id, None)
        self.rests.answered(query_id)
        if answer.warnings:
            self._warnings[query_id] = answer.warnings
        else:
            self._warnings.pop(query_id, None)
        return answer
