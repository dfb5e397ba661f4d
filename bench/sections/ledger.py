"""The ledger of bills with a million rows, written and asked for; how good forecasts of a simulated year are."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from math import fsum
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from bench.ledger import DAYS, YEAR, statement
from bench.report import Figure
from bench.setting import Setting, figure
from bench.stats import percentile
from finops_tui.analysis.forecast import forecast, straight_line
from finops_tui.ledger.costs import costs
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery, Grain
from finops_tui.model.bill import ChargeCategory
from finops_tui.simulation.bills import SimulatedBills

ROWS = 1_000_000
_SCOPES = {"team": ("team",), "model": ("model",), "namespace": ("namespace",)}
_END = YEAR + timedelta(days=DAYS)
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
    """Forecast every month of the simulated year from every third day of it, and hold that against what came."""
    ours: list[float] = []
    line: list[float] = []
    within: list[float] = []
    for seed in (7, 11)[: setting.runs(2)]:
        days = _year(seed)
        for month in range(2, 13):
            length = monthrange(2026, month)[1]
            actual = fsum(days[date(2026, month, day)] for day in range(1, length + 1))
            for through in (date(2026, month, day) for day in range(2, length, 3)):
                known = {day: usd for day, usd in days.items() if day <= through}
                seen, simple = forecast(known, through), straight_line(known, through)
                assert seen is not None
                assert simple is not None
                ours.append(abs(seen.expected / actual - 1) * 100)
                line.append(abs(simple / actual - 1) * 100)
                within.append(float(seen.low <= actual <= seen.high))
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


def _year(seed: int) -> dict[date, float]:
    days: defaultdict[date, float] = defaultdict(float)
    for row in SimulatedBills(seed).rows(date(2026, 1, 1), datetime(2027, 1, 2, tzinfo=UTC), "bench"):
        if row.charge_category is ChargeCategory.USAGE:
            days[row.charge_period_start.date()] += float(row.effective_cost)
    return dict(days)
