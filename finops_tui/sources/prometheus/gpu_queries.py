"""Queries about what GPUs do, by node and by what holds them.

A device may be cut into slices (MIG), or be shared: each slice is looked at once, and each device counts once.
"""

from __future__ import annotations

from finops_tui.sources.prometheus.query import Query

GPU_NODE_LABELS = ("$host", "$model")
OWNER_LABELS = ("namespace", "owner_kind", "owner_name")
# 1 for each slice of a device that worked or was given to its pod just now, else 0.
WORKED_OR_YOUNG = (
    "($utilization unless on (namespace, pod, $slice) $before) * 0 + 1 or on (namespace, pod, $slice) "
    "$peak >= bool 0.05"
)
# Of a slice `3g.40gb` three; `any` where nobody says how large it is.
SIZED = (
    'label_replace(label_replace({}, "slices", "any", "", ""), "slices", "$1", "$profile", '
    '"(?:.*[^0-9])?([1-7])g[.].+")'
)
SIZES = "* on (slices) group_left () $sizes"
BY_OWNER = "namespace, owner_kind, owner_name"
OWNED = "* on (namespace, pod) group_left (owner_kind, owner_name) ($owners)"


def _weighed(by: str, figure: str, each: str = "{}") -> str:
    """Return the mean of a figure over slices, each as heavy as it is large. `each` makes one row of each slice."""
    above, below = (each.format(SIZED.format(vector)) for vector in (figure, "$utilization * 0 + 1"))
    return f"sum {by} ({above} {SIZES}) / sum {by} ({below} {SIZES})"


GPU = (
    Query(
        id="gpu.utilization",
        purpose="GPU utilization of each node and device model",
        expr="avg by ($host, $model) (avg by ($host, $model, $device) ($utilization))",
        gives=GPU_NODE_LABELS,
        required=True,
        record="node_model:gpu_utilization:avg",
    ),
    Query(
        id="gpu.devices",
        purpose="how many GPUs of each node report",
        expr="count by ($host, $model) (count by ($host, $model, $device) ($utilization))",
        gives=GPU_NODE_LABELS,
        record="node_model:gpus:count",
    ),
    Query(
        id="gpu.profiled",
        purpose="how many GPUs report by profiling counters and not by the fallback",
        expr="count by ($host, $model) (count by ($host, $model, $device) ($engine_active))",
        gives=GPU_NODE_LABELS,
        record="node_model:gpus_profiled:count",
    ),
    Query(
        id="gpu.active",
        purpose="how many GPUs worked in the last five minutes; of a partitioned one, the share of its slices",
        expr="sum by ($host, $model) (avg by ($host, $model, $device) ($peak >= bool 0.05))",
        gives=GPU_NODE_LABELS,
        record="node_model:gpus_active:sum",
    ),
    Query(
        id="gpu.utilization_by_size",
        purpose="as gpu.utilization, where slices of GPUs (MIG) say how large they are: they weigh as much",
        expr="avg by ($host, $model) (" + _weighed("by ($host, $model, $device)", "$utilization") + ")",
        gives=GPU_NODE_LABELS,
    ),
    Query(
        id="gpu.active_by_size",
        purpose="as gpu.active, where slices of GPUs (MIG) say how large they are: they weigh as much",
        expr="sum by ($host, $model) (" + _weighed("by ($host, $model, $device)", "$peak >= bool 0.05") + ")",
        gives=GPU_NODE_LABELS,
    ),
    Query(
        id="gpu.memory",
        purpose="share of GPU memory in use",
        expr="avg by ($host, $model) ($memory)",
        gives=GPU_NODE_LABELS,
        record="node_model:gpu_memory_used:avg",
    ),
    Query(
        id="gpu.power",
        purpose="power that the GPUs draw, in watts",
        expr="sum by ($host, $model) (max by ($host, $model, $device) ($power))",
        gives=GPU_NODE_LABELS,
        record="node_model:gpu_power_watts:sum",
    ),
    Query(
        id="gpu.strangers",
        purpose="how many GPUs report under hosts that are no nodes",
        expr="$gpus_by_host unless on (node) last_over_time(kube_node_info{$only}[15m])",
        needs=("kube_node_info",),
        gives=("node",),
    ),
    Query(
        id="gpu.xids",
        purpose="the last XID error of each GPU",
        expr="max by ($host, $device, gpu, err_msg) ($xid > 0)",
        gives=("$host", "$device", "gpu", "err_msg"),
    ),
)

