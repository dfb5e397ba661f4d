"""The live estimate held against the bill, and what that teaches.

An estimate multiplies inventory with list and spot prices. What was agreed with a cloud it cannot know: enterprise
discounts, commitments, sustained use. The bill does, days later. Their ratio, learned by account and service, corrects
the estimate of the days that are not billed yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import fsum, sqrt

from finops_tui.model.bill import BilledDay
from finops_tui.model.money import USD

_LEAST_USD = 1.0
"""An estimate below that on a day teaches nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileRules:
    days: int = 7
    """How many billed days are compared, and after how many a day counts a half."""
    settled_days: int = 1
    """So many days after a day has ended its bill is believed: until then it is filled in."""
    least_covered: float = 0.9
    """Share of a day (0-1) that must have been watched for its estimate to be held against the bill."""
    factors: tuple[float, float] = (0.3, 1.5)
    """A ratio outside says that they are not about the same thing; it is held at the bound."""
    remarkable: float = 0.15
    """From that difference (ratio) on a person should look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatedDay:
    """What was estimated live for one account and service on one UTC day."""

    account: str
    service: str
    day: date
    usd: float
    """For the part of the day that was watched."""
    covered: float
    """That part, 0-1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What the bill says of the estimate of one account and service."""

    account: str
    service: str
    factor: float
    """Billed over estimated: effective cost of usage, newer days count more."""
    spread: float
    """Standard deviation of the days' ratios around the factor; 0 when there is one day."""
    days: int
    estimated_usd: float
    billed_usd: float
    remarkable: bool

    @property
    def difference(self) -> float:
        """Return by how much the estimate is above the bill (ratio)."""
        return self.estimated_usd / self.billed_usd - 1 if self.billed_usd else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedDay:
    """One account and service on one day that is billed and estimated."""

    account: str
    service: str
    day: date
    estimated_usd: float
    billed_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    corrections: tuple[Correction, ...]
    """The largest bills first."""
    estimated_usd: float
    billed_usd: float
    """Sums over the days and services that both know."""
    corrected_usd: float
    """The estimate of these days, each corrected by what the days before it had taught."""
    unestimated_usd: float
    """Billed over the same days for what no estimate covers: storage, network, models."""
    days: int
    through: date | None
    """The last day compared."""
    compared: tuple[ComparedDay, ...] = ()
    """What was compared, the newest day first."""
    missing: str = ""
    """Why nothing can be compared; empty when something is."""

    @property
    def line(self) -> str:
        """Return the one line for the screen: `estimate vs bill +3.1 % over 7 d`."""
        if self.missing:
            return f"estimate vs bill –: {self.missing}"
        return f"estimate vs bill {_percent(self.estimated_usd, self.billed_usd)} over {self.days} d"

    def factor(self, account: str, service: str) -> float:
        """Return what to multiply an estimate with; that of the whole where this one is not known, else 1."""
        for correction in self.corrections:
            if (correction.account, correction.service) == (account, service):
                return correction.factor
        weight = fsum(correction.estimated_usd for correction in self.corrections)
        return fsum(each.factor * each.estimated_usd for each in self.corrections) / weight if weight else 1.0


