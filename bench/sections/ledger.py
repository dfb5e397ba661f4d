"""The ledger of bills with a million rows, written and asked for; how good forecasts of a simulated year are."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import product
from math import fsum
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from bench.ledger import DAYS, YEAR, statement
from bench.report import Figure
from bench.setting import Setting, figure
from bench.stats import percentile
from finops_tui.analysis.known_days import Stream, Watched, known_days
from finops_tui.analysis.outlooks import ahead, elapsed, outlook, span
from finops_tui.engine.billing import HISTORY_DAYS
from finops_tui.ledger.costs import costs
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery, Grain
from finops_tui.model.bill import ChargeCategory
from finops_tui.model.billing import Outlook, Period
from finops_tui.simulation.bills import HOURS_LATE, SimulatedBills

ROWS = 1_000_000
_SCOPES = {"team": ("team",), "model": ("model",), "namespace": ("namespace",)}
_END = YEAR + timedelta(days=DAYS)
_END_OF_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
_HOURS = (0, 6, 12, 18)
"""When a month is foretold, on each day that it is: the days before are whole, today is not."""
QUESTIONS: Mapping[str, tuple[int, tuple[str, ...], Grain | None]] = {
    "7 days by team": (7, ("team",), None),
    "35 days by account, service and day": (35, ("provider", "account", "service"), Grain.DAY),
    "35 days by team and service": (35, ("team", "service"), None),
    "7 days by resource": (7, ("resource",), None),
    "30 days by resource": (30, ("resource",), None),
    "30 days by a tag": (30, ("tag:Name",), None),
    "2 days by service and hour": (2, ("service",), Grain.HOUR),
    "a year by team": (DAYS, ("team",), None),
    "a year by service and day": (DAYS, ("service",), Grain.DAY),
    "a year by team, service and month": (DAYS, ("team", "service"), Grain.MONTH),
    "a year by SKU": (DAYS, ("sku",), None),
    "a year by resource": (DAYS, ("resource",), None),
}


def figures(setting: Setting) -> list[Figure]:
    return [*_ledger(setting), *_forecasts(setting)]


def _ledger(setting: Setting) -> list[Figure]:
    rows = ROWS // 10 if setting.quick else ROWS
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder, "bills.sqlite"), _SCOPES)
        started = perf_counter()
        told = ledger.restate(statement(rows))
        took = perf_counter() - started
        found = [
            *figure("ledger.insert", f"ledger: write {told.rows:,} rows down", "rows/s", [told.rows / took]),
            *figure("ledger.size", "ledger: on disk", "MiB", [ledger.path.stat().st_size / 2**20]),
        ]
        every: list[float] = []
        worked: list[float] = []
        for title, question in QUESTIONS.items():
            runs = [_milliseconds(ledger, *question) for _ in range(setting.runs(20))]
            took_ms = [took for took, _ in runs]
            every += took_ms
            worked += [cpu for _, cpu in runs]
            found += figure(f"ledger.query.{title.replace(' ', '_')}", f"ledger: {title}", "ms", took_ms)
        p95 = [percentile(every, 0.95)]
        found += figure("ledger.query.p95", "ledger: any of these, p95", "ms", p95, judged=not setting.quick)
        found += figure("ledger.query.cpu", "ledger: the same, CPU time p95", "ms", [percentile(worked, 0.95)])
    return found


def _milliseconds(ledger: Ledger, days: int, by: tuple[str, ...], grain: Grain | None) -> tuple[float, float]:
    """Return how long an answer takes, and how much of that is work of this process."""
    query = CostQuery(since=_END - timedelta(days=days), until=_END, by=by, grain=grain)
    started, worked = perf_counter(), process_time()
    answer = costs(ledger, query)
    took, cpu = perf_counter() - started, process_time() - worked
    assert answer.rows, "a question without an answer measures nothing"
    return took * 1000, cpu * 1000


def _forecasts(setting: Setting) -> list[Figure]:
    """Foretell every month of the simulated year on every third day of it, as the screen does, and wait what comes."""
    ours: list[float] = []
    line: list[float] = []
    within: list[float] = []
    for seed in (7, 11)[: setting.runs(2)]:
        bills = SimulatedBills(seed)
        days = _used(bills, date(2026, 1, 1), _END_OF_YEAR)
        for month in range(2, 13):
            length = monthrange(2026, month)[1]
            actual = fsum(days[date(2026, month, day)] for day in range(1, length + 1))
            for day, hour in product(range(3, length + 1, 3), _HOURS):
                seen = _seen(bills, days, datetime(2026, month, day, hour, tzinfo=UTC))
                assert seen.expected_usd is not None
                assert seen.straight_usd is not None
                assert seen.low_usd is not None
                assert seen.high_usd is not None
                ours.append(abs(seen.expected_usd / actual - 1) * 100)
                line.append(abs(seen.straight_usd / actual - 1) * 100)
                within.append(float(seen.low_usd <= actual <= seen.high_usd))
    return [
        *figure("ledger.forecast.error", "forecast: mean error of a month's end", "%", [fsum(ours) / len(ours)]),
        *figure("ledger.forecast.line", "forecast: the same by a straight line", "%", [fsum(line) / len(line)]),
        *figure(
            "ledger.forecast.within",
            "forecast: months that end in the interval",
            "%",
            [fsum(within) / len(within) * 100],
        ),
    ]


def _seen(bills: SimulatedBills, days: Mapping[date, float], now: datetime) -> Outlook:
    """Return the month as it is shown: billed up to midnight, and of today estimated, rightly, what is over."""
    today, over = now.date(), elapsed(now)
    spent = _used(bills, today, now).get(today, 0.0)
    stream = Stream(billed=days, since=min(days), through=today, estimated={today: Watched(spent, over)})
    known = known_days((stream,), today - timedelta(days=HISTORY_DAYS), today, over)
    first, last = span(Period.MONTH, today)
    return outlook(known, first, last, now, ahead(known, last, today))


def _used(bills: SimulatedBills, first: date, until: datetime) -> dict[date, float]:
    """Return what each day from `first` costs until a moment."""
    days: defaultdict[date, float] = defaultdict(float)
    for row in bills.rows(first, until + timedelta(hours=HOURS_LATE), "bench"):
        if row.charge_category is ChargeCategory.USAGE:
            days[row.charge_period_start.date()] += float(row.effective_cost)
    return dict(days)
