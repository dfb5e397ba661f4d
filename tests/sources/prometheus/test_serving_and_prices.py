from __future__ import annotations

from pathlib import Path

import pytest

from finops_tui.clock import WallClock
from finops_tui.model.money import PriceKind
from finops_tui.model.observations import PricesSeen, ServingReadings, SourceHealth
from finops_tui.model.slo import ServingReading
from finops_tui.sources.prometheus.client import PrometheusClient
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.discovery import WANTED
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.promql import Found
from finops_tui.sources.prometheus.serving import Serving
from tests.servers.prometheus import prometheus_with
from tests.servers.scripted import Reply, Request, error, scripted, vector
from tests.sources.prometheus.collect import about, of, one_round, settings, source
from tests.sources.prometheus.samples import Samples, Value


async def test_model_servers(server: str) -> None:
    (told,) = of(await one_round(source(server)), ServingReadings)
    by_model = {reading.model: reading for reading in told.readings}
    assert by_model["llama-70b"] == ServingReading(
        namespace="search",
        model="llama-70b",
        server="vLLM",
        requests_per_second=about(2.0, rel=0.02),
        p95_seconds=about(1.5, rel=0.02),
        error_ratio=None,
        queue_depth=7,
        tokens_per_second=about(400, rel=0.02),
    )
    resnet = by_model["resnet"]
    assert (resnet.server, resnet.p95_seconds, resnet.queue_depth) == ("Triton", None, 4)
    assert resnet.requests_per_second == about(10, rel=0.02)
    assert resnet.error_ratio == about(0.1, rel=0.02)


async def test_sglang(tmp_path: Path) -> None:
    samples = Samples.around_now(3600)
    labels = {"namespace": "chat", "model_name": "qwen", "engine_type": "unified", "tp_rank": "0"}

    def growing(per_second: float) -> Value:
        return lambda at: per_second * (at - samples.start)

    samples.add("sglang:num_requests_total", labels, growing(2))
    samples.add("sglang:generation_tokens_total", labels, growing(300))
    for le, share in (("1", 0.5), ("2", 0.9), ("4", 1.0), ("+Inf", 1.0)):
        samples.add("sglang:e2e_request_latency_seconds_bucket", {**labels, "le": le}, growing(2 * share))
    samples.add("sglang:num_running_reqs", labels, 5)
    samples.add("sglang:num_queue_reqs", labels, 4)
    with prometheus_with(samples.text(), tmp_path) as url:
        (told,) = of(await one_round(source(url)), ServingReadings)
    assert told.readings == (
        ServingReading(
            namespace="chat",
            model="qwen",
            server="SGLang",
            requests_per_second=about(2.0, rel=0.02),
            p95_seconds=about(3.0, rel=0.02),
            error_ratio=None,
            queue_depth=4,
            tokens_per_second=about(300, rel=0.02),
        ),
    )


async def test_refused_queries_are_no_news_of_model_servers() -> None:
    broken = [False]

    def script(request: Request) -> Reply:
        if broken[0]:
            return error(422, "too many samples")
        return vector(({"model_name": "llama"}, 1)) if "vllm" in request.query else vector()

    with scripted(script) as server:
        client = PrometheusClient(settings(server.url), WallClock())
        desk = Desk(client, settings(server.url))
        desk.adopt(Found(metrics=frozenset(WANTED)))
        serving = Serving(settings(server.url).labels, 15.0)
        told, at = Told("prometheus x", "x"), WallClock().now()
        assert [len(one.readings) for one in of(list(await serving.read(desk, told, at)), ServingReadings)] == [1]
        broken[0] = True
        assert list(await serving.read(desk, told, at)) == []
        client.close()


async def test_no_requests_is_no_error_ratio(server: str) -> None:
    (told,) = of(await one_round(source(server)), ServingReadings)
    quiet = next(reading for reading in told.readings if reading.model == "quiet")
    assert quiet.requests_per_second == 0
    assert quiet.error_ratio is None


async def test_names_from_outside_cannot_move_the_cursor(server: str) -> None:
    (told,) = of(await one_round(source(server)), ServingReadings)
    names = [reading.model for reading in told.readings]
    assert all(name.isprintable() for name in names), names
    assert any(name.startswith("evil") for name in names)


async def test_opencost_prices(server: str) -> None:
    (told,) = of(await one_round(source(server)), PricesSeen)
    prices = {price.node: price for price in told.prices}
    assert set(prices) == {"a-1", "a-2"}
    assert prices["a-1"].kind is PriceKind.METERED_NODE
    assert prices["a-1"].usd_per_hour in {32.0, 64.0}
    assert prices["a-1"].usd_per_hour == 4 * prices["a-2"].usd_per_hour


async def test_opencost_defaults_are_no_prices(tmp_path_factory: pytest.TempPathFactory) -> None:
    import time

    now = int(time.time())
    samples = Samples(now - 600, now + 600)
    for node, per_gpu in (("made-up", 0.95), ("real", 3.2), ("free", 0.0)):
        samples.add("node_total_hourly_cost", {"node": node}, per_gpu * 8)
        samples.add("node_gpu_hourly_cost", {"node": node}, per_gpu)
    with prometheus_with(samples.text(), tmp_path_factory.mktemp("defaults")) as url:
        seen = await one_round(source(url))
    (told,) = of(seen, PricesSeen)
    assert [price.node for price in told.prices] == ["real"]
    assert any("0.95 $/h" in warning for warning in of(seen, SourceHealth)[-1].warnings)
