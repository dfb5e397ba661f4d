"""What a server holds: which metrics, under which names, with which labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from finops_tui.sources.prometheus.catalogue import CATALOGUE
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.instruments import GPU_METRICS, KERNEL_RUNNING, PROFILE, UTILIZATION
from finops_tui.sources.prometheus.promql import Found, fill
from finops_tui.sources.prometheus.recording import LABEL, probe
from finops_tui.sources.prometheus.settings import PrometheusSettings

PROBE_CHARACTERS = 2_500
"""Length of the list of names in one probe: several short URLs pass where a long one does not."""
REQUESTS = "kube_pod_container_resource_requests"
WANTED = tuple(sorted({name for query in CATALOGUE for name in query.needs} | set(GPU_METRICS)))


async def discover(desk: Desk, settings: PrometheusSettings) -> Found | None:
    """Look what is there now; None where the server could not say. Raises PrometheusError if it does not answer."""
    metrics: set[str] = set()
    for names in _portions(WANTED):
        expr = fill('group by (__name__) ({__name__=~"' + "|".join(names) + '", $only})', desk.by_node)
        answer = await desk.send("discovery", expr or "")
        if answer is None:
            return None
        metrics.update(sample.label("__name__") for sample in answer.samples)
    found = frozenset(metrics)
    pod, namespace, plain_too = await _pod_labels(desk, settings, found)
    percent, recorded, sized = await _percentages(desk, found), await _recorded(desk), await _sized(desk, found)
    return Found(
        metrics=found,
        percent=percent,
        pod=pod,
        namespace=namespace,
        plain_too=plain_too,
        sized=sized,
        recorded=recorded,
    )


def _portions(names: Sequence[str]) -> Iterator[list[str]]:
    portion: list[str] = []
    for name in names:
        portion.append(name)
        if sum(map(len, portion)) > PROBE_CHARACTERS:
            yield portion
            portion = []
    if portion:
        yield portion


async def _pod_labels(desk: Desk, settings: PrometheusSettings, found: frozenset[str]) -> tuple[str, str, bool]:
    """Say which labels name the pod that uses a GPU, and whether some exporters know them as `pod`, `namespace` too.

    Without `honorLabels` the exporter's own pod is in `pod`, and the one that matters in `exported_pod`. So is that
    of a device that nobody uses, which is why only a pod that asks for GPUs shows that there are others with them.
    """
    told = settings.labels
    exported = plain_too = False
    metric = next((one.metric for one in UTILIZATION if one.metric in found), None)
    if metric is not None and (told.pod is None or told.namespace is None):
        exported = await _any(desk, f'{metric}{{exported_pod!="", $only}}')
    if metric is not None and exported and told.pod is None and told.namespace is None and REQUESTS in found:
        holders = f'{REQUESTS}{{resource=~"$gpu_resources", $only}}'
        plain_too = await _any(desk, f'{metric}{{exported_pod="", pod!="", $only}} and on (namespace, pod) {holders}')
    prefix = "exported_" if exported else ""
    return told.pod or f"{prefix}pod", told.namespace or f"{prefix}namespace", plain_too


async def _any(desk: Desk, vector: str) -> bool:
    """Say whether there is such a series."""
    answer = await desk.send("discovery", fill(f"group({vector})", desk.by_node) or "")
    return answer is not None and bool(answer.samples)


async def _sized(desk: Desk, found: frozenset[str]) -> bool:
    """Say whether there are slices of GPUs that tell how large they are."""
    names = "|".join(one.metric for one in UTILIZATION if one.metric in found)
    return bool(names) and await _any(desk, f'{{__name__=~"{names}", {PROFILE}!="", $only}}')


async def _recorded(desk: Desk) -> frozenset[tuple[str, str]]:
    """Say which recording rules of ours are at work."""
    answer = await desk.send("discovery", probe())
    samples = answer.samples if answer is not None else ()
    return frozenset((sample.label("__name__"), sample.label(LABEL)) for sample in samples)


async def _percentages(desk: Desk, found: frozenset[str]) -> frozenset[str]:
    """Say which metrics of undecided unit are percentages: those that have been above 1 within the hour."""
    percent = set()
    for instrument in KERNEL_RUNNING:
        if instrument.percent_or_ratio and instrument.metric in found:
            each = f"max_over_time({instrument.metric}{{$only}}[1h]) <= {100 * instrument.most:g}"
            expr = fill(f"max({each}) > 1", desk.by_node)
            answer = await desk.send("discovery", expr or "")
            if answer is not None and answer.samples:
                percent.add(instrument.metric)
    return frozenset(percent)
