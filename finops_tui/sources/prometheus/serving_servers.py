"""Model servers and the names of their metrics, one entry each. What gives only a mean gives no p95: it is left out.

Names are from the servers' own sources, as of the versions of mid-2026. `$only` and `$serving_namespace` are filled in
as everywhere in the catalogue. What a series is told apart by differs from server to server, so nothing is summed
before the highest of its copies is taken, whichever labels it has beside theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

RANGE = "5m"
FIGURES = ("requests", "p95", "errors", "queue", "tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServer:
    """`requests`, `errors` and `tokens` are counters; `errors` counts failed requests that `requests` leaves out."""

    id: str
    name: str
    """As people call it: `vLLM`."""
    probe: str
    """The metric that shows that it is there."""
    model_label: str
    requests: str
    errors: str = ""
    errors_among_requests: bool = False
    """Whether failed requests are counted by `requests` too."""
    latency_histogram: str = ""
    latency_unit_seconds: float = 1.0
    queue: str = ""
    tokens: str = ""
    copies: str = "$copies"
    """Labels that tell copies of one series apart, not one series from another."""

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Yield figure and PromQL for all that this server reports."""
        by = f"by ($serving_namespace, {self.model_label})"
        once = f"max without ({self.copies})"
        yield "requests", f"sum {by} ({once} (rate({self.requests}{{$only}}[{RANGE}])))"
        if self.latency_histogram:
            quantile = (
                f"histogram_quantile(0.95, sum by (le, $serving_namespace, {self.model_label}) "
                f"({once} (rate({self.latency_histogram}_bucket{{$only}}[{RANGE}]))))"
            )
            scale = "" if self.latency_unit_seconds == 1.0 else f" * {self.latency_unit_seconds:g}"
            yield "p95", quantile + scale
        if self.errors:
            yield "errors", f"sum {by} ({once} (rate({self.errors}{{$only}}[{RANGE}])))"
        if self.queue:
            yield "queue", f"sum {by} ({once} ({self.queue}{{$only}}))"
        if self.tokens:
            yield "tokens", f"sum {by} ({once} (rate({self.tokens}{{$only}}[{RANGE}])))"

    def needs(self, figure: str) -> tuple[str, ...]:
        """Return the metrics without which a figure is not asked."""
        metric = {
            "requests": self.requests,
            "p95": f"{self.latency_histogram}_bucket",
            "errors": self.errors,
            "queue": self.queue,
            "tokens": self.tokens,
        }[figure]
        return (self.probe,) if metric == self.probe else (self.probe, metric)


SERVERS = (
    ModelServer(
        id="vllm",
        name="vLLM",
        probe="vllm:num_requests_running",
        model_label="model_name",
        requests="vllm:request_success_total",
        latency_histogram="vllm:e2e_request_latency_seconds",
        queue="vllm:num_requests_waiting",
        tokens="vllm:generation_tokens_total",
    ),
    ModelServer(
        id="triton",
        name="Triton",
        probe="nv_inference_request_success",
        model_label="model",
        requests="nv_inference_request_success",
        errors="nv_inference_request_failure",
        queue="nv_inference_pending_request_count",
    ),
    ModelServer(
        id="tgi",
        name="TGI",
        probe="tgi_request_count",
        model_label="service",
        requests="tgi_request_success",
        errors="tgi_request_failure",
        latency_histogram="tgi_request_duration",
        queue="tgi_queue_size",
        tokens="tgi_request_generated_tokens_sum",
    ),
    ModelServer(
        id="sglang",
        name="SGLang",
        probe="sglang:num_running_reqs",
        model_label="model_name",
        requests="sglang:num_requests_total",
        latency_histogram="sglang:e2e_request_latency_seconds",
        queue="sglang:num_queue_reqs",
        tokens="sglang:generation_tokens_total",
    ),
    ModelServer(
        id="nim",
        name="NIM",
        probe="num_request_max",
        model_label="model_name",
        requests="request_finish_total",
        latency_histogram="e2e_request_latency_seconds",
        queue="num_requests_waiting",
        tokens="generation_tokens_total",
    ),
    ModelServer(
        id="ray_serve",
        name="Ray Serve",
        probe="ray_serve_deployment_request_counter_total",
        model_label="deployment",
        requests="ray_serve_deployment_request_counter_total",
        errors="ray_serve_deployment_error_counter_total",
        errors_among_requests=True,
        latency_histogram="ray_serve_deployment_processing_latency_ms",
        latency_unit_seconds=0.001,
        queue="ray_serve_deployment_queued_queries",
        copies="$copies_of_ray",  # it calls its own workers `replica`
    ),
    ModelServer(
        id="kserve",
        name="KServe",
        probe="request_predict_seconds_count",
        model_label="model_name",
        requests="request_predict_seconds_count",
        latency_histogram="request_predict_seconds",
    ),
    ModelServer(
        id="torchserve",
        name="TorchServe",
        probe="ts_inference_requests_total",
        model_label="model_name",
        requests="ts_inference_requests_total",
    ),
)
