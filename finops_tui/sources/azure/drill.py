"""A drill-down by Cost Management's query, which adds up at Azure: free of charge, four requests a minute a scope.

What is billed is actual cost and what it effectively costs is amortised cost: two requests. The query groups by two
things at most, tells days and no hours, and resources of subscriptions and what is below them only.
https://learn.microsoft.com/rest/api/cost-management/query/usage
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from finops_tui.clock import Clock
from finops_tui.errors import SourceError, UsageError
from finops_tui.ledger.dimensions import Scopes
from finops_tui.ledger.drill import BY, DAY, Drill, Drilled, DrillRow, Expected, dearest, tag_keys
from finops_tui.ledger.ledger import Ledger
from finops_tui.sources.azure.access import VERSION, Desk, service
from finops_tui.sources.azure.charges import PROVIDER
from finops_tui.sources.azure.cost_query import ACTUAL, AMORTIZED, COSTS, PACE_SECONDS, PAGES, day_of
from finops_tui.sources.azure.settings import AzureScope, AzureSettings
from finops_tui.sources.azure.tokens import AzureToken, Token
from finops_tui.sources.billing.book import Book
from finops_tui.sources.billing.calls import Calls
from finops_tui.sources.billing.feed import checked
from finops_tui.sources.billing.kept import held, hold
from finops_tui.sources.billing.values import amount, currency, midnight, stamp
from finops_tui.sources.clean import one_line
from finops_tui.threads import DaemonThreads

DIMENSIONS: Mapping[str, str] = {
    "resource": "ResourceId",
    "sku": "Meter",
    "service": "ServiceName",
    "account": "SubscriptionId",
    "region": "ResourceLocation",
}
MOST_GROUPS = 2
LONGEST_BY_DAY = timedelta(days=31)

Key = tuple[tuple[str, ...], str]
"""Values of what is asked by, and the currency."""


class AzureExport:
    """The scopes of one source; each is asked for itself."""

    provider = PROVIDER
    words = "Cost Management at Azure"
    tells = tuple(name for name in BY if name in DIMENSIONS or name == DAY)
    hint = "Azure's query tells these only."

    def __init__(
        self,
        settings: AzureSettings,
        ledger: Callable[[], Ledger],
        clock: Clock,
        scopes: Scopes,
        token: Token | None = None,
    ) -> None:
        self.source = f"{settings.type} {settings.title}"
        self._settings = settings
        self._clock = clock
        self._scopes = scopes
        self._token = token or AzureToken(settings, clock)
        self._book = Book(self.source, settings.cluster, ledger, DaemonThreads(1, self.source))

    async def expect(self, question: Drill) -> Expected:
        """Return that Azure takes nothing. Raises UsageError for what it cannot answer."""
        self._body(ACTUAL, question)
        self._scope(question)
        return Expected(usd=Decimal(0), how=f"Azure takes nothing for it; it takes some {PACE_SECONDS:g} s")

    async def ask(self, question: Drill) -> Drilled:
        """Return the sums. Raises SourceError, LedgerError."""
        scope = self._scope(question)
        mark = f"{scope.scope} {json.dumps(self._body(ACTUAL, question), sort_keys=True)} {question.top}"
        kept = await held(self._book, mark, self._clock.now())
        if kept is not None:
            return kept
        calls = Calls(service(self._settings, scope, self._token), self._clock)
        desk = Desk(settings=self._settings, scope=scope, calls=calls)
        try:
            actual = await checked(self._sums(desk, ACTUAL, question))
            await self._clock.sleep(PACE_SECONDS)
            amortized = await checked(self._sums(desk, AMORTIZED, question))
        finally:
            await calls.close()
        answer = self._drilled(question, actual, amortized)
        await hold(self._book, mark, answer)
        return answer

    def _drilled(self, question: Drill, actual: Mapping[Key, Decimal], amortized: Mapping[Key, Decimal]) -> Drilled:
        nothing = Decimal(0)
        rows = [
            DrillRow(
                key=key, currency=code, billed=actual.get((key, code), nothing),
                effective=amortized.get((key, code), nothing),
            )
            for key, code in sorted(actual.keys() | amortized.keys())
        ]  # fmt: skip
        shown, others = dearest(rows, question.top)
        return Drilled(
            by=question.by, rows=shown, others=others, source=self.source, export=self.words, at=self._clock.now()
        )

    async def _sums(self, desk: Desk, kind: str, question: Drill) -> Mapping[Key, Decimal]:
        found: defaultdict[Key, Decimal] = defaultdict(Decimal)
        address, query = desk.address("query"), VERSION
        body = self._body(kind, question)
        for page_number in range(PAGES):
            if page_number:
                await self._clock.sleep(PACE_SECONDS)
            page = await desk.calls.post(address, body, query)
            if page is None:
                return found
            told = page["properties"]
            columns = [str(column["name"]).lower() for column in told["columns"]]
            for row in told["rows"]:
                self._add(found, dict(zip(columns, row, strict=True)), question)
            address, query = desk.next_page(told.get("nextLink")), ()
            if not address:
                return found
        raise SourceError(f"the answer has more than {PAGES} pages", "", "Ask for less at once.")

    def _add(self, found: defaultdict[Key, Decimal], values: Mapping[str, Any], question: Drill) -> None:
        code = currency(values["currency"])
        money = amount(values[next(name for name in COSTS if name in values)], code)
        if not code or money is None:
            raise SourceError("a sum of the answer makes no sense", "", "It is asked again.")
        found[tuple(self._value(name, values) for name in question.by), code] += money

    def _value(self, name: str, values: Mapping[str, Any]) -> str:
        if name == DAY:
            at = day_of(values["usagedate"])
            return "" if at is None else f"{at:%Y-%m-%d}"
        column = DIMENSIONS[name].lower() if name in DIMENSIONS else "tagvalue"
        return one_line(values[column] or "", 512)

    def _body(self, kind: str, question: Drill) -> Mapping[str, Any]:
        groups = [self._group(name) for name in question.by if name != DAY]
        by_day = DAY in question.by
        since, until = _days(question)
        if len(groups) > MOST_GROUPS or sum(group["type"] == "TagKey" for group in groups) > 1:
            raise UsageError("Azure groups by two things at most, one of them a tag.", hint="Ask by fewer.")
        if by_day and until - since > LONGEST_BY_DAY:
            raise UsageError(f"Azure tells days of {LONGEST_BY_DAY.days} days at most.", hint="Ask for fewer.")
        filters = [self._filter(name, values) for name, values in question.filters.items() if name != "account"]
        dataset: dict[str, Any] = {
            "granularity": "Daily" if by_day else "None",
            "aggregation": {"totalCost": {"name": "Cost", "function": "Sum"}},
            "grouping": groups,
        }
        if filters:
            dataset["filter"] = filters[0] if len(filters) == 1 else {"and": filters}
        span = {"from": stamp(since), "to": stamp(until - timedelta(seconds=1))}
        return {"type": kind, "timeframe": "Custom", "timePeriod": span, "dataset": dataset}

    def _group(self, name: str) -> Mapping[str, str]:
        keys = tag_keys(name, self._scopes)
        if keys:
            return {"type": "TagKey", "name": keys[0]}
        return {"type": "Dimension", "name": DIMENSIONS[name]}

    def _filter(self, name: str, values: Sequence[str]) -> Mapping[str, Any]:
        if "" in values:
            raise UsageError("Azure cannot choose what has no value.", hint=f"Leave out {name}=.")
        keys = tag_keys(name, self._scopes)
        if not keys and name not in DIMENSIONS:
            raise UsageError(f"Azure cannot choose by {name}.", hint=f"It can by {', '.join(DIMENSIONS)} and tags.")
        told = [{"tags": {"name": key, "operator": "In", "values": list(values)}} for key in keys] or [
            {"dimensions": {"name": DIMENSIONS[name], "operator": "In", "values": list(values)}}
        ]
        return told[0] if len(told) == 1 else {"or": told}

    def _scope(self, question: Drill) -> AzureScope:
        """Return the scope that is asked. Raises UsageError where that is not clear, or it knows no resources."""
        wanted = question.where.get("account")
        fit = [one for one in self._settings.scopes if wanted is None or one.account in wanted]
        if len(fit) != 1:
            names = ", ".join(one.account for one in self._settings.scopes)
            raise UsageError("One scope of Azure is asked at a time.", names, "Choose one: account=ID.")
        if "resource" in question.by and not fit[0].subscription:
            raise UsageError(
                f"Azure tells no resources of {fit[0].title}.", "Only of subscriptions and resource groups.",
                "Name subscriptions under `scopes`.",
            )  # fmt: skip
        return fit[0]


def _days(question: Drill) -> tuple[datetime, datetime]:
    """Return the span widened to whole days: Azure knows no hours."""
    until = midnight(question.until)
    return midnight(question.since), until if until == question.until else until + timedelta(days=1)
