"""Every query that is sent, in one place. The config may replace each by its id (`queries:`).

PromQL with `$name` for what differs between installations; `promql.fill` knows the names. `$only` stands in every
selector for the configured matchers. Nothing sums or averages before `max by (identity)`: highly available pairs of
servers, OpenCost beside kube-state-metrics and shared GPUs all show the same thing more than once.
"""

from __future__ import annotations

from finops_tui.sources.prometheus.query import Query
from finops_tui.sources.prometheus.serving_servers import SERVERS
from finops_tui.sources.prometheus.usage_queries import USAGE, USAGE_HISTORY

__all__ = ["BY_ID", "CATALOGUE", "Query"]


GPU_NODE_LABELS = ("$host", "$model")
OWNER_LABELS = ("namespace", "owner_kind", "owner_name")
PENDING_OR_RUNNING = 'max by (namespace, pod) (kube_pod_status_phase{phase=~"Pending|Running", $only}) == 1'
REQUESTS = (
    "max by (namespace, pod, container, node, resource) "
    '(kube_pod_container_resource_requests{resource=~"cpu|memory|$gpu_resources", $only})'
    f" * on (namespace, pod) group_left () ({PENDING_OR_RUNNING})"
)
POD_NODES = (
    f"max by (namespace, pod, node) (kube_pod_info{{$only}}) * on (namespace, pod) group_left () ({PENDING_OR_RUNNING})"
)
WORKED_OR_YOUNG = (
    "$peak >= 0.05 or on (namespace, pod, $device) ($utilization unless on (namespace, pod, $device) $before)"
)
OWNED = "* on (namespace, pod) group_left (owner_kind, owner_name) ($owners)"
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
        purpose="how many GPUs worked in the last five minutes",
        expr="count by ($host, $model) (count by ($host, $model, $device) ($peak >= 0.05))",
        gives=GPU_NODE_LABELS,
        record="node_model:gpus_active:count",
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
        purpose="how many of them worked in the last five minutes, or were given to their pod less than that ago",
        expr="count by (namespace, owner_kind, owner_name) "
        f"(count by (namespace, owner_kind, owner_name, $device) (({WORKED_OR_YOUNG}) {OWNED}))",
        needs=("kube_pod_owner",),
        gives=OWNER_LABELS,
        record="namespace_owner:gpus_active:count",
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

