from __future__ import annotations

import pytest

from finops_tui.clock import WallClock
from finops_tui.model.observations import Observation, SliReadings, SlosSeen, SourceHealth
from finops_tui.model.slo import SliReading
from finops_tui.sources.prometheus.client import PrometheusClient
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.discovery import WANTED
from finops_tui.sources.prometheus.imported_slos import Objectives
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.promql import Found
from finops_tui.sources.prometheus.slo_settings import SloDefinition
from finops_tui.sources.prometheus.windows import BURN_WINDOWS, nearest, over, promql_duration, seconds_of
from tests.servers.scripted import Reply, Request, error, scripted, vector
from tests.sources.prometheus.collect import about, of, one_round, settings, source

DAY = 86_400


def slo(name: str, **indicator: object) -> SloDefinition:
    return SloDefinition.model_validate(
        {"name": name, "service": "shop", "objective": 99.9, "workload": "Deployment/shop", "indicator": indicator}
    )


def measured(seen: list[Observation]) -> dict[tuple[str, int], SliReading]:
    return {
        (reading.slo_id, reading.window_seconds): reading for told in of(seen, SliReadings) for reading in told.readings
    }


RATE = 'sum(rate(http_requests_total{code=~"5.."}[$window]))'
ALL = "sum(rate(http_requests_total[$window]))"


async def test_own_objectives_over_every_window(server: str) -> None:
    seen = await one_round(source(server, slos=(slo("errors", errors=RATE, total=ALL),)))
    (told,) = of(seen, SlosSeen)
    (own,) = [one for one in told.slos if one.origin == "config.yaml"]
    assert (own.id, own.objective, own.period_seconds) == ("prod-us/shop/errors", 0.999, 30 * DAY)
    readings = measured(seen)
    assert {seconds for slo_id, seconds in readings if slo_id == own.id} == {*BURN_WINDOWS, 30 * DAY}
    short = readings[own.id, 300]
    assert short.error_ratio == about(0.01, rel=0.02)
    assert short.events == about(100 * 300, rel=0.02)


@pytest.mark.parametrize(
    "indicator",
    [
        {"good": 'sum(increase(http_requests_total{code="200"}[$window]))', "total": ALL.replace("rate", "increase")},
        {"error_ratio": f"{RATE} / {ALL}"},
    ],
)
async def test_other_ways_to_say_it(server: str, indicator: dict[str, str]) -> None:
    reading = measured(await one_round(source(server, slos=(slo("same", **indicator),))))["prod-us/shop/same", 300]
    assert reading.error_ratio == about(0.01, rel=0.03)
    if "total" in indicator:
        assert reading.events == about(30_000, rel=0.02)
    else:
        assert reading.events is None


async def test_latency(server: str) -> None:
    told = slo("fast", latency={"histogram": "vllm:e2e_request_latency_seconds", "threshold": 1})
    with_count = told.indicator.latency
    assert with_count is not None
    assert with_count.good() == 'sum(rate(vllm:e2e_request_latency_seconds_bucket{le=~"1|1\\\\.0", }[$window]))'
    half = {"good": with_count.good(), "total": with_count.good().replace('le=~"1|1\\\\.0"', 'le="+Inf"')}
    reading = measured(await one_round(source(server, slos=(slo("fast", **half),))))["prod-us/shop/fast", 300]
    assert reading.error_ratio == about(0.1, rel=0.02)


def no_such_bucket(request: Request) -> Reply:
    return vector() if "_bucket{" in request.query else vector(({}, 5))


async def test_a_threshold_that_is_no_bucket_is_no_failure_of_all_requests() -> None:
    told = slo("fast", latency={"histogram": "request_seconds", "threshold": 0.7})
    with scripted(no_such_bucket) as server:
        seen = await one_round(source(server.url, slos=(told,)))
    assert {reading.error_ratio for reading in measured(seen).values()} == {None}
    missing = of(seen, SourceHealth)[-1].missing
    assert "slo shop/fast 5m: request_seconds has no bucket for 0.7 s: `threshold` must be one of its `le`" in missing


@pytest.mark.parametrize(
    "indicator",
    [
        {"errors": "sum(rate(nothing_total[$window]))", "total": "sum(rate(nothing_total[$window]))"},
        {"errors": "sum(rate(idle_requests_total[$window]))", "total": "sum(rate(idle_requests_total[$window]))"},
        {"error_ratio": "sum(rate(idle_requests_total[$window])) / sum(rate(idle_requests_total[$window]))"},
    ],
)
async def test_no_traffic_is_not_perfect(server: str, indicator: dict[str, str]) -> None:
    reading = measured(await one_round(source(server, slos=(slo("quiet", **indicator),))))["prod-us/shop/quiet", 300]
    assert reading.error_ratio is None


async def test_errors_that_never_were_are_none_of_the_events(server: str) -> None:
    told = slo("clean", errors='sum(rate(http_requests_total{code="599"}[$window]))', total=ALL)
    assert measured(await one_round(source(server, slos=(told,))))["prod-us/shop/clean", 300].error_ratio == 0.0


