"""What speaks for a burning error budget: windows, budget, traffic, and what it costs to serve."""

from __future__ import annotations

from collections.abc import Iterator

from finops_tui.detectors import burn_words as words
from finops_tui.detectors.serving_scope import Serving
from finops_tui.model.finding import Evidence
from finops_tui.model.snapshot import BurnWindow, ServingRow, SloRow
from finops_tui.phrases import rate


def evidence(row: SloRow, served: Serving, alert: str, not_known: str) -> tuple[Evidence, ...]:
    """Return it for one row. `alert` says which one holds, `not_known` which windows nobody measures."""
    return tuple(_evidence(row, served, alert, not_known))


def related(row: SloRow, served: Serving) -> tuple[str, ...]:
    """Return the keys of the objective, of what serves it, and of the pools that it is on."""
    return tuple(key for key in (row.key, served.workload, *served.pools) if key)


def _evidence(row: SloRow, served: Serving, alert: str, not_known: str) -> Iterator[Evidence]:
    yield Evidence(label="Alert", words=alert)
    yield Evidence(label="Burn rates", words=", ".join(_burn(window) for window in row.windows))
    if not_known:
        yield Evidence(label="Not measured", words=not_known)
    yield Evidence(label="Budget", words=_budget(row))
    yield Evidence(label="Traffic", words=_traffic(row))
    if row.workload:
        yield Evidence(label="Served by", words=row.workload)
    if row.model:
        yield Evidence(label="Model", words=row.model)
    if row.pool:
        yield Evidence(label="Pool", words=row.pool)
    if row.usd_per_hour is not None:
        yield Evidence(label="Costs", words=f"≈{rate(row.usd_per_hour)} to serve")
    if served.server is not None and (figures := _serving(served.server)):
        yield Evidence(label="Serving", words=figures)
    if row.stale and row.at is not None:
        yield Evidence(label="Stale", words=f"these are the figures of {row.at:%H:%M}Z; none came since")


def _burn(window: BurnWindow) -> str:
    name = words.window(window.seconds)
    return f"{name} no traffic" if window.burn_rate is None else f"{name} {words.times(window.burn_rate)}"


def _budget(row: SloRow) -> str:
    days = row.period_seconds / 86_400
    return f"{words.budget(row.budget_left, row.exhausted_in_seconds)}; {row.objective:.6g} over {days:.4g} d"


def _traffic(row: SloRow) -> str:
    return "how many events there are is not known" if row.events_per_hour is None else f"{row.events_per_hour:,.0f}/h"


def _serving(server: ServingRow) -> str:
    parts = (
        (server.p95_seconds, "p95 {:.3g} s"),
        (server.queue_depth, "{:,.0f} in the queue"),
        (server.requests_per_second, "{:.3g} requests/s"),
        (None if server.error_ratio is None else server.error_ratio * 100, "{:.3g}% failed"),
    )
    told = ", ".join(form.format(value) for value, form in parts if value is not None)
    return f"{server.server}: {told}" if told else ""
