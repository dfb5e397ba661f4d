"""How fast an objective's error budget is used up.

Burn rate = error ratio / (1 - objective). Budget left = 1 - error ratio of the whole period / (1 - objective). Both as
in the SRE workbook, chapter 5 (sre.google/workbook/alerting-on-slos).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from finops_tui.analysis.figures import amount, ratio
from finops_tui.model.slo import SliReading, Slo
from finops_tui.model.snapshot import BurnWindow, SloRow

SHORT_WINDOW = 300
HOUR = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnRules:
    low_traffic_events: float = 100.0
    """Fewer events than this in five minutes make a burn rate meaningless."""
    windows: tuple[int, ...] = (300, 1_800, 3_600, 7_200, 21_600, 86_400, 259_200)
    """Seconds, shortest first, as sources are asked for them. Generators of rules record others too."""


class Burn(NamedTuple):
    windows: tuple[BurnWindow, ...]
    budget_left: float | None
    exhausted_in_seconds: float | None
    events_per_hour: float | None
    low_traffic: bool
    missing: str


def burn_rate(error_ratio: float | None, objective: float) -> float | None:
    """Return how many times faster than sustainable; None without traffic or without a budget to burn."""
    errors = ratio(error_ratio)
    if errors is None or not 0 <= objective < 1:
        return None
    return errors / (1 - objective)


def burn(slo: Slo, readings: Mapping[int, SliReading], rules: BurnRules) -> Burn:
    """Work out one objective from its readings by window (seconds)."""
    period = int(slo.period_seconds) if amount(slo.period_seconds) else 0
    windows = tuple(
        BurnWindow(
            seconds=seconds,
            error_ratio=ratio(readings[seconds].error_ratio),
            burn_rate=burn_rate(readings[seconds].error_ratio, slo.objective),
        )
        for seconds in sorted(readings)
        if seconds in rules.windows or seconds < period
    )
    whole = readings.get(period)
    spent = burn_rate(whole.error_ratio, slo.objective) if whole is not None else None
    left = None if spent is None else 1 - spent
    hour = readings.get(HOUR)
    now = burn_rate(hour.error_ratio, slo.objective) if hour is not None else None
    return Burn(
        windows=windows,
        budget_left=left,
        exhausted_in_seconds=exhausted_in(left, now, period),
        events_per_hour=_events_per_hour(readings),
        low_traffic=_low_traffic(readings.get(SHORT_WINDOW), rules),
        missing=_missing(slo, readings, windows, left),
    )


def exhausted_in(left: float | None, burning: float | None, period_seconds: float) -> float | None:
    """Return seconds until nothing is left. At a burn rate of 1 or less a rolling period gives back what it takes."""
    if left is None:
        return None
    if left <= 0:
        return 0.0
    if burning is None or burning <= 1:
        return None
    return left * period_seconds / burning


def worst_burn(rows: Iterable[SloRow]) -> float | None:
    """Return the highest burn rate of the last hour; None where no figure of now, of enough events, is known."""
    rates = (row.burn(HOUR) for row in rows if not row.stale and not row.low_traffic)
    return max((rate for rate in rates if rate is not None), default=None)


def _events_per_hour(readings: Mapping[int, SliReading]) -> float | None:
    for window in (HOUR, SHORT_WINDOW):
        reading = readings.get(window)
        events = amount(reading.events) if reading is not None else None
        if events is not None:
            return events * HOUR / window
    return None


def _low_traffic(short: SliReading | None, rules: BurnRules) -> bool:
    events = amount(short.events) if short is not None else None
    return events is not None and events < rules.low_traffic_events


def _missing(slo: Slo, readings: Mapping[int, SliReading], windows: tuple[BurnWindow, ...], left: float | None) -> str:
    if not 0 <= slo.objective < 1:
        return f"An objective of {slo.objective:.6g} leaves no error budget to burn."
    if not readings:
        return "No error ratio has been read yet."
    if windows and all(window.burn_rate is None for window in windows):
        return "No traffic."
    if left is None:
        return f"The error ratio of the whole period ({slo.period_seconds / 86_400:.4g} days) is not known."
    return ""
