"""Fills the catalogue's placeholders with what this installation calls things."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from finops_tui.sources.prometheus.instruments import (
    ENGINE_ACTIVE,
    POWER,
    PROFILE,
    UTILIZATION,
    XID,
    Instrument,
    best_of,
    memory_ratio,
)
from finops_tui.sources.prometheus.settings import PrometheusSettings

NOTHING = ""
PEAK_RANGE = "5m"
NO_HOST = "-"
"""What no node is called."""
GPU_RESOURCES = "nvidia_com_(gpu|gpu_shared|mig_.+)|amd_com_gpu|google_com_tpu|habana_ai_gaudi|gpu_intel_com_(i915|xe)"
_PLACEHOLDER = re.compile(r"\$([a-z][a-z_]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the server turned out to hold."""

    metrics: frozenset[str] = frozenset()
    percent: frozenset[str] = frozenset()
    """Metrics of undecided unit that are percentages here."""
    pod: str = "pod"
    """Label of GPU metrics with the pod that uses the device."""
    namespace: str = "namespace"
    plain_too: bool = False
    """Whether some exporters name them in `pod` and `namespace` all the same."""
    sized: bool = False
    """Whether slices of partitioned GPUs say how large they are."""
    recorded: frozenset[tuple[str, str]] = frozenset()
    """Name and digest of each recording rule of ours that is at work."""

    def has(self, *names: str) -> bool:
        return self.metrics.issuperset(names)

    def any_of(self, instruments: Iterable[Instrument]) -> bool:
        return any(instrument.metric in self.metrics for instrument in instruments)


def fill(expr: str, values: Mapping[str, str]) -> str | None:
    """Return PromQL without placeholders; None where one stands for something that does not exist here.

    `$1` and the like belong to PromQL and stay. Placeholders may stand within the values of others. Raises KeyError for
    a placeholder that nobody knows.
    """
    for _ in range(4):
        used = set(_PLACEHOLDER.findall(expr))
        if not used:
            return expr
        if any(values[name] == NOTHING and name not in MAY_BE_EMPTY for name in used):
            return None
        expr = _PLACEHOLDER.sub(lambda match: values[match[1]], expr)
    raise ValueError("placeholders stand for each other")


MAY_BE_EMPTY = frozenset({"only", "copies", "copies_of_ray"})