INVENTORY = (
    Query(
        id="inventory.nodes",
        purpose="the nodes that there are",
        expr="max by (node, system_uuid) (kube_node_info{$only})",
        needs=("kube_node_info",),
        gives=("node", "system_uuid"),
    ),
    Query(
        id="inventory.node_labels",
        purpose="pool, instance type, zone and capacity type of each node",
        expr="max by (node, $node_labels) (kube_node_labels{$only})",
        needs=("kube_node_labels",),
        gives=("node", "$node_labels"),
    ),
    Query(
        id="inventory.capacity",
        purpose="GPUs, cores and memory of each node",
        expr='max by (node, resource) (kube_node_status_capacity{resource=~"cpu|memory|$gpu_resources", $only})',
        needs=("kube_node_status_capacity",),
        gives=("node", "resource"),
    ),
    Query(
        id="inventory.ready",
        purpose="which nodes are ready",
        expr='max by (node) (kube_node_status_condition{condition="Ready", status="true", $only})',
        needs=("kube_node_status_condition",),
        gives=("node",),
    ),
    Query(
        id="inventory.unschedulable",
        purpose="which nodes are cordoned",
        expr="max by (node) (kube_node_spec_unschedulable{$only})",
        needs=("kube_node_spec_unschedulable",),
        gives=("node",),
    ),
    Query(
        id="inventory.created",
        purpose="since when each node exists",
        expr="max by (node) (kube_node_created{$only})",
        needs=("kube_node_created",),
        gives=("node",),
    ),
    Query(
        id="inventory.requests",
        purpose="what each workload requests on each node; without a node it waits",
        expr=f"sum by (namespace, owner_kind, owner_name, node, resource) ({REQUESTS} {OWNED})",
        needs=("kube_pod_container_resource_requests", "kube_pod_status_phase", "kube_pod_owner"),
        gives=(*OWNER_LABELS, "node", "resource"),
        record="namespace_owner_node_resource:requests:sum",
    ),
    Query(
        id="inventory.pods",
        purpose="how many pods each workload has on each node; without a node they wait",
        expr=f"count by (namespace, owner_kind, owner_name, node) ({POD_NODES} {OWNED})",
        needs=("kube_pod_info", "kube_pod_status_phase", "kube_pod_owner"),
        gives=(*OWNER_LABELS, "node"),
        record="namespace_owner_node:pods:count",
    ),
    Query(
        id="inventory.deployments",
        purpose="replicas that each Deployment asks for",
        expr="max by (namespace, deployment) (kube_deployment_spec_replicas{$only})",
        needs=("kube_deployment_spec_replicas",),
        gives=("namespace", "deployment"),
    ),
    Query(
        id="inventory.statefulsets",
        purpose="replicas that each StatefulSet asks for",
        expr="max by (namespace, statefulset) (kube_statefulset_replicas{$only})",
        needs=("kube_statefulset_replicas",),
        gives=("namespace", "statefulset"),
    ),
    Query(
        id="inventory.pod_labels",
        purpose="ownership labels of workloads",
        expr="max by (namespace, owner_kind, owner_name, $ownership) (max by (namespace, pod, $ownership) "
        f"(kube_pod_labels{{$only}}) {OWNED})",
        needs=("kube_pod_labels", "kube_pod_owner"),
        gives=(*OWNER_LABELS, "$ownership"),
        record="namespace_owner:pod_labels:max",
    ),
    Query(
        id="inventory.namespace_labels",
        purpose="ownership labels of namespaces",
        expr="max by (namespace, $ownership) (kube_namespace_labels{$only})",
        needs=("kube_namespace_labels",),
        gives=("namespace", "$ownership"),
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

SLOTH = (
    Query(
        id="sloth.objectives",
        purpose="objectives that Sloth generated rules for",
        expr="max by (sloth_id, sloth_service, sloth_slo) (slo:objective:ratio{$only})",
        needs=("slo:objective:ratio",),
        gives=("sloth_id", "sloth_service", "sloth_slo"),
    ),
    Query(
        id="sloth.periods",
        purpose="their periods in days",
        expr="max by (sloth_id) (slo:time_period:days{$only})",
        needs=("slo:time_period:days",),
        gives=("sloth_id",),
    ),
    Query(
        id="sloth.errors",
        purpose="their error ratios in every window",
        expr='max by (sloth_id, sloth_window) ({__name__=~"slo:sli_error:ratio_rate.+", $only})',
        needs=("slo:objective:ratio",),
        gives=("sloth_id", "sloth_window"),
    ),
    Query(
        id="sloth.remaining",
        purpose="what is left of their error budgets",
        expr="max by (sloth_id) (slo:period_error_budget_remaining:ratio{$only})",
        needs=("slo:period_error_budget_remaining:ratio",),
        gives=("sloth_id",),
    ),
)

PYRRA = (
    Query(
        id="pyrra.objectives",
        purpose="objectives that Pyrra generated rules for",
        expr="max by (slo, namespace) (pyrra_objective{$only})",
        needs=("pyrra_objective",),
        gives=("slo", "namespace"),
    ),
    Query(
        id="pyrra.periods",
        purpose="their periods in seconds",
        expr="max by (slo, namespace) (pyrra_window{$only})",
        needs=("pyrra_window",),
        gives=("slo", "namespace"),
    ),
    Query(
        id="pyrra.errors",
        purpose="their error ratios in every window",
        expr='max by (slo, namespace, __name__) ({__name__=~".+:burnrate[0-9a-z]+", slo!="", $only})',
        needs=("pyrra_objective",),
        gives=("slo", "namespace", "__name__"),
    ),
    Query(
        id="pyrra.availability",
        purpose="the share of good events in their periods",
        expr="max by (slo, namespace) (pyrra_availability{$only})",
        needs=("pyrra_availability",),
        gives=("slo", "namespace"),
    ),
    Query(
        id="pyrra.requests",
        purpose="events per second in the last five minutes",
        expr="sum by (slo, namespace) (pyrra_requests:rate5m{$only})",
        needs=("pyrra_requests:rate5m",),
        gives=("slo", "namespace"),
    ),
)

SERVING = tuple(
    Query(
        id=f"serving.{server.id}.{figure}",
        purpose=f"{figure.replace('_', ' ')} of models that {server.name} serves",
        expr=expr,
        needs=server.needs(figure),
        gives=("$serving_namespace", server.model_label),
    )
    for server in SERVERS
    for figure, expr in server.expressions()
)

CATALOGUE: tuple[Query, ...] = (
    *GPU, *WORKLOAD, *SERVING, *PRICES, *USAGE, *SLOTH, *PYRRA, *INVENTORY, *HISTORY, *USAGE_HISTORY,
)  # fmt: skip
BY_ID = {query.id: query for query in CATALOGUE}
