"""Queries about what costs beside the nodes: traffic and volumes, by namespace.

Traffic: cAdvisor counts all that a pod sends, to its neighbours too, and of a pod on its node's network all that the
node sends, so those are left out. OpenCost's network costs daemonset tells where it goes; it is asked instead where it
runs. Volumes: what is provisioned is paid for, not what stands on it.
Sources: google/cadvisor docs/storage/prometheus.md; opencost/opencost modules/prometheus-source/pkg/prom; kubernetes
pkg/kubelet/metrics/collectors/volume_stats.go; kube-state-metrics docs/metrics/storage.
"""

from __future__ import annotations

from finops_tui.sources.prometheus.query import Query

EGRESS_METRIC = "kubecost_pod_network_egress_bytes_total"
SENT_METRIC = "container_network_transmit_bytes_total"
DIRECTIONS = ("internet", "same_region", "same_zone", "sameRegion", "sameZone")
"""Labels that tell where traffic goes; older daemonsets spell them the second way."""
SENDERS_MOST = 100
_BY = ", ".join(DIRECTIONS)
_BYTES_PER_GIB = "1024 / 1024 / 1024"
_CLAIMS = (
    'max by (namespace, persistentvolumeclaim, volumename) (kube_persistentvolumeclaim_info{volumename!="", $only})'
)
_CAPACITY = (
    "max by (volumename) (label_replace(kube_persistentvolume_capacity_bytes{$only}, "
    '"volumename", "$1", "persistentvolume", "(.+)"))'
)
_VOLUMES = f"{_CLAIMS} * on (volumename) group_left () {_CAPACITY}"
_PRICED = "max by (volumename) (pv_hourly_cost{$only} > 0)"
_STORAGE = ("kube_persistentvolumeclaim_info", "kube_persistentvolume_capacity_bytes")
_HOST_NETWORK = 'kube_pod_info{host_network="true", $only}'


def _egress(over: str) -> str:
    each = f"max by (namespace, pod_name, service, nat_gateway, {_BY}) (rate({EGRESS_METRIC}{{$only}}[{over}]))"
    return f"sum by (namespace, {_BY}) ({each})"


_EGRESS_OF_PODS = (
    f"label_replace(sum by (namespace, pod_name) (max by (namespace, pod_name, service, nat_gateway, {_BY}) "
    f'(rate({EGRESS_METRIC}{{same_zone!="true", sameZone!="true", $only}}[5m]))), "pod", "$1", "pod_name", "(.+)")'
)


def _pods_sent(over: str) -> str:
    each = f'max by (namespace, pod, interface) (rate({SENT_METRIC}{{pod!="", $only}}[{over}]))'
    return f"sum by (namespace, pod) ({each}) unless on (namespace, pod) {_HOST_NETWORK}"


USAGE = (
    Query(
        id="usage.egress",
        purpose="bytes per second that each namespace sends, by where they go",
        expr=_egress("5m"),
        needs=(EGRESS_METRIC,),
        gives=("namespace", *DIRECTIONS),
        record="namespace:egress_bytes:rate5m",
    ),
    Query(
        id="usage.egress_prices",
        purpose="what OpenCost charges for a GiB of traffic",
        expr='max by (__name__) ({__name__=~"kubecost_network_(internet|region|zone)_egress_cost", $only})',
        needs=("kubecost_network_internet_egress_cost",),
        gives=("__name__",),
    ),
    Query(
        id="usage.sent",
        purpose="bytes per second that each namespace sends, wherever they go",
        expr=f"sum by (namespace) ({_pods_sent('5m')})",
        needs=(SENT_METRIC,),
        gives=("namespace",),
        record="namespace:network_transmit_bytes:rate5m",
    ),
    Query(
        id="usage.senders",
        purpose="the workloads that send most",
        expr=f"topk({SENDERS_MOST}, sum by (namespace, owner_kind, owner_name) (({_pods_sent('5m')})"
        " * on (namespace, pod) group_left (owner_kind, owner_name) ($owners)))",
        needs=(SENT_METRIC, "kube_pod_owner"),
        gives=("namespace", "owner_kind", "owner_name"),
        record="namespace_owner:network_transmit_bytes:rate5m_topk",
    ),
    Query(
        id="usage.egress_senders",
        purpose="the workloads that send most out of their zone",
        expr=f"topk({SENDERS_MOST}, sum by (namespace, owner_kind, owner_name) ({_EGRESS_OF_PODS}"
        " * on (namespace, pod) group_left (owner_kind, owner_name) ($owners)))",
        needs=(EGRESS_METRIC, "kube_pod_owner"),
        gives=("namespace", "owner_kind", "owner_name"),
        record="namespace_owner:egress_bytes:rate5m_topk",
    ),
    Query(
        id="usage.volumes",
        purpose="bytes provisioned on each namespace's volumes",
        expr=f"sum by (namespace) ({_VOLUMES})",
        needs=_STORAGE,
        gives=("namespace",),
    ),
    Query(
        id="usage.volumes_cost",
        purpose="dollars per hour of the volumes that OpenCost has a price for",
        expr=f"sum by (namespace) ({_VOLUMES} / {_BYTES_PER_GIB} * on (volumename) group_left () {_PRICED})",
        needs=(*_STORAGE, "pv_hourly_cost"),
        gives=("namespace",),
    ),
    Query(
        id="usage.volumes_unmetered",
        purpose="bytes provisioned on volumes that OpenCost has no price for",
        expr=f"sum by (namespace) (({_VOLUMES}) unless on (volumename) {_PRICED})",
        needs=(*_STORAGE, "pv_hourly_cost"),
        gives=("namespace",),
    ),
    Query(
        id="usage.volumes_mounted",
        purpose="bytes of the volumes that are mounted, where nobody tells which there are",
        expr="sum by (namespace) "
        "(max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{$only}))",
        needs=("kubelet_volume_stats_capacity_bytes",),
        gives=("namespace",),
    ),
    Query(
        id="usage.volumes_used",
        purpose="bytes that stand on them",
        expr="sum by (namespace) (max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_used_bytes{$only}))",
        needs=("kubelet_volume_stats_used_bytes",),
        gives=("namespace",),
    ),
)

USAGE_HISTORY = (
    Query(
        id="history.egress",
        purpose="traffic of each namespace in the past, by where it went",
        expr=_egress("1h"),
        needs=(EGRESS_METRIC,),
        gives=("namespace", *DIRECTIONS),
        record="namespace:egress_bytes:rate1h",
    ),
    Query(
        id="history.sent",
        purpose="traffic of each namespace in the past, where nobody tells where it went",
        expr=f"sum by (namespace) ({_pods_sent('1h')})",
        needs=(SENT_METRIC,),
        gives=("namespace",),
        record="namespace:network_transmit_bytes:rate1h",
    ),
    Query(
        id="history.volumes",
        purpose="bytes provisioned on each namespace's volumes in the past",
        expr=f"sum by (namespace) ({_VOLUMES})",
        needs=_STORAGE,
        gives=("namespace",),
    ),
)
