"""The past, asked for once: it teaches what is normal and draws the strip on the first screen.

The cluster as a whole is asked by five minutes: fine enough for the strip and the trends, and 14 days are 4,032 points
of the 11,000 that a server allows. Namespaces are many, and only their hours of the week are compared: by the hour. The
last hours come first; the days before in portions, one at a time, with pauses in between. What each row means is
`history_rows`' business.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from finops_tui.clock import Clock
from finops_tui.model.observations import HistorySeen
from finops_tui.sources.prometheus.answer import Series
from finops_tui.sources.prometheus.catalogue import BY_ID, Query
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.faults import PrometheusError
from finops_tui.sources.prometheus.history_rows import TYPE_LABELS, HistoryRows
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.prices import uses_defaults
from finops_tui.sources.prometheus.promql import label_names
from finops_tui.sources.prometheus.rests import LONGEST_RETRY_AFTER_SECONDS
from finops_tui.sources.prometheus.settings import PrometheusSettings
from finops_tui.sources.prometheus.usage_queries import EGRESS_METRIC

MINUTE, HOUR, DAY = 60, 3600, 86_400
CLUSTER_STEP = 5 * MINUTE
RECENT_SECONDS = 6 * HOUR
PORTION_SECONDS = 2 * DAY
COURTESY = 10.0
LONGEST_PAUSE_SECONDS = 0.5
"""Between two questions ten times as long as the answer took, and not longer: who answers at once has told all soon."""
RETRY_SECONDS = 30.0
AGAIN_SECONDS = 1.0
AGAIN_TRIES = 3
"""How often to ask again for a span that was refused with what may pass: what it held stays unknown for good."""
PATIENCE = 3.0
"""A range of days may take so many times as long as an instant."""
BY_STEPS = frozenset({"history.total", "history.nodes"})
"""Queries about the cluster as a whole; the others are asked by the hour."""


def spans(now: float, days: int) -> list[tuple[int, int]]:
    """Return start and end of what to ask, the latest first; aligned, so that servers may answer from their cache.

    The end of a span is the start of the one before, and does not belong to it.
    """
    end = int(now) // CLUSTER_STEP * CLUSTER_STEP + CLUSTER_STEP
    first = int(now - days * DAY) // HOUR * HOUR
    start = max(first, int(now - RECENT_SECONDS) // HOUR * HOUR)
    asked = [(start, end)]
    while start > first:
        end, start = start, max(first, start - PORTION_SECONDS)
        asked.append((start, end))
    return asked


async def prime(
    desk: Desk, told: Told, settings: PrometheusSettings, clock: Clock, payers: Sequence[str]
) -> AsyncIterator[HistorySeen]:
    """Yield the last hours, then all of the past that was asked for. `payers`: Kubernetes labels that name owners."""
    values = desk.by_node | {"type_labels": label_names(TYPE_LABELS), "payers": label_names(payers)}
    queries = await _queries(desk, clock)
    rows = HistoryRows(told.cluster, payers)
    asked = spans(clock.now().timestamp(), settings.history_days)
    for start, end in asked:
        for query in queries:
            step = CLUSTER_STEP if query.id in BY_STEPS else HOUR
            began = clock.now()
            for series in await _ask(desk, query, values, (start, end - step, step), clock):
                rows.add(query.id, step, series)
            took = (clock.now() - began).total_seconds()
            await clock.sleep(min(LONGEST_PAUSE_SECONDS, COURTESY * took))
        if rows and (start, end) in {asked[0], asked[-1]}:
            yield HistorySeen(at=clock.now(), source=told.source, cluster=told.cluster, series=rows.told())


async def _queries(desk: Desk, clock: Clock) -> list[Query]:
    """Say what to ask: what OpenCost metered where it had real prices, else how many nodes of each type there were."""
    while True:
        try:
            metered = desk.found.has(*BY_ID["history.total"].needs) and not await uses_defaults(desk)
        except PrometheusError:
            await clock.sleep(RETRY_SECONDS)
            continue
        spent = ("history.total", "history.namespace_labels", "history.namespace") if metered else ("history.nodes",)
        traffic = "history.egress" if desk.found.has(EGRESS_METRIC) else "history.sent"
        return [BY_ID[query_id] for query_id in (*spent, traffic, "history.volumes")]


async def _ask(
    desk: Desk, query: Query, values: Mapping[str, str], span: tuple[int, int, int], clock: Clock
) -> tuple[Series, ...]:
    """Return what the server knows of one span; waits while it does not answer at all."""
    tries = 0
    while True:
        try:
            answer = await desk.ask_range(query, values, span, PATIENCE, rests=False)
        except PrometheusError as error:
            await clock.sleep(max(RETRY_SECONDS, min(LONGEST_RETRY_AFTER_SECONDS, error.retry_after_seconds)))
            continue
        if answer is not None:
            return answer.series
        passing = desk.rests.passing(query.id)
        if passing is None or tries >= AGAIN_TRIES:
            return ()
        tries += 1
        await clock.sleep(max(AGAIN_SECONDS * 2**tries, min(LONGEST_RETRY_AFTER_SECONDS, passing.retry_after_seconds)))
