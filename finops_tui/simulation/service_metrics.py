"""What model servers, the ingress and Sloth's recording rules would say of one simulated cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from finops_tui.simulation.exposition import Family
from finops_tui.simulation.meters import Histogram, Meter
from finops_tui.simulation.objectives import Objective
from finops_tui.simulation.world import World

_WINDOWS = {
    300: "5m", 1800: "30m", 3600: "1h", 7200: "2h", 21_600: "6h", 86_400: "1d", 259_200: "3d", 2_592_000: "30d",
}  # fmt: skip


def vllm(meters: Iterable[Meter]) -> Iterator[Family]:
    success = Family("vllm:request_success_total", "counter", "Count of successfully processed requests.")
    tokens = Family("vllm:generation_tokens_total", "counter", "Number of generation tokens processed.")
    running = Family("vllm:num_requests_running", "gauge", "Number of requests in model execution batches.")
    waiting = Family("vllm:num_requests_waiting", "gauge", "Number of requests waiting to be processed.")
    request = Family("vllm:e2e_request_latency_seconds", "histogram", "Histogram of e2e request latency in seconds.")
    first = Family("vllm:time_to_first_token_seconds", "histogram", "Histogram of time to first token in seconds.")
    for meter in meters:
        service = meter.service
        if service.server != "vLLM":
            continue
        labels = {"namespace": service.namespace, "model_name": service.model, "engine": "0"}
        success.add(meter.answered, **labels, finished_reason="stop")
        if service.plan.tokens:
            tokens.add(meter.tokens, **labels)
        running.add(round(min(service.rate, service.ready * service.plan.capacity) * service.seconds, 1), **labels)
        waiting.add(round(service.queue, 1), **labels)
        _buckets(request, meter.request, labels)
        _buckets(first, meter.first_token, labels)
    yield from (success, tokens, running, waiting, request, first)


def triton(meters: Iterable[Meter]) -> Iterator[Family]:
    success = Family("nv_inference_request_success", "counter", "Number of successful inference requests.")
    failure = Family("nv_inference_request_failure", "counter", "Number of failed inference requests.")
    count = Family("nv_inference_count", "counter", "Number of inferences performed.")
    runs = Family("nv_inference_exec_count", "counter", "Number of model executions performed.")
    duration = Family("nv_inference_request_duration_us", "counter", "Cumulative inference request duration.")
    queued = Family("nv_inference_queue_duration_us", "counter", "Cumulative inference queuing duration.")
    pending = Family("nv_inference_pending_request_count", "gauge", "Number of requests awaiting execution.")
    for meter in meters:
        service = meter.service
        if service.server != "Triton":
            continue
        labels = {"namespace": service.namespace, "model": service.model, "version": "1"}
        success.add(meter.answered, **labels)
        failure.add(meter.failed, **labels, reason="OTHER")
        count.add(meter.answered, **labels)
        runs.add(meter.answered / 4.0, **labels)
        duration.add((meter.busy_seconds + meter.queued_seconds) * 1e6, **labels)
        queued.add(meter.queued_seconds * 1e6, **labels)
        pending.add(round(service.queue, 1), **labels)
    yield from (success, failure, count, runs, duration, queued, pending)


def ingress(meters: Iterable[Meter]) -> Iterator[Family]:
    total = Family("http_requests_total", "counter", "Requests by status code.")
    duration = Family("http_request_duration_seconds", "histogram", "Time of answered requests.")
    for meter in meters:
        service = meter.service
        labels = {"namespace": service.namespace, "service": service.name}
        total.add(meter.answered, **labels, code="200")
        total.add(meter.failed, **labels, code="503")
        _buckets(duration, meter.http, labels)
    yield from (total, duration)


def sloth(world: World, cluster: str) -> Iterator[Family]:
    """Yield what the rules that Sloth generates would have recorded."""
    info = Family("sloth_slo_info", "gauge", "Information about the SLO.")
    objective = Family("slo:objective:ratio", "gauge", "The objective.")
    budget = Family("slo:error_budget:ratio", "gauge", "One minus the objective.")
    period = Family("slo:time_period:days", "gauge", "The period of the objective.")
    current = Family("slo:current_burn_rate:ratio", "gauge", "Burn rate of the last five minutes.")
    over = Family("slo:period_burn_rate:ratio", "gauge", "Burn rate of the period.")
    left = Family("slo:period_error_budget_remaining:ratio", "gauge", "What is left of the error budget.")
    errors = {
        seconds: Family(f"slo:sli_error:ratio_rate{window}", "gauge", f"Error ratio of the last {window}.")
        for seconds, window in _WINDOWS.items()
    }
    for each in world.objectives:
        if each.service.cluster != cluster:
            continue
        labels = sloth_labels(each)
        allowed = 1.0 - each.plan.objective
        info.add(1, **labels, sloth_mode="cli-gen-prom", sloth_objective=f"{100 * each.plan.objective:g}")
        objective.add(each.plan.objective, **labels)
        budget.add(allowed, **labels)
        period.add(each.slo.period_seconds / 86_400, **labels)
        for window in each.windows:
            ratio = window.error_ratio
            if ratio is not None:
                errors[window.seconds].add(ratio, **labels, sloth_window=_WINDOWS[window.seconds])
        now, long = each.windows[0].error_ratio, each.windows[-1].error_ratio
        if now is not None and long is not None:
            current.add(now / allowed, **labels)
            over.add(long / allowed, **labels)
            left.add(1.0 - long / allowed, **labels)
    yield from (info, objective, budget, period, current, over, left, *errors.values())


def sloth_labels(objective: Objective) -> dict[str, str]:
    service, name = objective.service.name, objective.plan.name.replace(" ", "-")
    return {"sloth_id": f"{service}-{name}", "sloth_service": service, "sloth_slo": name}


def _buckets(family: Family, histogram: Histogram, labels: dict[str, str]) -> None:
    for bound, count in zip(histogram.bounds, histogram.counts, strict=True):
        family.add(count, "_bucket", **labels, le=f"{bound:g}")
    family.add(histogram.count, "_bucket", **labels, le="+Inf")
    family.add(histogram.total, "_sum", **labels)
    family.add(histogram.count, "_count", **labels)
