"""What the clouds say of their own budgets, and what AWS expects a month to cost."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_UP, Decimal
from statistics import fmean, stdev

from msgspec.structs import replace

from finops_tui.model.bill import BilledDay
from finops_tui.model.cloud import Budget, ForecastDay
from finops_tui.simulation.bills import CONTRACTS, Contract
from finops_tui.simulation.estate import CLUSTERS
from finops_tui.simulation.managed import BOX_ACCOUNT, BOX_ACCOUNT_NAME, SAGEMAKER, Managed
from finops_tui.simulation.model_apis import BEDROCK, ModelApis
from finops_tui.simulation.other_bills import SERVICES
from finops_tui.simulation.traffic import DAY, HOUR
from finops_tui.simulation.usual import Usual

HEADROOM = 1.05
"""Of what a month usually costs, when its budget is set."""
PLANNED_FROM_DAYS = 7
"""A week of the past is what a budget is set from."""
LOOK_EVERY = 6
"""Hours between two looks at that week."""
LIKELIHOOD = 0.8
WIDTH = 1.2816
"""Standard deviations on both sides between which so much of a normal distribution lies."""
LEAST_DAYS = 5
"""Whole days that must be known before anything is foretold."""
MOST_DAYS = 28
DAYS_A_MONTH = 365 / 12
SERVICE_BUDGETS = {"bedrock": SERVICES[BEDROCK], "sagemaker": SAGEMAKER}
"""Services that AWS keeps a budget for, by its name."""
Place = tuple[str, str]
"""Account and service; an empty service is everything of the account."""


class Plans:
    """What was planned for each account and service: what they usually cost, the same for a seed."""

    def __init__(self, seed: int) -> None:
        self._usual, self._models, self._managed = Usual(seed), ModelApis(seed), Managed(seed)
        self.usd: dict[Place, float] = {}
        """US dollars a day."""

    def stretches(self, month: date) -> Iterator[None]:
        """Work them out for a month that begins then, and pause after each day that was looked at."""
        self.usd = {}
        until = datetime(month.year, month.month, month.day, tzinfo=UTC).timestamp()
        for back in range(PLANNED_FROM_DAYS, 0, -1):
            midnight = until - back * DAY
            for hour in range(0, 24, LOOK_EVERY):
                self._machines(midnight + (hour + 0.5) * HOUR, LOOK_EVERY / 24 / PLANNED_FROM_DAYS)
            self._rest(midnight)
            yield
        for contract in CONTRACTS:
            for service in contract.others:
                self._add(contract.account, service.name, float(service.usd_per_day))

    def _machines(self, moment: float, share: float) -> None:
        contracts = {contract.cluster: contract for contract in CONTRACTS}
        spot = {(cluster.name, pool.name) for cluster in CLUSTERS for pool in cluster.pools if pool.spot_share}
        for cluster, pool, usd, _ in self._usual.pools(moment):
            agreed = 1.0 if (cluster, pool) in spot else agreed_share(contracts[cluster])
            self._add(contracts[cluster].account, contracts[cluster].machines, 24 * usd * agreed * share)

    def _rest(self, midnight: float) -> None:
        aws = next(contract for contract in CONTRACTS if contract.provider == BEDROCK)
        for used in self._models.used(midnight, 24, usually=True):
            if used.calls.provider == BEDROCK:
                self._add(aws.account, SERVICES[BEDROCK], used.usd / PLANNED_FROM_DAYS)
        for rented, usd in self._managed.charged(midnight, 24).items():
            account = BOX_ACCOUNT if rented.own_account else aws.account
            self._add(account, rented.service, usd / PLANNED_FROM_DAYS)

    def _add(self, account: str, service: str, usd: float) -> None:
        for place in ((account, service), (account, "")):
            self.usd[place] = self.usd.get(place, 0.0) + usd


def agreed_share(contract: Contract) -> float:
    """Return what is paid of the list price (ratio) of machines that are not spot, commitments spread over them."""
    return float((1 - contract.discount) * (1 - contract.committed * contract.committed_discount))


class Spent:
    """What is billed of the last weeks, by day: without purchases in advance, which are spread over what uses them."""

    def __init__(self, days: Iterable[BilledDay], through: datetime, today: date) -> None:
        """`through`: until when usage is billed."""
        self._days: defaultdict[Place, defaultdict[date, float]] = defaultdict(lambda: defaultdict(float))
        for each in days:
            cost = float(each.effective + each.credits + each.taxes + each.adjustments)
            for place in ((each.account, each.service), (each.account, "")):
                self._days[place][each.day] += cost
        self._open = through.date()
        self._today = today

    def so_far(self, place: Place) -> float:
        return sum(usd for day, usd in self._days[place].items() if day >= self._today.replace(day=1))

    def expected(self, place: Place) -> float | None:
        """Return where the month will end if it goes on as before; None where too little is known."""
        usual = self._usual(place)
        if not usual:
            return None
        month = self._today.replace(day=1)
        whole = sum(usd for day, usd in self._days[place].items() if month <= day < self._open)
        last = monthrange(month.year, month.month)[1]
        return whole + fmean(usual) * (last - (max(month, self._open) - month).days)

    def forecast(self, account: str) -> tuple[ForecastDay, ...]:
        """Return each day of the month that is left, today included; nothing where too little is known."""
        usual = self._usual((account, ""))
        if not usual:
            return ()
        mean, wide = fmean(usual), WIDTH * stdev(usual)
        today = self._today
        return tuple(
            ForecastDay(
                day=today.replace(day=day), mean=cents(mean), low=cents(mean - wide), high=cents(mean + wide)
            )
            for day in range(today.day, monthrange(today.year, today.month)[1] + 1)
        )  # fmt: skip

    def _usual(self, place: Place) -> list[float]:
        days = self._days[place]
        whole = [days[day] for day in sorted(days) if day < self._open][-MOST_DAYS:]
        return whole if len(whole) >= LEAST_DAYS else []


def budgets(spent: Spent, plans: Mapping[Place, float]) -> Iterator[tuple[str, tuple[Budget, ...]]]:
    """Yield each account that budgets are kept for, as its cloud names it, with all of them."""
    for contract in CONTRACTS:
        whole = (contract.account, "")
        if contract.provider == "AWS":
            places = {contract.account_name: whole}
            places |= {name: (contract.account, service) for name, service in SERVICE_BUDGETS.items()}
            yield contract.account, tuple(_of_aws(name, place, spent, plans) for name, place in places.items())
            yield BOX_ACCOUNT, (_of_aws(BOX_ACCOUNT_NAME, (BOX_ACCOUNT, ""), spent, plans),)
        elif contract.provider == "Microsoft":
            found = _of_aws(f"{contract.account_name}-monthly", whole, spent, plans)
            yield contract.account, (replace(found, kind="Cost", period="Monthly"),)
        else:  # Google's API says what may be spent, and nothing else
            found = _of_aws(contract.account_name, whole, spent, plans)
            account, about = contract.billing_account, f"projects/{contract.account}"
            yield account, (replace(found, account=account, period="MONTH", about=about, actual=None, forecast=None),)


def _of_aws(name: str, place: Place, spent: Spent, plans: Mapping[Place, float]) -> Budget:
    account, service = place
    expected = spent.expected(place)
    return Budget(
        account=account,
        name=name,
        kind="COST",
        period="MONTHLY",
        unit="USD",
        limit=_round_up(plans[place] * DAYS_A_MONTH * HEADROOM),
        actual=cents(spent.so_far(place)),
        forecast=None if expected is None else cents(expected),
        about=f"Service: {service}" if service else "",
    )


def _round_up(usd: float) -> Decimal:
    """Return two figures, as people write budgets."""
    exact = Decimal(usd)
    return exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1), rounding=ROUND_UP).quantize(Decimal(1))


def cents(usd: float) -> Decimal:
    return Decimal(usd).quantize(Decimal("0.01"))
