"""Error ratios of the objectives that the config, or a file that it names, defines."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime

from finops_tui.model.observations import Observation, SliReadings
from finops_tui.model.slo import SliReading, Slo
from finops_tui.sources.prometheus.answer import Answer
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.slo_settings import SloDefinition
from finops_tui.sources.prometheus.windows import ASKED_PER_WINDOW, BURN_WINDOWS, over, promql_duration

_RATE = re.compile(r"\bi?rate\s*\(")
_INCREASE = re.compile(r"\bincrease\s*\(")
UNKNOWN: tuple[float | None, float | None] = (None, None)


def defined(slo: SloDefinition, cluster: str) -> Slo:
    """Return the objective as the model knows it."""
    return Slo(
        id=slo.id_in(cluster),
        name=slo.name,
        cluster=cluster,
        service=slo.service,
        objective=slo.objective,
        period_seconds=float(slo.period_seconds),
        origin=slo.origin,
        namespace=slo.namespace,
        workload=slo.workload,
    )


class SliWindow:
    """All objectives over one window; a part of its own, so that each window has its own pace."""

    def __init__(self, slos: tuple[SloDefinition, ...], seconds: int | None, interval_seconds: float) -> None:
        """Without `seconds` each objective is asked over its own period."""
        self._slos = slos
        self._seconds = seconds
        self.every_seconds = max(interval_seconds, self._shortest() / ASKED_PER_WINDOW)

    async def read(self, desk: Desk, told: Told, at: datetime) -> Sequence[Observation]:
        readings = await asyncio.gather(*(self._one(slo, desk, told) for slo in self._slos))
        known = tuple(reading for reading in readings if reading is not None)
        if not known:
            return ()
        return (SliReadings(at=at, source=told.source, cluster=told.cluster, readings=known),)

    def _shortest(self) -> int:
        return self._seconds or min((slo.period_seconds for slo in self._slos), default=BURN_WINDOWS[-1])

    async def _one(self, slo: SloDefinition, desk: Desk, told: Told) -> SliReading | None:
        seconds = self._seconds or slo.period_seconds
        topic = f"slo {slo.service}/{slo.name} {promql_duration(seconds)}"
        measured = await _measure(slo, seconds, desk, topic)
        if measured is None:
            return None
        ratio, events = measured
        return SliReading(slo_id=slo.id_in(told.cluster), window_seconds=seconds, error_ratio=ratio, events=events)


async def _measure(
    slo: SloDefinition, seconds: int, desk: Desk, topic: str
) -> tuple[float | None, float | None] | None:
    """Return error ratio and events; None where the server refused to say."""
    indicator = slo.indicator
    if indicator.error_ratio is not None:
        answer = await desk.send(topic, over(indicator.error_ratio, seconds))
        if answer is None:
            return None
        if len(answer.samples) > 1:
            desk.missing[topic] = f"error_ratio gives {len(answer.samples)} series, it must give one"
            return UNKNOWN
        return _within_ratio(_sum(answer)), None
    total_expr = indicator.latency.total() if indicator.latency else indicator.total or ""
    part_expr = indicator.latency.good() if indicator.latency else indicator.good or indicator.errors or ""
    part_answer, total_answer = await asyncio.gather(
        desk.send(topic, over(part_expr, seconds)),
        desk.send(f"{topic} total", over(total_expr, seconds)),
    )
    if part_answer is None or total_answer is None:
        return None
    total = _sum(total_answer)
    if not total or total < 0:  # no traffic is not 100 % good
        return None, 0.0 if total == 0 else None
    bucketless = None if part_answer.samples else indicator.latency  # each bucket is there from the first request on
    if bucketless is not None:
        bound = f"{bucketless.threshold:g} s"
        desk.missing[topic] = f"{bucketless.histogram} has no bucket for {bound}: `threshold` must be one of its `le`"
    part = _sum(part_answer) or 0.0  # a counter that never counted has no series
    ratio = part / total if indicator.errors is not None else 1.0 - part / total
    return None if bucketless else _within_ratio(ratio), _events(total, total_expr, seconds)


def _sum(answer: Answer) -> float | None:
    """Return the sum of all rows; None where there is none, or one is no number."""
    values = [sample.value for sample in answer.samples]
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _within_ratio(value: float | None) -> float | None:
    """Counters that are scraped at different moments may give a little less than 0 or more than 1."""
    return None if value is None else min(1.0, max(0.0, value))


def _events(total: float, expr: str, seconds: int) -> float | None:
    """Return how many events a total counts: an `increase` is a count, a `rate` is one for each second."""
    if _INCREASE.search(expr):
        return total
    return total * seconds if _RATE.search(expr) else None
