"""Queries about what nodes and namespaces cost, now and in the past, as OpenCost meters it."""

from __future__ import annotations

from finops_tui.sources.prometheus.query import Query

_GPU_NODES = "max by (node) (node_gpu_count{$only} > 0)"


def _held(metric: str) -> str:
    """Return what each pod holds on its node."""
    return f"sum by (namespace, pod, node) (max by (namespace, pod, container, node) ({metric}{{$only}}))"


def _at_price(held: str, price: str) -> str:
    return f"{held} * on (node) group_left () max by (node) ({price}{{$only}})"


# As the live figures are made (docs/cost-model.md): on nodes with GPUs by GPUs alone, elsewhere by cores and memory.
OPENCOST_PODS = (
    "sum by (namespace, pod) ("
    + _at_price(f"{_held('container_gpu_allocation')} / on (node) group_left () {_GPU_NODES}", "node_total_hourly_cost")
    + " or ("
    + _at_price(_held("container_cpu_allocation"), "node_cpu_hourly_cost")
    + " + "
    + _at_price(f"{_held('container_memory_allocation_bytes')} / 1024 / 1024 / 1024", "node_ram_hourly_cost")
    + f") unless on (node) {_GPU_NODES})"
)
LABELS_OF_PODS = (
    "(topk by (namespace, pod) (1, max by (namespace, pod, $payers) (kube_pod_labels{$only}))"
    " or on (namespace, pod) max by (namespace, pod) (container_cpu_allocation{$only}) * 0 + 1)"
)

PRICES = (
    Query(
        id="opencost.node_price",
        purpose="dollars per hour of each node, as OpenCost meters them",
        expr="max by (node, instance_type, region) (node_total_hourly_cost{$only})",
        needs=("node_total_hourly_cost",),
        gives=("node", "instance_type", "region"),
    ),
    Query(
        id="opencost.gpu_price",
        purpose="dollars per GPU and hour, to find nodes priced by OpenCost's built-in defaults",
        expr="max by (node) (node_gpu_hourly_cost{$only})",
        needs=("node_gpu_hourly_cost",),
        gives=("node",),
    ),
)

HISTORY = (
    Query(
        id="history.total",
        purpose="what the cluster cost an hour in the past",
        expr="sum(max by (node) (node_total_hourly_cost{$only}))",
        needs=("node_total_hourly_cost",),
        record="cluster:cost_usd_per_hour:sum",
    ),
    Query(
        id="history.namespace",
        purpose="what each namespace cost an hour in the past, by the owners that its pods named",
        expr="sum by (namespace, $payers) "
        f"({OPENCOST_PODS} * on (namespace, pod) group_left ($payers) {LABELS_OF_PODS})",
        needs=(
            "node_total_hourly_cost",
            "node_gpu_count",
            "container_cpu_allocation",
            "container_memory_allocation_bytes",
        ),
        gives=("namespace", "$payers"),
        record="namespace_labels:cost_usd_per_hour:sum",
    ),
    Query(
        id="history.namespace_labels",
        purpose="the owners that namespaces named in the past",
        expr="max by (namespace, $payers) (kube_namespace_labels{$only})",
        needs=("kube_namespace_labels",),
        gives=("namespace", "$payers"),
    ),
    Query(
        id="history.nodes",
        purpose="how many nodes of each type there were, where no meter of costs kept a record",
        expr="count by ($type_labels) (max by (node, $type_labels) (kube_node_labels{$only}))",
        needs=("kube_node_labels",),
        gives=("$type_labels",),
    ),
)
