from __future__ import annotations

import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import ClassVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.clock import SimulatedClock
from finops_tui.model.observations import HistorySeen, HistorySeries, Quantity
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.history import CLUSTER_STEP, HOUR, prime, spans
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.rests import Rests
from finops_tui.sources.prometheus.settings import PrometheusSettings
from tests.servers.prometheus import prometheus_with
from tests.sources.prometheus.collect import of, source, until
from tests.sources.prometheus.samples import Samples

DAY = 86_400
SEARCH, TRAIN = (Scope(ScopeKind.NAMESPACE, f"prod-us/{name}") for name in ("search", "train"))
MOST_POINTS = 11_000


@given(now=st.floats(1.6e9, 2.2e9), days=st.integers(1, 60))
def test_spans_meet_and_hold_few_points(now: float, days: int) -> None:
    asked = spans(now, days)
    assert asked[0][1] > now >= asked[0][1] - CLUSTER_STEP
    assert asked[-1][0] <= now - days * DAY < asked[-1][0] + HOUR
    assert all(later[0] == earlier[1] for later, earlier in pairwise(asked))
    assert all(start % HOUR == 0 and 0 < (end - start) / CLUSTER_STEP < MOST_POINTS for start, end in asked)


class Answers:
    """A server that answers every question after so many seconds, with nothing."""

    by_node: ClassVar[Mapping[str, str]] = {}

    def __init__(self, clock: Waits, seconds: float) -> None:
        self.found = self
        self._clock, self._seconds = clock, seconds

    def has(self, *_: str) -> bool:
        return False

    @property
    def rests(self) -> Rests:
        return Rests(self._clock, random.Random(1))

    async def ask_range(self, *_: object, **__: object) -> None:
        self._clock.at += timedelta(seconds=self._seconds)


class Waits:
    speed = 1.0

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 4, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@pytest.mark.parametrize(("answers_after", "pause"), [(0.01, 0.1), (2.0, 0.5)])
async def test_the_past_is_asked_for_as_fast_as_the_server_answers(answers_after: float, pause: float) -> None:
    clock = Waits()
    settings = PrometheusSettings(cluster="prod-us", url="http://prometheus:9090", history_days=14)
    desk = cast("Desk", Answers(clock, answers_after))
    assert [told async for told in prime(desk, Told("prometheus", "prod-us"), settings, clock, ())] == []
    assert len(clock.slept) == len(spans(datetime(2026, 3, 4, tzinfo=UTC).timestamp(), 14)) * 3
    assert clock.slept == pytest.approx([pause] * len(clock.slept))


def of_scope(told: HistorySeen, scope: Scope, quantity: Quantity = Quantity.USD_PER_HOUR) -> HistorySeries:
    (series,) = [series for series in told.series if series.scope == scope and series.quantity is quantity]
    return series


async def test_what_opencost_metered(server: str) -> None:
    hurried = SimulatedClock(datetime.now(UTC), speed=20)
    watched = source(server, history_days=8, clock=hurried)
    seen = await until(watched, lambda seen: len(of(seen, HistorySeen)) == 2)
    recent, everything = of(seen, HistorySeen)
    cluster = Scope(ScopeKind.CLUSTER, "prod-us")
    assert of_scope(recent, cluster).points[0][0] >= time.time() - 7 * HOUR - 60
    series = of_scope(everything, cluster)
    assert series.quantity is Quantity.USD_PER_HOUR
    assert series.step_seconds == CLUSTER_STEP
    moments = [moment for moment, _ in series.points]
    assert {round(b - a) for a, b in pairwise(moments)} == {CLUSTER_STEP}
    assert moments[-1] - moments[0] == pytest.approx(8 * DAY, abs=2 * HOUR)
    for moment, usd in series.points[::37]:
        hour = datetime.fromtimestamp(moment, UTC).hour
        if datetime.fromtimestamp(moment, UTC).minute >= 10:  # a sample may be a few minutes old
            assert usd == (80 if 8 <= hour < 20 else 40)
    namespace = of_scope(everything, SEARCH)
    assert namespace.step_seconds == HOUR
    assert min(usd for _, usd in namespace.points) == pytest.approx(32 / 2), "one of the two GPUs of its node"
    without_gpus = of_scope(everything, TRAIN)
    assert without_gpus.points[-1][1] == pytest.approx(10 * 0.03 + 100 * 0.004)
    of_search, of_train = of_scope(everything, SEARCH, Quantity.OWNED), of_scope(everything, TRAIN, Quantity.OWNED)
    assert (of_search.labels, of_search.namespace_labels) == ({"team": "team-search"}, {})
    assert (of_train.labels, of_train.namespace_labels) == ({}, {"team": "nlp"})
    assert of_search.points == namespace.points
    volumes = of_scope(everything, SEARCH, Quantity.VOLUMES)
    assert volumes.points[-1][1] == 1000 * 1024**3
    sent = [series for series in everything.series if series.quantity is Quantity.SENT]
    assert {(series.scope.name, series.labels["traffic"]) for series in sent} == {
        ("prod-us/search", "internet"), ("prod-us/train", "zone"), ("prod-us/train", "region"),
    }  # fmt: skip


async def test_where_nothing_metered_costs_nodes_are_counted(tmp_path_factory: pytest.TempPathFactory) -> None:
    now = int(time.time()) // 60 * 60
    samples = Samples(now - 2 * DAY, now + HOUR, step=150)
    for name, spot in (("n-1", "spot"), ("n-2", "spot"), ("n-3", "on-demand")):
        labels = {"label_node_kubernetes_io_instance_type": "g6.xlarge", "label_karpenter_sh_capacity_type": spot}
        samples.add("kube_node_labels", {"node": name, **labels}, 1)
    samples.add("node_total_hourly_cost", {"node": "n-1"}, 0.95)
    samples.add("node_gpu_hourly_cost", {"node": "n-1"}, 0.95)
    with prometheus_with(samples.text(), tmp_path_factory.mktemp("counted")) as url:
        seen = await until(source(url, history_days=1), lambda seen: len(of(seen, HistorySeen)) == 2)
    series = of(seen, HistorySeen)[-1].series
    assert {one.quantity for one in series} == {Quantity.NODES}
    assert {(one.labels["instance_type"], one.labels["capacity_type"], one.points[-1][1]) for one in series} == {
        ("g6.xlarge", "spot", 2.0),
        ("g6.xlarge", "on-demand", 1.0),
    }
