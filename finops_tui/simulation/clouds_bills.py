"""What the simulated clouds say of their bills: read from the ledger bit by bit, whenever bills are restated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from finops_tui.ledger.costs import costs
from finops_tui.ledger.owners import owned
from finops_tui.ledger.query import CostQuery, CostRow, Grain
from finops_tui.model.bill import ChargeCategory
from finops_tui.model.cloud import (
    AnomaliesSeen,
    Anomaly,
    BudgetsSeen,
    CommitmentsSeen,
    ForecastSeen,
    RecommendationsSeen,
)
from finops_tui.model.observations import CloudWord
from finops_tui.simulation import clouds_advice, clouds_anomalies
from finops_tui.simulation.billing import Told
from finops_tui.simulation.bills import CONTRACTS
from finops_tui.simulation.clouds_commitments import commitments
from finops_tui.simulation.clouds_money import LIKELIHOOD, Plans, Spent, budgets
from finops_tui.simulation.clouds_watch import Watch
from finops_tui.simulation.managed import BOX_ACCOUNT, BOX_ACCOUNT_NAME, CLUSTER

ODD_DAYS = 30
"""So far back anomalies are told."""
LOOKED_BACK_DAYS = ODD_DAYS + max(clouds_anomalies.PRIOR_DAYS)
_NAMES = {BOX_ACCOUNT: BOX_ACCOUNT_NAME} | {each.account: each.account_name for each in CONTRACTS}


class BillReader:
    def __init__(self, seed: int, source: str) -> None:
        self._seed = seed
        self._source = source
        self._month: date | None = None
        self._plans = Plans(seed)
        self._odd: tuple[Anomaly, ...] = ()
        self._advised_of: tuple[date, datetime] | None = None
        """First and last day of what the tools looked at last."""

    def read(self, told: Told, billing: str, now: datetime) -> Iterator[list[CloudWord]]:
        """Work out what the clouds say of the bills that the source `billing` told; yield after each piece of work."""
        today = now.astimezone(UTC).date()
        if self._month != today.replace(day=1):
            self._month = today.replace(day=1)
            for _ in self._plans.stretches(self._month):
                yield []
        through = told.through
        if through is None:
            return
        spent = Spent(told.days, through, today)
        yield [*self._budgets(spent, now), *self._forecasts(spent, now)]
        whole = datetime(through.year, through.month, through.day, tzinfo=UTC)
        self._odd = self._looked_at(told, billing, whole)
        yield []
        if self._advised_of != (told.first, whole):  # the tools look once a day
            self._advised_of = told.first, whole
            yield from self._advice(told, billing, whole, now)

    def anomalies(self, watch: Watch, now: datetime) -> Iterator[AnomaliesSeen]:
        """Yield what is odd by now, on bills and in what runs."""
        running = [each for contract in CONTRACTS for each in watch.anomalies(contract, now)]
        for account in _NAMES:
            found = tuple(each for each in (*self._odd, *running) if each.account == account)
            yield AnomaliesSeen(at=now, source=self._source, cluster="", account=account, anomalies=found)

    def _budgets(self, spent: Spent, now: datetime) -> Iterator[CloudWord]:
        for account, found in budgets(spent, self._plans.usd):
            yield BudgetsSeen(at=now, source=self._source, cluster="", account=account, budgets=found)

    def _forecasts(self, spent: Spent, now: datetime) -> Iterator[CloudWord]:
        for account in (next(each.account for each in CONTRACTS if each.cluster == CLUSTER), BOX_ACCOUNT):
            if days := spent.forecast(account):
                yield ForecastSeen(
                    at=now, source=self._source, cluster="", account=account, currency="USD", likelihood=LIKELIHOOD,
                    days=days,
                )  # fmt: skip

    def _looked_at(self, told: Told, billing: str, until: datetime) -> tuple[Anomaly, ...]:
        """Return what was odd on the bill in the last weeks."""
        span = since, _ = (until - timedelta(days=LOOKED_BACK_DAYS), until)
        days = [each for each in told.days if since.date() <= each.day < until.date()]

        def lines_of(account: str, service: str) -> Iterable[CostRow]:
            only = {"account": account, "service": service}
            return _usage(told, billing, clouds_anomalies.BY, span, grain=Grain.DAY, only=only)

        found = clouds_anomalies.anomalies(days, lines_of, self._seed, _NAMES)
        earliest = (until - timedelta(days=ODD_DAYS)).date()
        return tuple(each for each in found if each.start >= earliest)

    def _advice(self, told: Told, billing: str, until: datetime, now: datetime) -> Iterator[list[CloudWord]]:
        days = min(clouds_advice.DAYS, (until.date() - told.first).days)
        if days < 1:
            return
        span = (until - timedelta(days=days), until)
        for account in _NAMES:  # one after another: the resources of all at once are a lot to hold
            only = {"account": account}
            pricings = _usage(told, billing, clouds_advice.BY_PRICING, span, grain=Grain.DAY, only=only)
            yield [
                CommitmentsSeen(at=now, source=self._source, cluster="", account=account, commitments=(found,))
                for found in commitments(pricings, span[0].date(), until.date() - timedelta(days=1))
            ]
            used = clouds_advice.Used(_usage(told, billing, clouds_advice.BY_RESOURCE, span, only=only), pricings, days)
            for by, advised in clouds_advice.recommendations(account, used):
                whose = owned(told.ledger, advised, {}, now.date())
                yield [
                    RecommendationsSeen(
                        at=now, source=self._source, cluster="", account=account, by=by, recommendations=whose
                    )
                ]


def _usage(
    told: Told,
    billing: str,
    by: tuple[str, ...],
    span: tuple[datetime, datetime],
    *,
    grain: Grain | None = None,
    only: Mapping[str, str] = {},
) -> tuple[CostRow, ...]:
    wanted = {"source": billing, "category": ChargeCategory.USAGE.value, **only}
    where = {name: frozenset({value}) for name, value in wanted.items()}
    since, until = span
    return costs(told.ledger, CostQuery(since=since, until=until, by=by, grain=grain, where=where)).rows
