"""Rows of service: objectives and model servers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from finops_tui.analysis.burn_rate import BurnRules, burn
from finops_tui.analysis.figures import amount, ratio
from finops_tui.analysis.freshness import is_stale
from finops_tui.analysis.slo_serving import Served, Servers, Spend
from finops_tui.model.fleet import Fleet, Held
from finops_tui.model.slo import ServingReading, SliReading, Slo
from finops_tui.model.snapshot import ServingRow, SloRow

NOTHING_SPENT: Spend = {}


class SloTable:
    """One row for each objective, made again only when its readings changed, or what serves it did."""

    def __init__(self, rules: BurnRules) -> None:
        self._rules = rules
        self._servers = Servers()
        self._rows: dict[str, tuple[tuple[object, ...], SloRow]] = {}

    def rows(self, fleet: Fleet, now: datetime, spend: Spend = NOTHING_SPENT) -> tuple[SloRow, ...]:
        """Return the rows by key. `spend` holds the rows of single workloads, without which nothing is linked."""
        served = self._servers.of([held.value for held in fleet.slos.values()], fleet, spend)
        readings: defaultdict[str, dict[int, Held[SliReading]]] = defaultdict(dict)
        for (slo_id, window), held in fleet.slis.items():
            readings[slo_id][window] = held
        kept: dict[str, tuple[tuple[object, ...], SloRow]] = {}
        for slo_id in sorted(fleet.slos):
            slo, own = fleet.slos[slo_id], readings.get(slo_id, {})
            stale = any(is_stale(fleet.health.get(source), now) for source in {slo.source, *_sources(own)})
            made_of = (slo.value, stale, served[slo.value.id], *((window, own[window]) for window in sorted(own)))
            before = self._rows.get(slo_id)
            kept[slo_id] = (
                before
                if before is not None and before[0] == made_of
                else (made_of, _slo_row(slo.value, own, self._rules, served[slo.value.id], stale=stale))
            )
        self._rows = kept
        return tuple(row for _, row in kept.values())


def _sources(own: Mapping[int, Held[SliReading]]) -> set[str]:
    return {held.source for held in own.values()}


def _slo_row(slo: Slo, own: Mapping[int, Held[SliReading]], rules: BurnRules, served: Served, *, stale: bool) -> SloRow:
    figures = burn(slo, {window: held.value for window, held in own.items()}, rules)
    return SloRow(
        key=slo.id,
        name=slo.name,
        cluster=slo.cluster,
        service=slo.service,
        objective=slo.objective,
        windows=figures.windows,
        budget_left=figures.budget_left,
        exhausted_in_seconds=figures.exhausted_in_seconds,
        events_per_hour=figures.events_per_hour,
        low_traffic=figures.low_traffic,
        origin=slo.origin,
        workload=served.workload,
        model=served.model,
        pool=served.pool,
        usd_per_hour=served.usd,
        period_seconds=slo.period_seconds,
        at=max((held.at for held in own.values()), default=None),
        stale=stale,
        missing=figures.missing,
    )


def serving_rows(fleet: Fleet, now: datetime) -> tuple[ServingRow, ...]:
    """Return one row for each model server."""
    return tuple(
        _serving_row(name, reading, held.at, stale=is_stale(fleet.health.get(held.source), now))
        for name, cluster in sorted(fleet.clusters.items())
        if (held := cluster.serving) is not None
        for reading in held.value
    )


def _serving_row(cluster: str, reading: ServingReading, at: datetime, *, stale: bool) -> ServingRow:
    return ServingRow(
        key=f"{cluster}/{reading.namespace}/{reading.server}/{reading.model}",
        cluster=cluster,
        namespace=reading.namespace,
        model=reading.model,
        server=reading.server,
        requests_per_second=amount(reading.requests_per_second),
        p95_seconds=amount(reading.p95_seconds),
        error_ratio=ratio(reading.error_ratio),
        queue_depth=amount(reading.queue_depth),
        tokens_per_second=amount(reading.tokens_per_second),
        at=at,
        stale=stale,
    )
