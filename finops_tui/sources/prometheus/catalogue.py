"""Every query that is sent, in one place. The config may replace each by its id (`queries:`).

PromQL with `$name` for what differs between installations; `promql.fill` knows the names. `$only` stands in every
selector for the configured matchers. Nothing sums or averages before `max by (identity)`: highly available pairs of
servers, OpenCost beside kube-state-metrics and shared GPUs all show the same thing more than once.
"""

from __future__ import annotations

from finops_tui.sources.prometheus.cost_queries import HISTORY, PRICES
from finops_tui.sources.prometheus.imported_slo_queries import PYRRA, SLOTH
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
