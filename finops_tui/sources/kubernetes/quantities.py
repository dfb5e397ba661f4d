"""Resource quantities, what a pod requests, and how device-plugin resources translate to physical GPUs.

How a pod's request is put together: Kubernetes documentation, "Init containers", "Sidecar containers", "Pod overhead"
and "Pod-level resources". GPU resources and labels: NVIDIA's k8s-device-plugin and gpu-feature-discovery, GKE nodes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from finops_tui.sources.kubernetes.objects import Container, PodSpec, Quantities

_SUFFIXES = {
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "E": 1e18,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
    "Pi": 2.0**50,
    "Ei": 2.0**60,
}
_COUNT = re.compile(r"\d{1,4}", re.ASCII)
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)([numkMGTPE]|[KMGTPE]i)?", re.ASCII)

WHOLE_GPUS = frozenset(
    {
        "nvidia.com/gpu",
        "nvidia.com/gpu.shared",
        "amd.com/gpu",
        "google.com/tpu",
        "habana.ai/gaudi",
        "gpu.intel.com/i915",
        "gpu.intel.com/xe",
    }
)
_MIG = re.compile(r"(?:(\d+)c\.)?(\d+)g\.", re.ASCII)
MIG_RESOURCE = "nvidia.com/mig-"
SLICES_PER_GPU = 7
SLICES_PER_SMALL_GPU = 4
SMALL_GPUS = ("A30", "RTX-PRO")
"""Models that MIG cuts into at most four slices; the others into seven."""

MODEL_LABELS = (
    "nvidia.com/gpu.product",
    "amd.com/gpu.product-name",
    "cloud.google.com/gke-accelerator",
    "cloud.google.com/gke-tpu-accelerator",
    "karpenter.k8s.aws/instance-gpu-name",
    "gpu.intel.com/product",
    "k8s.amazonaws.com/accelerator",
)
REPLICA_LABELS = ("nvidia.com/gpu.replicas", "cloud.google.com/gke-max-shared-clients-per-gpu")
COUNT_LABELS = ("karpenter.k8s.aws/instance-gpu-count", "nvidia.com/gpu.count")
PARTITION_LABEL = "cloud.google.com/gke-gpu-partition-size"
MIG_STRATEGY_LABEL = "nvidia.com/mig.strategy"
GPU_LABELS = (*MODEL_LABELS, *REPLICA_LABELS, *COUNT_LABELS, PARTITION_LABEL, MIG_STRATEGY_LABEL)
"""All labels of a node that are read here; who asks for labels one by one asks for these."""


class Requests(NamedTuple):
    """What pods ask for. GPUs come in two units, because only a node knows what they are worth."""

    cpu_cores: float = 0.0
    memory_bytes: float = 0.0
    gpu_units: float = 0.0
    """Of the whole-device resources: physical GPUs, unless the node's are shared or partitioned."""
    mig_slices: float = 0.0
    """Compute slices of GPUs."""


class GpuScale(NamedTuple):
    """What GPU resources are worth on one node, in physical GPUs."""

    unit: float = 1.0
    slices: int = SLICES_PER_GPU
    """Slices that make one GPU."""

    def gpus(self, requests: Requests) -> float:
        return requests.gpu_units * self.unit + requests.mig_slices / self.slices


@lru_cache(maxsize=4096)
def quantity(value: str | float) -> float:
    """Return a resource quantity as a number: `100m` is 0.1, `2Gi` 2147483648. Nonsense is 0."""
    if not isinstance(value, str):
        return float(value)
    match = _QUANTITY.fullmatch(value)
    if match is None:
        return 0.0
    number = float(match[1]) * _SUFFIXES.get(match[2], 1.0)
    return number if math.isfinite(number) else 0.0


def requested(quantities: Quantities | None) -> Requests:
    """Add up one set of requests."""
    cpu_cores = memory_bytes = gpu_units = mig_slices = 0.0
    for name, value in (quantities or {}).items():
        if name == "cpu":
            cpu_cores = quantity(value)
        elif name == "memory":
            memory_bytes = quantity(value)
        elif name in WHOLE_GPUS:
            gpu_units += quantity(value)
        elif name.startswith(MIG_RESOURCE):
            mig_slices += quantity(value) * slices(name.removeprefix(MIG_RESOURCE))
    return Requests(cpu_cores, memory_bytes, gpu_units, mig_slices)


