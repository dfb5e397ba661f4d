"""Budgets that are kept at the clouds, by what these tell of them a few times a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from finops_tui import phrases
from finops_tui.detectors.base import Scene
from finops_tui.detectors.lasting import Lasting
from finops_tui.detectors.quantities import positive
from finops_tui.model.finding import Evidence, Severity, Signal
from finops_tui.model.scope import TOTAL

TYPE_CHECKING = False
if TYPE_CHECKING:  # making this class takes time, and most fleets have no cloud
    from finops_tui.model.cloud import Budget

KIND = "budget"
SPENT = frozenset({"COST", "USAGE"})
"""Of these less is better; how far commitments are used and cover is better the more."""


class CloudBudgetWatch:
    """One signal for each budget of a cloud of which a threshold is spent, or that its cloud expects to be overrun."""

    def __init__(self, thresholds: Sequence[float], forecast_minutes: float, forecast_over: float) -> None:
        self._thresholds = thresholds
        self._least = timedelta(minutes=forecast_minutes)
        self._over = forecast_over
        self._ahead = Lasting()
        self._told = Lasting()

    def judge(self, scene: Scene) -> Iterable[Signal]:
        """Return a signal for each budget in trouble; see `Detector.judge`."""
        rows = {f"{row.account}/{row.name}": row for row in scene.snapshot.cloud.budgets if row.kind.upper() in SPENT}
        overruns = [key for key, row in rows.items() if _share(row.forecast, row) > 1 + self._over]
        ahead = self._ahead.update(overruns, scene.now)
        told: dict[str, tuple[Budget, bool]] = {}
        for key, row in rows.items():
            began = ahead.get(key)
            overrun = _share(row.actual, row) < 1 and began is not None and scene.now - began >= self._least
            if overrun or self._passed(row) is not None:
                told[key] = (row, overrun)
        since = self._told.update(told, scene.now)
        return [
            Signal(
                kind=KIND,
                severity=Severity.TICKET if overrun or _share(row.actual, row) >= 1 else Severity.INFO,
                scope=TOTAL,
                name=f"budget {row.name}",
                since=since[key],
                why=self._why(row, overrun=overrun),
                part=key,
                evidence=tuple(_evidence(row)),
            )
            for key, (row, overrun) in told.items()
        ]

    def _passed(self, row: Budget) -> float | None:
        return max((share for share in self._thresholds if _share(row.actual, row) >= share > 0), default=None)

    def _why(self, row: Budget, *, overrun: bool) -> str:
        spent = f"{_amount(row.actual, row)} of {_amount(row.limit, row)} are spent, as its cloud tells"
        which = f"Budget {row.name} of {row.account}"
        if _share(row.actual, row) >= 1:
            return f"{which} is overrun: {spent}."
        if overrun:
            return f"{which} is expected to end at {_amount(row.forecast, row)}: {spent}."
        return f"{which} has passed {phrases.percent(self._passed(row) or 0.0)}: {spent}."


def _share(part: Decimal | None, row: Budget) -> float:
    """Return which part of its limit that is; 0 where one of the two is not known."""
    return positive(float(part / row.limit)) if part is not None and row.limit else 0.0


def _amount(amount: Decimal | None, row: Budget) -> str:
    return "–" if amount is None else f"{amount:,.0f} {row.unit}"


def _evidence(row: Budget) -> Iterator[Evidence]:
    used = f", {phrases.percent(_share(row.actual, row))}" if row.actual is not None else ""
    yield Evidence(label="Spent", words=f"{_amount(row.actual, row)} of {_amount(row.limit, row)}{used}")
    if row.forecast is not None:
        ends = f"{_amount(row.forecast, row)} at its end, {phrases.percent(_share(row.forecast, row))}"
        yield Evidence(label="Forecast", words=f"{ends}, as its cloud expects")
    if row.about:
        yield Evidence(label="For", words=row.about)