def reconcile(
    billed: Iterable[BilledDay],
    estimated: Iterable[EstimatedDay],
    now: datetime,
    rules: ReconcileRules | None = None,
) -> Reconciliation:
    """Hold estimates against bills in US dollars; other currencies cannot be compared and are left out."""
    rules = rules or ReconcileRules()
    last = now.astimezone(UTC).date() - timedelta(days=rules.settled_days + 1)
    bills = _by_day(billed, last)
    guesses = {
        (each.account, each.service, each.day): each.usd / each.covered
        for each in estimated
        if each.day <= last and each.covered >= rules.least_covered and each.usd >= _LEAST_USD
    }
    common = sorted({day for _, _, day in guesses.keys() & bills.keys()})
    compared = common[-rules.days :]
    if not compared:
        return _nothing(bool(bills), bool(guesses))
    pairs: defaultdict[tuple[str, str], list[tuple[date, float, float]]] = defaultdict(list)
    for account, service, day in guesses.keys() & bills.keys():
        pairs[account, service].append((day, guesses[account, service, day], bills[account, service, day]))
    found = [_correction(key, sorted(days), compared, rules) for key, days in pairs.items()]
    corrections = sorted((each for each in found if each is not None), key=lambda each: -each.billed_usd)
    known = {(each.account, each.service) for each in corrections}
    return Reconciliation(
        corrections=tuple(corrections),
        estimated_usd=fsum(each.estimated_usd for each in corrections),
        billed_usd=fsum(each.billed_usd for each in corrections),
        corrected_usd=fsum(_foretold(sorted(days), compared, rules) for days in pairs.values()),
        unestimated_usd=fsum(
            usd for (account, service, day), usd in bills.items() if day in compared and (account, service) not in known
        ),
        days=len(compared),
        through=compared[-1],
        compared=tuple(
            ComparedDay(
                account=account,
                service=service,
                day=day,
                estimated_usd=guesses[account, service, day],
                billed_usd=bills[account, service, day],
            )
            for day, account, service in sorted(
                (
                    (each, account, service)
                    for account, service, each in guesses.keys() & bills.keys()
                    if each in compared
                ),
                reverse=True,
            )
        ),
    )


def _by_day(billed: Iterable[BilledDay], last: date) -> dict[tuple[str, str, date], float]:
    found: defaultdict[tuple[str, str, date], float] = defaultdict(float)
    for each in billed:
        if each.currency == USD and each.day <= last:
            found[each.account, each.service, each.day] += float(each.effective)
    return dict(found)


def _correction(
    key: tuple[str, str], days: Sequence[tuple[date, float, float]], compared: Sequence[date], rules: ReconcileRules
) -> Correction | None:
    within = [each for each in days if each[0] in compared]
    if not within:
        return None
    factor = _factor(within, compared[-1], rules)
    estimated, billed = fsum(guess for _, guess, _ in within), fsum(bill for _, _, bill in within)
    squares = fsum((bill / guess - factor) ** 2 for _, guess, bill in within)
    return Correction(
        account=key[0],
        service=key[1],
        factor=factor,
        spread=sqrt(squares / (len(within) - 1)) if len(within) > 1 else 0.0,
        days=len(within),
        estimated_usd=estimated,
        billed_usd=billed,
        remarkable=abs(billed / estimated - 1) > rules.remarkable,
    )


def _factor(days: Sequence[tuple[date, float, float]], last: date, rules: ReconcileRules) -> float:
    """Return the ratio of weighted sums: a day with little spend decides little."""
    weights = [0.5 ** ((last - day).days / rules.days) for day, _, _ in days]
    billed = fsum(weight * bill for weight, (_, _, bill) in zip(weights, days, strict=True))
    estimated = fsum(weight * guess for weight, (_, guess, _) in zip(weights, days, strict=True))
    low, high = rules.factors
    return min(max(billed / estimated, low), high)


def _foretold(days: Sequence[tuple[date, float, float]], compared: Sequence[date], rules: ReconcileRules) -> float:
    """Return what the corrected estimate would have said of the compared days, each without knowing its own bill."""
    total = 0.0
    for place, (day, guess, _) in enumerate(days):
        if day in compared:
            before = days[max(0, place - rules.days) : place]
            total += guess * (_factor(before, before[-1][0], rules) if before else 1.0)
    return total


def _nothing(billed: bool, estimated: bool) -> Reconciliation:
    if not billed:
        missing = "nothing is billed in US dollars yet."
    elif not estimated:
        missing = "no day was watched long enough to estimate it."
    else:
        missing = "no day is both billed and estimated yet."
    return Reconciliation(
        corrections=(), estimated_usd=0.0, billed_usd=0.0, corrected_usd=0.0, unestimated_usd=0.0, days=0,
        through=None, missing=missing,
    )  # fmt: skip


def _percent(estimated: float, billed: float) -> str:
    if not billed:
        return "–"
    return f"{(estimated / billed - 1) * 100:+.1f} %".replace("-", "−")
