"""Budgets: how much is spent, and whether the rest of the day, week or month fits in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import ClassVar, NamedTuple

from finops_tui import phrases
from finops_tui.detectors.base import Scene
from finops_tui.detectors.budget_clouds import CloudBudgetWatch
from finops_tui.detectors.budget_periods import PeriodWatch
from finops_tui.detectors.lasting import Lasting
from finops_tui.detectors.quantities import hours, known, positive
from finops_tui.model.billing import Period
from finops_tui.model.finding import Evidence, Severity, Signal
from finops_tui.model.scope import TOTAL, Scope
from finops_tui.model.snapshot import SpendRow

NAMED = 5
"""Names that are told as those there are, the most expensive first."""
GRACE = timedelta(minutes=5)
"""A forecast that moves about the budget is one forecast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one scope may spend in a day, a week from Monday on, or a month (UTC)."""

    name: str
    scope: Scope = TOTAL
    label: str = ""
    """The ownership label whose value `scope.name` is, such as `environment`; then the scope's kind says nothing."""
    period: Period = Period.DAY
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRules:
    budgets: tuple[Budget, ...] = ()
    thresholds: tuple[float, ...] = (0.5, 0.75, 0.9, 1.0)
    """Shares of a budget that are told when they are spent."""
    forecast_minutes: float = 15.0
    """An overrun must have been ahead for so long, and …"""
    forecast_over: float = 0.05
    """… by this share of the budget."""
    unknown_minutes: float = 15.0
    """For so long nothing must have carried the name that a budget is for until that is told."""
    of_clouds: bool = True
    """Whether budgets that are kept at the clouds count too."""


class _Standing(NamedTuple):
    """How one budget stands."""

    budget: Budget
    row: SpendRow
    spent: float
    usd_per_hour: float
    hours_left: float

    @property
    def share(self) -> float:
        return self.spent / self.budget.usd

    @property
    def forecast(self) -> float:
        """Dollars at the end of the day if all goes on as now."""
        return self.spent + self.usd_per_hour * self.hours_left


class BudgetWatch:
    """One signal for each budget of which a threshold is spent, or that will not last the day."""

    id: ClassVar[str] = "budget"
    title: ClassVar[str] = "Budget"
    about: ClassVar[str] = "A budget is spent to a threshold, or its day, week or month is expected to overrun it."

    def __init__(self, rules: BudgetRules | None = None) -> None:
        self._rules = rules or BudgetRules()
        self._ahead = Lasting(GRACE)
        """Budgets whose overrun is ahead."""
        self._told = Lasting()
        """Budgets, each with its day, of which there is something to tell."""
        self._nameless = Lasting(GRACE)
        """Budgets for what nothing carries."""
        self._periods = PeriodWatch(self._rules.thresholds, self._rules.forecast_minutes, self._rules.forecast_over)
        self._clouds = CloudBudgetWatch(self._rules.thresholds, self._rules.forecast_minutes, self._rules.forecast_over)
        self._met: set[str] = set()
        """Budgets for what was there at some time: it may have gone home."""

    def judge(self, scene: Scene) -> Iterable[Signal]:
        """Return a signal for each budget in trouble; see `Detector.judge`."""
        days = [budget for budget in self._rules.budgets if budget.period is Period.DAY]
        standings = [standing for budget in days if (standing := _standing(budget, scene)) is not None]
        ahead = self._ahead.update([one.budget.name for one in standings if self._overruns(one)], scene.now)
        least = timedelta(minutes=self._rules.forecast_minutes)
        told: dict[str, tuple[_Standing, bool]] = {}
        for one in standings:
            began = ahead.get(one.budget.name)
            overrun = one.share < 1 and began is not None and scene.now - began >= least
            if overrun or self._passed(one) is not None:
                told[f"{one.budget.name} {scene.now:%Y-%m-%d}"] = (one, overrun)
        since = self._told.update(told, scene.now)
        found = [self._signal(scene, one, since[key], overrun=overrun) for key, (one, overrun) in told.items()]
        clouds = self._clouds.judge(scene) if self._rules.of_clouds else ()
        return [*found, *self._periods.judge(scene), *clouds, *self._unknown(scene)]

    def _unknown(self, scene: Scene) -> Iterator[Signal]:
        """Yield a signal for each budget that names what was never seen: most likely its name is misspelled."""
        rows, spend = scene.rows, scene.snapshot.spend
        self._met |= {budget.name for budget in self._rules.budgets if budget.scope in rows}
        absent = {
            budget.name: budget
            for budget in self._rules.budgets
            if budget.name not in self._met and spend.get(budget.scope.kind) and not budget.label
        }
        since = self._nameless.update(absent, scene.now)
        least = timedelta(minutes=self._rules.unknown_minutes)
        for name, budget in absent.items():
            if scene.now - since[name] >= least:
                there = [row.key for row in spend[budget.scope.kind] if not row.name.startswith("(")]
                yield _never_seen(budget, there, since[name])

    def _overruns(self, standing: _Standing) -> bool:
        return standing.forecast > standing.budget.usd * (1 + self._rules.forecast_over)

    def _passed(self, standing: _Standing) -> float | None:
        return max((share for share in self._rules.thresholds if standing.share >= share), default=None)

    def _signal(self, scene: Scene, standing: _Standing, since: datetime, *, overrun: bool) -> Signal:
        budget, row = standing.budget, standing.row
        return Signal(
            kind=self.id,
            severity=Severity.TICKET if overrun or standing.share >= 1 else Severity.INFO,
            scope=budget.scope,
            name=row.name,
            since=since,
            why=self._why(standing, overrun=overrun),
            part=budget.name,
            cluster=row.cluster,
            owner=row.owner,
            namespace=row.namespace,
            model=row.model,
            usd_per_hour=standing.usd_per_hour,
            normal_usd_per_hour=budget.usd / 24,
            evidence=tuple(_evidence(standing, scene.now)),
        )

    def _why(self, standing: _Standing, *, overrun: bool) -> str:
        usd = standing.budget.usd
        spent = f"{phrases.dollars(standing.spent)} of {phrases.dollars(usd)} are spent today"
        if standing.share >= 1:
            return f"Budget {standing.budget.name} is overrun: {spent}."
        if overrun:
            over = phrases.dollars(standing.forecast - usd)
            return f"Budget {standing.budget.name} will be overrun by {over} at the rate of now: {spent}."
        passed = phrases.percent(self._passed(standing) or 0.0)
        return f"Budget {standing.budget.name} has passed {passed}: {spent}."


