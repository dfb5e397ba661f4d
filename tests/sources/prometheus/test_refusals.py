"""One query that is refused costs its own figure; a server is down where nothing is answered."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime

import pytest

from finops_tui.clock import SimulatedClock
from finops_tui.model.health import HealthState
from finops_tui.model.observations import GpuReadings, Observation
from finops_tui.sources.prometheus.source import PrometheusSource
from tests.servers.scripted import Reply, Request, error, scripted
from tests.sources.prometheus.collect import of, one_round, settings, source, until
from tests.sources.prometheus.one_gpu import CHEAPEST, gpu_server, health

OWN = {"gpu.power": "up > 5"}
REFUSED = error(500, "expanding series: segment index 0 out of range")


def states(seen: list[Observation]) -> list[HealthState]:
    return [one.state for one in health(seen)]


@pytest.mark.parametrize(
    "refusal",
    [
        *(error(status, "no") for status in (401, 403, 404, 429, 500, 502, 503)),
        error(503, "no", Retry_After="900"),
        Reply(302, headers={"Location": "https://login.example.com/"}),
        Reply(200, b"<!DOCTYPE html><title>Sign in</title>"),
    ],
)
async def test_whatever_a_query_is_refused_with_costs_its_own_figure(refusal: Reply) -> None:
    def script(request: Request) -> Reply:
        return refusal if "> 5" in request.query else gpu_server(request)

    with scripted(script) as server:
        seen = await one_round(source(server.url, queries=OWN))
    last = health(seen)[-1]
    assert last.state is HealthState.PARTIAL
    assert [line.partition(":")[0] for line in last.missing] == ["gpu.power"]
    assert of(seen, GpuReadings)[0].readings[0].utilization == 0.5


async def test_a_query_that_kills_its_connection_costs_its_own_figure() -> None:
    def script(request: Request) -> Reply:
        return Reply(200, b"", content_length=10) if "> 5" in request.query else gpu_server(request)

    with scripted(script) as server:
        seen = await one_round(source(server.url, queries=OWN))
    assert health(seen)[-1].state is HealthState.PARTIAL


async def test_a_look_around_that_fails_once_does_not_make_it_down() -> None:
    failed: list[str] = []

    def script(request: Request) -> Reply:
        if request.query.startswith("group by (__name__)") and not failed:
            failed.append(request.query)
            return error(502, "no")
        return gpu_server(request)

    with scripted(script) as server:
        seen = await one_round(source(server.url))
    assert HealthState.DOWN not in states(seen)
    assert of(seen, GpuReadings)


@pytest.mark.parametrize("status", [401, 403, 500, 502])
async def test_who_refuses_everything_is_down(status: int) -> None:
    with scripted(lambda _: error(status, "no")) as server:
        seen = await until(source(server.url), lambda seen: len(health(seen)) == 2)
        asked = [request.query for request in server.requests]
    assert health(seen)[-1].state is HealthState.DOWN
    assert health(seen)[-1].reason.endswith(": no")
    assert len(asked) == 2, "one, and the cheapest"


async def test_a_refused_query_is_asked_less_and_less_often() -> None:
    def script(request: Request) -> Reply:
        return REFUSED if "> 5" in request.query else gpu_server(request)

    with scripted(script) as server:
        clock = SimulatedClock(datetime.now(UTC), speed=100)
        asked = settings(server.url, interval_seconds=15, queries=OWN)
        watched = PrometheusSource(asked, clock, (), jitter=random.Random(1))
        seen = await until(watched, lambda seen: len(of(seen, GpuReadings)) >= 2 * 40)
        queries = [request.query for request in server.requests]
    assert HealthState.DOWN not in {one.state for one in health(seen)}
    reason = "500 Internal Server Error: expanding series: segment index 0 out of range; check queries.gpu.power"
    first = states(seen).index(HealthState.PARTIAL)
    assert {one.missing for one in health(seen)[first:]} == {(f"gpu.power: {reason}",)}
    assert 3 <= queries.count("up > 5") <= 12, "40 rounds"


async def test_a_query_that_is_answered_again_is_asked_as_before() -> None:
    refusals = [3]

    def script(request: Request) -> Reply:
        if "> 5" in request.query and refusals[0]:
            refusals[0] -= 1
            return REFUSED
        return gpu_server(request)

    with scripted(script) as server:
        clock = SimulatedClock(datetime.now(UTC), speed=100)
        watched = PrometheusSource(settings(server.url, interval_seconds=15, queries=OWN), clock, ())
        seen = await until(watched, lambda seen: health(seen)[-1].state is HealthState.POLLED)
    assert health(seen)[-1].missing == ()


async def test_who_answered_just_now_is_not_down_for_one_refused_query() -> None:
    """In a round in which nothing else is due."""
    refused = [False]

    def script(request: Request) -> Reply:
        if refused[0] and request.query != CHEAPEST:
            return REFUSED
        return gpu_server(request)

    with scripted(script) as server:

        def step(seen: list[Observation]) -> bool:
            refused[0] = len(health(seen)) >= 3
            return HealthState.DOWN in states(seen) or states(seen).count(HealthState.PARTIAL) >= 2

        clock = SimulatedClock(datetime.now(UTC), speed=15)
        seen = await until(source(server.url, interval_seconds=15, clock=clock), step)
    assert HealthState.DOWN not in states(seen)


async def test_who_answered_just_now_and_then_refuses_even_the_cheapest_query_is_down() -> None:
    refuses = [False]
    with scripted(lambda request: error(422, "too many samples") if refuses[0] else gpu_server(request)) as server:

        def step(seen: list[Observation]) -> bool:
            refuses[0] = len(health(seen)) >= 3
            return HealthState.DOWN in states(seen)

        clock = SimulatedClock(datetime.now(UTC), speed=15)
        seen = await until(source(server.url, interval_seconds=15, clock=clock), step)
    assert health(seen)[-1].reason == "422 Unprocessable Content: too many samples"
    assert HealthState.PARTIAL not in states(seen), "nobody waits for what it knew to grow old"


async def test_a_server_that_asks_to_wait_is_waited_for() -> None:
    told = [0]

    def every_third(request: Request) -> Reply:
        told[0] += 1
        return error(429, "slow down", Retry_After="1") if told[0] % 3 == 0 else gpu_server(request)

    with scripted(every_third) as server:
        seen = await one_round(source(server.url))
    assert set(states(seen)) == {HealthState.CONNECTING, HealthState.POLLED}
    assert of(seen, GpuReadings)[0].readings[0].utilization == 0.5


async def test_one_query_that_is_always_limited_does_not_hold_up_the_others() -> None:
    def script(request: Request) -> Reply:
        return error(429, "slow down", Retry_After="2") if "> 5" in request.query else gpu_server(request)

    with scripted(script) as server:
        clock = SimulatedClock(datetime.now(UTC), speed=20)
        began = time.monotonic()
        watched = source(server.url, queries=OWN, clock=clock)
        seen = await until(watched, lambda seen: len(of(seen, GpuReadings)) >= 2 * 6)
        took = (time.monotonic() - began) * 20
    assert {one.state for one in health(seen)} <= {HealthState.CONNECTING, HealthState.PARTIAL, HealthState.POLLED}
    assert took < 6 * 15 * 2, "waited for in every round it would be longer"


async def test_who_limits_everything_is_down_after_a_while() -> None:
    with scripted(lambda _: error(429, "slow down", Retry_After="3")) as server:
        clock = SimulatedClock(datetime.now(UTC), speed=20)
        seen = await until(
            source(server.url, clock=clock), lambda seen: health(seen)[-1].state is not HealthState.CONNECTING
        )
    assert health(seen)[-1].state is HealthState.DOWN
    assert health(seen)[-1].reason == "429 Too Many Requests: slow down"
    assert (health(seen)[-1].at - health(seen)[0].at).total_seconds() < 30
