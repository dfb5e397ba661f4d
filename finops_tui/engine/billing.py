"""Bills beside the estimate: what is billed, how both compare, how the month and the budgets will end.

Worked out anew when bills change, when a day begins and every few minutes; between that the same rows are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from math import fsum
from typing import NamedTuple

from msgspec.structs import replace

from finops_tui.analysis.bill_links import BillLink
from finops_tui.analysis.forecast import Coming
from finops_tui.analysis.known_days import KnownDays, Part, Watched, known_days
from finops_tui.analysis.outlooks import ahead, budget_row, elapsed, month_row, outlook, span
from finops_tui.detectors.budget import Budget, BudgetRules
from finops_tui.engine.bill_rows import bill_rows
from finops_tui.engine.bill_streams import Settled, settle, stream_of_budget, streams_of_all
from finops_tui.engine.history import Points
from finops_tui.engine.pace import EVERY_SECONDS
from finops_tui.engine.tally import Tally
from finops_tui.model.billing import BillCheck, BillRow, BudgetRow, MonthRow, OtherCurrency, Period
from finops_tui.model.fleet import Fleet
from finops_tui.model.money import Figure, Provenance
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import Headline, Snapshot, SpendRow

HISTORY_DAYS = 70
"""How far back days are looked at: what a forecast looks at, and the whole of the month before."""

NAMELESS = "Nothing that was seen so far carries this name: it counts nothing."


class Billing(NamedTuple):
    bills: tuple[BillRow, ...]
    reconciliation: BillCheck
    month: MonthRow
    budgets: tuple[BudgetRow, ...]


class Biller:
    """Keeps the estimate of every day, and everything else until it is due again."""

    def __init__(self, links: Sequence[BillLink], rules: BudgetRules, every_seconds: float = EVERY_SECONDS) -> None:
        """`every_seconds` of the clock pass between two times, unless bills change or a day begins."""
        self._links = links
        self._every_seconds = every_seconds
        self._budgets = rules.budgets
        self._thresholds = rules.thresholds
        self._tally = Tally()
        self._where: defaultdict[str, set[str]] = defaultdict(set)
        """Clusters in which what a budget is for was seen."""
        self._token: tuple[object, ...] = ()
        self._settled: Settled | None = None
        self._made: Billing | None = None
        self._made_at = 0.0
        self._ahead: dict[tuple[str, date], Coming | None] = {}
        """What is to come, by budget ('' for everything) and last day."""

    def prime(self, past: Mapping[Scope, tuple[Points, float]]) -> None:
        """Take in what sources told of the past, by scope."""
        wanted = {_key(budget) for budget in self._budgets}
        for scope, (points, _) in past.items():
            key = f"{scope.kind}/{scope.name}"
            if scope.kind is ScopeKind.CLUSTER or key in wanted:
                self._tally.tell(key, points)

    def learned(self) -> dict[str, object]:
        return self._tally.state()

    def days(self, cluster: str, now: datetime) -> Mapping[date, Watched]:
        """Return what was estimated of each day of a cluster."""
        return self._tally.days(f"{ScopeKind.CLUSTER}/{cluster}", now.timestamp())

    def remember(self, state: object) -> None:
        if isinstance(state, Mapping):
            self._tally.restore(state)

    def look(self, figures: Snapshot, fleet: Fleet, now: datetime) -> Billing:
        """Return how it all stands; cheap where nothing is due."""
        at = now.timestamp()
        if self._tally.due(at):
            self._tally.note(at, self._rates(figures))
        stale = tuple(row.name for row in figures.sources if row.stale and row.name in fleet.bills)
        told = tuple((seen.source, seen.at) for seen in fleet.bills.values())
        token = (told, stale, now.date(), figures.clusters, self._tally.version)
        if self._made is not None and token == self._token and 0 <= at - self._made_at < self._every_seconds:
            return self._made
        if self._settled is None or token != self._token:
            self._settled = settle(fleet, self._tally, figures.clusters, self._links, now)
            self._ahead = {}
        self._token, self._made_at = token, at
        self._made = self._work_out(self._settled, figures, fleet, frozenset(stale), now)
        return self._made

    def headline(self, head: Headline, billing: Billing) -> Headline:
        """Return the money line with the month in it."""
        seen = billing.month.outlook
        provenance = Provenance.ESTIMATED if seen.estimated_usd or not seen.billed_usd else Provenance.BILLED
        day = next((one for one in self._budgets if one.scope == TOTAL and one.period is Period.DAY), None)

        def figure(value: float | None, provenance: Provenance) -> Figure:
            missing = seen.missing if value is None else ""
            source = "bills and estimates" if seen.billed_usd else "estimates"
            at = billing.month.at
            return Figure(value=value, unit="USD", at=at, provenance=provenance, source=source, missing=missing)

        return replace(
            head,
            today_budget_usd=day.usd if day is not None and not day.label else None,
            month_to_date_usd=figure(seen.usd, provenance),
            month_end_usd=figure(seen.expected_usd, Provenance.ESTIMATED),
            month_budget_usd=billing.month.limit_usd,
        )

    def _rates(self, figures: Snapshot) -> dict[str, float | None]:
        rates = {
            f"{ScopeKind.CLUSTER}/{row.key}": None if row.stale else row.usd_per_hour
            for row in figures.spend.get(ScopeKind.CLUSTER, ())
        }
        unsure = any(row.stale or row.usd_per_hour is None for row in figures.spend.get(ScopeKind.CLUSTER, ()))
        for budget in self._budgets:
            if budget.scope == TOTAL and not budget.label:
                continue
            rows = _rows_of(budget, figures)
            usd = [row.usd_per_hour for row in rows if row.usd_per_hour is not None and not row.stale]
            rates[_key(budget)] = None if unsure or len(usd) < len(rows) else fsum(usd)
            self._where[_key(budget)] |= _clusters_of(rows, figures)
        return rates

    def _work_out(
        self, settled: Settled, figures: Snapshot, fleet: Fleet, stale: frozenset[str], now: datetime
    ) -> Billing:
        today, over = now.date(), elapsed(now)
        start = today - timedelta(days=HISTORY_DAYS)
        everything = known_days(streams_of_all(settled, self._tally, figures.clusters, now), start, today, over)
        limit = next(
            (one.usd for one in self._budgets if one.scope == TOTAL and one.period is Period.MONTH and not one.label),
            None,
        )
        first, last = span(Period.MONTH, today)
        seen = outlook(everything, first, last, now, self._to_come("", everything, last, today))
        others: defaultdict[str, float] = defaultdict(float)
        for currency, day, amount in settled.foreign:
            if day >= first:
                others[currency] += amount
        month = replace(
            month_row(everything, seen, limit, now),
            others=tuple(OtherCurrency(currency=name, billed=usd) for name, usd in sorted(others.items())),
            at=now,
        )
        reading = min((bill.at for bill in fleet.bills.values() if bill.back_to is not None), default=None)
        if month.last_month_usd is None and reading is not None:
            month = replace(month, last_month_missing=f"Its bills are being read since {reading:%H:%M:%SZ}.")
        budgets = tuple(
            self._budget(one, everything=everything, settled=settled, figures=figures, fleet=fleet, now=now)
            for one in self._budgets
        )
        return Billing(bill_rows(fleet, stale, today), settled.check, month, budgets)

    def _budget(
        self, budget: Budget, *, everything: KnownDays, settled: Settled, figures: Snapshot, fleet: Fleet, now: datetime
    ) -> BudgetRow:
        today = now.date()
        known = everything
        if budget.scope != TOTAL or budget.label:
            key = _key(budget)
            estimated = self._tally.days(key, now.timestamp())
            stream = stream_of_budget(budget, self._where[key], settled, fleet, estimated)
            known = known_days((stream,), today - timedelta(days=HISTORY_DAYS), today, elapsed(now))
        if budget.period is Period.DAY and (spent := _today(budget, figures)) is not None:
            today_part = Part(estimated=spent)
            known = KnownDays(known.days, today_part, known.billed_through)
        first, last = span(budget.period, today)
        to_come = self._to_come(_key(budget), known, last, today)
        seen = outlook(known, first, last, now, to_come)
        row = budget_row(
            name=budget.name, kind=budget.label or str(budget.scope.kind), scope=budget.scope.name,
            period=budget.period, limit=budget.usd, thresholds=self._thresholds, known=known, seen=seen,
            to_come=to_come, now=now,
        )  # fmt: skip
        nameless = known is not everything and not self._where[_key(budget)] and not seen.usd
        return replace(row, used=None, reached=None, missing=NAMELESS) if nameless else row

    def _to_come(self, key: str, known: KnownDays, last: date, today: date) -> Coming | None:
        place = (key, last)
        if place not in self._ahead:
            self._ahead[place] = ahead(known, last, today)
        return self._ahead[place]


def _key(budget: Budget) -> str:
    return f"{budget.label or budget.scope.kind}/{budget.scope.name}"


def _rows_of(budget: Budget, figures: Snapshot) -> list[SpendRow]:
    if not budget.label:
        return [row for row in figures.spend.get(budget.scope.kind, ()) if row.key == budget.scope.name]
    carried = (budget.label, budget.scope.name)
    return [row for row in figures.spend.get(ScopeKind.WORKLOAD, ()) if carried in row.labels]


def _clusters_of(rows: list[SpendRow], figures: Snapshot) -> set[str]:
    """Return the clusters that rows spend in; every cluster for a row that spans several."""
    return {name for row in rows for name in ((row.cluster,) if row.cluster else figures.clusters)}


def _today(budget: Budget, figures: Snapshot) -> float | None:
    if budget.label:
        return None
    if budget.scope == TOTAL:
        return figures.headline.today_usd.value
    return next((row.today_usd for row in _rows_of(budget, figures)), None)
