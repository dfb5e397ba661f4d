"""Budgets of weeks and months: bills as far as they reach, estimates since, and how the period will end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from finops_tui import phrases
from finops_tui.detectors.base import Scene
from finops_tui.detectors.lasting import Lasting
from finops_tui.detectors.quantities import positive
from finops_tui.model.billing import BudgetRow, Period
from finops_tui.model.finding import Evidence, Severity, Signal
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow

GRACE = timedelta(hours=2)
"""Forecasts of a week or month move slowly; one that wavers about the limit is one."""
KIND = "budget"


class PeriodWatch:
    """One signal for each budget of a week or month that has passed a threshold, or will not last its period."""

    def __init__(self, thresholds: tuple[float, ...], forecast_minutes: float, forecast_over: float) -> None:
        self._thresholds = thresholds
        self._least = timedelta(minutes=forecast_minutes)
        self._over = forecast_over
        self._ahead = Lasting(GRACE)
        self._told = Lasting()

    def judge(self, scene: Scene) -> Iterable[Signal]:
        """Return a signal for each budget in trouble; see `Detector.judge`."""
        rows = {_key(row): row for row in scene.snapshot.budgets if row.period is not Period.DAY}
        ahead = self._ahead.update([key for key, row in rows.items() if self._overruns(row)], scene.now)
        told: dict[str, tuple[BudgetRow, bool]] = {}
        for key, row in rows.items():
            began = ahead.get(key)
            overrun = (row.used or 0.0) < 1 and began is not None and scene.now - began >= self._least
            if overrun or self._passed(row) is not None:
                told[key] = (row, overrun)
        since = self._told.update(told, scene.now)
        return [self._signal(scene, row, since[key], overrun=overrun) for key, (row, overrun) in told.items()]

    def _overruns(self, row: BudgetRow) -> bool:
        return positive(row.expected) > 1 + self._over

    def _passed(self, row: BudgetRow) -> float | None:
        return max((share for share in self._thresholds if positive(row.used) >= share > 0), default=None)

    def _signal(self, scene: Scene, row: BudgetRow, since: datetime, *, overrun: bool) -> Signal:
        scope = _scope(row)
        spends = scene.rows.get(scope)
        return Signal(
            kind=KIND,
            severity=Severity.TICKET if overrun or positive(row.used) >= 1 else Severity.INFO,
            scope=scope,
            name=_name(row, spends),
            since=since,
            why=self._why(row, overrun=overrun),
            part=row.name,
            cluster=spends.cluster if spends is not None else "",
            owner=spends.owner if spends is not None else "",
            namespace=spends.namespace if spends is not None else "",
            model=spends.model if spends is not None else "",
            evidence=tuple(_evidence(row)),
        )

    def _why(self, row: BudgetRow, *, overrun: bool) -> str:
        limit = phrases.dollars(row.limit_usd)
        spent = f"{phrases.dollars(positive(row.outlook.usd))} of {limit} are spent this {row.period}"
        if positive(row.used) >= 1:
            return f"Budget {row.name} is overrun: {spent}."
        if overrun:
            over = phrases.dollars(positive(row.outlook.expected_usd) - row.limit_usd)
            known = spent if row.outlook.usd is not None else f"not all of this {row.period} is known"
            return f"Budget {row.name} is expected to be overrun by {over}: {known}."
        return f"Budget {row.name} has passed {phrases.percent(self._passed(row) or 0.0)}: {spent}."


def _key(row: BudgetRow) -> str:
    return f"{row.key} {row.outlook.first}"


def _scope(row: BudgetRow) -> Scope:
    """Return what it is for; budgets by a label stand under the total."""
    return Scope(ScopeKind(row.kind), row.scope) if row.kind in set(ScopeKind) else TOTAL


def _name(row: BudgetRow, spends: SpendRow | None) -> str:
    if row.kind not in set(ScopeKind):
        return f"{row.kind} {row.scope}"
    return spends.name if spends is not None else row.scope


def _evidence(row: BudgetRow) -> Iterator[Evidence]:
    seen, limit = row.outlook, phrases.dollars(row.limit_usd)
    if row.used is not None:
        spent = f"{phrases.dollars(positive(seen.usd))} of {limit}, {phrases.percent(row.used)}"
        yield Evidence(label="Spent", words=f"{spent}; {phrases.percent(row.prorated)} of the {row.period} is over")
    if seen.billed_through is not None:
        rest = phrases.dollars(positive(seen.estimated_usd) + positive(seen.carried_usd))
        billed = phrases.dollars(positive(seen.billed_usd))
        yield Evidence(label="Billed", words=f"{billed} up to {seen.billed_through:%Y-%m-%d}, {rest} estimated since")
    if seen.expected_usd is not None and seen.low_usd is not None and seen.high_usd is not None:
        low, high = phrases.dollars(positive(seen.low_usd)), phrases.dollars(positive(seen.high_usd))
        expected = phrases.dollars(positive(seen.expected_usd))
        yield Evidence(label="Forecast", words=f"{expected} at its end, {low} to {high} eight times of ten")
    if row.daily_allowance_usd is not None and seen.daily_usd is not None:
        allowed, burn = phrases.dollars(row.daily_allowance_usd), phrases.dollars(positive(seen.daily_usd))
        yield Evidence(label="A day", words=f"{burn} on average so far; {allowed} would fit")
    if row.breach_on is not None:
        yield Evidence(label="Runs out", words=f"{row.breach_on}")
