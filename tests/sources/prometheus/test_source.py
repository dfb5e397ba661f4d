from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime

import pytest

from finops_tui.clock import SimulatedClock, WallClock
from finops_tui.model.health import HealthState
from finops_tui.model.observations import GpuReadings, Observation, WorkloadsSeen
from finops_tui.sources.prometheus.discovery import WANTED
from finops_tui.sources.prometheus.faults import PrometheusError
from finops_tui.sources.prometheus.health import Health
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.rounds import pace
from finops_tui.sources.prometheus.source import PrometheusSource
from tests.servers.scripted import Reply, Request, error, scripted, vector
from tests.sources.prometheus.collect import of, settings, source, until
from tests.sources.prometheus.one_gpu import NODE, gpu_server, health


async def test_from_connecting_to_answering() -> None:
    with scripted(gpu_server) as server:
        seen = await until(source(server.url), lambda seen: len(health(seen)) == 3)
    assert [one.state for one in health(seen)] == [HealthState.CONNECTING, HealthState.POLLED, HealthState.POLLED]
    assert health(seen)[0].answered_at is None
    assert health(seen)[2].answered_at is not None
    assert health(seen)[1].since == health(seen)[2].since
    assert {one.source for one in seen} == {"prometheus prod-us"}
    assert {one.cluster for one in seen} == {"prod-us"}


async def test_a_refused_query_costs_its_own_figure() -> None:
    def refuses_power(request: Request) -> Reply:
        if "> 5" in request.query:
            return error(422, "found duplicate series\x1b[2J for the match group")
        return gpu_server(request)

    with scripted(refuses_power) as server:
        own = {"gpu.power": "up > 5"}
        seen = await until(source(server.url, queries=own), lambda seen: len(health(seen)) == 3)
    last = health(seen)[-1]
    assert last.state is HealthState.PARTIAL
    assert last.missing == (
        "gpu.power: 422 Unprocessable Content: found duplicate series for the match group; check queries.gpu.power",
    )
    assert of(seen, GpuReadings)[0].readings[0].utilization == 0.5


async def test_warnings_are_shown() -> None:
    def partial(request: Request) -> Reply:
        if request.query.startswith("avg"):
            return vector((NODE, 0.5), warnings=["store eu-2 unavailable"])
        return gpu_server(request)

    with scripted(partial) as server:
        seen = await until(source(server.url), lambda seen: len(health(seen)) == 3)
    assert health(seen)[-1].warnings == ("gpu.utilization: store eu-2 unavailable",)


async def test_a_warning_of_many_queries_is_shown_once() -> None:
    def partial(request: Request) -> Reply:
        return Reply(body=gpu_server(request).body[:-1] + b', "warnings": ["partial response"]}')

    with scripted(partial) as server:
        seen = await until(source(server.url), lambda seen: len(health(seen)) == 3)
        asked = [request.query for request in server.requests]
    (told,) = health(seen)[-1].warnings
    figures = [query for query in asked if not query.startswith(("group by (__name__", "group("))]
    assert told == f"partial response ({len(figures) + 1} queries)", "the looking around counts as one"


async def test_down_since_its_first_failure_and_back_without_restart() -> None:
    broken = [False]

    def script(request: Request) -> Reply:
        return error(401, "token expired") if broken[0] else gpu_server(request)

    with scripted(script) as server:
        clock = SimulatedClock(datetime.now(UTC), speed=20)
        watched = PrometheusSource(settings(server.url, interval_seconds=1), clock, (), jitter=random.Random(1))

        def step(seen: list[Observation]) -> bool:
            states = [one.state for one in health(seen)]
            if states.count(HealthState.DOWN) == 0 and states.count(HealthState.POLLED) >= 2:
                broken[0] = True
            if states.count(HealthState.DOWN) >= 3:
                broken[0] = False
            return HealthState.DOWN in states and states[-1] is HealthState.POLLED

        seen = await until(watched, step)
    down = [one for one in health(seen) if one.state is HealthState.DOWN]
    assert len({one.since for one in down}) == 1
    assert down[0].reason == "401 Unauthorized: token expired"
    assert "`auth`" in down[0].hint
    assert down[0].hint.startswith("Sign in"), "it may follow a full stop"
    assert down[-1].answered_at is not None
    assert down[-1].answered_at < down[0].since
    back = health(seen)[-1]
    assert back.since > down[-1].at
    assert (back.reason, back.hint) == ("", "")