# The same instruments, by the direct owner of the pod that holds the device.
WORKLOAD = (
    Query(
        id="workload.utilization",
        purpose="GPU utilization of each workload",
        expr=f"avg by (namespace, owner_kind, owner_name) ($utilization {OWNED})",
        needs=("kube_pod_owner",),
        gives=OWNER_LABELS,
        record="namespace_owner:gpu_utilization:avg",
    ),
    Query(
        id="workload.devices",
        purpose="how many GPUs each workload is seen on",
        expr="count by (namespace, owner_kind, owner_name) "
        f"(count by (namespace, owner_kind, owner_name, $device) ($utilization {OWNED}))",
        needs=("kube_pod_owner",),
        gives=OWNER_LABELS,
        record="namespace_owner:gpus:count",
    ),
    Query(
        id="workload.profiled",
        purpose="how many of them report by profiling counters",
        expr="count by (namespace, owner_kind, owner_name) "
        f"(count by (namespace, owner_kind, owner_name, $device) ($engine_active {OWNED}))",
        needs=("kube_pod_owner",),
        gives=OWNER_LABELS,
        record="namespace_owner:gpus_profiled:count",
    ),
    Query(
        id="workload.active",
        purpose="how many of them worked in the last five minutes, or were given to their pod less than that ago; of a "
        "partitioned one, the share of its slices",
        expr=f"sum by ({BY_OWNER}) (avg by ({BY_OWNER}, $device) "
        f"(max by ({BY_OWNER}, $slice) (({WORKED_OR_YOUNG}) {OWNED})))",
        needs=("kube_pod_owner",),
        gives=OWNER_LABELS,
        record="namespace_owner:gpus_active:sum",
    ),
    Query(
        id="workload.utilization_by_size",
        purpose="as workload.utilization, where slices of GPUs (MIG) say how large they are: they weigh as much",
        expr=_weighed(f"by ({BY_OWNER})", "$utilization", f"{{}} {OWNED}"),
        needs=("kube_pod_owner",),
        gives=OWNER_LABELS,
    ),
    Query(
        id="workload.active_by_size",
        purpose="as workload.active, where slices of GPUs (MIG) say how large they are: they weigh as much",
        expr=f"sum by ({BY_OWNER}) ("
        + _weighed(f"by ({BY_OWNER}, $device)", WORKED_OR_YOUNG, f"max by ({BY_OWNER}, $slice, slices) ({{}} {OWNED})")
        + ")",
        needs=("kube_pod_owner",),
        gives=OWNER_LABELS,
    ),
    Query(
        id="workload.memory",
        purpose="share of GPU memory that each workload uses",
        expr=f"avg by (namespace, owner_kind, owner_name) ($memory {OWNED})",
        needs=("kube_pod_owner",),
        gives=OWNER_LABELS,
        record="namespace_owner:gpu_memory_used:avg",
    ),
    Query(
        id="workload.power",
        purpose="power of each workload's GPUs, in watts; of a shared GPU, all of it",
        expr="sum by (namespace, owner_kind, owner_name) "
        f"(max by (namespace, owner_kind, owner_name, $device) ($power {OWNED}))",
        needs=("kube_pod_owner",),
        gives=OWNER_LABELS,
        record="namespace_owner:gpu_power_watts:sum",
    ),
    Query(
        id="workload.job_owners",
        purpose="which Job belongs to which CronJob, JobSet or training job",
        expr='max by (namespace, job_name, owner_kind, owner_name) (kube_job_owner{owner_is_controller="true", $only})',
        needs=("kube_job_owner",),
        gives=("namespace", "job_name", "owner_kind", "owner_name"),
    ),
)
