"""One store that a highly available pair fills: everything stands in it twice, and counts once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from finops_tui.model.observations import ServingReadings, SliReadings
from finops_tui.model.slo import ServingReading
from tests.servers.prometheus import prometheus_with
from tests.servers.victoriametrics import victoriametrics_with
from tests.sources.prometheus.collect import about, of, one_round, source
from tests.sources.prometheus.samples import Samples, Value
from tests.sources.prometheus.world import DAY, HOUR, growing

PAIRS = ({"prometheus_replica": "A"}, {"prometheus_replica": "B"})


@pytest.fixture(scope="module", params=["prometheus", "victoriametrics"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    samples = Samples.around_now(HOUR)
    for copy in PAIRS:
        _serving(samples, copy)
        _pyrra(samples, copy)
    start = {"prometheus": prometheus_with, "victoriametrics": victoriametrics_with}[request.param]
    with start(samples.text(), tmp_path_factory.mktemp("pair")) as url:
        yield url


def _serving(samples: Samples, copy: Mapping[str, str]) -> None:
    def add(metric: str, labels: dict[str, str], value: Value) -> None:
        samples.add(metric, {**labels, **copy}, value)

    start = samples.start
    for pod in ("v-0", "v-1"):
        vllm = {"namespace": "chat", "model_name": "llama", "pod": pod}
        add("vllm:num_requests_running", vllm, 1)
        add("vllm:num_requests_waiting", vllm, 7)
        for reason, rate in (("stop", 5.0), ("length", 1.0)):
            add("vllm:request_success_total", {**vllm, "finished_reason": reason}, growing(start, rate))
        add("vllm:generation_tokens_total", vllm, growing(start, 100.0))
        for bound, share in (("1.0", 0.9), ("2.0", 1.0), ("+Inf", 1.0)):
            add("vllm:e2e_request_latency_seconds_bucket", {**vllm, "le": bound}, growing(start, 6 * share))
    triton = {"namespace": "vision", "model": "resnet", "version": "1", "pod": "t-0"}
    add("nv_inference_request_success", triton, growing(start, 9.0))
    add("nv_inference_request_failure", {**triton, "reason": "OTHER"}, growing(start, 1.0))
    add("nv_inference_pending_request_count", triton, 4)
    for worker in ("a", "b"):  # which Ray calls its replicas
        ray = {"namespace": "ray", "deployment": "ranker", "replica": worker, "pod": "r-0"}
        add("ray_serve_deployment_request_counter_total", ray, growing(start, 3.0))
        add("ray_serve_deployment_queued_queries", ray, 2)


def _pyrra(samples: Samples, copy: Mapping[str, str]) -> None:
    samples.add("pyrra_objective", {"slo": "grouped", **copy}, 0.99)
    samples.add("pyrra_window", {"slo": "grouped", **copy}, 28 * DAY)
    for handler, bad, availability, rate in (("/a", 0.05, 0.989, 2), ("/b", 0.0, 1.0, 8)):
        labels = {"slo": "grouped", "handler": handler, **copy}
        samples.add("http_requests:burnrate5m", labels, bad)
        samples.add("pyrra_availability", labels, availability)
        samples.add("pyrra_requests:rate5m", labels, rate)


async def test_a_model_server_is_seen_once(pair: str) -> None:
    (told,) = of(await one_round(source(pair)), ServingReadings)
    readings: dict[str, ServingReading] = {reading.model: reading for reading in told.readings}
    llama = readings["llama"]
    assert (llama.requests_per_second, llama.queue_depth) == (about(12, rel=0.01), 14)
    assert (llama.tokens_per_second, llama.p95_seconds) == (about(200, rel=0.01), about(1.5, rel=0.01))
    resnet = readings["resnet"]
    assert (resnet.requests_per_second, resnet.queue_depth) == (about(10, rel=0.01), 4)
    assert resnet.error_ratio == about(0.1, rel=0.01)


async def test_workers_that_a_server_calls_replicas_are_no_copies(pair: str) -> None:
    (told,) = of(await one_round(source(pair)), ServingReadings)
    (ranker,) = (reading for reading in told.readings if reading.model == "ranker")
    assert (ranker.requests_per_second, ranker.queue_depth) == (about(6, rel=0.01), 4)


async def test_an_objective_with_groups_shows_the_worst_one_throughout(pair: str) -> None:
    readings = {
        reading.window_seconds: reading
        for told in of(await one_round(source(pair)), SliReadings)
        for reading in told.readings
    }
    assert readings[300].error_ratio == about(0.05)
    assert readings[300].events == about(10 * 300), "events of all groups, each once"
    assert readings[28 * DAY].error_ratio == about(0.011), "of 1 % the budget is used up by a tenth more"


async def test_other_labels_may_tell_copies_apart(pair: str) -> None:
    (told,) = of(await one_round(source(pair, labels={"replica": []})), ServingReadings)
    (llama,) = (reading for reading in told.readings if reading.model == "llama")
    assert llama.queue_depth == 28
