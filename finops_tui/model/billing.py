"""Bills, how the estimate holds against them, and how the month and the budgets will end, as they stand on the screen.

Sums are in the currency that a row names, or in US dollars where the name says so; currencies are never added up. The
exact amounts are in the ledger. Days and months are UTC.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct


class Period(StrEnum):
    DAY = "day"
    WEEK = "week"
    """From Monday on."""
    MONTH = "month"


class BillRow(Struct, frozen=True, kw_only=True, gc=False):
    """What one source has billed of one account this month, in one currency."""

    key: str
    """`source/account/currency`."""
    source: str
    provider: str
    account: str
    name: str
    """As people call it; empty where the bill does not say."""
    currency: str
    month: date
    """Its first day."""
    usage: float
    """Billed cost of usage."""
    effective: float
    """The same with commitments spread over what uses them."""
    credits: float
    """As a rule negative."""
    taxes: float
    purchases: float
    adjustments: float
    last_month: float | None
    """Effective cost of usage of the whole month before; None where the source does not tell of all its days."""
    last_day: date
    """Day of its last charge."""
    through: datetime | None
    """Billed to date as of then, by the whole source."""
    final: bool
    """Whether every charge of the month belongs to an invoice; until then amounts may change."""
    counted: bool
    """False where another source tells of the same account and is believed instead."""
    at: datetime
    """When the source told."""
    stale: bool


class CheckedService(Struct, frozen=True, kw_only=True, gc=False):
    """One account and service whose estimate is held against its bill."""

    key: str
    account: str
    service: str
    clusters: tuple[str, ...]
    """Whose estimate it is."""
    estimated_usd: float
    billed_usd: float
    difference: float | None
    """Estimated over billed, less 1."""
    factor: float
    """What its estimates are multiplied with: billed over estimated, newer days count more."""
    spread: float
    """Standard deviation of the days' ratios around the factor."""
    days: int
    remarkable: bool


class CheckedDay(Struct, frozen=True, kw_only=True, gc=False):
    """One account and service on one day that is both billed and estimated."""

    key: str
    account: str
    service: str
    day: date
    estimated_usd: float
    billed_usd: float
    """Effective cost of usage."""
    difference: float | None
    """Estimated over billed, less 1."""


class BillCheck(Struct, frozen=True, kw_only=True, gc=False):
    """The live estimate held against the bill, over the days that are settled and were watched."""

    line: str
    """`estimate vs bill +3.1 % over 7 d`."""
    difference: float | None
    """Estimated over billed, less 1."""
    spread: float | None
    """Of the days' ratios around the services' factors, weighted by dollars."""
    estimated_usd: float | None
    billed_usd: float | None
    """Effective cost of usage."""
    corrected_usd: float | None
    """The estimate of these days, each corrected by what the days before it had taught."""
    unestimated_usd: float | None
    """Billed over the same days for what no estimate covers: storage, network, models."""
    amortised_usd: float | None
    """How much effective is above billed cost of usage over the same days: commitments paid for at another time."""
    credits_usd: float | None
    taxes_usd: float | None
    days: int
    through: date | None
    services: tuple[CheckedService, ...] = ()
    rows: tuple[CheckedDay, ...] = ()
    """The newest day first."""
    unmatched: tuple[str, ...] = ()
    """Clusters of which the config says no account, and those whose account is on no bill, each with the reason."""
    at: datetime | None = None
    """When the newest of these bills was told."""
    missing: str = ""


class OtherCurrency(Struct, frozen=True, kw_only=True, gc=False):
    """Billed this month in a currency that is not held against estimates."""

    currency: str
    billed: float
    """Effective cost of usage."""


class Outlook(Struct, frozen=True, kw_only=True, gc=False):
    """How a span of days stands and how it is expected to end: billed as far as bills reach, estimated from there."""

    first: date
    last: date
    billed_usd: float
    billed_through: datetime | None
    """No hour before it is estimated where bills are known; None where nothing is billed."""
    estimated_usd: float
    """Since then, by the live estimate, corrected by what bills have taught."""
    carried_usd: float
    """Since then, for what is on bills and no estimate covers, as in the last seven billed days."""
    usd: float | None
    """The three together; None where days are missing."""
    gaps: int
    """Days of the span that are neither billed nor were watched."""
    daily_usd: float | None
    """Mean of its days that are over."""
    expected_usd: float | None
    """At its end."""
    low_usd: float | None
    high_usd: float | None
    """It ends between these with 80 % confidence."""
    straight_usd: float | None
    """Its end by the mean of its days so far: what the forecast is to be held beside."""
    days_left: int
    """Today included."""
    missing: str = ""


class MonthRow(Struct, frozen=True, kw_only=True, gc=False):
    """This month, and what came before it."""

    outlook: Outlook
    limit_usd: float | None = None
    """The month's budget for everything, where one is set."""
    expected_ratio: float | None = None
    """Expected end over that budget."""
    week_usd: float | None = None
    """The last seven whole days."""
    week_before_usd: float | None = None
    week_change: float | None = None
    """The one over the other, less 1."""
    last_month_usd: float | None = None
    last_month_so_far_usd: float | None = None
    """Its first days, as many as are over of this month."""
    month_change: float | None = None
    """This month's days that are over against as many of the last, less 1."""
    week_missing: str = ""
    last_month_missing: str = ""
    others: tuple[OtherCurrency, ...] = ()
    """What is billed in other currencies: in no sum above."""
    at: datetime | None = None


class BudgetRow(Struct, frozen=True, kw_only=True, gc=False):
    """How one budget stands."""

    key: str
    """Its name in the config."""
    name: str
    kind: str
    """`total`, `team` …, or the ownership label it is for: `environment`."""
    scope: str
    period: Period
    limit_usd: float
    outlook: Outlook
    used: float | None
    """Ratio of the limit."""
    prorated: float
    """What may be used by now if every hour got the same share (ratio)."""
    daily_allowance_usd: float | None
    """What each day left, today's rest included, may cost so that the limit holds; 0 when it is used up."""
    expected: float | None
    """Ratio of the limit that the period is expected to end at."""
    reached: float | None
    """The highest threshold (ratio) that is used up."""
    breach_on: date | None
    """When the limit is, or is expected to be, used up; None when not in this period."""
    at: datetime
    missing: str = ""
