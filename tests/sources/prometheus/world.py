"""A small cluster as its exporters would show it, with all that makes figures wrong when it is overlooked."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from tests.sources.prometheus.samples import Samples

HOUR, DAY = 3600, 86_400
REPLICAS = ("prom-0", "prom-1")
MIB, GIB = 1024**2, 1024**3


def world(now: float | None = None) -> Samples:
    """Return samples from two hours ago to two hours ahead, so that a test may be slow."""
    middle = int(now or time.time()) // 60 * 60
    samples = Samples(middle - 2 * HOUR, middle + 2 * HOUR, step=60)
    _gpus(samples)
    _pods(samples)
    _nodes(samples)
    _serving(samples)
    _costs(samples, middle)
    _slos(samples)
    _traffic(samples)
    _volumes(samples, middle - 9 * DAY)
    return samples


def gpu(node: str, index: int, **more: str) -> dict[str, str]:
    return {
        "Hostname": node,
        "UUID": f"GPU-{node}-{index}",
        "gpu": str(index),
        "modelName": "NVIDIA A100-SXM4-80GB",
        "pod": "dcgm-exporter-x",
        "namespace": "monitoring",
        **more,
    }


def held_by(namespace: str, pod: str) -> dict[str, str]:
    return {"exported_namespace": namespace, "exported_pod": pod, "exported_container": "main"}


def growing(start: int, per_second: float) -> Callable[[float], float]:
    """Return a counter that began at `start`."""
    return lambda at: per_second * (at - start)


def dearer_by_day(usd: float) -> Callable[[float], float]:
    """Return a price that doubles from 08:00 to 20:00."""
    return lambda at: usd * (2 if 8 <= at % DAY // HOUR < 20 else 1)


def _gpus(samples: Samples) -> None:
    engine = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
    # a-1: two busy GPUs of a Deployment, seen by two replicas of the monitoring; 80 % and 40 %.
    for replica in REPLICAS:
        for index, active in ((0, 0.8), (1, 0.4)):
            labels = gpu("a-1", index, **held_by("search", f"rerank-5d8f7c9b6-{index}xy2z"), replica=replica)
            samples.add(engine, labels, active)
            samples.add("DCGM_FI_DEV_GPU_UTIL", labels, 100)
            samples.add("DCGM_FI_DEV_FB_USED", labels, 30_000)
            samples.add("DCGM_FI_DEV_FB_FREE", labels, 9_000)
            samples.add("DCGM_FI_DEV_FB_RESERVED", labels, 1_000)
            samples.add("DCGM_FI_DEV_POWER_USAGE", labels, 250)
    # a-2: one GPU without profiling counters (only the fallback), one that reports neither but holds memory.
    samples.add("DCGM_FI_DEV_GPU_UTIL", gpu("a-2", 0, **held_by("train", "retrain-28000-abcde")), 90)
    samples.add("DCGM_FI_DEV_FB_USED", gpu("a-2", 0, **held_by("train", "retrain-28000-abcde")), 10_000)
    samples.add("DCGM_FI_DEV_FB_FREE", gpu("a-2", 0, **held_by("train", "retrain-28000-abcde")), 30_000)
    # a-3: a GPU in two slices (MIG), 60 % and 20 %, one of them a StatefulSet's, the other a bare pod's.
    for instance, active, pod in (("1", 0.6, "notebook-0"), ("2", 0.2, "scratch")):
        samples.add(engine, gpu("a-3", 0, GPU_I_ID=instance, GPU_I_PROFILE="3g.40gb", **held_by("lab", pod)), active)
    # a-4: a time-sliced GPU, its one value repeated for each pod; and an idle one whose NaN is no figure.
    for index in range(3):
        samples.add(engine, gpu("a-4", 0, **held_by("lab", f"shared-{index}")), 0.5)
    samples.add(engine, gpu("a-4", 1), math.nan)
    # b-1: the names of the next release, host label in lower case; ratio where it once was a percentage.
    new = {"hostname": "b-1", "UUID": "GPU-b-1-0", "gpu": "0", "modelName": "NVIDIA H200"}
    samples.add("DCGM_FI_PROF_GR_ENGINE_UTIL_RATIO", new, 0.03)
    samples.add("DCGM_FI_DEV_FB_USED_BYTES", new, 30 * GIB)
    samples.add("DCGM_FI_DEV_FB_CAPACITY_BYTES", new, 120 * GIB)
    samples.add("DCGM_FI_DEV_BOARD_POWER_WATTS", new, 120)
    # m-1: two AMD GPUs that share no UUID label.
    for index, activity in ((0, 50), (1, 100)):
        amd = {"hostname": "m-1", "gpu_id": str(index), "serial_number": f"S{index}", "card_model": "MI300X"}
        samples.add("gpu_gfx_activity", amd, activity)
        samples.add("gpu_used_vram", amd, 96_000)
        samples.add("gpu_total_vram", amd, 192_000)
        samples.add("gpu_package_power", amd, 400)
    # a-5: a GPU whose last pod worked until it ended just now; the next one has done nothing yet. It is young for five
    # minutes: so long those who ask may take to come.
    since = samples.start + 2 * HOUR
    samples.add(engine, gpu("a-5", 0, **held_by("train", "again-0")), 0.9, end=since)
    samples.add(engine, gpu("a-5", 0, **held_by("train", "again-1")), 0.0, start=since)
    # A node that went away half an hour ago.
    samples.add(engine, gpu("gone", 0), 0.9, end=samples.start + 2 * HOUR - 1800)
    # One XID from long ago, one that came up twenty minutes ago.
    samples.add("DCGM_FI_DEV_XID_ERRORS", gpu("a-1", 0), 13)
    middle = samples.start + 2 * HOUR
    samples.add("DCGM_FI_DEV_XID_ERRORS", gpu("a-2", 0), lambda at: 79 if at >= middle - 1200 else 31)


PODS = {
    # namespace, pod: kind, owner, node, gpus, phase
    ("search", "rerank-5d8f7c9b6-0xy2z"): ("ReplicaSet", "rerank-5d8f7c9b6", "a-1", 1, "Running"),
    ("search", "rerank-5d8f7c9b6-1xy2z"): ("ReplicaSet", "rerank-5d8f7c9b6", "a-1", 1, "Running"),
    ("search", "rerank-5d8f7c9b6-2xy2z"): ("ReplicaSet", "rerank-5d8f7c9b6", "", 1, "Pending"),
    ("train", "retrain-28000-abcde"): ("Job", "retrain-28000", "a-2", 1, "Running"),
    ("train", "retrain-27999-vwxyz"): ("Job", "retrain-27999", "a-2", 1, "Succeeded"),
    ("train", "again-1"): ("StatefulSet", "again", "a-2", 0, "Running"),
    ("lab", "notebook-0"): ("StatefulSet", "notebook", "a-3", 0, "Running"),
    ("lab", "scratch"): ("<none>", "<none>", "a-3", 0, "Running"),
}


def _pods(samples: Samples) -> None:
    first = samples.start + 2 * HOUR - 9 * DAY
    for (namespace, pod), (kind, owner, node, gpus, phase) in PODS.items():
        identity = {"namespace": namespace, "pod": pod, "uid": f"uid-{pod}"}
        controlled = "true" if owner != "<none>" else "<none>"
        for source in ("kube-state-metrics", "opencost"):  # both publish these
            of = {**identity, "job": source}
            owned = {"owner_kind": kind, "owner_name": owner, "owner_is_controller": controlled}
            samples.add("kube_pod_owner", {**of, **owned}, 1)
            for each in ("Pending", "Running", "Succeeded"):
                samples.add("kube_pod_status_phase", {**of, "phase": each}, float(each == phase))
            for resource, unit, amount in (
                ("nvidia_com_gpu", "integer", float(gpus)),
                ("cpu", "core", 4.0),
                ("memory", "byte", 16.0 * GIB),
            ):
                if amount:
                    asked = {"container": "main", "node": node, "resource": resource, "unit": unit}
                    samples.add("kube_pod_container_resource_requests", {**of, **asked}, amount)
        created = {"created_by_kind": kind, "created_by_name": owner, "host_network": str(pod == "scratch").lower()}
        samples.add("kube_pod_info", {**identity, "node": node, **created}, 1)
        samples.add("kube_pod_labels", {**identity, "label_team": f"team-{namespace}"}, 1, start=first, step=240)
    job = {"namespace": "train", "job_name": "retrain-28000", "owner_is_controller": "true"}
    samples.add("kube_job_owner", {**job, "owner_kind": "CronJob", "owner_name": "retrain"}, 1)
    samples.add("kube_deployment_spec_replicas", {"namespace": "search", "deployment": "rerank"}, 3)
    samples.add("kube_statefulset_replicas", {"namespace": "lab", "statefulset": "notebook"}, 1)
    samples.add("kube_namespace_labels", {"namespace": "train", "label_team": "nlp"}, 1, start=first, step=240)


def _nodes(samples: Samples) -> None:
    for name, kind, gpus, spot in (("a-1", "p4d.24xlarge", 2, False), ("a-2", "p4d.24xlarge", 1, True)):
        node = {"node": name}
        samples.add("kube_node_info", {**node, "system_uuid": f"uuid-{name}", "kernel_version": "6"}, 1)
        labels = {
            "label_node_kubernetes_io_instance_type": kind,
            "label_topology_kubernetes_io_region": "eu-west-1",
            "label_topology_kubernetes_io_zone": "eu-west-1a",
            "label_karpenter_sh_nodepool": "a100",
            "label_karpenter_sh_capacity_type": "spot" if spot else "on-demand",
            "label_nvidia_com_gpu_product": "NVIDIA-A100-SXM4-80GB",
        }
        samples.add("kube_node_labels", {**node, **labels}, 1)
        for resource, amount in (("nvidia_com_gpu", gpus), ("cpu", 96), ("memory", 1152 * GIB)):
            samples.add("kube_node_status_capacity", {**node, "resource": resource, "unit": "x"}, float(amount))
        ready = {"condition": "Ready", "status": "true"}
        samples.add("kube_node_status_condition", {**node, **ready}, float(name == "a-1"))
        samples.add("kube_node_spec_unschedulable", node, float(name == "a-2"))
        samples.add("kube_node_created", node, 1_760_000_000)


def _serving(samples: Samples) -> None:
    start = samples.start
    vllm = {"namespace": "search", "model_name": "llama-70b", "engine": "0", "pod": "v-0"}
    samples.add("vllm:num_requests_running", vllm, 3)
    samples.add("vllm:num_requests_waiting", vllm, 7)
    for reason, rate in (("stop", 1.5), ("length", 0.5)):
        labels = {**vllm, "finished_reason": reason}
        samples.add("vllm:request_success_total", labels, growing(start, rate))
    samples.add("vllm:generation_tokens_total", vllm, growing(start, 400.0))
    for bound, share in (("0.5", 0.9), ("1.0", 0.9), ("2.0", 1.0), ("+Inf", 1.0)):
        bucket = {**vllm, "le": bound}
        samples.add("vllm:e2e_request_latency_seconds_bucket", bucket, growing(start, 2 * share))
    triton = {"namespace": "vision", "model": "resnet", "version": "1"}
    samples.add("nv_inference_request_success", triton, growing(start, 9.0))
    samples.add("nv_inference_request_failure", {**triton, "reason": "OTHER"}, growing(start, 1.0))
    samples.add("nv_inference_pending_request_count", triton, 4)
    quiet = {**triton, "model": "quiet"}
    samples.add("nv_inference_request_success", quiet, 100)
    hostile = {**triton, "model": 'evil\x1b[31m"\\ [bold]\u202ename'}
    samples.add("nv_inference_request_success", hostile, growing(start, 1.0))


def _costs(samples: Samples, middle: int) -> None:
    """Two nodes, one priced by the hour of the day, for nine days back."""
    for name, dollars in (("a-1", 32.0), ("a-2", 8.0)):
        labels = {"node": name, "instance": name, "instance_type": "p4d.24xlarge", "region": "eu-west-1"}
        since = middle - 9 * DAY
        for metric, share in (("node_total_hourly_cost", 1.0), ("node_gpu_hourly_cost", 0.4)):
            samples.add(
                metric,
                labels,
                dearer_by_day(dollars * share),
                start=since,
                step=300,
            )
        for metric, price in (("node_cpu_hourly_cost", 0.03), ("node_ram_hourly_cost", 0.004)):
            samples.add(metric, labels, price, start=since, step=300)
        samples.add("node_gpu_count", labels, 2 if name == "a-1" else 1, start=since, step=300)
    for metric, price in (("node_cpu_hourly_cost", 0.03), ("node_ram_hourly_cost", 0.004), ("node_gpu_count", 0.0)):
        samples.add(metric, {"node": "c-1", "instance": "c-1"}, price, start=middle - 9 * DAY, step=300)
    # One of two GPUs; and a pod without GPUs, on a node without, that carries no label of its own.
    for namespace, pod, node, gpus in (("search", "rerank-5d8f7c9b6-0xy2z", "a-1", 1.0), ("train", "data", "c-1", 0.0)):
        held = {"namespace": namespace, "pod": pod, "container": "main", "node": node}
        for metric, amount in (
            ("container_gpu_allocation", gpus),
            ("container_cpu_allocation", 10.0),
            ("container_memory_allocation_bytes", 100.0 * GIB),
        ):
            if amount:
                samples.add(metric, held, amount, start=middle - 9 * DAY, step=300)


def _traffic(samples: Samples) -> None:
    """Two pods that send to the internet, one to another zone too; both chatter within their zone, which is free."""
    start = samples.start
    for replica in REPLICAS:
        for index in range(2):
            pod = f"rerank-5d8f7c9b6-{index}xy2z"
            who = {"namespace": "search", "pod_name": pod, "service": "", "replica": replica}
            for internet, zone, rate in (("true", "false", 1.0), ("false", "true", 10.0)):
                egress = {**who, "internet": internet, "same_region": "true", "same_zone": zone}
                samples.add("kubecost_pod_network_egress_bytes_total", egress, growing(start, rate * MIB))
    old = {"namespace": "train", "pod_name": "retrain-28000-abcde", "internet": "false"}
    for region, zone, rate in (("true", "false", 3.0), ("false", "false", 0.5)):
        egress = {**old, "sameRegion": region, "sameZone": zone}
        samples.add("kubecost_pod_network_egress_bytes_total", egress, growing(start, rate * MIB))
    samples.add("kubecost_network_internet_egress_cost", {}, 0.12)


def _volumes(samples: Samples, since: int) -> None:
    """A volume that OpenCost has a price for, one that it has none for, and one that nobody claims."""
    for namespace, claim, volume, gib, filled, price in (
        ("search", "data-0", "pv-1", 1000, 0.25, 0.0002),
        ("train", "data-0", "pv-2", 500, 0.5, None),
        ("train", "data-1", "pv-3", 100, 0.1, 0.0001),
    ):
        who = {"namespace": namespace, "persistentvolumeclaim": claim}
        samples.add("kube_persistentvolumeclaim_info", {**who, "volumename": volume}, 1, start=since, step=240)
        samples.add(
            "kube_persistentvolume_capacity_bytes", {"persistentvolume": volume}, gib * GIB, start=since, step=240
        )
        for node in ("a-1", "a-2"):  # mounted on both
            samples.add("kubelet_volume_stats_capacity_bytes", {**who, "node": node}, gib * GIB)
            samples.add("kubelet_volume_stats_used_bytes", {**who, "node": node}, filled * gib * GIB)
        if price is not None:
            samples.add("pv_hourly_cost", {"volumename": volume, "persistentvolume": volume}, price)
    samples.add("kube_persistentvolumeclaim_info", {"namespace": "lab", "persistentvolumeclaim": "new"}, 1)
    samples.add("kube_persistentvolume_capacity_bytes", {"persistentvolume": "pv-4"}, 7 * GIB)


def _slos(samples: Samples) -> None:
    start = samples.start
    good = {"namespace": "search", "code": "200"}
    bad = {"namespace": "search", "code": "500"}
    samples.add("http_requests_total", good, growing(start, 99.0))
    samples.add("http_requests_total", bad, growing(start, 1.0))
    samples.add("idle_requests_total", good, 5)
    sloth = {"sloth_id": "search-latency", "sloth_service": "search", "sloth_slo": "latency"}
    samples.add("slo:objective:ratio", sloth, 0.999)
    samples.add("slo:time_period:days", sloth, 28)
    samples.add("slo:period_error_budget_remaining:ratio", sloth, 0.25)
    for window, ratio in (("5m", 0.02), ("1h", 0.01), ("3d", 0.0005)):
        samples.add(f"slo:sli_error:ratio_rate{window}", {**sloth, "sloth_window": window}, ratio)
    samples.add("slo:sli_error:ratio_rate30m", {**sloth, "sloth_window": "30m"}, math.nan)
    pyrra = {"slo": "checkout-errors", "namespace": "shop"}
    samples.add("pyrra_objective", pyrra, 0.99)
    samples.add("pyrra_window", pyrra, 28 * DAY)
    samples.add("pyrra_availability", pyrra, 0.995)
    samples.add("pyrra_requests:rate5m", pyrra, 20)
    for window, ratio in (("5m", 0.01), ("32m", 0.02), ("1h4m", 0.03), ("4d", 0.04)):
        samples.add(f"http_requests:burnrate{window}", pyrra, ratio)
