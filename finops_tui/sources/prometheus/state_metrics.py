"""What of kube-state-metrics a server lacks, and what that costs, where nobody else tells of it."""

from __future__ import annotations

from dataclasses import dataclass

from finops_tui.sources.inventory_share import Covered, Part
from finops_tui.sources.prometheus.promql import Found

SUBJECT = "kube-state-metrics"
INSTALL = "install kube-state-metrics and let Prometheus scrape it"
NEEDED = {
    Part.NODES: ("kube_node_info", "kube_node_status_capacity"),
    Part.WORKLOADS: ("kube_pod_info", "kube_pod_status_phase", "kube_pod_container_resource_requests"),
    Part.NAMESPACES: (),
}
LOST = {
    (Part.NODES, False): "no nodes and no dollars",
    (Part.WORKLOADS, False): "no workloads",
    (Part.WORKLOADS, True): "what other namespaces hold looks free",
}
"""By part and whether Kubernetes tells of some of it."""


@dataclass(frozen=True, slots=True)
class Lack:
    detail: str
    whole: bool
    """Of some part nobody tells anything."""
    nodes: bool
    """Nodes are among it."""


def lack(found: Found, needed: Covered) -> Lack | None:
    """Say what is missing of what is to be told from here; None where all of it is there."""
    lacks = {part: [name for name in NEEDED[part] if name not in found.metrics] for part in needed}
    missing = [name for names in lacks.values() for name in names]
    if not missing:
        return None
    lost = ", ".join(LOST[part, bool(needed[part])] for part, names in lacks.items() if names)
    return Lack(
        detail=f"not there: {', '.join(missing)}; {lost}",
        whole=any(names and not needed[part] for part, names in lacks.items()),
        nodes=bool(lacks.get(Part.NODES)),
    )