async def test_when_every_query_times_out_it_is_down() -> None:
    with scripted(lambda _: error(503, "query timed out in expression evaluation")) as server:
        seen = await until(source(server.url), lambda seen: len(health(seen)) == 2)
    assert health(seen)[-1].state is HealthState.DOWN
    assert health(seen)[-1].reason == "503 Service Unavailable: query timed out in expression evaluation"


async def test_a_server_that_hangs_is_found_out_by_the_cheapest_query() -> None:
    hung_from = [0]

    def hangs(request: Request) -> Reply:
        return Reply(delay_seconds=30) if hung_from[0] else gpu_server(request)

    with scripted(hangs) as server:

        def step(seen: list[Observation]) -> bool:
            if len(health(seen)) == 3 and not hung_from[0]:
                hung_from[0] = len(server.requests)
            return health(seen)[-1].state is HealthState.DOWN

        watched = source(server.url, interval_seconds=1, timeout_seconds=0.5, threads=2)
        seen = await until(watched, step)
        asked = [request.query for request in server.requests[hung_from[0] :]]
    assert health(seen)[-1].reason == "no answer within 0.5s"
    assert health(seen)[-1].hint.startswith("Look at its log")
    assert asked.count("1") == 1
    assert len(asked) <= 5, "two at first, two while it is tried out"


async def test_a_query_that_hangs_costs_its_own_figure() -> None:
    def slow_power(request: Request) -> Reply:
        return Reply(delay_seconds=30) if "> 5" in request.query else gpu_server(request)

    with scripted(slow_power) as server:
        watched = source(server.url, timeout_seconds=0.5, queries={"gpu.power": "up > 5"})
        seen = await until(watched, lambda seen: len(health(seen)) == 3)
    assert health(seen)[-1].missing == ("gpu.power: no answer within 0.5s; check queries.gpu.power",)


async def test_where_only_the_cheapest_query_is_answered_it_is_asked_once_a_round() -> None:
    def overloaded(request: Request) -> Reply:
        return vector(({}, 1)) if request.query == "1" else Reply(delay_seconds=30)

    with scripted(overloaded) as server:
        seen = await until(source(server.url, timeout_seconds=0.3), lambda seen: len(health(seen)) == 2)
        asked = [request.query for request in server.requests]
    assert health(seen)[-1].state is HealthState.DOWN
    assert health(seen)[-1].reason == "no answer within 0.3s"
    assert asked.count("1") == 1


@pytest.mark.parametrize("value", ["1e308", "-1e308", "1e17", "-3"])
async def test_absurd_figures_are_none(value: str) -> None:
    def absurd(request: Request) -> Reply:
        if request.query.startswith("group by (__name__)"):
            return vector(*(({"__name__": name}, 1) for name in WANTED if f"{name}|" in f"{request.query}|"))
        pod = {"namespace": "n", "owner_kind": "StatefulSet", "owner_name": "s", "statefulset": "s", "node": "n-1"}
        return vector(({**NODE, **pod, "resource": "nvidia_com_gpu"}, value))

    with scripted(absurd) as server:
        watched = source(server.url, inventory=True)
        seen = await until(watched, lambda seen: len(health(seen)) == 3)
    assert health(seen)[-1].state in {HealthState.POLLED, HealthState.PARTIAL}
    assert not any(told.readings for told in of(seen, GpuReadings))
    (workloads,) = of(seen, WorkloadsSeen)
    assert [(one.replicas, one.placements) for one in workloads.workloads] == [(None, ())]