async def test_an_objective_that_the_server_refuses_costs_itself_alone(server: str) -> None:
    broken = slo("broken", error_ratio="sum(rate(http_requests_total[$window])")
    seen = await one_round(source(server, slos=(broken, slo("errors", errors=RATE, total=ALL))))
    readings = measured(seen)
    assert ("prod-us/shop/broken", 300) not in readings
    assert readings["prod-us/shop/errors", 300].error_ratio == about(0.01, rel=0.02)
    health = of(seen, SourceHealth)[-1]
    assert any(told.startswith("slo shop/broken 5m: 4") for told in health.missing), health.missing


async def test_several_series_are_no_ratio(server: str) -> None:
    told = slo("many", error_ratio="rate(http_requests_total[$window])")
    seen = await one_round(source(server, slos=(told,)))
    assert measured(seen)["prod-us/shop/many", 300].error_ratio is None
    assert "slo shop/many 5m: error_ratio gives 2 series, it must give one" in of(seen, SourceHealth)[-1].missing


async def test_sloth_and_pyrra_are_imported(server: str) -> None:
    seen = await one_round(source(server))
    (told,) = of(seen, SlosSeen)
    sloth, pyrra = sorted(told.slos, key=lambda one: one.origin, reverse=True)
    assert (sloth.id, sloth.origin, sloth.objective) == ("prod-us/search/latency", "Sloth", 0.999)
    assert (pyrra.id, pyrra.origin, pyrra.objective) == ("prod-us/shop/checkout-errors", "Pyrra", 0.99)
    assert sloth.period_seconds == pyrra.period_seconds == 28 * DAY
    readings = measured(seen)
    assert readings[sloth.id, 300].error_ratio == about(0.02)
    assert readings[sloth.id, 1800].error_ratio is None, "NaN is no traffic"
    assert readings[sloth.id, 3 * DAY].error_ratio == about(0.0005)
    assert readings[sloth.id, 28 * DAY].error_ratio == about(0.75 * 0.001)
    assert readings[pyrra.id, 300] == SliReading(
        slo_id=pyrra.id, window_seconds=300, error_ratio=about(0.01), events=about(6000)
    )
    assert readings[pyrra.id, 3600].error_ratio == about(0.03), "1h4m is near enough to 1h"
    assert readings[pyrra.id, 4 * DAY].error_ratio == about(0.04), "4d is not 3d"
    assert readings[pyrra.id, 28 * DAY].error_ratio == about(0.005)
    assert (pyrra.id, 3 * DAY) not in readings, "which nobody measures; that is not the same as no traffic"


@pytest.mark.parametrize("refused", ["slo:objective:ratio", "slo:sli_error:ratio_rate", "slo:"])
async def test_refused_queries_do_not_end_the_objectives_that_are_known(refused: str) -> None:
    sloth = {"sloth_id": "a-b", "sloth_service": "a", "sloth_slo": "b", "sloth_window": "5m"}
    refusing = [False]

    def script(request: Request) -> Reply:
        if request.query.startswith("group by (__name__)"):
            return vector(*(({"__name__": name}, 1) for name in WANTED if name.startswith("slo:")))
        if refusing[0] and refused in request.query:
            return error(422, "too many samples")
        return vector((sloth, 0.9)) if "slo:" in request.query else vector()

    with scripted(script) as server:
        objectives = Objectives((), 30.0)
        client = PrometheusClient(settings(server.url), WallClock())
        desk = Desk(client, settings(server.url))
        desk.adopt(Found(metrics=frozenset(WANTED)))
        told, at = Told("prometheus x", "x"), WallClock().now()
        before = list(await objectives.read(desk, told, at))
        refusing[0] = True
        during = list(await objectives.read(desk, told, at))
        refusing[0] = False
        after = list(await objectives.read(desk, told, at))
        client.close()
    assert [slo.name for slo in of(before, SlosSeen)[0].slos] == ["b"]
    assert during == [], "neither that they ended nor that there was no traffic"
    assert [type(one) for one in after] == [SliReadings]


@pytest.mark.parametrize(
    ("seconds", "text"), [(300, "5m"), (3600, "1h"), (90, "90s"), (30 * DAY, "30d"), (5400, "90m")]
)
def test_durations(seconds: int, text: str) -> None:
    assert promql_duration(seconds) == text
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(("seconds", "range_"), [(300, "5m:1m"), (21_600, "6h:1m"), (30 * DAY, "30d:43m")])
def test_a_subquery_looks_at_about_a_thousand_moments(seconds: int, range_: str) -> None:
    assert over("avg_over_time((up)[$window:]) + rate(x[$window])", seconds) == (
        f"avg_over_time((up)[{range_}]) + rate(x[{range_.partition(':')[0]}])"
    )


def test_odd_durations() -> None:
    assert seconds_of("1d1h43m") == DAY + 3600 + 43 * 60
    assert seconds_of("soon") is None
    assert seconds_of("") is None
    assert nearest(3840) == 3600
    assert nearest(4 * DAY) == 4 * DAY


def test_long_windows_are_asked_less_often() -> None:
    from finops_tui.sources.prometheus.slis import SliWindow

    told = (slo("errors", errors=RATE, total=ALL),)
    assert [SliWindow(told, seconds, 15).every_seconds for seconds in (300, 3600, 3 * DAY, None)] == [
        15,
        60,
        4320,
        43_200,
    ]
