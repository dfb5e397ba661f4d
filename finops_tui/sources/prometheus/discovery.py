"""What a server holds: which metrics, under which names, with which labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from finops_tui.sources.prometheus.catalogue import CATALOGUE
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.instruments import GPU_METRICS, KERNEL_RUNNING, UTILIZATION
from finops_tui.sources.prometheus.promql import Found, fill
from finops_tui.sources.prometheus.recording import LABEL, probe
from finops_tui.sources.prometheus.settings import PrometheusSettings

PROBE_CHARACTERS = 2_500
"""Length of the list of names in one probe: several short URLs pass where a long one does not."""
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
    pod, namespace = await _pod_labels(desk, settings, found)
    percent, recorded = await _percentages(desk, found), await _recorded(desk)
    return Found(metrics=found, percent=percent, pod=pod, namespace=namespace, recorded=recorded)


def _portions(names: Sequence[str]) -> Iterator[list[str]]:
    portion: list[str] = []
    for name in names:
        portion.append(name)
        if sum(map(len, portion)) > PROBE_CHARACTERS:
            yield portion
            portion = []
    if portion:
        yield portion


async def _pod_labels(desk: Desk, settings: PrometheusSettings, found: frozenset[str]) -> tuple[str, str]:
    """Say which labels name the pod that uses a GPU.

    Without `honorLabels` the exporter's own pod is in `pod`, and the one that matters in `exported_pod`.
    """
    told = settings.labels
    exported = False
    if told.pod is None or told.namespace is None:
        metric = next((one.metric for one in UTILIZATION if one.metric in found), None)
        if metric is not None:
            expr = fill(f'group({metric}{{exported_pod!="", $only}})', desk.by_node)
            answer = await desk.send("discovery", expr or "")
            exported = answer is not None and bool(answer.samples)
    prefix = "exported_" if exported else ""
    return told.pod or f"{prefix}pod", told.namespace or f"{prefix}namespace"


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
            expr = fill(f"max(max_over_time({instrument.metric}{{$only}}[1h])) > 1", desk.by_node)
            answer = await desk.send("discovery", expr or "")
            if answer is not None and answer.samples:
                percent.add(instrument.metric)
    return frozenset(percent)