async def test_refresh_asks_at_once() -> None:
    with scripted(gpu_server) as server:
        watched = source(server.url, interval_seconds=3600)
        asked = [0]
        refreshing: list[asyncio.Future[None]] = []

        def step(seen: list[Observation]) -> bool:
            rounds = len(health(seen))
            if rounds == 3 and not asked[0]:
                asked[0] = len(server.requests)
                refreshing.append(asyncio.ensure_future(watched.refresh()))
            return rounds == 4

        await until(watched, step)
        names = [request.query for request in server.requests[asked[0] :]]
    assert any(name.startswith("group by (__name__)") for name in names), "it looks anew what is there"
    assert any(name.startswith("avg") for name in names)


async def test_clocks_that_differ_are_told() -> None:
    def behind(request: Request) -> Reply:
        reply = gpu_server(request)
        return Reply(reply.status, reply.body, {"Date": "Tue, 01 Jan 2030 00:00:00 GMT"})

    with scripted(behind) as server:
        clock = SimulatedClock(datetime(2030, 1, 1, 0, 2, tzinfo=UTC))
        seen = await until(source(server.url, clock=clock), lambda seen: len(health(seen)) == 3)
    assert health(seen)[-1].warnings == ("its clock is 120s behind this machine's",)


async def test_a_server_without_gpus_says_what_is_missing() -> None:
    with scripted(lambda _: vector()) as server:
        seen = await until(source(server.url), lambda seen: len(health(seen)) == 2)
    assert health(seen)[-1].state is HealthState.PARTIAL
    assert health(seen)[-1].missing == ("gpu.utilization: the server holds no metric for it",)
    assert not of(seen, GpuReadings)


async def test_observing_leaves_no_thread_and_no_task() -> None:
    before = asyncio.all_tasks()
    with scripted(gpu_server) as server:
        await until(source(server.url, history_days=1), lambda seen: len(health(seen)) == 3)
    assert asyncio.all_tasks() == before


def test_pauses_grow_and_obey_retry_after() -> None:
    told = Told("prometheus x", "x")
    fares = Health(told, settings("http://x"), random.Random(7))
    pauses = [fares.pause_after_failure(PrometheusError("no")) for _ in range(12)]
    assert pauses[0] <= 2.0
    assert all(2 ** (n + 1) / 2 <= pause <= 2 ** (n + 1) for n, pause in enumerate(pauses[:5]))
    assert all(30 <= pause <= 60 for pause in pauses[6:])
    assert fares.pause_after_failure(PrometheusError("no", retry_after_seconds=90)) == 90
    assert fares.pause_after_failure(PrometheusError("no", retry_after_seconds=1e9)) == 600
    again = Health(told, settings("http://x"), random.Random(7))
    assert [again.pause_after_failure(PrometheusError("no")) for _ in range(12)] == pauses


def test_an_answer_ends_the_growing() -> None:
    from finops_tui.sources.prometheus.client import PrometheusClient
    from finops_tui.sources.prometheus.desk import Desk

    asked = settings("http://x")
    clock = WallClock()
    fares = Health(Told("prometheus x", "x"), asked, random.Random(7))
    for _ in range(5):
        fares.pause_after_failure(PrometheusError("no"))
    fares.answered(clock.now(), Desk(PrometheusClient(asked, clock), asked), None)
    assert fares.pause_after_failure(PrometheusError("no")) <= 2.0


def test_what_takes_long_is_asked_less_often() -> None:
    assert pace(15, 0.3) == 15
    assert pace(15, 3) == 30
    assert pace(15, 60) == 45
    assert pace(4320, 60) == 4320


def test_importing_the_source_loads_no_client_library() -> None:
    import subprocess
    import sys

    code = (
        "import sys, finops_tui.sources.prometheus.source\n"
        "print([n for n in ('requests','prometheus_api_client','botocore','kubernetes','yaml') if n in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("seconds", [15, 120])
def test_figures_are_stale_after_some_missed_rounds(seconds: int) -> None:
    fares = Health(Told("prometheus x", "x"), settings("http://x", interval_seconds=seconds), random.Random(7))
    assert fares.connecting(WallClock().now()).stale_after_seconds == max(90, 4 * seconds)
