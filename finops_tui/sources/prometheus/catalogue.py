"""Every query that is sent, in one place. The config may replace each by its id (`queries:`).

PromQL with `$name` for what differs between installations; `promql.fill` knows the names. `$only` stands in every
selector for the configured matchers. Nothing sums or averages before `max by (identity)`, or `max without` what tells
copies apart: highly available pairs of servers, OpenCost beside kube-state-metrics and shared GPUs all show the same
thing more than once.
"""

from __future__ import annotations

from finops_tui.sources.prometheus.cost_queries import HISTORY, PRICES
from finops_tui.sources.prometheus.gpu_queries import GPU, OWNED, OWNER_LABELS, WORKLOAD
from finops_tui.sources.prometheus.imported_slo_queries import PYRRA, SLOTH
from finops_tui.sources.prometheus.query import Query
from finops_tui.sources.prometheus.serving_servers import SERVERS
from finops_tui.sources.prometheus.usage_queries import USAGE, USAGE_HISTORY

__all__ = ["BY_ID", "CATALOGUE", "Query"]

PENDING_OR_RUNNING = 'max by (namespace, pod) (kube_pod_status_phase{phase=~"Pending|Running", $only}) == 1'
REQUESTS = (
    "max by (namespace, pod, container, node, resource) "
    '(kube_pod_container_resource_requests{resource=~"cpu|memory|$gpu_resources", $only})'
    f" * on (namespace, pod) group_left () ({PENDING_OR_RUNNING})"
)
POD_NODES = (
    f"max by (namespace, pod, node) (kube_pod_info{{$only}}) * on (namespace, pod) group_left () ({PENDING_OR_RUNNING})"
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