def slices(profile: str) -> int:
    """Return how many compute slices a MIG profile takes: 1 for `1g.5gb`, 1 for `1c.3g.20gb`, 0 for nonsense."""
    match = _MIG.match(profile)
    return int(match[1] or match[2]) if match else 0


def pod_requests(spec: PodSpec) -> Requests:
    """Return what the scheduler sets aside for a pod.

    Containers and sidecars (init containers that restart) run together; plain init containers run one by one before
    them, beside the sidecars that started earlier. The dearest moment counts, per resource.
    """
    running = _sum(_of(container) for container in spec.containers or ())
    if spec.init_containers:
        sidecars, dearest = Requests(), Requests()
        for container in spec.init_containers:
            if container.restart_policy == "Always":
                sidecars = _sum((sidecars, _of(container)))
                dearest = _max(dearest, sidecars)
            else:
                dearest = _max(dearest, _sum((sidecars, _of(container))))
        running = _max(_sum((running, sidecars)), dearest)
    if spec.resources is not None and spec.resources.requests:  # set for the pod as a whole
        whole = requested(spec.resources.requests)
        running = running._replace(
            cpu_cores=whole.cpu_cores or running.cpu_cores, memory_bytes=whole.memory_bytes or running.memory_bytes
        )
    return _sum((running, requested(spec.overhead))) if spec.overhead else running


def _of(container: Container) -> Requests:
    resources = container.resources
    if resources is None:
        return Requests()
    if resources.requests is None:  # the API server fills in requests from limits, other writers may not
        return requested(resources.limits)
    return requested(resources.requests)


def _sum(parts: Iterable[Requests]) -> Requests:
    cpu_cores = memory_bytes = gpu_units = mig_slices = 0.0
    for part in parts:
        cpu_cores += part.cpu_cores
        memory_bytes += part.memory_bytes
        gpu_units += part.gpu_units
        mig_slices += part.mig_slices
    return Requests(cpu_cores, memory_bytes, gpu_units, mig_slices)


def _max(left: Requests, right: Requests) -> Requests:
    return Requests(*map(max, left, right))


def gpu_replicas(labels: Mapping[str, str]) -> int:
    """Return how many pods may share one device of a node (time-slicing, MPS, GKE GPU sharing)."""
    return next((told for key in REPLICA_LABELS if (told := _counted(labels, key) or 0) > 1), 1)


def _counted(labels: Mapping[str, str], key: str) -> int | None:
    """Return the count that a label tells; None without one, or for one that no node has: a label holds anything."""
    told = labels.get(key, "")
    return int(told) if _COUNT.fullmatch(told) else None


def gpu_scale(labels: Mapping[str, str]) -> GpuScale:
    """Return what GPU resources are worth on a node with these labels.

    Where all its GPUs are partitioned alike (MIG strategy `single`, GKE partition sizes), one `nvidia.com/gpu` is a
    partition.
    """
    model = gpu_model(labels)
    per_gpu = SLICES_PER_SMALL_GPU if any(small in model.upper() for small in SMALL_GPUS) else SLICES_PER_GPU
    profile = labels.get(PARTITION_LABEL, "")
    if not profile and labels.get(MIG_STRATEGY_LABEL) == "single":
        profile = labels.get("nvidia.com/gpu.product", "").partition("-MIG-")[2]
    share = slices(profile) / per_gpu if profile else 1.0
    return GpuScale((share or 1.0) / gpu_replicas(labels), per_gpu)


def gpu_model(labels: Mapping[str, str]) -> str:
    """Return the model of a node's GPUs as its labels name it, without what says how they are shared."""
    for key in MODEL_LABELS:
        if labels.get(key):
            return labels[key].partition("-MIG-")[0].removesuffix("-SHARED")
    return ""


def physical_gpus(capacity: Quantities | None, labels: Mapping[str, str]) -> int:
    """Return how many devices a node has: what says so directly wins over what must be worked out from its capacity."""
    for key in COUNT_LABELS:
        told = _counted(labels, key)
        if told is not None and "-MIG-" not in labels.get("nvidia.com/gpu.product", ""):
            return told
    return round(gpu_scale(labels).gpus(requested(capacity)))