def _never_seen(budget: Budget, there: list[str], since: datetime) -> Signal:
    kind, name = budget.scope
    meant = get_close_matches(name, there, 1)
    return Signal(
        kind=BudgetWatch.id,
        severity=Severity.INFO,
        scope=budget.scope,
        name=name,
        since=since,
        why=f"Budget {budget.name} names the {kind} {name}, which nothing carries that was seen so far: "
        "it counts nothing.",
        part=budget.name,
        evidence=(
            *(Evidence(label="Did you mean", words=each) for each in meant),
            Evidence(label="Seen", words=f"{phrases.listed(there, NAMED) or 'none'}."),
        ),
    )


def _standing(budget: Budget, scene: Scene) -> _Standing | None:
    """Return how a budget stands, None where what is spent or the rate is not known."""
    row = scene.rows.get(budget.scope)
    if row is None or positive(budget.usd) == 0:
        return None
    spent = row.today_usd
    if spent is None and budget.scope == TOTAL:
        spent = scene.snapshot.headline.today_usd.value
    if known(spent) is None or known(row.usd_per_hour) is None:
        return None
    midnight = scene.now.replace(hour=0, minute=0, second=0, microsecond=0)
    left = 24 - hours(scene.now - midnight)
    return _Standing(budget, row, positive(spent), positive(row.usd_per_hour), left)


def _evidence(standing: _Standing, now: datetime) -> Iterator[Evidence]:
    usd = standing.budget.usd
    share = phrases.percent(standing.share)
    yield Evidence(label="Spent", words=f"{phrases.dollars(standing.spent)} of {phrases.dollars(usd)}, {share}")
    rate = phrases.rate(standing.usd_per_hour)
    yield Evidence(label="Forecast", words=f"{phrases.dollars(standing.forecast)} at 24:00Z if it stays at {rate}")
    left = usd - standing.spent
    if 0 < left < standing.usd_per_hour * standing.hours_left:
        out = now + timedelta(hours=left / standing.usd_per_hour)
        yield Evidence(label="Runs out", words=f"{phrases.clock(out, now)} at that rate")