def quoted(value: str) -> str:
    """Return the value as a PromQL string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def label_names(names: Iterable[str]) -> str:
    """Return Kubernetes label names as kube-state-metrics spells them, for a `by` clause."""
    return ", ".join(ksm_label(name) for name in names)


def ksm_label(name: str) -> str:
    """Return the Prometheus label that kube-state-metrics makes of a Kubernetes label."""
    return "label_" + re.sub(r"[^a-zA-Z0-9_]", "_", name)


class Dialect:
    """The values of the placeholders, for one server as it was found."""

    def __init__(self, settings: PrometheusSettings, found: Found) -> None:
        labels = settings.labels
        self._found = found
        self._device = ", ".join(labels.device)
        self._slice = ", ".join((*labels.device, *labels.instance))
        self._identity = f"{self._slice}, {PROFILE}" if found.sized else self._slice
        self._hosts = labels.host
        self._groups = ", ".join((*labels.host, *labels.model))
        self._common = {
            "only": ", ".join(f"{name}={quoted(value)}" for name, value in sorted(settings.matchers.items())),
            "host": ", ".join(labels.host),
            "model": ", ".join(labels.model),
            "device": self._device,
            "slice": self._slice,
            "profile": PROFILE if found.sized else NOTHING,
            "sizes": SIZES,
            "serving_namespace": labels.serving_namespace,
            "copies": ", ".join(labels.replica),
            "copies_of_ray": ", ".join(name for name in labels.replica if name != "replica"),
            "gpu_resources": GPU_RESOURCES,
            "ownership": label_names(labels.ownership),
            "owners": OWNERS,
            "xid": _bracketed(best_of(XID, found.metrics, found.percent, self._raw, self._device)),
        }

    def by_node(self) -> dict[str, str]:
        """Return the values where devices are grouped by node and model."""
        return self._common | self._instruments(self._on_node)

    def by_workload(self) -> dict[str, str]:
        """Return the values where devices are grouped by what owns the pods that hold them."""
        return self._common | self._instruments(self._on_pod)

    def _instruments(self, read: _Read) -> dict[str, str]:
        metrics, percent = self._found.metrics, self._found.percent

        def peak(metric: str) -> str:
            return read(f"max_over_time({metric}{{$matchers}}[{PEAK_RANGE}])")

        def before(metric: str) -> str:
            return read(f"{metric}{{$matchers}} offset {PEAK_RANGE}")

        def now(metric: str) -> str:
            return read(f"{metric}{{$matchers}}")

        utilization = best_of(UTILIZATION, metrics, percent, now, self._device)
        return {
            "utilization": _bracketed(utilization),
            "engine_active": _bracketed(best_of(ENGINE_ACTIVE, metrics, percent, now, self._device)),
            "peak": _bracketed(self._or_now(best_of(UTILIZATION, metrics, percent, peak, self._device), utilization)),
            "before": _bracketed(best_of(UTILIZATION, metrics, percent, before, self._device)),
            "power": _bracketed(best_of(POWER, metrics, percent, now, self._device)),
            "memory": _bracketed(memory_ratio(metrics, now, self._device)),
            "gpus_by_host": self._by_host("count by ($host, $device) ($utilization)") if utilization else NOTHING,
        }

    def _by_host(self, devices: str) -> str:
        """Return the number of devices by `node`, whichever label names it; of several the first wins: it is last."""
        devices = f'label_replace({devices}, "node", "{NO_HOST}", "", "")'
        for label in reversed(self._hosts):
            devices = f'label_replace({devices}, "node", "$1", "{label}", "(.+)")'
        return f"count by (node) ({devices})"

    def _or_now(self, peak: str, now: str) -> str:
        """Return the peak, or what is so now: one absurd sample would hide all others from a maximum over time."""
        return f"{peak} or on ({self._device}) {now}" if peak else NOTHING

    def _raw(self, metric: str) -> str:
        return f"{metric}{{$only}}"

    def _on_node(self, vector: str) -> str:
        """Return the vector once for each device or slice of one; copies for pods that share it fall together."""
        return f"max by ({self._groups}, {self._identity}) ({self._everywhere(vector)})"

    def _everywhere(self, vector: str) -> str:
        return vector.replace("$matchers", "$only")

    def _on_pod(self, vector: str) -> str:
        """Return the vector once for each device and pod, whichever labels name the pod."""
        pod, namespace = self._found.pod, self._found.namespace
        if self._found.plain_too:  # whose series keep their own labels below, as they have no others
            inner = f"max by (namespace, pod, {namespace}, {pod}, {self._identity}) ({self._everywhere(vector)})"
        else:
            held = vector.replace("$matchers", f'{pod}!="", $only')
            inner = f"max by ({namespace}, {pod}, {self._identity}) ({held})"
        if pod != "pod":
            inner = f'label_replace({inner}, "pod", "$1", "{pod}", "(.+)")'
        if namespace != "namespace":
            inner = f'label_replace({inner}, "namespace", "$1", "{namespace}", "(.+)")'
        return inner


_Read = Callable[[str], str]
"""From a vector with `$matchers` in its selector to the same, once for each device."""


def _bracketed(expr: str) -> str:
    return f"({expr})" if expr else NOTHING


# A number for each size of a slice, to be multiplied with. Of an A100 7 are the whole; what is no slice counts as one.
SIZES = "({})".format(
    " or ".join(
        f'label_replace(vector({size}), "slices", "{name}", "", "")'
        for name, size in [("any", 1), *((size, size) for size in range(1, 8))]
    )
)
# The direct controller of each pod; the pod itself where it has none. `topk by` keeps one where two servers disagree.
OWNERS = (
    "topk by (namespace, pod) (1, "
    'max by (namespace, pod, owner_kind, owner_name) (kube_pod_owner{owner_is_controller="true", $only}))'
    " or on (namespace, pod) label_replace(label_replace("
    'max by (namespace, pod) (kube_pod_owner{owner_kind=~"|<none>", $only}), '
    '"owner_name", "$1", "pod", "(.+)"), "owner_kind", "Pod", "", "")'
)
